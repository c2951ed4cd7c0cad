/** What XLA takes to compile a loop of small steps, and what it saves. */
import { compile, fit, kerasModelSequential, layerDense, pipe, tf } from '../src/index';
import * as tuning from '../src/engine/tuning';

const ROWS = 404;

/** Milliseconds that processors have worked for this process. */
const processors = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};

/** A stack of dense layers, which learns from one row at a time; gives how long epochs take, and what ran them. */
const trainer = (layers: number): ((epochs: number) => Promise<readonly [number, string | undefined]>) => {
  const model = kerasModelSequential();
  layerDense({ units: 64, activation: 'relu', inputShape: [13] })(model);
  for (let layer = 2; layer < layers; layer++) layerDense({ units: 64, activation: 'relu' })(model);
  layerDense({ units: 1 })(model);
  pipe(model, compile({ optimizer: 'rmsprop', loss: 'mse' }));
  const [x, y] = [tf.randomNormal([ROWS, 13]), tf.randomNormal([ROWS, 1])];
  return async (epochs) => {
    const begun = processors();
    const { params } = await fit(model, x, y, { epochs, batchSize: 1, engine: 'compiled', verbose: 0 });
    return [processors() - begun, params.compiler];
  };
};

export const xla = async (): Promise<void> => {
  console.log(
    `xla: a loop of small steps is compiled if that saves ${tuning.MIN_XLA_GAIN} times what it takes`,
  );
  for (const layers of [2, 3, 10]) {
    const train = trainer(layers);
    await train(1);
    const [plain] = await train(20);
    const before = plain / (20 * ROWS);
    let [first, compiler] = await train(200);
    for (let calls = 1; compiler !== 'xla' && calls < 5; calls++) [first, compiler] = await train(200);
    if (compiler !== 'xla') {
      console.log(`  ${layers} layers: ${(before * 1e3).toFixed(1)} µs a step, not compiled`);
      continue;
    }
    const [second] = await train(200);
    console.log(
      `  ${layers} layers: ${(before * 1e3).toFixed(1)} µs a step, ${((second / (200 * ROWS)) * 1e3).toFixed(1)} compiled, ` +
        `which takes ${(first - second).toFixed(0)} ms`,
    );
  }
};
