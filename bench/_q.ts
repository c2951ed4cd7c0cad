import { compile, evaluate, fit, kerasModelSequential, layerDense, pipe, tf, vectorizeSequences } from '../src/index';
let state = 1;
const next = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
const rows = 10240, dimension = 10000;
const x = vectorizeSequences(Array.from({ length: rows }, () => Array.from({ length: 170 }, () => Math.floor(dimension * next() ** 3))), { dimension, sparse: true });
const y = tf.round(tf.randomUniform([rows, 1]));
void (async () => {
  for (const [units, opt, metrics] of [[16, 'rmsprop', ['accuracy']], [16, 'sgd', ['accuracy']], [16, 'sgd', []], [4, 'sgd', []], [1, 'sgd', []]] as const) {
    const model = pipe(kerasModelSequential(), layerDense({ units, activation: 'relu', inputShape: [dimension] }), layerDense({ units: 16, activation: 'relu' }), layerDense({ units: 1, activation: 'sigmoid' }), compile({ optimizer: opt, loss: 'binary_crossentropy', metrics: [...metrics] }));
    const time = async (f: () => Promise<unknown>) => { await f(); const t = []; for (let i = 0; i < 9; i++) { const b = performance.now(); await f(); t.push((performance.now() - b)); } t.sort((a, c) => a - c); return t[4]!; };
    const f = await time(() => fit(model, x, y, { batchSize: 512, epochs: 3, engine: 'compiled', verbose: 0 })) / 60;
    const f1 = await time(() => fit(model, x, y, { batchSize: 512, epochs: 1, engine: 'compiled', verbose: 0 })) / 20;
    const e = await time(() => evaluate(model, x, y, { batchSize: 512, engine: 'compiled', verbose: 0 })) / 20;
    console.log(units, opt, metrics.length, 'fit', f.toFixed(3), 'fit1', f1.toFixed(3), 'evaluate', e.toFixed(3));
  }
})();
