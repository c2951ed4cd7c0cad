import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
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
import { codeOf } from '../base/causes';
import { asFunction, refuseSurplus } from '../base/function-name';
import { MalformedError } from '../files/malformed';
import { replaceFile } from '../files/replace-file';
import { SafetensorsReader, writeSafetensors, type StoredArray } from '../files/safetensors';
import { unfinishedAmong } from '../files/unfinished';
import type { KerasModel } from '../models/model';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { FIT_KEEPER, type Callback, type CallbackState } from '../training/callback-list';
import type { FitKeeper, FitState, KeptFit } from '../training/fit-state';
import { arrayOf, savedArrays, takersFor, tensorOf } from './internal/backed-up-model';
import { fitStateFrom, readState, writeState } from './internal/backup-state';
import { fileError } from './internal/errors';
import { objectIn } from './internal/model-config';

/** Options of {@link callbackBackupAndRestore}. */
export interface BackupAndRestoreOptions {
  /** The folder of the backup: that of this training alone. */
  readonly backupDir: string;
  /** `'epoch'`, the default, or after how many batches there is a backup. */
  readonly saveFreq?: 'epoch' | number | undefined;
  /** Whether the backup is removed when the training has come to its end; true by default. */
  readonly deleteCheckpoint?: boolean | undefined;
}

const frequency: Check<'epoch' | number> = (value, place) =>
  value === 'epoch' ? value : positiveInteger(value, place);

const checks = {
  backupDir: required(nonEmptyString),
  saveFreq: optional(frequency, 'epoch'),
  deleteCheckpoint: optional(boolean, true),
} satisfies OptionChecks<BackupAndRestoreOptions>;

const NAME = 'callbackBackupAndRestore';
const FILE = 'training.safetensors';

/** What stands beside the arrays: texts of JSON. */
const FIT = 'fit';
const CALLBACKS = 'callbacks';
const OPTIMIZERS = 'optimizers';

const jsonIn = (reader: SafetensorsReader, name: string): Record<string, unknown> => {
  const text = reader.metadata.get(name);
  if (typeof text !== 'string') throw new MalformedError(`it says nothing of ${name}`);
  return objectIn(text, name);
};

class Keeper implements FitKeeper {
  readonly saveFreq: 'epoch' | number;
  private readonly file: string;

  constructor(private readonly options: ReturnType<typeof checkOptions<typeof checks>>) {
    this.saveFreq = options.saveFreq;
    this.file = path.join(options.backupDir, FILE);
  }

  async open(): Promise<KeptFit | undefined> {
    return this.withFile('read', async () => {
      await this.removeUnfinished();
      try {
        const reader = await SafetensorsReader.open(this.file);
        const state = fitStateFrom(jsonIn(reader, FIT));
        return { state, restore: (model) => this.withFile('read', () => restore(reader, model)) };
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined;
        throw error;
      }
    });
  }

  async save(model: KerasModel, { callbacks, ...fit }: FitState): Promise<void> {
    const { arrays, optimizers, dispose } = savedArrays(model);
    try {
      const keep = (tensor: Tensor): string => {
        const name = `callbacks, ${arrays.length}`;
        arrays.push(arrayOf(name, tensor));
        return name;
      };
      const json = (value: unknown): string =>
        JSON.stringify(asFunction(NAME, () => writeState(value as CallbackState, keep))); // which looks at it
      const metadata = {
        [FIT]: json(fit),
        [CALLBACKS]: json(callbacks),
        [OPTIMIZERS]: json({ list: optimizers }),
      };
      await this.withFile('written', () =>
        replaceFile(this.file, (temporary) => writeSafetensors(temporary, arrays, metadata)),
      );
    } finally {
      dispose();
    }
  }

  async finish(): Promise<void> {
    if (!this.options.deleteCheckpoint) return;
    await this.withFile('written', () => rm(this.file, { force: true }));
  }

  /** What a process that was killed in the middle of a backup left, on another machine, too: the folder is this training's alone. */
  private async removeUnfinished(): Promise<void> {
    const { backupDir } = this.options;
    let names: string[];
    try {
      names = await readdir(backupDir);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return;
      throw error;
    }
    for (const name of unfinishedAmong(FILE, names)) await rm(path.join(backupDir, name), { force: true });
  }

