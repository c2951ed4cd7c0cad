/**
 * Trains models with `callbackTensorboard`, and writes beside the files of events what must be found in them: see test/keras/events.py.
 *
 *     tsx test/keras/boards.ts FOLDER
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  callbackTensorboard,
  compile,
  evaluate,
  fit,
  getLayer,
  getWeights,
  kerasModel,
  kerasModelSequential,
  layerAdd,
  layerConv2d,
  layerDense,
  layerDropout,
  layerFlatten,
  layerInput,
  layerModel,
  learningRateScheduleExponentialDecay,
  optimizerAdam,
  pipe,
  setRandomSeed,
  tf,
  type KerasModel,
  type Logs,
} from '../../src/index';
import { plain, type Values } from './values';

const [folder = '.'] = process.argv.slice(2);
/** A place of a number: the step, and the value. */
type Point = readonly [step: number, value: number];

/** What the files of a training must have. */
interface Board {
  readonly name: string;
  /** Of each run, the numbers by tag. */
  readonly scalars: Record<'train' | 'validation', Record<string, Point[]>>;
  /** Weights after each epoch. */
  readonly weights: Record<string, Values[]>;
  readonly layers: Case['layers'];
}

const compiled = (model: KerasModel): KerasModel =>
  compile(model, {
    optimizer: optimizerAdam({
      learningRate: learningRateScheduleExponentialDecay({
        initialLearningRate: 0.01,
        decaySteps: 3,
        decayRate: 0.5,
      }),
    }),
    loss: 'mse',
    metrics: ['mae'],
  });

const functional = (): KerasModel => {
  const image = layerInput({ shape: [6, 6, 1], name: 'image' });
  const facts = layerInput({ shape: [3], name: 'facts' });
  const features = pipe(
    image,
    layerConv2d({ filters: 2, kernelSize: 3, name: 'conv' }),
    layerConv2d({ filters: 3, kernelSize: 3, name: 'colors' }),
    layerFlatten({ name: 'flat' }),
    layerDense({ units: 4, name: 'wide' }),
  );
  const side = layerInput({ shape: [3], name: 'side_input' });
  const inner = kerasModel(side, layerDense(side, { units: 4, name: 'inner' }), { name: 'side' });
  const joined = pipe([features, layerModel(inner)(facts)], layerAdd({ name: 'joined' }));
  return kerasModel([image, facts], layerDense(joined, { units: 1, name: 'last' }), { name: 'graph' });
};

/** A model whose input is not known before it is trained. */
const sequential = (): KerasModel =>
  pipe(
    kerasModelSequential({ name: 'stack' }),
    layerDense({ units: 5, name: 'first' }),
    layerDropout({ rate: 0.5, name: 'dropped' }),
    layerDense({ units: 1, name: 'last' }),
  );

interface Case {
  readonly name: string;
  readonly engine: 'eager' | 'compiled';
  readonly make: () => KerasModel;
  /** The layers with weights. */
  readonly weighted: readonly string[];
  /** What TensorBoard is to draw: each layer, and what its inputs are. */
  readonly layers: Readonly<Record<string, readonly string[]>>;
}

const ofGraph = {
  make: functional,
  weighted: ['conv', 'colors', 'wide', 'side', 'last'],
  layers: {
    'graph/image': [],
    'graph/facts': [],
    'graph/conv': ['graph/image'],
    'graph/colors': ['graph/conv'],
    'graph/flat': ['graph/colors'],
    'graph/wide': ['graph/flat'],
    // TensorBoard draws no line into a model within.
    'graph/side/side_input': [],
    'graph/side/inner': ['graph/side/side_input'],
    'graph/joined': ['graph/side/inner', 'graph/wide'],
    'graph/last': ['graph/joined'],
  },
};

