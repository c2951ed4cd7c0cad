import { KerasArgumentError } from '../../src/base/errors';
import {
  formatDuration,
  formatRemaining,
  formatValue,
  Progress,
  verbosity,
  type ProgressOptions,
} from '../../src/training/progress';

/** A stream that collects what is written, and a clock set by hand, in seconds. */
const rig = (options: Partial<ProgressOptions> & { columns?: number } = {}) => {
  const written: string[] = [];
  const clock = { seconds: 1000 };
  const { columns, ...rest } = options;
  const progress = new Progress({
    verbose: 1,
    isTerminal: true,
    stream: { write: (text) => written.push(text), ...(columns === undefined ? {} : { columns }) },
    now: () => clock.seconds * 1000,
    ...rest,
  });
  const at = (seconds: number): Progress => {
    clock.seconds = 1000 + seconds;
    return progress;
  };
  return { written, progress, at };
};

/** What a terminal of that width shows in the end, wrapping as terminals do. */
const screen = (written: readonly string[], columns: number): string[] => {
  const lines: string[][] = [[]];
  let column = 0;
  for (const character of written.join('')) {
    if (character === '\n') {
      lines.push([]);
      column = 0;
    } else if (character === '\r') column = 0;
    else {
      if (column === columns) {
        lines.push([]);
        column = 0;
      }
      (lines.at(-1) as string[])[column] = character; // there is always a line
      column += 1;
    }
  }
  return lines.map((line) =>
    Array.from(line, (character: string | undefined) => character ?? ' ')
      .join('')
      .trimEnd(),
  );
};

/*
 * The texts of the next tests were printed by the class Progbar of Keras 2.13.1 (keras/utils/generic_utils.py), run with
 * a clock set by hand: update(step, values, finalize=False) at the same times, update(target, values, finalize=True) at
 * the end. Its backspaces are left out, and \r stands before every bar, where here it stands from the second on.
 */
