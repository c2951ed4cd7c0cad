import {
  kerasModel,
  kerasModelSequential,
  layerAdd,
  layerConcatenate,
  layerConv2d,
  layerDense,
  layerFlatten,
  layerInput,
  layerModel,
  outputShape,
  pipe,
  tf,
} from '../../src/index';

type Loose = (...args: unknown[]) => unknown;
const target = 'a layer is added to a Sequential model or to the output of layerInput() or of another layer.';

test('options by position are told to go into one object', () => {
  expect(() => (layerConv2d as unknown as Loose)(32, 3)).toThrow(
    'layerConv2d: the options must be given by their names, in one object. Received: 32, 3. Write ' +
      'layerConv2d(model, { filters: …, kernelSize: … }) or pipe(model, layerConv2d({ filters: …, kernelSize: … })).',
  );
  expect(() => (layerDense as unknown as Loose)(kerasModelSequential(), 32, 'relu')).toThrow(
    'layerDense: the options must be given by their names, in one object.',
  );
  expect(() => (layerDense as unknown as Loose)(32)).toThrow(
    'layerDense: the options must be an object. Received: 32.',
  );
});

test('merging layers say that they take one list', () => {
  const [a, b] = [layerInput({ shape: [2] }), layerInput({ shape: [2] })];
  const list = 'a merging layer takes an array of two or more outputs of layers. Received: ';
  expect(() => (layerConcatenate as unknown as Loose)(a, b)).toThrow(
    `layerConcatenate: ${list}a float32 tensor of shape [null, 2], a float32 tensor of shape [null, 2]. Write layerConcatenate([a, b])`,
  );
  expect(() => (layerAdd as unknown as Loose)(a, b, a)).toThrow(`layerAdd: ${list}`);
  expect(() => (layerAdd as unknown as Loose)(a)).toThrow(
    `layerAdd: ${list}a float32 tensor of shape [null, 2].`,
  );
});

test('what is no model or tensor is told for what it is', () => {
  const graph = (() => {
    const input = layerInput({ shape: [2] });
    return kerasModel(input, layerDense(input, { units: 1 }));
  })();
  const [a, b] = [layerInput({ shape: [2] }), layerInput({ shape: [2] })];
  const wrong: [unknown, string][] = [
    [Promise.resolve(kerasModelSequential()), 'Await the promise first.'],
    [graph, "layers go onto the outputs of its layers: getLayer(model, 'dense').output."],
    [graph.tf, "layers go onto the outputs of its layers: getLayer(model, 'dense').output."],
    [tf.sequential(), 'Write kerasModel(model), which makes it a model of this library.'],
    [[a, b], 'Join the outputs first, with layerConcatenate([a, b]) for example'],
    [tf.scalar(1), 'Write pipe(kerasModelSequential(), layerFlatten({ … }))'],
  ];
  for (const [object, advice] of wrong) {
    for (const call of [
      () => (layerFlatten as unknown as Loose)(object),
      () => (layerFlatten as unknown as Loose)(object, {}),
      () => layerFlatten()(object as never),
    ]) {
      expect(call).toThrow(`layerFlatten: ${target}`);
      expect(call).toThrow(advice);
    }
  }
});

test('a model is a layer in both styles, one of tfjs too', () => {
  const encoder = pipe(kerasModelSequential(), layerDense({ units: 4, inputShape: [3] }));
  const own = tf.sequential({ name: 'own', layers: [tf.layers.dense({ units: 2, inputShape: [4] })] });
  const model = pipe(kerasModelSequential(), layerModel(encoder));
  expect(layerModel(model, own)).toBe(model);
  expect(outputShape(model)).toEqual([null, 2]);
  expect(layerModel(layerInput({ shape: [3] }), encoder).shape).toEqual([null, 4]);
  expect(() => (layerModel as unknown as Loose)({ units: 3 })).toThrow('the unknown option `units`');
  expect(() => (layerModel as unknown as Loose)(Promise.resolve(encoder))).toThrow(
    'Await the promise first.',
  );
});
