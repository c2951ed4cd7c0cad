import { CallbackList, type Callback } from './callback-list';
import { batchSizeFor, checkOneBatch, checkWholeBatches } from './batch-size';
import {
  argumentError,
  checkOptions,
  nonNegativeInteger,
  optional,
  positiveInteger,
  positiveNumber,
  type OptionChecks,
  type CheckedOptions,
} from '../base/checks';
import { KerasArgumentError, KerasStateError } from '../base/errors';
import { isStream } from '../base/streams';
import { ASSUMED_STREAM_STEPS, MIN_QUEUED_BATCHES } from '../engine/tuning';
import type { Always, callForm, CallForm } from '../base/call-styles';
import {
  modelFunction,
  noOptions,
  type ModelFunction,
  type ModelTask,
  type Predicted,
} from '../models/call-styles';
import type { KerasModel, Prediction } from '../models/model';
import { tf, type Tensor, type Tensor1D } from '../tfjs/tensorflow';
import { batchOf, StepSeeds, type Arrays } from '../step/batches';
import { EventLoopYielder } from '../step/event-loop';
import { stateVariablesOf } from '../step/layers';
import { named, prepareInputs, rowsOf, Tensors, type DataFor } from './data';
import { anyValue, ARGUMENT_NAMES } from './arrays';
import { checkBatchSize } from './fit-data';
import { Guard } from './guard';
import { prepareLargeData } from './large-data';
import { verbosity, type Progress, type Verbose } from './progress';
import { SparseInput } from '../arrays/sparse-input';
import { whenReady } from '../tfjs/deferred-values';
import { uploadVariables } from '../step/upload-variables';
import { variableOf } from '../tfjs/private';
import { ownPredictions, predictsItself } from './own-steps';
import { predictions, predictionsInTurns } from './programs';
import { placeOfStep, runStep, runStepLater } from './step-error';
import { StreamReader } from './streams/reader';
import type { DataStream, StreamOptions } from './streams/types';
import { tellOf } from './tell-of';
import { withProgress, type Interruption } from './with-progress';

/** Options of {@link predict}. */
export interface PredictOptions extends StreamOptions {
  /** Rows in a batch; 32 by default, or as many as make all rows `steps` batches. */
  batchSize?: number | undefined;
  /** How many batches to predict, the first of them; all by default. */
  steps?: number | undefined;
  /** 0, silent, by default (R: 'auto'); 1 a bar, 2 a line. */
  verbose?: Verbose | undefined;
  /** Callbacks with predict hooks. */
  callbacks?: Callback<KerasModel> | readonly Callback<KerasModel>[] | undefined;
}

const inputArrays = (model: KerasModel, x: unknown, tensors: Tensors): Arrays => {
  const inputs = prepareInputs(model, x, tensors);
  const rows = rowsOf(named('x', model.tf.inputNames, inputs));
  return { x: inputs, y: [], weights: [], rows };
};

const PREDICT_CHECKS = {
  batchSize: optional(positiveInteger),
  steps: optional(positiveInteger),
  verbose: optional(verbosity),
  callbacks: anyValue,
  maxQueueSize: optional(nonNegativeInteger),
  batchTimeout: optional(positiveNumber),
} satisfies OptionChecks<PredictOptions>;

type CheckedPredict = CheckedOptions<typeof PREDICT_CHECKS>;

/** The outputs for some rows, at once. */
const predictRows = (
  model: KerasModel,
  arrays: Arrays,
  from: number,
  count: number,
  place: string,
  seeds: StepSeeds,
): Tensor[] =>
  runStep({ place, isTraining: false }, () =>
    tf.tidy(() => {
      const { x } = batchOf(arrays, from, count);
      return ownPredictions(model, x) ?? predictions(model, x, seeds);
    }),
  );

/** One batch of several. */
interface BatchRequest {
  readonly model: KerasModel;
  readonly arrays: Arrays;
  readonly from: number;
  readonly count: number;
  /** How many batches of this shape are to come, with this one. */
  readonly calls: number;
  readonly place: string;
  readonly pause: () => Promise<void>;
  /** Those of what layers draw. */
  readonly seeds: StepSeeds;
}

