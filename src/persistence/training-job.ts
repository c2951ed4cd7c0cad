import type { Always } from '../base/call-styles';
import { callable } from '../base/call-styles';
import {
  boolean,
  checkOptions,
  isPlainObject,
  nonEmptyString,
  oneOf,
  optional,
  positiveInteger,
  type OptionChecks,
} from '../base/checks';
import { KerasError, KerasFileError } from '../base/errors';
import { isStream } from '../base/streams';
import { modelSubject, type ModelTask } from '../models/call-styles';
import type { KerasModel } from '../models/model';
import { anyValue } from '../training/arrays';
import type { DataFor } from '../training/data';
import type { DataStream, NamedBatch } from '../training/streams/types';
import { fileError, isOfSystem } from './internal/errors';
import { SourceError } from './internal/training-job/shards';
import { writeJob } from './internal/training-job/write';

/** Data to train on: `[x, y]`, `[x, y, sampleWeight]`, `{ x, y, sampleWeight }`, or a stream of batches as `fit` takes it. */
export type TrainingData =
  readonly [DataFor, DataFor] | readonly [DataFor, DataFor, DataFor] | NamedBatch | DataStream;

/** Options of {@link exportTrainingJob}. */
export interface ExportTrainingJobOptions {
  /**
   * What runs the training: 'multi_worker_mirrored', TensorFlow's `MultiWorkerMirroredStrategy`, by default; 'ray', the same started by
   * Ray Train, for which there is a second program.
   */
  strategy?: 'multi_worker_mirrored' | 'ray' | undefined;
  /** The folder that is written; 'training-job' by default. */
  folder?: string | undefined;
  /** Whether a job that is there is replaced, with what came of it; false by default. */
  overwrite?: boolean | undefined;
  /** Rows in a batch of all workers together; 32 by default. */
  batchSize?: number | undefined;
  /** How many epochs to train; 10 by default. */
  epochs?: number | undefined;
  /** Whether rows are shuffled before each epoch; true by default. */
  shuffle?: boolean | undefined;
  /** Data for validation, in the forms of the data. */
  validationData?: TrainingData | undefined;
  /** How many batches of a stream are written, which are an epoch; all by default. A stream that has no end needs it. */
  stepsPerEpoch?: number | undefined;
  /** The same of a stream for validation. */
  validationSteps?: number | undefined;
  /** Bytes that a file of data has at the most; 64 MB by default. */
  shardBytes?: number | undefined;
}

const PARTS = new Set(['x', 'y', 'sampleWeight']);

const jobChecks = {
  strategy: optional(oneOf('multi_worker_mirrored', 'ray'), 'multi_worker_mirrored'),
  folder: optional(nonEmptyString, 'training-job'),
  overwrite: optional(boolean, false),
  batchSize: optional(positiveInteger, 32),
  epochs: optional(positiveInteger, 10),
  shuffle: optional(boolean, true),
  validationData: anyValue,
  stepsPerEpoch: optional(positiveInteger),
  validationSteps: optional(positiveInteger),
  shardBytes: optional(positiveInteger, 64_000_000),
} satisfies OptionChecks<ExportTrainingJobOptions>;

/** Whether a value is data, and no options. */
const isData = (value: unknown): boolean =>
  Array.isArray(value) || (isPlainObject(value) && Object.keys(value).some((name) => PARTS.has(name)));

/** What an error is to the caller: of the folder, of the source of the data, or of the model. */
const errorOf = (folder: string, error: unknown): unknown => {
  if (error instanceof SourceError) return error.cause;
  if (error instanceof KerasError && !(error instanceof KerasFileError)) return error;
  return isOfSystem(error) ? fileError(folder, 'written', error) : error;
};

/**
 * Writes a folder in which Python's Keras trains a model on several machines: the model with the state of its optimizer, its data in
 * shards, and a short program that runs as it is. {@link loadModel} takes the folder back once it has run, and `fit` goes on. Gives
 * the path of the folder.
 *
 * A batch is that of all workers together, so that the steps are those of `fit` with this `batchSize`. The data are TFRecord files,
 * which are written batch by batch: a stream may have more rows than there is memory. Rows of sparse matrices stay sparse in them,
 * texts stay texts. docs/scale.md shows how to run it.
 *
 * The whole folder is there, or nothing; one of something else is not replaced.
 *
 * @throws KerasStateError if the model is not compiled.
 * @throws KerasArgumentError if Keras does not know a layer, a loss, or whatever else the model is made of; it names it. Or for empty
 * data, NaN, labels out of range.
 * @throws KerasShapeError if the data does not fit the model, or rows differ in their shapes.
 * @throws KerasFileError if the folder cannot be written, is there and `overwrite` is false, or has something else in it.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ optimizer: 'sgd', loss: 'mse' }))
 * const folder = await exportTrainingJob(model, [[1, 2, 3, 4], [2, 4, 6, 8]], { folder: 'double', batchSize: 2 })
 * assert.strictEqual(folder, 'double')
 * // Two workers: TF_CONFIG='{"cluster": {"worker": ["a:2222", "b:2222"]}, "task": {"type": "worker", "index": 0}}' python double/train.py
 * await assert.rejects(loadModel(folder), /has not been run/)
 * @see TensorFlow `tf.distribute.MultiWorkerMirroredStrategy`, Ray `TensorflowTrainer`
 */
export const exportTrainingJob: ModelTask<
  [data: TrainingData, options?: ExportTrainingJobOptions],
  Always<string>
> = callable({
  name: 'exportTrainingJob',
  subject: modelSubject,
  data: ['data'],
  isData: (value) => isStream(value) || isData(value),
  optionNames: Object.keys(jobChecks),
  checkOptions: (options) => checkOptions('exportTrainingJob', options, jobChecks),
  run: async (model: KerasModel, [data]: readonly [unknown], options) => {
    const { folder } = options;
    try {
      await writeJob({ ...options, model, data });
    } catch (error) {
      throw errorOf(folder, error);
    }
    return folder;
  },
  givesPromise: true,
}) as unknown as typeof exportTrainingJob; // the call styles are told apart by the arguments