describe('as Keras', () => {
  const logs = { loss: 0.25691, accuracy: 0.92541 };
  const final = { ...logs, val_loss: 0.13, val_accuracy: 0.0005 };

  test('an epoch with a bar', () => {
    const { written, at } = rig();
    at(0).beginEpoch(0, 5, 375);
    at(0.5).update(1, { loss: 2.30261, accuracy: 0.1 });
    at(0.52).update(2, logs);
    at(0.996).update(123, logs);
    at(2).update(375, logs);
    at(2.2).finish(final);
    expect(written).toEqual([
      'Epoch 1/5\n',
      '  1/375 [..............................] - ETA: 3:07 - loss: 2.3026 - accuracy: 0.1000',
      '\r123/375 [========>.....................] - ETA: 1s - loss: 0.2569 - accuracy: 0.9254  ',
      '\r375/375 [==============================] - ETA: 0s - loss: 0.2569 - accuracy: 0.9254',
      '\r375/375 [==============================] - 2s 5ms/step - loss: 0.2569 - accuracy: 0.9254 - val_loss: 0.1300 - val_accuracy: 5.0000e-04\n',
    ]);
  });

  test('an epoch with a line', () => {
    const { written, at } = rig({ verbose: 2 });
    at(0).beginEpoch(1, 5, 375);
    at(0.5).update(1, logs);
    at(2).update(375, logs);
    at(2.2).finish(final);
    expect(written).toEqual([
      'Epoch 2/5\n',
      '375/375 - 2s - loss: 0.2569 - accuracy: 0.9254 - val_loss: 0.1300 - val_accuracy: 5.0000e-04 - 2s/epoch - 6ms/step\n',
    ]);
  });

  test('prediction, without values', () => {
    const { written, at } = rig();
    at(0).begin(7);
    at(0.01).update(1);
    at(0.0612).update(4);
    at(0.0629).finish();
    expect(written).toEqual([
      '1/7 [===>..........................] - ETA: 0s',
      '\r4/7 [================>.............] - ETA: 0s',
      '\r7/7 [==============================] - 0s 9ms/step\n',
    ]);
  });

  test('a single step', () => {
    const { written, at } = rig();
    at(0).begin(1);
    at(0.25).update(1, { loss: 1e-5 });
    at(0.3).finish({ loss: 1e-5 });
    expect(written).toEqual([
      '1/1 [==============================] - ETA: 0s - loss: 1.0000e-05',
      '\r1/1 [==============================] - 0s 300ms/step - loss: 1.0000e-05\n',
    ]);
  });

  test('long times and odd values', () => {
    const { written, at } = rig();
    at(0).begin(10);
    at(100).update(1, { loss: NaN });
    at(1100).update(2, { loss: Infinity });
    at(1101).update(9, { loss: -0.5 });
    at(9000).finish({ loss: 0 });
    expect(written).toEqual([
      ' 1/10 [==>...........................] - ETA: 15:00 - loss: nan',
      '\r 2/10 [=====>........................] - ETA: 2:13:20 - loss: inf',
      '\r 9/10 [==========================>...] - ETA: 2:05 - loss: -0.5000',
      '\r10/10 [==============================] - 9000s 989s/step - loss: 0.0000e+00\n',
    ]);
  });

  test('many steps', () => {
    const { written, at } = rig();
    at(0).begin(10000);
    at(10).update(1);
    at(20).update(3);
    at(150).update(9000);
    at(160).finish({ mae: 12345.678 });
    expect(written).toEqual([
      '    1/10000 [..............................] - ETA: 27:46:30',
      '\r    3/10000 [..............................] - ETA: 13:53:05',
      '\r 9000/10000 [==========================>...] - ETA: 15s     ',
      '\r10000/10000 [==============================] - 160s 15ms/step - mae: 12345.6780\n',
    ]);
  });

  test('what a longer line left behind is overwritten', () => {
    const { written, at } = rig();
    at(0).begin(100);
    at(1).update(10, { loss: 12345.6789 });
    at(2).update(50, { loss: 0.5 });
    at(3).finish({ loss: 0.5 });
    expect(written).toEqual([
      ' 10/100 [==>...........................] - ETA: 9s - loss: 12345.6789',
      '\r 50/100 [==============>...............] - ETA: 2s - loss: 0.5000    ',
      '\r100/100 [==============================] - 3s 30ms/step - loss: 0.5000\n',
    ]);
  });
});

describe('redrawing', () => {
  test('at most every 50 ms, and isDue says so before values are fetched', () => {
    const { written, progress, at } = rig();
    at(0).begin(100);
    expect(progress.isDue()).toBe(true);
    progress.update(1);
    expect(at(0.049).isDue()).toBe(false);
    progress.update(2);
    expect(written).toHaveLength(1);
    expect(at(0.05).isDue()).toBe(true);
    progress.update(3);
    expect(written).toHaveLength(2);
  });

  test('starts anew with each epoch', () => {
    const { written, at } = rig();
    at(0).beginEpoch(0, 2, 2);
    at(1).update(1, { loss: 100 });
    at(2).finish({ loss: 100 });
    at(2).beginEpoch(1, 2, 2);
    at(4).update(1, { loss: 1 });
    at(8).finish({ loss: 1 });
    expect(written).toEqual([
      'Epoch 1/2\n',
      '1/2 [==============>...............] - ETA: 1s - loss: 100.0000',
      '\r2/2 [==============================] - 2s 1s/step - loss: 100.0000\n',
      'Epoch 2/2\n',
      '1/2 [==============>...............] - ETA: 2s - loss: 1.0000',
      '\r2/2 [==============================] - 6s 4s/step - loss: 1.0000\n',
    ]);
  });

  test('abandon ends the line of an unfinished bar, once', () => {
    const { written, progress, at } = rig();
    progress.abandon();
    at(0).begin(10);
    at(1).update(1);
    progress.abandon();
    progress.abandon();
    expect(written).toEqual(['1/10'.padStart(5) + ' [==>...........................] - ETA: 9s', '\n']);
  });
});

