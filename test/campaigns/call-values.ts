/** Values for random calls: what people hand to functions by mistake, edges of what is right, and what is right. */
import * as keras from '../../src/index';
import type { Chance } from './campaign';

const { tf } = keras;

/** Makes a value. It may make tensors and models, which the cleaner frees after the call. */
export type Maker = (chance: Chance) => unknown;

const NUMBERS: readonly number[] = [
  0, -0, 1, 2, 3, 8, 32, -1, 0.5, 1.5, -0.1, 1e-7, 1e308, 2 ** 31, 2 ** 31 - 1, 2 ** 32, 2 ** 40, 2 ** 53, NaN, Infinity,
  -Infinity,
]; // prettier-ignore
const TEXTS: readonly string[] = [
  '', ' ', 'relu', 'tanh', 'softmax', 'mse', 'binary_crossentropy', 'sparse_categorical_crossentropy', 'adam', 'sgd',
  'accuracy', 'auc', 'valid', 'same', 'causal', 'auto', 'eager', 'compiled', 'float32', 'int32', 'glorot_uniform', 'l2',
  'a b', 'a/b', '__proto__', 'constructor', 'dense', 'x'.repeat(5000), '🙂', '\0',
]; // prettier-ignore

/** An array in so many others. */
const nested = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
};

const cyclicArray = (): unknown => {
  const list: unknown[] = [1];
  list.push(list);
  return list;
};

const cyclicObject = (): unknown => {
  const object: Record<string, unknown> = { units: 1 };
  object['self'] = object;
  return object;
};

const detached = (): Float32Array => {
  const list = Float32Array.of(1, 2, 3);
  structuredClone(list, { transfer: [list.buffer] });
  return list;
};

const disposed = (): unknown => {
  const tensor = tf.ones([2, 2]);
  tensor.dispose();
  return tensor;
};

/** Arrays of numbers, right and wrong. */
const ARRAYS: readonly Maker[] = [
  () => [],
  () => [[]],
  () => [1],
  () => [0, 1, 2],
  () => [[1, 2], [3, 4]], // prettier-ignore
  () => [[0], [1], [1], [0]], // prettier-ignore
  () => [[1, 2], [3]], // prettier-ignore
  () => [1, [2]],
  () => [1, , 3], // prettier-ignore
  () => [NaN, 1],
  () => [[Infinity, 1]],
  () => ['a', 'b'],
  () => [null],
  () => [true, false],
  () => [1n],
  () => [0, 2 ** 31],
  () => [0, -1],
  () => nested(9),
  () => nested(20_000),
  cyclicArray,
  () => Float32Array.of(1, 2, 3, 4),
  () => new Float32Array(0),
  () => Int32Array.of(0, 1),
  () => Float64Array.of(1e300, 1),
  () => Int8Array.of(-1, 1),
  () => BigInt64Array.of(1n),
  detached,
  () => new DataView(new ArrayBuffer(8)),
  () => new ArrayBuffer(8),
  () => ({ data: [1, 2, 3, 4], shape: [2, 2] }),
  () => ({ data: [1, 2, 3], shape: [2, 2] }),
  () => ({ data: [1], shape: Array<number>(300).fill(1) }),
  () => [Float32Array.of(1, 2), Float32Array.of(3, 4)],
];

const TENSORS: readonly Maker[] = [
  () => tf.scalar(1),
  () => tf.tensor1d([1, 2]),
  () => tf.ones([2, 2]),
  () => tf.ones([4, 1]),
  () => tf.ones([2, 3, 2]),
  () => tf.ones([1, 4, 4, 1]),
  () => tf.zeros([0, 2]),
  () => tf.zeros([2, 0]),
  () => tf.tensor1d([0, 1], 'int32'),
  () => tf.tensor2d([[0, 1], [2, 3]], [2, 2], 'int32'), // prettier-ignore
  () => tf.tensor1d([1, 0], 'bool'),
  () => tf.tensor1d(['a', 'b']),
  () => tf.tensor2d([[NaN, 1]]),
  () => tf.tidy(() => tf.variable(tf.ones([2, 2]))),
  disposed,
  () => keras.layerInput({ shape: [2] }),
  () => keras.layerInput({ shape: [null, 3] }),
  () => keras.layerDense(keras.layerInput({ shape: [2] }), { units: 2 }),
];

const dense = (): keras.SequentialModel =>
  keras.pipe(keras.kerasModelSequential(), keras.layerDense({ units: 1, inputShape: [2] }));
const compiled = (): keras.SequentialModel =>
  keras.compile(dense(), { optimizer: 'sgd', loss: 'mse', metrics: ['mae'] });
const twoOutputs = (): keras.KerasModel<keras.Prediction> => {
  const input = keras.layerInput({ shape: [2] });
  const outputs = [keras.layerDense(input, { units: 1 }), keras.layerDense(input, { units: 2 })];
  return keras.compile(keras.kerasModel(input, outputs), { loss: 'mse' });
};

