import { CallbackList, type Callback, type Logs } from './callback-list';
import {
  argumentError,
  boolean,
  checkOptions,
  nonNegativeInteger,
  oneOf,
  optional,
  positiveInteger,
  type Check,
  type OptionChecks,
} from '../base/checks';
import { KerasArgumentError, KerasStateError } from '../base/errors';
import { SparseInput } from '../arrays/sparse-input';
import type { Always } from '../base/call-styles';
import { modelFunction, type ModelTask } from '../models/call-styles';
import type { Compilation } from '../models/compilation';
import type { KerasModel } from '../models/model';
import { permutation } from '../base/random';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { EventLoopYielder, StepSeeds, type Arrays } from '../step/batches';
import { batchSizeFor, checkWholeBatches } from './batch-size';
import { classWeights } from './class-weight';
import { compilationOf, outputsOf } from './compile';
import { Tensors, type DataFor } from './data';
import { anyValue, runTest, testArrays } from './evaluate';
import { History } from './history';
import { verbosity, type Progress, type Verbose } from './progress';
import { checkAlive, planFor } from './run';
import { RunningSums, type StepPlan } from '../step/plan';
import { runnerFor } from './choose-runner';
import type { Engine, RunnerRequest, StepRunner } from './step-runners';
import { withProgress, type Interruption } from './with-progress';

/** Options of {@link fit}. */
export interface FitOptions {
  /** Rows in a batch; 32 by default. */
  batchSize?: number;
  /** The epoch to stop after, counted from 1; 10 by default. */
  epochs?: number;
  /** 0 silent, 1 a bar, 2 a line an epoch; 'auto' by default: a bar on a terminal, lines elsewhere. */
  verbose?: Verbose;
  /** One callback or several. */
  callbacks?: Callback<KerasModel> | readonly Callback<KerasModel>[];
  /** The fraction of the rows, from the end, that is held back for validation; 0 by default. */
  validationSplit?: number;
  /** Data for validation, `[x, y]` or `[x, y, sampleWeight]`; `validationSplit` is then not used. */
  validationData?: readonly [DataFor, DataFor] | readonly [DataFor, DataFor, DataFor];
  /** Whether rows are shuffled before each epoch; true by default. */
  shuffle?: boolean;
  /** The weight of each class in the loss, for models with one output. Every class must be listed. */
  classWeight?: Readonly<Record<number, number>>;
  /** The weight of each row in the loss. */
  sampleWeight?: DataFor;
  /** The epoch to start at, counted from 0; to go on with an earlier run. */
  initialEpoch?: number;
  /**
   * 'compiled' runs many steps in one call of TensorFlow, 'eager' one operation after the other from JavaScript; 'auto',
   * by default, compiles where that pays. The numbers are the same.
   */
  engine?: Engine | 'auto';
  /**
   * Whether a loss or a gradient that is NaN or infinite ends the fit with a KerasNativeError, which names the step and the
   * layer; the model keeps the weights from before that step. False by default.
   */
  checkNumerics?: boolean;
}

type CheckedOptions = Omit<FitOptions, 'validationData'> & { validationData?: readonly unknown[] };

const split: Check<number> = (value, place) => {
  if (typeof value === 'number' && value >= 0 && value < 1) return value;
  throw argumentError(
    place,
    'a fraction of the rows, at least 0 and below 1',
    value,
    'Write validationSplit: 0.2',
  );
};

const validationPair: Check<readonly unknown[]> = (value, place) => {
  if (Array.isArray(value) && (value.length === 2 || value.length === 3)) return value;
  throw argumentError(
    place,
    '[x, y] or [x, y, sampleWeight]',
    value,
    'Write validationData: [xValidation, yValidation]',
  );
};

const FIT_CHECKS: OptionChecks<FitOptions> = {
  batchSize: optional(positiveInteger),
  epochs: optional(positiveInteger),
  verbose: optional(verbosity),
  callbacks: anyValue,
  validationSplit: optional(split),
  validationData: optional(validationPair),
  shuffle: optional(boolean),
  classWeight: anyValue,
  sampleWeight: anyValue,
  initialEpoch: optional(nonNegativeInteger),
  engine: optional(oneOf('auto', 'compiled', 'eager')),
  checkNumerics: optional(boolean),
};

