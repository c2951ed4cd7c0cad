/** A fit that is broken off anywhere goes on with the numbers that it would have had undisturbed. */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  mkdirSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  callbackBackupAndRestore,
  callbackLambda,
  compile,
  fit,
  getWeights,
  kerasModelSequential,
  KerasArgumentError,
  KerasFileError,
  KerasStateError,
  layerDense,
  newCallbackClass,
  pipe,
  setRandomSeed,
  type Callback,
  type FitOptions,
  type History,
  type KerasModel,
} from '../../src/index';
import { backedUpFit, VARIANT_NAMES, type BackedUpFit } from './support/backed-up-fit';

const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-backup-'));
  folders.push(folder);
  return folder;
};
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

class Broken extends Error {}

/** Ends the fit with an error after so many hooks of a kind, in all fits that it is given to. */
const breaker = (
  hook: 'onEpochBegin' | 'onTrainBatchEnd' | 'onTestEnd' | 'onTrainEnd',
  after: number,
): Callback<KerasModel> => {
  let calls = 0;
  const count = (): void => {
    if (++calls === after) throw new Broken(hook);
  };
  return callbackLambda({ [hook]: count });
};

/** Fits undisturbed; and again with breaks, each in a fit of its own, and one to the end. */
const compare = async (
  what: Omit<BackedUpFit, 'folder'>,
  breaks: readonly Callback<KerasModel>[],
): Promise<void> => {
  const undisturbed = await backedUpFit({ ...what, folder: newFolder() });
  const folder = newFolder();
  for (const one of breaks) await expect(backedUpFit({ ...what, folder }, [one])).rejects.toThrow(Broken);
  expect(await backedUpFit({ ...what, folder })).toEqual(undisturbed);
};

describe.each(['eager', 'compiled'] as const)('%s', (engine) => {
  test.each(VARIANT_NAMES)('%s: goes on after epochs as if nothing had happened', async (variant) => {
    await compare({ variant, engine, epochs: 7, saveFreq: 'epoch' }, [
      breaker('onEpochBegin', 3),
      breaker('onTestEnd', 2),
      breaker('onTrainEnd', 1),
    ]);
  });

  test.each(VARIANT_NAMES)('%s: goes on in the middle of epochs', async (variant) => {
    await compare({ variant, engine, epochs: 5, saveFreq: 3 }, [
      breaker('onTrainBatchEnd', 5),
      breaker('onTestEnd', 2),
      breaker('onEpochBegin', 2),
    ]);
  });
});

const model = (units = 1, optimizer: 'sgd' | 'adam' = 'adam'): KerasModel =>
  pipe(kerasModelSequential(), layerDense({ units, inputShape: [1] }), compile({ loss: 'mse', optimizer }));

const x = [[1], [2], [3], [4]];
const train = (
  backupDir: string,
  options: FitOptions = {},
  trained = model(),
  deleteCheckpoint = false,
): Promise<History> => {
  const { callbacks = [], ...others } = options;
  const backup = callbackBackupAndRestore({ backupDir, deleteCheckpoint });
  const all = [backup, ...[callbacks].flat()] as Callback<KerasModel>[]; // one, or a list
  return fit(trained, x, x, { epochs: 3, batchSize: 1, verbose: 0, ...others, callbacks: all });
};

test('runs what is left only, as Keras documents it', async () => {
  // "Only 6 more epochs are run, since first training got interrupted at zero-indexed epoch 4": keras.callbacks.BackupAndRestore.
  const folder = newFolder();
  const interrupted = callbackLambda({
    onEpochBegin: (epoch) => {
      if (epoch === 4) throw new Broken();
    },
  });
  await expect(train(folder, { epochs: 10, callbacks: interrupted })).rejects.toThrow(Broken);
  const begun: number[] = [];
  const history = await train(folder, {
    epochs: 10,
    callbacks: callbackLambda({ onEpochBegin: (epoch) => void begun.push(epoch) }),
  });
  expect(begun).toEqual([4, 5, 6, 7, 8, 9]);
  expect(history.metrics.loss).toHaveLength(10);
});

test('removes the backup at the end, if it is to, and leaves nothing else', async () => {
  const folder = newFolder();
  await train(folder, {}, model(), true);
  expect(readdirSync(folder)).toEqual([]);
  await train(folder, {});
  expect(readdirSync(folder)).toEqual(['training.safetensors']);
});

test('what has come to its end is not trained on: by its epochs, or by a callback', async () => {
  const folder = newFolder();
  const first = model();
  const history = await train(folder, {}, first);
  const again = model();
  expect((await train(folder, {}, again)).metrics).toEqual(history.metrics);
  expect(String(getWeights(again)[0])).toBe(String(getWeights(first)[0]));

  const other = newFolder();
  const stopping = (): Callback<KerasModel> => {
    let fitted: KerasModel | undefined;
    return {
      setModel: (given) => {
        fitted = given;
      },
      onEpochEnd: (epoch) => {
        if (epoch === 1 && fitted !== undefined) fitted.stopTraining = true;
      },
    };
  };
  expect((await train(other, { epochs: 5, callbacks: stopping() })).metrics.loss).toHaveLength(2);
  expect((await train(other, { epochs: 5 })).metrics.loss).toHaveLength(2);
});

