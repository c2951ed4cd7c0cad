import { CallbackList, type Callback } from './callback-list';
import {
  argumentError,
  boolean,
  checkOptions,
  nonNegativeInteger,
  oneOf,
  optional,
  positiveInteger,
  positiveNumber,
  type Check,
  type OptionChecks,
  type CheckedOptions,
} from '../base/checks';
import { KerasArgumentError, KerasStateError } from '../base/errors';
import type { Always } from '../base/call-styles';
import { isStream } from '../base/streams';
import { viewOption, type ViewOptions } from '../live/options';
import { modelFunction, type StreamTask } from '../models/call-styles';
import type { KerasModel } from '../models/model';
import { anyValue } from './arrays';
import { compilationOf } from './outputs';
import { Tensors, type DataFor } from './data';
import { runFit } from './fit-loop';
import type * as FitViews from './fit-view';
import type { History } from './history';
import { verbosity, type Verbose } from './progress';
import type { Engine } from './step-runners';
import type { DataStream, StreamOptions } from './streams/types';
import { withProgress } from './with-progress';

/** Options of {@link fit}. */
export interface FitOptions extends StreamOptions {
  /** Rows in a batch; 32 by default. */
  batchSize?: number | undefined;
  /** The epoch to stop after, counted from 1; 10 by default. */
  epochs?: number | undefined;
  /** 0 silent, 1 a bar, 2 a line an epoch; 'auto' by default: a bar on a terminal, lines elsewhere. */
  verbose?: Verbose | undefined;
  /** One callback or several. */
  callbacks?: Callback<KerasModel> | readonly Callback<KerasModel>[] | undefined;
  /** The fraction of the rows, from the end, that is held back for validation; 0 by default. */
  validationSplit?: number | undefined;
  /** Data for validation, `[x, y]` or `[x, y, sampleWeight]`, or a stream; `validationSplit` is then not used. */
  validationData?:
    readonly [DataFor, DataFor] | readonly [DataFor, DataFor, DataFor] | DataStream | undefined;
  /** How many batches of the validation data to use, the first of them; all by default. A stream that has no end needs it. */
  validationSteps?: number | undefined;
  /**
   * Batches in an epoch; by default as many as there are. A stream goes on over epochs then, and must give `stepsPerEpoch` × epochs
   * of them; one that has no end needs it.
   */
  stepsPerEpoch?: number | undefined;
  /** After which epochs there is validation: every so many, 1 by default, or those of a list, counted from 1. */
  validationFreq?: number | readonly number[] | undefined;
  /** Whether rows are shuffled before each epoch; true by default. */
  shuffle?: boolean | undefined;
  /** The weight of each class in the loss, for models with one output. Every class must be listed. */
  classWeight?: Readonly<Record<number, number>> | undefined;
  /** The weight of each row in the loss. */
  sampleWeight?: DataFor | undefined;
  /** The epoch to start at, counted from 0; to go on with an earlier run. */
  initialEpoch?: number | undefined;
  /**
   * 'compiled' runs many steps in one call of TensorFlow, 'eager' one operation after the other from JavaScript; 'auto',
   * by default, compiles where that is worth it, for which short calls, all alike, add up, and there takes rows that are nearly all
   * zeros as sparse ones, if they go into a dense layer and nowhere else. The numbers are the same, to within rounding; the other two take
   * rows as they are.
   */
  engine?: Engine | 'auto' | undefined;
  /**
   * Whether a loss or a gradient that is NaN or infinite ends the fit with a KerasNativeError, which names the step and the
   * layer; the model keeps the weights from before that step. False by default.
   */
  checkNumerics?: boolean | undefined;
  /**
   * Whether the training can be watched in a browser, and paused, slowed down and stopped there: curves as they come, progress, the time
   * that is left, the learning rate, the norms of each layer's weights and of what an epoch changes. The page is on 127.0.0.1 only, under
   * an address with a token, as long as the fit runs. False by default; true opens the browser where somebody is likely to look.
   */
  view?: boolean | ViewOptions | undefined;
}

const split: Check<number> = (value, place) => {
  if (typeof value === 'number' && value >= 0 && value < 1) return value;
  throw argumentError(
    place,
    'a fraction of the rows, at least 0 and below 1',
    value,
    'Write validationSplit: 0.2',
  );
};

const validationPair: Check<unknown> = (value, place) => {
  if (Array.isArray(value) && (value.length === 2 || value.length === 3)) return value as unknown[];
  if (isStream(value)) return value;
  throw argumentError(
    place,
    '[x, y] or [x, y, sampleWeight]',
    value,
    'Write validationData: [xValidation, yValidation]',
  );
};

const frequency: Check<number | readonly number[]> = (value, place) => {
  const expected = 'a positive integer, or an array of epochs, counted from 1';
  const isEpoch = (item: unknown): boolean => Number.isSafeInteger(item) && (item as number) > 0;
  if (isEpoch(value)) return value as number; // as seen
  if (Array.isArray(value) && value.length > 0 && [...(value as unknown[])].every(isEpoch)) {
    return [...(value as number[])]; // as seen
  }
  throw argumentError(place, expected, value, 'Write validationFreq: 5, or validationFreq: [1, 2, 10]');
};

