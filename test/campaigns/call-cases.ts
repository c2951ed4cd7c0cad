import * as keras from '../../src/index';
import { Chance } from './campaign';
import { anything, data, model, track, valueFor, type Maker } from './call-values';

const { tf } = keras;

/**
 * Exports that no random call is made of: fp-ts's own functions, whose errors are fp-ts's; tfjs; and classes that only this
 * library makes objects of, except SparseMatrix and History.
 */
const LEFT_OUT: readonly string[] = [
  'pipe', 'flow', 'tf', 'KerasModel', 'SequentialModel', 'FunctionalModel', 'KerasError', 'KerasArgumentError',
  'KerasDatasetError', 'KerasFileError', 'KerasNativeError', 'KerasShapeError', 'KerasStateError', 'Picture', 'ModelDiagram',
]; // prettier-ignore

/** All exports that can be called, by name. */
export const FUNCTIONS: ReadonlyMap<string, (...args: unknown[]) => unknown> = new Map(
  Object.entries(keras).flatMap(([name, value]) => {
    if (LEFT_OUT.includes(name) || typeof value !== 'function') return [];
    const isClass = /^class\b/.test(Function.prototype.toString.call(value));
    const call = (...args: unknown[]): unknown =>
      isClass
        ? Reflect.construct(value, args) // a class of this library
        : (value as (...all: unknown[]) => unknown)(...args); // called as without types
    return [[name, call] as const];
  }),
);

const names = [...FUNCTIONS.keys()];

/** The names of each function's options, which it tells to whom it is given an unknown one. */
const optionNames = new Map<string, readonly string[]>();

/** Asks all functions for the names of their options. To be done before the first case. */
export const learnOptions = async (): Promise<void> => {
  for (const [name, call] of FUNCTIONS) {
    const told = await Promise.resolve()
      .then(() => call({ zzzzzzzzzzzz: 1 }))
      .then(
        () => '',
        (error: unknown) => (error as Error).message,
      );
    const [, list = ''] = /Use one of: (.*?)\.$/.exec(told) ?? [];
    optionNames.set(
      name,
      [...list.matchAll(/'([^']+)'/g)].map(([, option = '']) => option),
    );
  }
};

/** What a right call has: so that not all mistakes end at the first check. */
const RIGHT: Readonly<Record<string, readonly Maker[]>> = {
  fit: [model, () => [[1, 2], [3, 4]], () => [[1], [2]], () => ({ epochs: 1, verbose: 0 })],
  evaluate: [model, () => [[1, 2], [3, 4]], () => [[1], [2]], () => ({ verbose: 0 })],
  predict: [model, () => [[1, 2], [3, 4]], () => ({ verbose: 0 })],
  predictClasses: [model, () => [[1, 2], [3, 4]], () => ({ verbose: 0 })],
  predictProba: [model, () => [[1, 2], [3, 4]], () => ({ verbose: 0 })],
  predictOnBatch: [model, () => [[1, 2], [3, 4]]],
  trainOnBatch: [model, () => [[1, 2], [3, 4]], () => [[1], [2]], () => ({})],
  testOnBatch: [model, () => [[1, 2], [3, 4]], () => [[1], [2]], () => ({})],
  compile: [model, () => ({ optimizer: 'sgd', loss: 'mse', metrics: ['mae'] })],
  summary: [model, () => ({ print: () => undefined })],
  setWeights: [model, () => [[[1], [2]], [3]]],
  getLayer: [model, () => 'dense'],
  shared: [() => keras.layerDense({ units: 1 })],
  sequence: [() => keras.layerDense({ units: 2 }), () => keras.layerDense({ units: 1 })],
  kerasModel: [() => keras.layerInput({ shape: [2] }), () => keras.layerInput({ shape: [2] }), () => ({})],
  toCategorical: [() => [0, 1, 2], () => ({ numClasses: 3 })],
  arrayReshape: [() => [[1, 2], [3, 4]], () => ({ shape: [4] })],
  normalize: [() => [[1, 2], [3, 4]], () => ({ axis: -1 })],
  scale: [() => [[1, 2], [3, 4]], () => ({})],
  padSequences: [() => [[1, 2], [3]], () => ({ maxlen: 2 })],
  vectorizeSequences: [() => [[1, 2], [3]], () => ({ dimension: 4 })],
  SparseMatrix: [() => Int32Array.of(0, 1, 2), () => Int32Array.of(0, 1), () => 3],
  History: [
    () => ({ verbose: 0, epochs: 1, steps: 1, samples: 1, batchSize: 1, doValidation: false, metrics: ['loss'], engine: 'eager' }),
    () => ({ loss: [1] }),
  ],
  customMetric: [() => 'mine', () => (yTrue: unknown) => yTrue],
  setRandomSeed: [() => 1],
  describe: [anything],
  describeShape: [() => [null, 2]],
  layerModel: [model],
}; // prettier-ignore