export const MODELS: readonly Maker[] = [
  compiled,
  compiled,
  dense,
  () => keras.kerasModelSequential(),
  () => keras.kerasModelSequential({ inputShape: [2] }),
  () => keras.pipe(keras.kerasModelSequential(), keras.layerDense({ units: 1 })),
  () =>
    keras.compile(keras.pipe(keras.kerasModelSequential(), keras.layerDense({ units: 1 })), { loss: 'mse' }),
  twoOutputs,
  () => {
    const input = keras.layerInput({ shape: [2] });
    return keras.kerasModel(input, input);
  },
  () =>
    keras.compile(
      keras.pipe(
        keras.kerasModelSequential(),
        keras.layerLstm({ units: 2, stateful: true, batchInputShape: [2, 3, 2] }),
        keras.layerDense({ units: 1 }),
      ),
      { loss: 'mse' },
    ),
  () =>
    keras.compile(
      keras.pipe(
        keras.kerasModelSequential(),
        keras.layerEmbedding({ inputDim: 3, outputDim: 2 }),
        keras.layerGru({ units: 2 }),
        keras.layerDense({ units: 3, activation: 'softmax' }),
      ),
      { loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] },
    ),
  () => {
    const model = compiled();
    model.dispose();
    return model;
  },
  () => ({ ...(JSON.parse(JSON.stringify({ stopTraining: false })) as object) }),
  () => tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] }),
  () => tf.sequential(),
];

const OBJECTS: readonly Maker[] = [
  () => ({}),
  () => Object.create(null) as object,
  () => ({ units: 2 }),
  () => ({ length: 3 }),
  () => ({ name: 'x' }),
  () => ({ then: 5 }),
  () => ({ constructor: 1 }),
  () => JSON.parse('{ "__proto__": { "units": 1 } }') as object,
  cyclicObject,
  () => new Date(0),
  () => new Map([['units', 1]]),
  () => new Set([1]),
  () => /x/,
  () => new Error('mine'),
  () => Symbol('mine'),
  () => 5n,
  () => Promise.resolve(compiledOnce()),
  () => Promise.resolve(1),
  () => Math.max,
  () => (value: unknown) => value,
  () => () => undefined,
  () => () => tf.scalar(1),
  () => (_yTrue: unknown, yPred: unknown) => yPred,
  () =>
    class Mine {
      readonly units = 1;
    },
  () => keras.layerDense,
  () => keras.layerDense({ units: 1 }),
  () => keras.layerDense({ units: 2, inputShape: [2] }),
  () => keras.layerDropout({ rate: 0.5 }),
  () => keras.lossMeanSquaredError,
  () => keras.metricAuc,
  () => keras.metricAuc(),
  () => keras.customMetric('mine', (yTrue) => yTrue),
  () => keras.optimizerSgd,
  () => keras.optimizerAdam(),
  () => keras.regularizerL2({ l: 0.1 }),
  () => tf.train.adam(),
  () => tf.layers.dense({ units: 1 }),
  () => tf,
  () => keras,
  () => new keras.SparseMatrix(Int32Array.of(0, 1, 2), Int32Array.of(0, 1), 2),
  () => new keras.SparseMatrix(Int32Array.of(0, 1), Int32Array.of(6), 7),
  () => ({ onEpochEnd: () => undefined }),
  () => globalThis,
];

// A rejected or pending promise of a model is made once: nobody frees what is in it.
let once: keras.SequentialModel | undefined;
const compiledOnce = (): keras.SequentialModel => (once ??= compiled());

/** Everything that was made for a case, also what was left out of it again: to be freed. */
let made: unknown[] = [];

/** Remembers that something was made. */
export const track = <T>(value: T): T => {
  made.push(value);
  return value;
};

/** What was made since the last time. */
export const takeMade = (): unknown[] => {
  const all = made;
  made = [];
  return all;
};

const of =
  (makers: readonly Maker[]): Maker =>
  (chance) =>
    track(makers[chance.below(makers.length)]?.(chance));

const primitive: Maker = (chance) => {
  const kind = chance.below(5);
  if (kind < 2) return NUMBERS[chance.below(NUMBERS.length)];
  if (kind < 4) return TEXTS[chance.below(TEXTS.length)];
  return [undefined, null, true, false][chance.below(4)];
};

/** Any value at all. */
export const anything: Maker = (chance) =>
  of([primitive, primitive, of(ARRAYS), of(TENSORS), of(MODELS), of(OBJECTS), listOfAnything])(chance);

const listOfAnything: Maker = (chance) =>
  Array.from({ length: chance.below(4) }, () =>
    of([primitive, of(ARRAYS), of(TENSORS), of(OBJECTS)])(chance),
  );

/** Any value, mostly of those that options have. */
const optionValue: Maker = (chance) =>
  of([primitive, primitive, primitive, of(ARRAYS), of(OBJECTS), anything])(chance);

