import {
  countParams,
  flow,
  kerasModel,
  kerasModelSequential,
  KerasArgumentError,
  layerActivation,
  layerConv2d,
  layerDense,
  layerDropout,
  layerFlatten,
  layerInput,
  layerMaxPooling2d,
  outputShape,
  pipe,
  predictOnBatch,
  sequence,
  setRandomSeed,
  type SequentialModel,
} from '../../src/index';

test('piped and plain calls make the same model', () => {
  setRandomSeed(1);
  const piped = pipe(
    kerasModelSequential(),
    layerDense({ units: 4, activation: 'relu', inputShape: [3] }),
    layerDropout({ rate: 0.2 }),
    layerDense({ units: 2 }),
  );
  setRandomSeed(1);
  const plain = kerasModelSequential();
  layerDense(plain, { units: 4, activation: 'relu', inputShape: [3] });
  layerDropout(plain, { rate: 0.2 });
  layerDense(plain, { units: 2 });
  const x = [[1, 2, 3]];
  const [one, other] = [piped, plain].map((model) => predictOnBatch(model, x));
  expect(other?.dataSync()).toEqual(one?.dataSync());
  const config = (model: SequentialModel): unknown => ({ ...(model.tf.getConfig() as object), name: '' });
  expect(config(plain)).toEqual(config(piped));
});

test('a block of steps is a recipe: each use makes layers of its own', () => {
  const block = flow(
    layerConv2d({ filters: 2, kernelSize: 3, padding: 'same' }),
    layerActivation({ activation: 'relu' }),
    layerMaxPooling2d(),
  );
  const model = pipe(kerasModelSequential({ inputShape: [16, 16, 2] }), block, block, block, layerFlatten());
  expect(model.layers.map(({ name }) => name)).toEqual([
    ...['', '_1', '_2'].flatMap((n) => [`conv2d${n}`, `activation${n}`, `max_pooling2d${n}`]),
    'flatten',
  ]);
  expect(outputShape(model)).toEqual([null, 2 * 2 * 2]);
  expect(countParams(model)).toBe(3 * (3 * 3 * 2 * 2 + 2));
  // Weights begin differently each time.
  const kernels = [0, 3, 6].map((index) => model.layers[index]?.getWeights()[0]?.dataSync().join());
  expect(new Set(kernels).size).toBe(3);
});

test.each([
  [[layerDense({ units: 1 }), 5], 1, '5'],
  [[[layerDense({ units: 1 })]], 0, '[the function layerDense(…)]'],
  [[undefined], 0, 'undefined'],
  [[kerasModelSequential()], 0, 'an object of class SequentialModel'],
])('sequence says at once which of its steps is none', (steps, index, received) => {
  const call = (): unknown => (sequence as (...all: unknown[]) => unknown)(...steps);
  expect(call).toThrow(KerasArgumentError);
  expect(call).toThrow(
    `sequence: \`steps[${index}]\` must be a step: a function of one argument. Received: ${received}. Write sequence(`,
  );
});

test('sequence takes more steps than a pipe, on models and on tensors, and none', () => {
  const deep = sequence(...Array.from({ length: 30 }, () => layerDense({ units: 3 })));
  const model = kerasModelSequential({ inputShape: [3] });
  expect(deep(model)).toBe(model);
  expect(countParams(model)).toBe(30 * 12);
  const input = layerInput({ shape: [3] });
  expect(countParams(kerasModel(input, deep(input)))).toBe(30 * 12);
  expect(sequence()(model)).toBe(model);
  expect(pipe(1, sequence((n: number) => n + 1, (n: number) => n * 10))).toBe(20); // prettier-ignore
});