/** The same where there may be many rows: what takes long runs on another thread. */
const predictInTurns = async ({
  model,
  arrays,
  from,
  count,
  calls,
  place,
  pause,
  seeds,
}: BatchRequest): Promise<Tensor[]> => {
  const weights = [...model.tf.weights.map(variableOf), ...stateVariablesOf(model)];
  if (predictsItself(model) || arrays.x.some((input) => input instanceof SparseInput)) {
    return predictRows(model, arrays, from, count, place, seeds);
  }
  // While a fit changes them on another thread, a look at them would have to wait.
  for (let busy = whenReady(weights); busy !== undefined; busy = whenReady(weights)) await busy;
  const uploads = uploadVariables(weights, pause);
  if (uploads !== undefined) await uploads;
  const x = tf.tidy(() => [...batchOf(arrays, from, count).x]);
  try {
    return await runStepLater({ place, isTraining: false }, () =>
      predictionsInTurns({ model, x, calls, pause, seeds }),
    );
  } finally {
    // Of few rows, all of them are the whole array.
    tf.dispose(x.filter((tensor) => !arrays.x.includes(tensor)));
  }
};

/** The batches to predict: how many of how many rows, and how many rows they are together. */
const batchesFor = (
  model: KerasModel,
  rows: number,
  { batchSize, steps }: CheckedPredict,
): { readonly batchSize: number; readonly steps: number; readonly rows: number } => {
  // As Keras: without a batch size, the rows are spread over the steps.
  const size = batchSizeFor(
    model,
    batchSize ?? (steps === undefined ? undefined : Math.max(1, Math.ceil(rows / steps))),
  );
  const batches = Math.ceil(rows / size);
  if (steps !== undefined && steps > batches && batchSize !== undefined) {
    throw argumentError(
      { argument: 'steps' },
      `at most ${batches}: so many batches of ${size} are ${rows} rows`,
      steps,
      'Give fewer steps or a smaller batchSize, or leave steps out',
    );
  }
  const taken = Math.min(batches, steps ?? batches);
  return { batchSize: size, steps: taken, rows: Math.min(rows, taken * size) };
};

/** One prediction. */
interface PredictCall {
  readonly model: KerasModel;
  readonly x: unknown;
  readonly checked: CheckedPredict;
  readonly callbacks: CallbackList<KerasModel>;
  readonly tensors: Tensors;
  readonly yielder: EventLoopYielder;
  readonly progress: Progress;
  readonly interruption: Interruption;
  readonly seeds: StepSeeds;
  /** Where the batches' outputs go. */
  readonly batches: Tensor[][];
}

/** Predicts one batch, with what belongs to it. */
const predictStep = async (
  { model, callbacks, progress, yielder, batches, seeds }: PredictCall,
  guard: Guard,
  step: number,
  batch: Pick<BatchRequest, 'arrays' | 'from' | 'count' | 'calls'>,
): Promise<void> => {
  if (callbacks.hasPredictBatchHooks) await callbacks.onPredictBatchBegin(step);
  const place = placeOfStep(step, undefined, false);
  const pause = async (): Promise<void> => {
    await yielder.yieldToEventLoop();
    guard.check();
  };
  batches.push(await predictInTurns({ model, ...batch, place, pause, seeds }));
  if (callbacks.hasPredictBatchHooks) await callbacks.onPredictBatchEnd(step, {});
  progress.update(step + 1);
  if (yielder.isDue()) await yielder.yieldToEventLoop();
  guard.check();
};

const predictArrays = async (call: PredictCall): Promise<void> => {
  const { model, x, checked, callbacks, tensors, yielder } = call;
  const preparation = prepareLargeData({ model, inputs: [x], outputs: [] }, tensors, yielder);
  if (preparation !== undefined) await preparation;
  const arrays = inputArrays(model, x, tensors);
  const { batchSize, steps, rows } = batchesFor(model, arrays.rows, checked);
  checkWholeBatches(model, rows);
  const guard = new Guard(model, named('x', model.tf.inputNames, arrays.x));
  tellOf(call, guard, { steps, samples: rows, batchSize });
  await callbacks.onPredictBegin();
  for (let from = 0, step = 0; from < rows; from += batchSize, step++) {
    const count = Math.min(batchSize, rows - from);
    const calls = Math.max(1, Math.floor((arrays.rows - from) / batchSize));
    await predictStep(call, guard, step, { arrays, from, count, calls });
  }
  await callbacks.onPredictEnd();
};