/** Options that layers need. */
const NEEDED: Readonly<Record<string, object>> = {
  layerActivation: { activation: 'relu' },
  layerConv1d: { filters: 1, kernelSize: 1 },
  layerConv2d: { filters: 1, kernelSize: 1 },
  layerDense: { units: 1 },
  layerDropout: { rate: 0.5 },
  layerEmbedding: { inputDim: 2, outputDim: 1 },
  layerGru: { units: 1 },
  layerInput: { shape: [1] },
  layerLstm: { units: 1 },
  layerReshape: { targetShape: [1] },
  layerSimpleRnn: { units: 1 },
};

const target: Maker = (chance) =>
  [
    () => keras.kerasModelSequential(),
    () => keras.kerasModelSequential({ inputShape: [2] }),
    () => keras.kerasModelSequential({ inputShape: [3, 2] }),
    () => keras.kerasModelSequential({ inputShape: [4, 4, 1] }),
    () => keras.layerInput({ shape: [2] }),
    () => keras.layerInput({ shape: [null, 2], dtype: 'int32' }),
    () => [keras.layerInput({ shape: [2] }), keras.layerInput({ shape: [2] })],
  ][chance.below(7)]?.();

const rightArguments = (name: string, chance: Chance): unknown[] => {
  const right = RIGHT[name];
  if (right !== undefined) return right.map((make) => make(chance));
  if (name.startsWith('layer') && name !== 'layerInput' && !name.startsWith('layerModel')) {
    const options = { ...NEEDED[name] };
    return chance.below(2) === 0 ? [options] : [target(chance), options];
  }
  if (name.startsWith('loss')) return [tf.ones([2, 3]), tf.ones([2, 3])];
  if (name.startsWith('activation')) return [tf.ones([2, 3])];
  return [{ ...NEEDED[name] }];
};

/** One option or more with values of any kind; rarely one that there is not. */
const spoilOptions = (name: string, options: unknown, chance: Chance): unknown => {
  const known = optionNames.get(name) ?? [];
  if (typeof options !== 'object' || options === null || known.length === 0) return anything(chance);
  const spoilt: Record<string, unknown> = { ...options };
  for (let count = chance.below(3); count >= 0; count--) {
    const option = chance.below(20) === 0 ? 'lr' : (known[chance.below(known.length)] ?? 'lr');
    spoilt[option] = valueFor(option, chance);
  }
  return spoilt;
};

const isOptions = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

const spoil = (name: string, args: unknown[], chance: Chance): unknown[] => {
  const at = chance.below(args.length);
  switch (chance.below(7)) {
    case 0: // As it is.
      return args;
    case 1: // One more.
      return [...args, anything(chance)];
    case 2: // One less.
      return args.filter((_, index) => index !== at);
    case 3:
      return args.map((each, index) => (index === at ? anything(chance) : each));
    case 4:
      return args.map((each, index) => (index === at ? data(chance) : each));
    default:
      return args.map((each) => (isOptions(each) ? spoilOptions(name, each, chance) : each));
  }
};

/** A call, made by chance. */
export interface Case {
  readonly name: string;
  readonly args: readonly unknown[];
  /** What a step is applied to, where the call gives one. */
  readonly subject: unknown;
}

/** The call of a number: all functions in turn. */
export const caseOf = (seed: number, index: number): Case => {
  const chance = new Chance(seed, index);
  const name = names[index % names.length] ?? '';
  const right = chance.below(5) === 0 ? undefined : track(rightArguments(name, chance));
  const args =
    right === undefined
      ? Array.from({ length: chance.below(4) }, () => anything(chance))
      : spoil(name, right, chance);
  const subject = track(name.startsWith('layer') || name === 'shared' ? target(chance) : anything(chance));
  return { name, args, subject };
};
