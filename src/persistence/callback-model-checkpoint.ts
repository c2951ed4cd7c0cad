import {
  boolean,
  checkOptions,
  nonEmptyString,
  optional,
  positiveInteger,
  required,
  type Check,
  type OptionChecks,
} from '../base/checks';
import { asFunction, refuseSurplus } from '../base/function-name';
import { KeptState } from '../callbacks/kept-state';
import { Monitor, monitorChecks, say, type MonitorOptions } from '../callbacks/monitor';
import type { KerasModel } from '../models/model';
import type { Callback, CallbackState, Logs } from '../training/callback-list';
import { fillPath } from './internal/path-pattern';
import { fileError } from './internal/errors';
import { formatToWrite } from './internal/formats';
import { writeModel, writeWeightsFile } from './internal/hdf5-model';

/** Options of {@link callbackModelCheckpoint}. */
export interface ModelCheckpointOptions extends MonitorOptions {
  /** The path of the file, in which `{epoch:02d}`, `{batch}` and values of the logs, `{val_loss:.2f}`, are filled in. */
  readonly filepath: string;
  /** Whether the model is saved only when the value of `monitor` is better than ever; false by default. */
  readonly saveBestOnly?: boolean | undefined;
  /** Whether the weights alone are saved; false by default. */
  readonly saveWeightsOnly?: boolean | undefined;
  /** `'epoch'`, the default, or after how many batches it is saved. */
  readonly saveFreq?: 'epoch' | number | undefined;
  /** After how many epochs it is saved, where `saveFreq` is `'epoch'`; 1 by default. */
  readonly period?: number | undefined;
}

const frequency: Check<'epoch' | number> = (value, place) =>
  value === 'epoch' ? value : positiveInteger(value, place);

const checks = {
  ...monitorChecks,
  filepath: required(nonEmptyString),
  saveBestOnly: optional(boolean, false),
  saveWeightsOnly: optional(boolean, false),
  saveFreq: optional(frequency, 'epoch'),
  period: optional(positiveInteger),
} satisfies OptionChecks<ModelCheckpointOptions>;

type Checked = ReturnType<typeof checkOptions<typeof checks>>;

/** As in Keras, names that speak of accuracy are to become large. */
const risesIn = ({ mode, monitor }: Checked): boolean =>
  mode === 'auto' ? /acc|auc/.test(monitor) || monitor.startsWith('fmeasure') : mode === 'max';

class ModelCheckpoint implements Callback<KerasModel> {
  #model: KerasModel | undefined;
  #epoch = 0;
  #batches = 0;
  #epochs = 0;
  #best: number;
  readonly #monitor: Monitor;

  constructor(private readonly options: Checked) {
    this.#best = risesIn(options) ? -Infinity : Infinity;
    this.#monitor = new Monitor('callbackModelCheckpoint', options.monitor);
  }

  setModel(model: KerasModel): void {
    this.#model = model;
  }

  onEpochBegin(epoch: number): void {
    this.#epoch = epoch;
  }

  async onTrainBatchEnd(batch: number, logs: Logs): Promise<void> {
    const { saveFreq } = this.options;
    if (saveFreq === 'epoch' || ++this.#batches < saveFreq) return;
    this.#batches = 0;
    await this.#save({ epoch: this.#epoch + 1, batch: batch + 1 }, logs);
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const { saveFreq, period = 1 } = this.options;
    if (saveFreq !== 'epoch' || ++this.#epochs < period) return;
    this.#epochs = 0;
    await this.#save({ epoch: epoch + 1 }, logs);
  }

  saveState(): CallbackState {
    return {
      epoch: this.#epoch,
      batches: this.#batches,
      epochs: this.#epochs,
      best: this.#best,
    };
  }

  restoreState(state: CallbackState): void {
    const kept = new KeptState('callbackModelCheckpoint', state);
    this.#epoch = kept.number('epoch');
    this.#batches = kept.number('batches');
    this.#epochs = kept.number('epochs');
    this.#best = kept.number('best');
  }

  async #save(place: Readonly<Record<string, number>>, logs: Logs): Promise<void> {
    const file = fillPath(this.options.filepath, { ...place, ...logs });
    const when = `Epoch ${String(place['epoch'])}`;
    if (this.options.saveBestOnly) {
      const { monitor } = this.options;
      const value = this.#monitor.of(logs);
      if (value === undefined) return;
      const isBetter = risesIn(this.options) ? value > this.#best : value < this.#best;
      if (!isBetter) {
        this.#say(`${when}: ${monitor} did not improve from ${this.#best.toFixed(5)}`);
        return;
      }
      this.#say(
        `${when}: ${monitor} improved from ${this.#best.toFixed(5)} to ${value.toFixed(5)}, saving model to ${file}`,
      );
      this.#best = value;
    } else this.#say(`${when}: saving model to ${file}`);
    await this.#write(file);
  }

  async #write(file: string): Promise<void> {
    const model = this.#model as KerasModel; // set before any hook is called
    try {
      if (this.options.saveWeightsOnly) await writeWeightsFile(file, model, true);
      else {
        const { write = writeModel } = formatToWrite(file) ?? {};
        await write(file, model, { overwrite: true, includeOptimizer: true });
      }
    } catch (error) {
      await asFunction('callbackModelCheckpoint', async () =>
        Promise.reject(fileError(file, 'written', error)),
      );
    }
  }

  #say(text: string): void {
    if (this.options.verbose === 1) say(text);
  }
}

/**
 * Saves the model while it is fitted: after each epoch, or each so many batches; with `saveBestOnly` only when the value of `monitor` is
 * better than ever. A path that ends in `.keras` is of Keras 3's format, any other of HDF5. Each file is the old one or the new one, whole,
 * whatever happens meanwhile.
 *
 * Epochs and batches in the path are counted from 1. {@link loadModel} reads the file, and training goes on where it was.
 *
 * @throws KerasArgumentError if an option is unknown, or, when it is used, if a field of the path is no value of the logs.
 * @throws KerasFileError when it is used, if the file cannot be written.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ loss: 'mse' }))
 * const callbacks = callbackModelCheckpoint({ filepath: 'best.h5', monitor: 'loss', saveBestOnly: true })
 * await fit(model, [[1], [2]], [[1], [2]], { epochs: 3, verbose: 0, callbacks })
 * assert.strictEqual(countParams(await loadModelHdf5('best.h5')), 2)
 * @see R keras `callback_model_checkpoint`
 */
export const callbackModelCheckpoint = (
  options: ModelCheckpointOptions,
  ...surplus: []
): Callback<KerasModel> => {
  refuseSurplus('callbackModelCheckpoint', ['options'], surplus);
  return new ModelCheckpoint(checkOptions('callbackModelCheckpoint', options, checks));
};