const predictStream = async (call: PredictCall): Promise<void> => {
  const { model, x, checked, callbacks, interruption } = call;
  const { batchSize, steps, maxQueueSize, batchTimeout } = checked;
  const reader = new StreamReader({
    model,
    stream: x,
    purpose: 'prediction',
    argument: 'x',
    argumentNames: ARGUMENT_NAMES,
    batchSize: model.built ? batchSizeFor(model, batchSize) : batchSize,
    maxQueueSize,
    batchTimeout,
    outputs: () => [],
    prepare: (item, tensors) => inputArrays(model, item.x, tensors),
  });
  interruption.closeBeforeExit(() => reader.close());
  try {
    const place = (step: number): string => placeOfStep(step, undefined, false);
    const first = await reader.open(steps ?? Infinity, place(0));
    if (first === undefined) throw endedEarly(0, steps);
    checkBatchSize(reader, batchSize);
    const guard = new Guard(model, []);
    tellOf(call, guard, { steps: steps ?? Infinity, batchSize: first.batchSize });
    await callbacks.onPredictBegin();
    await reader.begin(false);
    for (let step = 0; step < (steps ?? Infinity); step++) {
      const chunk = await reader.next(1, place(step));
      if (chunk === undefined) {
        if (steps !== undefined) throw endedEarly(step, steps);
        break;
      }
      try {
        checkOneBatch(model, chunk.arrays.rows);
        reader.prefetch(MIN_QUEUED_BATCHES);
        const calls = Math.max(1, (steps ?? ASSUMED_STREAM_STEPS) - step);
        await predictStep(call, guard, step, {
          arrays: chunk.arrays,
          from: 0,
          count: chunk.arrays.rows,
          calls,
        });
      } finally {
        chunk.dispose();
      }
    }
    await callbacks.onPredictEnd();
  } finally {
    await reader.close();
  }
};

const endedEarly = (step: number, steps: number | undefined): KerasStateError =>
  new KerasStateError({
    argument: 'x',
    expected:
      steps === undefined
        ? '`x` must give a batch at least'
        : `\`x\` must give at least \`steps\` batches, in this case ${steps}`,
    received: step === 0 ? 'its end before the first batch' : `its end after ${step}`,
    advice: 'Ask for fewer steps, or leave `steps` out for as many as there are',
  });

const predictModel = async (
  functionName: string,
  model: KerasModel,
  x: unknown,
  checked: CheckedPredict,
): Promise<Prediction> => {
  const yielder = new EventLoopYielder();
  const callbacks = new CallbackList<KerasModel>(checked.callbacks, { argument: 'callbacks' });
  const endRun = model.state.beginRun(functionName);
  const tensors = new Tensors();
  const batches: Tensor[][] = [];
  try {
    return await withProgress(checked.verbose ?? 0, async (progress, interruption) => {
      const parts = { checked, callbacks, tensors, yielder, progress, interruption, batches };
      const call = { model, x, ...parts, seeds: new StepSeeds(true) };
      await (isStream(x) ? predictStream : predictArrays)(call);
      progress.finish();
      return joined(batches);
    });
  } finally {
    endRun();
    tf.dispose(batches);
    tensors.dispose();
  }
};

/** The batches' outputs one below the other, for each output. */
const joined = (batches: readonly Tensor[][]): Prediction => {
  const outputs = (batches[0] ?? []).map((_, output) =>
    tf.tidy(() => {
      const parts = batches.map((batch) => batch[output] as Tensor); // every batch has every output
      return parts.length === 1 ? tf.clone(parts[0] as Tensor) : tf.concat(parts, 0);
    }),
  );
  return outputs.length === 1 ? (outputs[0] as Tensor) : outputs;
};

/** `predict` and its sisters: functions of a model and its data. */
const predictFunction = <Form extends { readonly [callForm]: CallForm }>(
  name: string,
  run: (model: KerasModel, x: unknown, options: CheckedPredict) => Promise<Prediction>,
): Form =>
  modelFunction({
    name,
    data: ['x'],
    isStream,
    optionNames: Object.keys(PREDICT_CHECKS),
    checkOptions: (options) => checkOptions(name, options, PREDICT_CHECKS),
    run: (model, [x]: readonly [unknown], options) => run(model, x, options),
    givesPromise: true,
  });

