import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../base/causes';
import {
  argumentError,
  boolean,
  checkOptions,
  nonEmptyString,
  nonNegativeInteger,
  optional,
  type Check,
  type OptionChecks,
} from '../base/checks';
import { KerasFileError } from '../base/errors';
import { refuseSurplus } from '../base/function-name';
import { EventFile, histogramValue, imageValue, kerasModelValue, scalarValue } from '../files/event-file';
import type { KerasModel } from '../models/model';
import { UpdateOptimizer } from '../optimizers/optimizer';
import { namedWeights } from '../persistence/internal/layer-weights';
import { modelToJson } from '../persistence/json';
import { optimizerOf } from '../training/compile';
import type { Callback, CallbackState, Logs } from '../training/callback-list';
import { weightImages } from './internal/weight-images';

/** Options of {@link callbackTensorboard}. */
export interface TensorboardOptions {
  /** The folder, which is made; `train` and `validation` are in it. Default `'logs'`. */
  readonly logDir?: string | undefined;
  /** After how many epochs the distribution of each weight is written; 0, the default: never. */
  readonly histogramFreq?: number | undefined;
  /** Whether the model is written, to be drawn. Default true. */
  readonly writeGraph?: boolean | undefined;
  /** Whether weights are written as pictures, too, with their distributions. Default false. */
  readonly writeImages?: boolean | undefined;
  /** `'epoch'`, the default: values of epochs only. `'batch'`, or a number: those of each batch, or of each so many, besides. */
  readonly updateFreq?: 'epoch' | 'batch' | number | undefined;
  /** After how many epochs the weights of embedding layers are written, to be looked at as points; 0, the default: never. */
  readonly embeddingsFreq?: number | undefined;
  /** Files with a name a line for each row of an embedding: one for all, or by names of layers. None by default. */
  readonly embeddingsMetadata?: string | Readonly<Record<string, string>> | undefined;
}

const updateFreq: Check<number> = (value, place) => {
  if (value === 'epoch') return 0;
  if (value === 'batch') return 1;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw argumentError(place, "'epoch', 'batch' or a positive integer", value);
};

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const metadata: Check<string | Readonly<Record<string, string>>> = (value, place) => {
  if (isText(value)) return value;
  if (typeof value === 'object' && value !== null && Object.values(value).every(isText)) {
    return value as Readonly<Record<string, string>>; // of texts, as seen
  }
  throw argumentError(
    place,
    'a file, or files by names of layers',
    value,
    "Write embeddingsMetadata: { words: 'words.tsv' }",
  );
};

const checks = {
  logDir: optional(nonEmptyString, 'logs'),
  histogramFreq: optional(nonNegativeInteger, 0),
  writeGraph: optional(boolean, true),
  writeImages: optional(boolean, false),
  updateFreq: optional(updateFreq, 'epoch'),
  embeddingsFreq: optional(nonNegativeInteger, 0),
  embeddingsMetadata: optional(metadata),
} satisfies OptionChecks<TensorboardOptions>;

type Settings = ReturnType<typeof checkOptions<typeof checks>>;

const VALIDATION = 'val_';

class Tensorboard implements Callback<KerasModel> {
  readonly #files = new Map<string, EventFile>();
  #model: KerasModel | undefined;
  #step = 0;
  readonly onTrainBatchEnd?: (batch: number, logs: Logs) => void;