describe('where the output is no terminal', () => {
  test('auto is a line for each epoch', () => {
    const { written, progress, at } = rig({ verbose: 'auto', isTerminal: false });
    expect(progress.verbose).toBe(2);
    at(0).begin(10);
    expect(progress.isDue()).toBe(false);
    at(1).update(5, { loss: 1 });
    at(2).finish({ loss: 1 });
    expect(written).toEqual(['10/10 - 2s - loss: 1.0000 - 2s/epoch - 200ms/step\n']);
  });

  test('a bar is written once, whole, without control characters', () => {
    const { written, at } = rig({ isTerminal: false, columns: 20 });
    at(0).begin(10);
    at(1).update(5, { loss: 1 });
    at(2).finish({ loss: 1 });
    expect(written).toEqual(['10/10 [==============================] - 2s 200ms/step - loss: 1.0000\n']);
  });

  test('auto is a bar on a terminal, as the stream itself says', () => {
    const stream = { write: () => true, isTTY: true };
    expect(new Progress({ verbose: 'auto', stream }).verbose).toBe(1);
    expect(new Progress({ verbose: 'auto', stream: { write: () => true } }).verbose).toBe(2);
  });
});

test('verbose 0 writes nothing', () => {
  const { written, progress, at } = rig({ verbose: 0 });
  at(0).beginEpoch(0, 5, 10);
  expect(progress.isDue()).toBe(false);
  at(1).update(1, { loss: 1 });
  at(2).finish({ loss: 1 });
  progress.abandon();
  expect(written).toEqual([]);
});

test('a single epoch has no line of its own', () => {
  const { written, at } = rig();
  at(0).beginEpoch(0, 1, 10);
  expect(written).toEqual([]);
});

describe.each([20, 30, 40, 60, 80, 100])('a terminal of %i columns', (columns) => {
  test('is never wrapped: bars replace each other, all values are there in the end', () => {
    const { written, at } = rig({ columns });
    const logs = { loss: 0.25, accuracy: 0.925 };
    at(0).begin(375);
    for (let step = 1; step <= 375; step += 1) at(step / 10).update(step, logs);
    at(40).finish({ ...logs, val_loss: 0.3 });
    const lines = screen(written, columns);
    // Lines that were broken on purpose, between fields, and nothing of the earlier bars.
    expect(lines.at(-1)).toBe('');
    expect(lines.slice(0, -1).join(' - ')).toMatch(
      /^375\/375( \[=+\])? - 40s 107ms\/step - loss: 0\.2500 - accuracy: 0\.9250 - val_loss: 0\.3000$/,
    );
    for (const piece of written) {
      const drawn = piece.replace('\r', '');
      if (!drawn.endsWith('\n')) expect(drawn.length).toBeLessThan(columns);
    }
  });
});

test('numbers and times', () => {
  // Python: f'{x:.4f}' if abs(x) > 1e-3 else f'{x:.4e}'
  expect([0.0010001, 0.001, -0.5, 123456.78901, 1.5e-120].map(formatValue)).toEqual([
    '0.0010',
    '1.0000e-03',
    '-0.5000',
    '123456.7890',
    '1.5000e-120',
  ]);
  expect(formatValue(-Infinity)).toBe('-inf');
  expect([0, 0.000123, 0.0042, 1.6].map((seconds) => formatDuration(seconds, 'step'))).toEqual([
    '0s/step',
    '123us/step',
    '4ms/step',
    '2s/step',
  ]);
  expect([0.9, 60, 61, 3600, 3601].map(formatRemaining)).toEqual(['0s', '60s', '1:01', '60:00', '1:00:01']);
});

test('verbosity takes 0, 1, 2 and auto', () => {
  const place = { function: 'fit', argument: 'verbose' };
  for (const value of [0, 1, 2, 'auto']) expect(verbosity(value, place)).toBe(value);
  for (const value of [3, true, 'yes', undefined]) {
    expect(() => verbosity(value, place)).toThrow(KerasArgumentError);
  }
});