const GOOD: Readonly<Record<string, readonly unknown[]>> = {
  units: [1, 2, 7],
  filters: [1, 3],
  kernelSize: [1, 2, 3, [2], [1, 3], 9],
  poolSize: [1, 2, 3, [1, 2], 9],
  strides: [1, 2, 3, [2, 1], 9],
  dilationRate: [1, 2, 3, [1, 2], 9],
  padding: ['valid', 'same', 'causal', 'pre', 'post'],
  axis: [-4, -3, -2, -1, 0, 1, 2, 3],
  activation: ['relu', 'tanh', 'softmax', 'sigmoid', 'selu', keras.activationGelu, (x: keras.Tensor) => tf.sin(x)],
  recurrentActivation: ['sigmoid', 'relu', 'softmax'],
  returnSequences: [true, false],
  goBackwards: [true],
  stateful: [true],
  resetAfter: [true, false],
  unitForgetBias: [true, false],
  maskZero: [true],
  useBias: [true, false],
  inputShape: [[2], [null, 2], [3, 2], [4, 4, 1], [null, null, 1], [], 2, [1, 1, 1, 1, 1, 1, 1]],
  batchInputShape: [[2, 2], [2, 3, 2], [null, 2], [2, null, 2], [2, 4, 4, 1]],
  batchSize: [1, 2, 32],
  shape: [[2], [], [null], [3, 2], [-1], [2, 2], [4]],
  targetShape: [[2], [-1], [2, 2], [1, 2], [4, -1], [3, 2]],
  inputDim: [1, 2, 10],
  outputDim: [1, 3],
  inputLength: [1, 2, 3, [2]],
  rate: [0, 0.5, 0.99],
  dropout: [0, 0.5],
  recurrentDropout: [0, 0.5],
  noiseShape: [[null, 1], [1], [2, 2], [null, 1, null], [null, 3]],
  dtype: ['float32', 'int32', 'bool'],
  trainable: [true, false],
  weights: [[], [[[1], [1]], [0]], [[[1, 1], [1, 1]]], [[1]]],
  name: ['a', 'dense', 'input_1', 'x.y-z'],
  kernelInitializer: ['zeros', 'orthogonal', 'identity', 'he_normal', keras.initializerConstant, keras.initializerIdentity()],
  kernelRegularizer: ['l2', 'l1_l2', keras.regularizerL1],
  kernelConstraint: ['nonneg', 'unitnorm', keras.constraintMaxnorm({ maxValue: 1, axis: 3 })],
  epochs: [1, 2],
  verbose: [0],
  validationSplit: [0, 0.5, 0.99],
  shuffle: [true, false],
  engine: ['auto', 'eager', 'compiled'],
  initialEpoch: [0, 1],
  checkNumerics: [true],
  classWeight: [{ 0: 1, 1: 2 }, { 0: 1 }, {}],
  sampleWeight: [[1, 2], [1], [0, 0], [[1, 2]], [-1, 1]],
  validationData: [[[[1, 2]], [[1]]], [[[1, 2]], [[1]], [1]], [[[1, 2]]], [[1], [1]]],
  optimizer: ['sgd', 'adam', keras.optimizerRmsprop, keras.optimizerSgd({ learningRate: 0 })],
  loss: ['mse', 'bce', 'categorical_crossentropy', 'sparse_categorical_crossentropy', ['mse', 'mae'], { dense: 'mse' }, null, [null, 'mse']],
  metrics: ['acc', ['acc', 'auc'], { dense: 'mae' }, [['mae'], ['mse']], [], [keras.metricPrecision({ thresholds: 0.5 })]],
  lossWeights: [[1, 2], { dense: 0.5 }, [1]],
  learningRate: [0, 0.1, 1e10, (step: number) => 1 / step, () => NaN],
  momentum: [0, 0.9, 1],
  clipnorm: [0.5], globalClipnorm: [1], clipvalue: [0.1], weightDecay: [0.1], useEma: [true], emaMomentum: [0.5],
  emaOverwriteFrequency: [1, null],
  numClasses: [1, 2, 3, 10],
  maxlen: [1, 5],
  value: [0, 1, -1],
  dimension: [1, 4, 5],
  sparse: [true, false],
  order: [1, 2, Infinity],
  center: [true, false, [1, 2]],
  scale: [true, false, [1, 2], [0, 1]],
  index: [0, -1, 5],
  lineLength: [1, 20, 200],
  threshold: [0, 0.5, 1],
  thresholds: [0.5, [0.2, 0.8]],
  numThresholds: [2, 200],
  curve: ['ROC', 'PR'],
  k: [1, 5],
  delta: [0.5, 1],
  alpha: [0, 0.3],
  maxValue: [1, 6],
  embedded: [true],
}; // prettier-ignore

/** A value for an option: mostly one of its own. */
export const valueFor = (option: string, chance: Chance): unknown => {
  const good = Object.hasOwn(GOOD, option) ? (GOOD[option] ?? []) : [];
  return good.length > 0 && chance.below(3) > 0 ? good[chance.below(good.length)] : optionValue(chance);
};

/** Arrays and tensors. */
export const data: Maker = (chance) => of([of(ARRAYS), of(TENSORS)])(chance);

/** Models in all states. */
export const model: Maker = (chance) => of(MODELS)(chance);