  constructor(private readonly settings: Settings) {
    const { updateFreq: every } = settings;
    // A hook of batches makes compiled steps run one at a time: it is there only if it is asked for.
    if (every > 0) {
      this.onTrainBatchEnd = (_, logs) => {
        this.#step++;
        if (this.#step % every === 0) this.#scalars('train', this.#step, logs, (name) => `batch_${name}`);
      };
    }
  }

  setModel(model: KerasModel): void {
    this.#model = model;
  }

  onTrainBegin(): void {
    this.#step = 0;
    this.#files.clear();
    const { writeGraph, embeddingsFreq } = this.settings;
    if (writeGraph && this.#model?.built === true)
      this.#write('train', 0, [kerasModelValue('keras', modelToJson(this.#model))]);
    if (embeddingsFreq > 0) this.#describeEmbeddings();
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const { histogramFreq, embeddingsFreq } = this.settings;
    const isOfValidation = (name: string): boolean => name.startsWith(VALIDATION);
    const some = (wanted: boolean): Logs =>
      Object.fromEntries(Object.entries(logs).filter(([name]) => isOfValidation(name) === wanted));
    const rate = this.#scheduledRate();
    const training = rate === undefined ? some(false) : { ...some(false), learning_rate: rate };
    this.#scalars('train', epoch, training, (name) => `epoch_${name}`);
    this.#scalars('validation', epoch, some(true), (name) => `epoch_${name.slice(VALIDATION.length)}`);
    if (histogramFreq > 0 && epoch % histogramFreq === 0) await this.#weights(epoch);
    if (embeddingsFreq > 0 && epoch % embeddingsFreq === 0) await this.#embeddings();
  }

  onTestEnd(logs: Logs): void {
    const { iterations } = this.#optimizer() ?? {};
    if (iterations === undefined) return;
    this.#scalars('validation', iterations, logs, (name) => `evaluation_${name}_vs_iterations`);
  }

  saveState(): CallbackState {
    return { step: this.#step };
  }

  restoreState(state: CallbackState): void {
    this.#step = (state as { readonly step: number }).step; // as saveState gave it
  }

  #optimizer(): UpdateOptimizer | undefined {
    const optimizer = this.#model === undefined ? undefined : optimizerOf(this.#model);
    return optimizer instanceof UpdateOptimizer ? optimizer : undefined;
  }

  /** What a schedule gives for the next step, as Keras writes it. */
  #scheduledRate(): number | undefined {
    const optimizer = this.#optimizer();
    if (optimizer?.hasSchedule !== true) return undefined;
    return optimizer.numberAt('learningRate', optimizer.iterations + 1);
  }

  #scalars(run: string, step: number, values: Logs, named: (name: string) => string): void {
    const entries = Object.entries(values);
    if (entries.length > 0) {
      this.#write(
        run,
        step,
        entries.map(([name, value]) => scalarValue(named(name), value)),
      );
    }
  }

  async #weights(epoch: number): Promise<void> {
    const values: Uint8Array[] = [];
    for (const layer of this.#model?.layers ?? []) {
      for (const { name, weight } of namedWeights(layer)) {
        const tensor = weight.read();
        const numbers = await tensor.data();
        const tag = name.replaceAll(':', '_');
        values.push(histogramValue(`${tag}/histogram`, numbers));
        const images = this.settings.writeImages ? weightImages(numbers, tensor.shape) : undefined;
        if (images !== undefined) {
          values.push(imageValue(`${tag}/image`, images.width, images.height, images.files));
        }
      }
    }
    this.#write('train', epoch, values);
  }

  #embeddingLayers() {
    return (this.#model?.layers ?? []).filter((layer) => layer.getClassName() === 'Embedding');
  }

  /** Tells TensorBoard's projector where the points are, and their names. */
  #describeEmbeddings(): void {
    const { embeddingsMetadata: names, logDir } = this.settings;
    const fileOf = (layer: string): string | undefined =>
      typeof names === 'string' ? names : names?.[layer];
    const embeddings = this.#embeddingLayers().map(({ name }) => {
      const file = fileOf(name);
      return [
        'embeddings {',
        `  tensor_name: ${JSON.stringify(name)}`,
        `  tensor_path: ${JSON.stringify(`${name}.tsv`)}`,
        ...(file === undefined ? [] : [`  metadata_path: ${JSON.stringify(path.resolve(file))}`]),
        '}',
        '',
      ].join('\n');
    });
    this.#guard(logDir, () => {
      this.#file('train');
      writeFileSync(path.join(logDir, 'train', 'projector_config.pbtxt'), embeddings.join(''));
    });
  }

  async #embeddings(): Promise<void> {
    const { logDir } = this.settings;
    for (const layer of this.#embeddingLayers()) {
      const table = layer.getWeights()[0];
      if (table === undefined) continue;
      const [numbers, columns] = [await table.data(), table.shape[1] ?? 1];
      const lines = Array.from({ length: table.shape[0] }, (_, row) =>
        Array.from(numbers.subarray(row * columns, (row + 1) * columns)).join('\t'),
      );
      this.#guard(logDir, () =>
        writeFileSync(path.join(logDir, 'train', `${layer.name}.tsv`), `${lines.join('\n')}\n`),
      );
    }
  }

  #write(run: string, step: number, values: readonly Uint8Array[]): void {
    this.#guard(this.settings.logDir, () => this.#file(run).write(step, values));
  }

  #file(run: string): EventFile {
    const file = this.#files.get(run) ?? new EventFile(path.join(this.settings.logDir, run));
    this.#files.set(run, file);
    return file;
  }

  #guard(folder: string, write: () => void): void {
    try {
      write();
    } catch (cause) {
      throw new KerasFileError({
        function: 'callbackTensorboard',
        argument: 'logDir',
        expected: `${folder} must be a folder that can be made and written to`,
        received: messageOf(cause),
        advice: 'Choose another place, or see that there is room and that you may write there',
        cause,
      });
    }
  }
}

/**
 * Writes what TensorBoard shows, in the files of TensorFlow and with the names of Keras: after each epoch `epoch_loss` and the other logs in
 * `train`, those of validation under the same names in `validation`, and the learning rate that a schedule gives; after each evaluation
 * `evaluation_loss_vs_iterations`; if asked for, `batch_loss`, distributions of weights (30 parts) and weights as pictures, embeddings
 * as points, and the model to be drawn. `tensorboard --logdir logs` shows them; values are in the files at once.
 *
 * @throws KerasArgumentError if an option is unknown or of another type.
 * @throws KerasFileError while training, if the folder cannot be made or written to.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ loss: 'mse' }))
 * const board = callbackTensorboard({ logDir: 'logs', histogramFreq: 1 })
 * await fit(model, [[0], [1]], [[1], [2]], { epochs: 2, verbose: 0, callbacks: board })
 * @see R keras `callback_tensorboard`
 */
export const callbackTensorboard = (options?: TensorboardOptions, ...surplus: []): Callback<KerasModel> => {
  refuseSurplus('callbackTensorboard', ['options'], surplus);
  return new Tensorboard(checkOptions('callbackTensorboard', options, checks));
};
