import * as k from '../src/index';
const { tf, pipe } = k;
const show = (f: () => unknown) => { try { console.log(f()); } catch (e) { console.log(String(e)); } };
for (const a of ['elu','exponential','gelu','hard_sigmoid','hardSigmoid','linear','log_softmax','mish','relu','relu6','selu','sigmoid','softmax','softplus','softsign','swish','silu','tanh'] as const)
  show(() => { const m = pipe(k.kerasModelSequential(), k.layerActivation({ activation: a, inputShape: [4] })); return a + ' ' + String((m.tf.predict(tf.tensor2d([[-4, -0.5, 0.3, 7]])) as any).dataSync()); });
show(() => pipe(k.kerasModelSequential(), k.layerDense({ units: 3, inputShape: [4] }), k.layerConv2d({ filters: 2, kernelSize: 3 })));
show(() => pipe(k.kerasModelSequential(), k.layerDense({ units: 3, inputShape: [4], activation: 'rellu' as never })));
show(() => pipe(k.kerasModelSequential(), k.layerDense({ unit: 3, inputShape: [4] } as never)));
show(() => { const m = pipe(k.kerasModelSequential(), k.layerDense({ units: 3, inputShape: [4] })); return structuredClone(m); });
show(() => { const m = pipe(k.kerasModelSequential(), k.layerDense({ units: 3, inputShape: [4] })); return k.countParams(structuredClone(m) as never); });
show(() => { const m = pipe(k.kerasModelSequential(), k.layerDense({ units: 3, inputShape: [4] })); return k.countParams(JSON.parse(JSON.stringify(m)) as never); });
