import {
  CallbackList,
  type Callback,
  type CallbackParams,
  type Logs,
} from '../../src/training/callback-list';
import { KerasArgumentError } from '../../src/base/errors';

const place = { function: 'fit', argument: 'callbacks' };
const params: CallbackParams = { verbose: 0, epochs: 2, steps: 3 };

/** Runs every hook of a list once and waits. */
const runAll = async (list: CallbackList<string>, logs: Logs = { loss: 1 }): Promise<void> => {
  list.setParams(params);
  list.setModel('model');
  await list.onTrainBegin();
  await list.onEpochBegin(0);
  await list.onTrainBatchBegin(0);
  await list.onTrainBatchEnd(0, logs);
  await list.onTestBegin();
  await list.onTestBatchBegin(1);
  await list.onTestBatchEnd(1, logs);
  await list.onTestEnd(logs);
  await list.onEpochEnd(0, logs);
  await list.onTrainEnd(logs);
  await list.onPredictBegin();
  await list.onPredictBatchBegin(2);
  await list.onPredictBatchEnd(2);
  await list.onPredictEnd();
};

test('every hook gets its arguments', async () => {
  const calls: unknown[][] = [];
  const note =
    (name: string) =>
    (...values: unknown[]): void => {
      calls.push([name, ...values]);
    };
  const logs = { loss: 1 };
  const callback: Callback<string> = {
    setParams: note('setParams'),
    setModel: note('setModel'),
    onTrainBegin: note('onTrainBegin'),
    onTrainEnd: note('onTrainEnd'),
    onEpochBegin: note('onEpochBegin'),
    onEpochEnd: note('onEpochEnd'),
    onTrainBatchBegin: note('onTrainBatchBegin'),
    onTrainBatchEnd: note('onTrainBatchEnd'),
    onTestBegin: note('onTestBegin'),
    onTestEnd: note('onTestEnd'),
    onTestBatchBegin: note('onTestBatchBegin'),
    onTestBatchEnd: note('onTestBatchEnd'),
    onPredictBegin: note('onPredictBegin'),
    onPredictEnd: note('onPredictEnd'),
    onPredictBatchBegin: note('onPredictBatchBegin'),
    onPredictBatchEnd: note('onPredictBatchEnd'),
  };
  await runAll(new CallbackList<string>(callback, place), logs);
  expect(calls).toEqual([
    ['setParams', params],
    ['setModel', 'model'],
    ['onTrainBegin', {}],
    ['onEpochBegin', 0, {}],
    ['onTrainBatchBegin', 0, {}],
    ['onTrainBatchEnd', 0, logs],
    ['onTestBegin', {}],
    ['onTestBatchBegin', 1, {}],
    ['onTestBatchEnd', 1, logs],
    ['onTestEnd', logs],
    ['onEpochEnd', 0, logs],
    ['onTrainEnd', logs],
    ['onPredictBegin', {}],
    ['onPredictBatchBegin', 2, {}],
    ['onPredictBatchEnd', 2, {}],
    ['onPredictEnd', {}],
  ]);
});

test('onBatchBegin and onBatchEnd stand for those of training batches, which come first', async () => {
  const calls: string[] = [];
  const list = new CallbackList<string>(
    [
      { onBatchBegin: () => void calls.push('begin'), onBatchEnd: () => void calls.push('end') },
      { onTrainBatchEnd: () => void calls.push('train end'), onBatchEnd: () => void calls.push('not this') },
    ],
    place,
  );
  await runAll(list);
  expect(calls).toEqual(['begin', 'end', 'train end']);
});

test('what a callback adds to the logs is seen by the next', async () => {
  const seen: Logs[] = [];
  const list = new CallbackList<string>(
    [
      { onEpochEnd: (_epoch: number, logs: Logs) => void (logs['lr'] = 0.5) },
      { onEpochEnd: (_epoch: number, logs: Logs) => void seen.push(logs) },
    ],
    place,
  );
  await runAll(list);
  expect(seen).toEqual([{ loss: 1, lr: 0.5 }]);
});