const checkFit = (options: unknown): CheckedOptions => {
  const checked = checkOptions('fit', options, FIT_CHECKS) as CheckedOptions;
  const { epochs = 10, initialEpoch = 0 } = checked;
  if (initialEpoch >= epochs) {
    throw new KerasArgumentError({
      function: 'fit',
      argument: 'initialEpoch',
      expected: '`epochs` is the epoch to stop after, and must be above `initialEpoch`',
      received: `initialEpoch: ${initialEpoch}, epochs: ${epochs}`,
      advice: `For ${epochs} more epochs write epochs: ${initialEpoch + epochs}`,
    });
  }
  return checked;
};

/** Cuts the rows from `from` on off the arrays. */
const cut = (arrays: Arrays, from: number, count: number, tensors: Tensors): Arrays => {
  const take = (tensor: Tensor): Tensor =>
    tensors.own(
      tf.slice(tensor, [from, ...Array<number>(tensor.rank - 1).fill(0)], [count, ...tensor.shape.slice(1)]),
    );
  return {
    x: arrays.x.map((x) =>
      x instanceof SparseInput ? tensors.ofSparse(x.matrix.slice(from, count)) : take(x),
    ),
    y: arrays.y.map(take),
    weights: arrays.weights.map((weights) => (weights === undefined ? undefined : take(weights))),
    rows: count,
  };
};

/** Training and validation data, from whichever option gives the latter. */
const divide = (
  model: KerasModel,
  whole: Arrays,
  { validationData, validationSplit = 0 }: CheckedOptions,
  tensors: Tensors,
): { training: Arrays; validation: Arrays | undefined } => {
  if (validationData !== undefined) {
    const [x, y, sampleWeight] = validationData;
    const names = { x: 'validationData[0]', y: 'validationData[1]', sampleWeight: 'validationData[2]' };
    return { training: whole, validation: testArrays('fit', model, { x, y, sampleWeight }, tensors, names) };
  }
  if (validationSplit === 0) return { training: whole, validation: undefined };
  const kept = Math.floor(whole.rows * (1 - validationSplit));
  if (kept === 0 || kept === whole.rows) {
    throw new KerasArgumentError({
      function: 'fit',
      argument: 'validationSplit',
      expected: 'both parts of the split must have rows',
      received: `${kept} of ${whole.rows} rows left for training with validationSplit: ${validationSplit}`,
      advice: 'Choose another fraction, or give validationData',
    });
  }
  return {
    training: cut(whole, 0, kept, tensors),
    validation: cut(whole, kept, whole.rows - kept, tensors),
  };
};

/** One pass over the training data. Gives the logs; `model.stopTraining` ends it early. */
const runEpoch = async (
  plan: StepPlan,
  steps: number,
  runner: StepRunner,
  callbacks: CallbackList<KerasModel>,
  progress: Progress,
  yielder: EventLoopYielder,
): Promise<Logs> => {
  const running = new RunningSums(plan);
  const single = callbacks.hasTrainBatchHooks;
  // As in Keras, an epoch that has begun has one step at least.
  for (let step = 0; step < steps && (step === 0 || !plan.model.stopTraining);) {
    if (single) await callbacks.onTrainBatchBegin(step);
    checkAlive('fit', plan.model);
    step += runner.train(step, single || plan.model.stopTraining ? 1 : steps - step, running);
    if (single) {
      runner.settle();
      await callbacks.onTrainBatchEnd(step - 1, running.logs());
    }
    progress.update(step, progress.isDue() ? running.logs() : {});
    if (yielder.isDue()) await yielder.yieldToEventLoop();
    checkAlive('fit', plan.model);
  }
  runner.settle();
  return running.logs();
};

const fitModel = async (
  model: KerasModel,
  x: DataFor,
  y: DataFor,
  checked: CheckedOptions,
): Promise<History> => {
  const compilation = compilationOf('fit', model);
  const callbacks = new CallbackList<KerasModel>(checked.callbacks, {
    function: 'fit',
    argument: 'callbacks',
  });
  if (model.state.runs.includes('fit')) {
    throw new KerasStateError({
      function: 'fit',
      expected: 'a model can be fitted only once at a time',
      received: `the model '${model.name}', in the middle of another fit()`,
      advice: 'Await the promise of the first fit() before the second',
    });
  }
  const endRun = model.state.beginRun('fit');
  const tensors = new Tensors();
  try {
    return await withProgress(checked.verbose ?? 'auto', (progress, interruption) =>
      fitPrepared(model, { x, y }, checked, compilation, callbacks, progress, interruption, tensors),
    );
  } finally {
    endRun();
    tensors.dispose();
  }
};