const FIT_CHECKS = {
  batchSize: optional(positiveInteger),
  epochs: optional(positiveInteger),
  verbose: optional(verbosity),
  callbacks: anyValue,
  validationSplit: optional(split),
  validationData: optional(validationPair),
  validationFreq: optional(frequency),
  validationSteps: optional(positiveInteger),
  stepsPerEpoch: optional(positiveInteger),
  shuffle: optional(boolean),
  classWeight: anyValue,
  sampleWeight: anyValue,
  initialEpoch: optional(nonNegativeInteger),
  engine: optional(oneOf('auto', 'compiled', 'eager')),
  checkNumerics: optional(boolean),
  view: optional(viewOption),
  maxQueueSize: optional(nonNegativeInteger),
  batchTimeout: optional(positiveNumber),
} satisfies OptionChecks<FitOptions>;

type CheckedFit = CheckedOptions<typeof FIT_CHECKS>;

const checkFit = (options: unknown): CheckedFit => {
  const checked = checkOptions('fit', options, FIT_CHECKS);
  const { epochs = 10, initialEpoch = 0 } = checked;
  if (initialEpoch >= epochs) {
    throw new KerasArgumentError({
      argument: 'initialEpoch',
      expected: '`epochs` is the epoch to stop after, and must be above `initialEpoch`',
      received: `initialEpoch: ${initialEpoch}, epochs: ${epochs}`,
      advice: `For ${epochs} more epochs write epochs: ${initialEpoch + epochs}`,
    });
  }
  return checked;
};

/** What few fits need: a server, and what opens browsers. */
const fitViews = (): typeof FitViews =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- `import()` does not work under Jest's CommonJS
  require('./fit-view') as typeof FitViews; // which that module is

const fitModel = async (model: KerasModel, x: unknown, y: unknown, checked: CheckedFit): Promise<History> => {
  const compilation = compilationOf(model);
  const callbacks = new CallbackList<KerasModel>(checked.callbacks, { argument: 'callbacks' });
  if (model.state.runs.includes('fit')) {
    throw new KerasStateError({
      expected: 'a model can be fitted only once at a time',
      received: `the model '${model.name}', in the middle of another fit()`,
      advice: 'Await the promise of the first fit() before the second',
    });
  }
  // Now, and not when the steps begin: what sets it while the data are prepared wants this fit to stop.
  model.stopTraining = false;
  const endRun = model.state.beginRun('fit');
  const tensors = new Tensors();
  try {
    const view =
      checked.view === undefined
        ? undefined
        : await fitViews().FitView.open(model, compilation, checked.view);
    const run = withProgress(checked.verbose ?? 'auto', (progress, interruption) =>
      runFit({
        model,
        data: { x, y },
        settings: checked,
        compilation,
        callbacks,
        progress,
        interruption,
        view,
        tensors,
      }),
    );
    return await (view === undefined ? run : view.follow(run));
  } finally {
    endRun();
    tensors.dispose();
  }
};

/**
 * Trains a model, **in place**, and ends the pipe with a promise of the history.
 *
 * The loss of an epoch is the mean over its rows, penalties included; metrics are exact over batches of unequal size.
 * A second `fit` goes on with the weights and the optimizer's state.
 *
 * Batches may come from a stream, `fit(stream, { stepsPerEpoch })`, instead of arrays: see {@link DataStream}. The next ones are made
 * while steps run. What goes wrong in the source comes out as it is; at any end the source is closed.
 *
 * Arrays of more than half a million numbers are converted a part at a time while others run: they must not change until the promise is fulfilled.
 *
 * With `view: true` a page in the browser shows how it goes, and has buttons to pause it, to stop it, and to lower the learning rate: see
 * {@link ViewOptions}.
 *
 * @throws KerasStateError if the model is not compiled, or is being fitted, or if the port of its page is taken.
 * @throws KerasShapeError if the data does not fit the model, or x and y differ in length.
 * @throws KerasArgumentError for an unknown option, empty data, NaN, labels out of range.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ optimizer: 'sgd', loss: 'mse' }))
 * const history = await pipe(model, fit([[1], [2], [3], [4]], [2, 4, 6, 8], { epochs: 3, verbose: 0 }))
 * assert.strictEqual(history.metrics.loss.length, 3)
 * // Batches of a generator, as many as one likes:
 * function* batches() {
 *   for (let n = 1; ; n++) yield [[[n % 4], [(n + 1) % 4]], [2 * (n % 4), 2 * ((n + 1) % 4)]]
 * }
 * const more = await fit(model, batches(), { stepsPerEpoch: 20, epochs: 2, verbose: 0 })
 * assert.strictEqual(more.params.steps, 20)
 * // To be watched, paused and stopped in a browser:
 * await fit(model, [[1], [2]], [2, 4], { epochs: 3, verbose: 0, view: { onAddress: (address) => assert.match(address, /127\.0\.0\.1/) } })
 * @see R keras `fit`, whose `view_metrics` is `view` here
 */
export const fit: StreamTask<
  DataFor,
  [y: DataFor | null, options?: FitOptions],
  DataStream,
  [options?: FitOptions],
  Always<History>
> = modelFunction({
  name: 'fit',
  data: ['x', 'y'],
  isStream,
  optionNames: Object.keys(FIT_CHECKS),
  checkOptions: checkFit,
  run: (model, [x, y]: readonly [unknown, unknown], options) => fitModel(model, x, y, options),
  givesPromise: true,
});