const CASES: readonly Case[] = [
  { name: 'graph-eager', engine: 'eager', ...ofGraph },
  { name: 'graph-compiled', engine: 'compiled', ...ofGraph },
  {
    name: 'stack',
    engine: 'compiled',
    make: sequential,
    weighted: ['first', 'last'],
    layers: {
      'stack/first': ['stack/first_input'],
      'stack/dropped': ['stack/first'],
      'stack/last': ['stack/dropped'],
      'stack/first_input': [],
    },
  },
];

const normal = (shape: number[], seed: number): tf.Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed);

const ROWS = 12;
const dataOf = (make: Case['make']): tf.Tensor | Record<string, tf.Tensor> =>
  make === functional
    ? { image: normal([ROWS, 6, 6, 1], 1), facts: normal([ROWS, 3], 2) }
    : normal([ROWS, 3], 2);

const add = (series: Record<string, Point[]>, step: number, logs: Logs, tagOf: (name: string) => string) => {
  for (const [name, value] of Object.entries(logs)) (series[tagOf(name)] ??= []).push([step, value]);
};

/** The weights of layers: of each its kernel and its bias, by the names that TensorBoard is to have. */
const named = (model: KerasModel, layers: readonly string[]): [string, Values][] =>
  layers.flatMap((name) => {
    const [kernel, bias] = getWeights(getLayer(model, name));
    if (kernel === undefined || bias === undefined) throw new Error(`${name} has no kernel and bias`);
    // The weights of a model have the name of the layer that they are in.
    const owner = name === 'side' ? 'inner' : name;
    return [
      [`${owner}/kernel_0`, plain(kernel)] as [string, Values],
      [`${owner}/bias_0`, plain(bias)] as [string, Values],
    ];
  });

/** Trains a model, and gives what its files must have. */
const train = async ({ name, engine, make, weighted, layers }: Case): Promise<Board> => {
  const scalars: Board['scalars'] = { train: {}, validation: {} };
  const weights: Board['weights'] = {};
  const model = compiled(make());
  let step = 0;
  const watch = {
    onTrainBatchEnd: (_: number, logs: Logs) => add(scalars.train, ++step, logs, (tag) => `batch_${tag}`),
    // Of the validation after each epoch, and of the evaluation at the end.
    onTestEnd: (logs: Logs) =>
      add(scalars.validation, step, logs, (tag) => `evaluation_${tag}_vs_iterations`),
    onEpochEnd: (epoch: number, logs: Logs) => {
      const of = (isOfValidation: boolean): Logs =>
        Object.fromEntries(Object.entries(logs).filter(([tag]) => tag.startsWith('val_') === isOfValidation));
      add(scalars.train, epoch, of(false), (tag) => `epoch_${tag}`);
      add(scalars.validation, epoch, of(true), (tag) => `epoch_${tag.slice('val_'.length)}`);
      // Three steps an epoch; the rate is halved every three, and the next step's is written.
      (scalars.train['epoch_learning_rate'] ??= []).push([epoch, 0.01 * 0.5 ** (step / 3)]);
      for (const [tag, values] of named(model, weighted)) (weights[tag] ??= []).push(values);
    },
  };
  const [x, y] = [dataOf(make), normal([ROWS, 1], 3)];
  const logDir = path.join(folder, name);
  const board = callbackTensorboard({ logDir, histogramFreq: 1, writeImages: true, updateFreq: 'batch' });
  const options = { epochs: 3, batchSize: 3, validationSplit: 0.25, verbose: 0, engine } as const;
  await fit(model, x, y, { ...options, callbacks: [watch, board] });
  await evaluate(model, x, y, { verbose: 0, callbacks: [watch, board] });
  return { name, scalars, weights, layers };
};

const main = async (): Promise<void> => {
  setRandomSeed(1);
  const boards: Board[] = [];
  for (const one of CASES) boards.push(await train(one));
  writeFileSync(path.join(folder, 'expected.json'), JSON.stringify(boards));
  // eslint-disable-next-line no-console -- what the program tells
  console.log(`Files of events: ${boards.length} passed, 0 failed`);
};

void main();