  private async withFile<T>(verb: 'read' | 'written', work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      return asFunction(NAME, () => Promise.reject(fileError(this.file, verb, error, FOREIGN)));
    }
  }
}

/** What to do about a backup that is not of this training. */
const FOREIGN = 'Delete it, so that the training begins again, or give a folder of its own';

/** Gives a model and its optimizer what a backup has of them; gives what callbacks kept. */
const restore = async (reader: SafetensorsReader, model: KerasModel): Promise<FitState['callbacks']> => {
  const { arrays } = reader;
  const { list } = readState(jsonIn(reader, OPTIMIZERS), noTensor) as { readonly list?: unknown }; // an object, as it was
  const { takers, takeRest } = takersFor(model, arrays, list);
  const ofCallbacks = [...arrays.keys()].filter((name) => !takers.has(name));
  const tensors = new Map<string, Tensor>();
  try {
    for await (const [name, values] of reader.read([...takers.keys(), ...ofCallbacks])) {
      const tensor = tensorOf(values, arrays.get(name) as StoredArray); // it was read
      const take = takers.get(name);
      if (take === undefined) tensors.set(name, tf.keep(tensor));
      else {
        take(tensor);
        tensor.dispose();
      }
    }
    takeRest();
    const taken = new Set<string>();
    const states = readState(jsonIn(reader, CALLBACKS), (name) => {
      const tensor = tensors.get(name);
      if (tensor === undefined || taken.has(name)) throw new MalformedError(`there is no ${name}`);
      taken.add(name);
      return tensor;
    });
    const left = ofCallbacks.find((name) => !taken.has(name));
    if (left !== undefined) throw new MalformedError(`the model and its optimizer have no ${left}`);
    return states as FitState['callbacks']; // an object, as it was
  } catch (error) {
    tf.dispose([...tensors.values()]);
    throw error;
  }
};

const noTensor = (): never => {
  throw new MalformedError('there is a tensor among what it says of optimizers');
};

/**
 * Keeps a fit, so that a process that is killed, or a machine that fails, costs no more than an epoch: the same program, started again,
 * goes on where the last backup was.
 *
 * After each epoch, or each so many batches, the weights, the states of layers, what the optimizer remembers, the place of everything
 * random, the history so far and what callbacks keep go into a file in `backupDir`; the old file or the new one is there whole, whatever
 * happens. A `fit` that finds one there takes it, and its numbers are those that it would have had undisturbed, bit for bit on one
 * TensorFlow: for that, the program must call {@link setRandomSeed}, build its model and its data in the same way, and ask for an `engine`,
 * since with 'auto' measured times decide which steps are compiled, and these round otherwise. Its history has the epochs from before, too,
 * where R's has the later ones only.
 *
 * The backup is written after all other callbacks have had their turn, wherever it stands among them. They keep what their `saveState`
 * gives; ready ones have it. Of an epoch that `stopTraining` cuts short nothing is kept. When the training has come to its end, the file
 * is removed, unless `deleteCheckpoint` is false.
 *
 * @throws KerasArgumentError if an option is unknown, or if `fit` is given two of them.
 * @throws KerasFileError when it is used, if the file cannot be written or read, or is of another model or optimizer.
 * @example
 * const train = async (epochs: number) => {
 *   setRandomSeed(1)
 *   const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ loss: 'mse', optimizer: 'adam' }))
 *   const callbacks = callbackBackupAndRestore({ backupDir: 'backup', deleteCheckpoint: false })
 *   return fit(model, [[1], [2], [3]], [[1], [2], [3]], { epochs, verbose: 0, callbacks })
 * }
 * const first = await train(2)
 * const longer = await train(5)
 * assert.deepStrictEqual(longer.metrics.loss.slice(0, 2), first.metrics.loss)
 * assert.strictEqual(longer.metrics.loss.length, 5)
 * @see R keras `callback_backup_and_restore`
 */
export const callbackBackupAndRestore = (
  options: BackupAndRestoreOptions,
  ...surplus: []
): Callback<KerasModel> => {
  refuseSurplus(NAME, ['options'], surplus);
  const keeper = new Keeper(checkOptions(NAME, options, checks));
  return {
    // The fit itself does the work, between its steps; a callback has one hook at least.
    setModel: () => undefined,
    [FIT_KEEPER]: keeper,
  };
};