describe('waiting', () => {
  test('only where a promise came back', () => {
    const list = new CallbackList([{ onEpochEnd: () => undefined }], place);
    expect(list.onEpochEnd(0, {})).toBeUndefined();
    expect(list.onTrainBatchEnd(0, {})).toBeUndefined();
    expect(new CallbackList(undefined, place).onTrainBegin()).toBeUndefined();
  });

  test('one after the other, in order', async () => {
    const calls: string[] = [];
    const slow = (name: string, milliseconds: number): Callback => ({
      onEpochEnd: async () => {
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
        calls.push(name);
      },
    });
    const list = new CallbackList(
      [{ onEpochEnd: () => void calls.push('first') }, slow('second', 20), slow('third', 1)],
      place,
    );
    const result = list.onEpochEnd(0, {});
    expect(calls).toEqual(['first']);
    expect(result).toBeInstanceOf(Promise);
    await result;
    expect(calls).toEqual(['first', 'second', 'third']);
  });

  test('an error of a hook comes out, and stops the rest', async () => {
    const later = jest.fn();
    const fails = new CallbackList(
      [{ onTrainBegin: () => Promise.reject(new Error('late')) }, { onTrainBegin: later }],
      place,
    );
    await expect(fails.onTrainBegin()).rejects.toThrow('late');
    const throws = new CallbackList(
      {
        onTrainBegin: () => {
          throw new Error('now');
        },
      },
      place,
    );
    expect(() => throws.onTrainBegin()).toThrow('now');
    expect(later).not.toHaveBeenCalled();
  });
});

test('classes with state, their hooks inherited', async () => {
  class Base implements Callback<{ stopTraining: boolean }> {
    protected model: { stopTraining: boolean } | undefined;
    setModel(model: { stopTraining: boolean }): void {
      this.model = model;
    }
  }
  class StopAtOnce extends Base {
    readonly #epoch = 0;
    onEpochEnd(epoch: number): void {
      if (epoch === this.#epoch && this.model !== undefined) this.model.stopTraining = true;
    }
  }
  const list = new CallbackList<{ stopTraining: boolean }>(new StopAtOnce(), place);
  const model = { stopTraining: false };
  list.setModel(model);
  await list.onEpochEnd(0, {});
  expect(model.stopTraining).toBe(true);
});

test('says which batches anybody listens to', () => {
  const flags = (value: unknown): boolean[] => {
    const list = new CallbackList(value, place);
    return [list.hasTrainBatchHooks, list.hasTestBatchHooks, list.hasPredictBatchHooks];
  };
  const hook = (): void => undefined;
  expect(flags(undefined)).toEqual([false, false, false]);
  expect(flags([{ onEpochEnd: hook }])).toEqual([false, false, false]);
  expect(flags([{ onEpochEnd: hook }, { onBatchEnd: hook }])).toEqual([true, false, false]);
  expect(flags({ onTrainBatchBegin: hook, onTestBatchEnd: hook })).toEqual([true, true, false]);
  expect(flags({ onPredictBatchBegin: hook })).toEqual([false, false, true]);
});

describe('what is no callback is refused', () => {
  const refusal = (value: unknown): string => {
    try {
      new CallbackList(value, place);
    } catch (error) {
      if (error instanceof KerasArgumentError) return error.message;
      throw error;
    }
    return 'taken';
  };
  const hook = (): void => undefined;

  test('an unknown hook, with the near ones', () => {
    expect(refusal({ onEpochEnded: hook })).toBe(
      'fit: the hooks of a callback must be known ones. Received: the unknown hook `onEpochEnded`. ' +
        "Did you mean 'onEpochEnd'?",
    );
    expect(refusal({ on_epoch_end: hook })).toContain("Did you mean 'onEpochEnd'");
    expect(refusal([{ onEpochEnd: hook }, { onImprovement: hook }])).toContain(
      'The hooks are onTrainBegin, ',
    );
    class Misspelt {
      onTrainBeginn(): void {
        /* never called */
      }
    }
    expect(refusal(new Misspelt())).toContain("Did you mean 'onTrainBegin'");
  });

  test('other functions and values of its own are fine', () => {
    expect(refusal({ onEpochEnd: hook, helper: hook, online: true, once: hook })).toBe('taken');
  });

  test('other values', () => {
    class Made {
      onEpochEnd = hook;
    }
    expect(refusal(Made)).toContain('Give the object that it makes');
    for (const value of [
      null,
      3,
      'early_stopping',
      {},
      { helper: hook },
      [[{ onEpochEnd: hook }]],
      [undefined],
    ]) {
      expect(refusal(value)).toMatch(/^fit: `callbacks` must be /);
    }
    expect(refusal({ onEpochEnd: 3 })).toContain('`onEpochEnd` must be a function');
  });
});