const fitPrepared = async (
  model: KerasModel,
  data: { x: DataFor; y: DataFor },
  checked: CheckedOptions,
  compilation: Compilation,
  callbacks: CallbackList<KerasModel>,
  progress: Progress,
  interruption: Interruption,
  tensors: Tensors,
): Promise<History> => {
  const { epochs = 10, initialEpoch = 0, shuffle = true, sampleWeight } = checked;
  const yielder = new EventLoopYielder();
  const plain = testArrays('fit', model, { ...data, sampleWeight }, tensors);
  const batchSize = batchSizeFor('fit', model, checked.batchSize);
  const { training: unweighted, validation } = divide(model, plain, checked, tensors);
  checkWholeBatches('fit', model, unweighted.rows, 'the training data');
  if (validation !== undefined) checkWholeBatches('fit', model, validation.rows, 'the validation data');
  // As in Keras, the classes' weights are for training only.
  const training = classWeights(
    'fit',
    model,
    outputsOf('fit', model),
    unweighted,
    checked.classWeight,
    tensors,
  );
  const { checkNumerics = false } = checked;
  const plan = { ...planFor('fit', model, training.y), checkNumerics };
  const steps = Math.ceil(training.rows / batchSize);
  const params = {
    verbose: progress.verbose,
    epochs,
    steps,
    samples: training.rows,
    ...(validation === undefined ? {} : { validationSamples: validation.rows }),
    batchSize,
    doValidation: validation !== undefined,
    metrics: plan.names,
  };
  const seeds = new StepSeeds();
  const validated =
    validation === undefined ? undefined : { plan: planFor('fit', model, validation.y), arrays: validation };
  const request: RunnerRequest = {
    verb: 'fit',
    model,
    training: { plan, arrays: training },
    test: validated,
    batchSize,
    compilation,
    seeds,
  };
  // Data may take long to prepare, and steps to compile.
  if (yielder.isDue()) await yielder.yieldToEventLoop();
  checkAlive('fit', model);
  const runner = runnerFor(request, checked.engine ?? 'auto', steps * (epochs - initialEpoch));
  try {
    if (yielder.isDue()) await yielder.yieldToEventLoop();
    const history = new History({ ...params, engine: runner.engine });
    model.stopTraining = false;
    // The weights are then those after the steps that were done.
    interruption.listen(() => {
      runner.settle();
    });
    callbacks.setModel(model);
    callbacks.setParams(params);
    await callbacks.onTrainBegin();
    let logs: Logs = {};
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- callbacks set it in the meantime
    for (let epoch = initialEpoch; epoch < epochs && !model.stopTraining; epoch++) {
      progress.beginEpoch(epoch, epochs, steps);
      await callbacks.onEpochBegin(epoch);
      runner.begin(epoch, shuffle ? permutation(training.rows) : undefined);
      logs = await runEpoch(plan, steps, runner, callbacks, progress, yielder);
      if (validated !== undefined) {
        const { plan: testPlan, arrays } = validated;
        const testSteps = Math.ceil(arrays.rows / batchSize);
        const result = await runTest('fit', testPlan, testSteps, runner.test.bind(runner), callbacks);
        for (const [name, value] of Object.entries(result)) logs[`val_${name}`] = value;
      }
      progress.finish(logs);
      await callbacks.onEpochEnd(epoch, logs);
      history.add(logs);
      await yielder.yieldToEventLoop();
      checkAlive('fit', model);
    }
    runner.finalize();
    await callbacks.onTrainEnd(logs);
    return history;
  } finally {
    interruption.stop();
    runner.end();
  }
};

/**
 * Trains a model, **in place**, and ends the pipe with a promise of the history.
 *
 * The loss of an epoch is the mean over its rows, penalties included; metrics are exact over batches of unequal size.
 * A second `fit` goes on with the weights and the optimizer's state.
 *
 * @throws KerasStateError if the model is not compiled, or is being fitted.
 * @throws KerasShapeError if the data does not fit the model, or x and y differ in length.
 * @throws KerasArgumentError for an unknown option, empty data, NaN, labels out of range.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ optimizer: 'sgd', loss: 'mse' }))
 * const history = await pipe(model, fit([[1], [2], [3], [4]], [2, 4, 6, 8], { epochs: 3, verbose: 0 }))
 * assert.strictEqual(history.metrics.loss.length, 3)
 * @see R keras `fit`
 */
export const fit: ModelTask<[x: DataFor, y: DataFor, options?: FitOptions], Always<History>> = modelFunction({
  name: 'fit',
  data: ['x', 'y'],
  optionNames: Object.keys(FIT_CHECKS),
  checkOptions: checkFit,
  run: (model, [x, y]: readonly [DataFor, DataFor], options) => fitModel(model, x, y, options),
  givesPromise: true,
});