test('an epoch that is cut short is done again as a whole', async () => {
  const folder = newFolder();
  setRandomSeed(1);
  const whole = await train(newFolder(), { epochs: 3 });
  setRandomSeed(1);
  const cut = model();
  let steps = 0;
  const stop = callbackLambda({
    onTrainBatchBegin: () => {
      // As a handler of signals does it, between two hooks.
      if (++steps === 6) setImmediate(() => (cut.stopTraining = true));
    },
    onTrainBatchEnd: () => new Promise((resolve) => setTimeout(resolve, 5)),
  });
  expect((await train(folder, { epochs: 3, callbacks: stop }, cut)).metrics.loss).toHaveLength(2);
  setRandomSeed(1);
  expect((await train(folder, { epochs: 3 })).metrics).toEqual(whole.metrics);
});

test('callbacks of one’s own keep what they say, numbers that JSON has not and tensors included', async () => {
  const folder = newFolder();
  const seen: unknown[] = [];
  const callbackCounting = newCallbackClass({
    classname: 'Counting',
    initialize: () => ({ kept: [Infinity, -0, NaN, 0.1, 'a', true, null] as unknown[], count: 0 }),
    onEpochEnd() {
      this.count++;
    },
    saveState() {
      return { kept: this.kept as number[], count: this.count };
    },
    restoreState(state) {
      const { kept, count } = state as unknown as { kept: unknown[]; count: number };
      this.count = count;
      seen.push(kept, count);
    },
  });
  await train(folder, { epochs: 2, callbacks: callbackCounting({}) });
  await train(folder, { epochs: 3, callbacks: callbackCounting({}) });
  expect(seen).toEqual([[Infinity, -0, NaN, 0.1, 'a', true, null], 2]);
  const wrong = { onEpochEnd: () => undefined, saveState: () => (() => 1) as never };
  await expect(train(newFolder(), { callbacks: wrong })).rejects.toThrow(
    /callbackBackupAndRestore: what a callback keeps must be numbers.*a function/,
  );
});

describe('says what is wrong', () => {
  test('with options and callbacks', async () => {
    expect(() => callbackBackupAndRestore({ backupDir: 'a', saveFreq: 0 })).toThrow(KerasArgumentError);
    expect(() => callbackBackupAndRestore({ backupDir: '' })).toThrow(KerasArgumentError);
    const two = callbackBackupAndRestore({ backupDir: newFolder() });
    await expect(train(newFolder(), { callbacks: two })).rejects.toThrow(/of the callbacks one at most/);
  });

  test('with a backup of another model or optimizer, before anything is changed', async () => {
    const folder = newFolder();
    await train(folder);
    const larger = model(2);
    const before = getWeights(larger).map(String);
    const message = /callbackBackupAndRestore: .*weight 0 is float32 of shape \[1, 1\].*\[1, 2\].*Delete it/s;
    await expect(fit(larger, x, [[1, 2], [1, 2], [1, 2], [1, 2]], { verbose: 0, callbacks: callbackBackupAndRestore({ backupDir: folder }) })).rejects.toThrow(message); // prettier-ignore
    expect(getWeights(larger).map(String)).toEqual(before);
    await expect(train(folder, {}, model(1, 'sgd'))).rejects.toThrow(
      /the optimizer adam, and the model has sgd/,
    );
  });

  test('with other batches in the middle of an epoch', async () => {
    const folder = newFolder();
    const callbacks = (): Callback<KerasModel>[] => [
      callbackBackupAndRestore({ backupDir: folder, saveFreq: 3 }),
    ];
    const broken = [...callbacks(), breaker('onTrainBatchEnd', 4)];
    await expect(fit(model(), x, x, { batchSize: 1, verbose: 0, callbacks: broken })).rejects.toThrow(Broken);
    await expect(fit(model(), x, x, { batchSize: 2, verbose: 0, callbacks: callbacks() })).rejects.toThrow(
      KerasStateError,
    );
  });

  test('with files that are none, or cut off at any place', async () => {
    const folder = newFolder();
    await train(folder);
    const file = path.join(folder, 'training.safetensors');
    const content = readFileSync(file);
    for (let length = 0; length < content.length; length += 37) {
      writeFileSync(file, content.subarray(0, length));
      await expect(train(folder)).rejects.toThrow(KerasFileError);
    }
    writeFileSync(file, content.toString('latin1').replace('\\"epoch\\":3', '\\"epoch\\":-'), 'latin1');
    await expect(train(folder)).rejects.toThrow(KerasFileError);
    rmSync(file);
    mkdirSync(file);
    await expect(train(folder)).rejects.toThrow(KerasFileError);
  });

  test('what a killed process left is removed, and nothing else', async () => {
    const folder = newFolder();
    const part = path.join(folder, '.training.safetensors.01234567-z-z-01234567.part');
    const other = path.join(folder, '.training.safetensors.other.part');
    writeFileSync(part, '');
    writeFileSync(other, '');
    await train(folder);
    expect([part, other].map((file) => existsSync(file))).toEqual([false, true]);
  });
});