/**
 * The model's output for given data: a promise of a tensor `[rows, …]`, which is the caller's to dispose; for a model
 * with several outputs, of a list of them. The model's type says which.
 *
 * The model need not be compiled. Arrays of more than half a million numbers must not change until the promise is fulfilled.
 *
 * @throws KerasShapeError if the data does not fit the model.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 3, activation: 'softmax', inputShape: [2] }))
 * const probabilities = await pipe(model, predict([[1, 2], [3, 4]]))
 * assert.deepStrictEqual(probabilities.shape, [2, 3])
 * @see R keras `predict`
 */
export const predict: ModelTask<[x: DataFor | DataStream, options?: PredictOptions], Predicted> =
  predictFunction('predict', (model, x, options) => predictModel('predict', model, x, options));

const checkOneOutput = (model: KerasModel): void => {
  const outputs = model.built ? model.tf.outputNames : [];
  if (outputs.length <= 1) return;
  throw new KerasArgumentError({
    argument: 'model',
    expected: 'the model must have one output',
    received: `the model '${model.name}' with ${outputs.length}: ${outputs.join(', ')}`,
    advice: 'Take the classes from predict(): (await predict(model, x)).map((output) => output.argMax(-1))',
  });
};

/**
 * The class that the model finds most likely for each row: the largest output, or, with one unit, 1 above 0.5.
 *
 * A promise of an int32 tensor `[rows]`, which is the caller's to dispose. Classes count from 0.
 *
 * @throws KerasShapeError if the data does not fit the model.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 3, activation: 'softmax', inputShape: [2] }))
 * const classes = await predictClasses(model, [[1, 2], [3, 4]])
 * assert.deepStrictEqual(classes.shape, [2])
 * @see R keras `predict_classes`
 */
export const predictClasses: ModelTask<
  [x: DataFor | DataStream, options?: PredictOptions],
  Always<Tensor1D>
> = predictFunction('predictClasses', async (model, x, options) => {
  checkOneOutput(model);
  const output = [await predictModel('predictClasses', model, x, options)].flat()[0] as Tensor; // there is one
  const classes = tf.tidy(() =>
    output.shape.at(-1) === 1
      ? tf.squeeze(tf.cast(tf.greater(output, 0.5), 'int32'), [-1])
      : tf.argMax(output, -1),
  );
  output.dispose();
  return classes;
});

/**
 * The same as {@link predict}: the probabilities that a model with a softmax or sigmoid output gives.
 *
 * @throws KerasShapeError if the data does not fit the model.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, activation: 'sigmoid', inputShape: [2] }))
 * const probabilities = await predictProba(model, [[1, 2], [3, 4]])
 * assert.deepStrictEqual(probabilities.shape, [2, 1])
 * @see R keras `predict_proba`
 */
export const predictProba: ModelTask<[x: DataFor | DataStream, options?: PredictOptions], Predicted> =
  predictFunction('predictProba', (model, x, options) => predictModel('predictProba', model, x, options));

const predictBatch = (model: KerasModel, x: DataFor): Prediction => {
  const tensors = new Tensors();
  try {
    const arrays = inputArrays(model, x, tensors);
    checkOneBatch(model, arrays.rows);
    const outputs = predictRows(model, arrays, 0, arrays.rows, 'the batch', new StepSeeds(true));
    return outputs.length === 1 ? (outputs[0] as Tensor) : outputs;
  } finally {
    tensors.dispose();
  }
};

/**
 * The model's output for one batch, at once: a tensor `[rows, …]`, or a list for several outputs. The caller disposes
 * it.
 *
 * @throws KerasShapeError if the data does not fit the model.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 3, inputShape: [2] }))
 * assert.deepStrictEqual(predictOnBatch(model, [[1, 2]]).shape, [1, 3])
 * @see R keras `predict_on_batch`
 */
export const predictOnBatch: ModelFunction<[x: DataFor], Predicted> = modelFunction({
  name: 'predictOnBatch',
  data: ['x'],
  checkOptions: noOptions('predictOnBatch'),
  run: (model, [x]: readonly [DataFor]) => predictBatch(model, x),
});
