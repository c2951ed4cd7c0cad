import { spawn } from 'node:child_process';
import path from 'node:path';
import { compile, fit, kerasModelSequential, layerDense, pipe, type Engine } from 'keras-pipe';
import type { Progress } from '../../src/training/progress';
import { withProgress } from '../../src/training/with-progress';
import { TYPESCRIPT } from '../support/programs';

type Signal = 'SIGINT' | 'SIGTERM';

/** Runs the child, sends it a signal once steps are done, and gives how it ended and what it wrote. */
const interrupted = (
  wish: 'own' | 'none' | 'exit',
  engine: Engine,
  name: Signal = 'SIGINT',
  output: 'terminal' | 'pipe' = 'terminal',
): Promise<{ code: number | null; signal: string | null; text: string; milliseconds: number }> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [...TYPESCRIPT, path.join(__dirname, 'with-progress-child.ts'), wish, engine, name, output],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let text = '';
    let sent = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      text += String(chunk);
      if (sent > 0 || !text.includes('training\n')) return;
      sent = performance.now();
      child.kill(name);
    });
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({ code, signal, text, milliseconds: performance.now() - sent }),
    );
  });

/** Each step takes 6 · 10⁻⁵ of the sum, so that the sum says how many steps the weights have seen. */
const expectCurrent = (text: string): void => {
  const { steps, sum } = JSON.parse(text.trim().split('\n').at(-1) ?? '') as { steps: number; sum: number };
  expect(steps).toBeGreaterThan(0);
  expect(steps % 50_000).not.toBe(0);
  expect(sum / (3 * (1 - 6e-5) ** steps)).toBeCloseTo(1, 2);
};

describe.each(['eager', 'compiled'] as const)('a signal in a fit, %s', (engine) => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s ends the program with exit code %d, on a fresh line, with the weights so far',
    async (name, expected) => {
      const { code, text, milliseconds } = await interrupted('none', engine, name);
      expect(code).toBe(expected);
      expect(text).toMatch(/ETA[^\n]*\n(.*\n)?\{.*\}\n$/);
      expect(text).not.toContain('Epoch 2/');
      expectCurrent(text);
      // At once, by a person's measure, on a busy machine too.
      expect(milliseconds).toBeLessThan(2000);
    },
  );

  test('SIGTERM ends a program so that shows no progress, as a container’s', async () => {
    const { code, text } = await interrupted('none', engine, 'SIGTERM', 'pipe');
    expect(code).toBe(143);
    expectCurrent(text);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s leaves the rest to the program’s own listener',
    async (name) => {
      const { code, signal, text } = await interrupted('own', engine, name);
      expect([code, signal]).toEqual([3, null]);
      expect(text.match(/own listener/g)).toHaveLength(1);
    },
  );

  test('a program that ends itself in the middle of an epoch has the weights so far', async () => {
    const { code, text } = await interrupted('exit', engine, 'SIGTERM', 'pipe');
    expect(code).toBe(4);
    expectCurrent(text);
  });
});

test('no listener stays, and none is set where no bar is drawn', async () => {
  const listeners = (): number => process.listenerCount('SIGINT') + process.listenerCount('SIGTERM');
  const before = listeners();
  const counts: number[] = [];
  const note = (progress: Progress): Promise<void> => {
    counts.push(listeners() - before);
    return progress.verbose === 0 ? Promise.resolve() : Promise.reject(new Error('enough'));
  };
  const terminal = process.stdout.isTTY;
  process.stdout.isTTY = true;
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await withProgress(0, note);
    await expect(withProgress(1, note)).rejects.toThrow('enough');
    await expect(withProgress(2, note)).rejects.toThrow('enough');
  } finally {
    write.mockRestore();
    process.stdout.isTTY = terminal;
  }
  expect(counts).toEqual([0, 2, 0]);
  expect(listeners()).toBe(before);
});

test.each(['eager', 'compiled'] as const)(
  'timers of the program fire within an epoch, %s',
  async (engine) => {
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: 1, inputShape: [1] }),
      compile({ loss: 'mse' }),
    );
    let fired = 0;
    let isWithin = false;
    const timer = setInterval(() => {
      // Before the first epoch, while steps are traced, it fires too.
      if (!isWithin) return;
      fired++;
      if (fired === 3) model.stopTraining = true;
    }, 1);
    const rows = new Float32Array(200_000);
    let steps = 0;
    const callbacks = {
      onEpochBegin: () => void (isWithin = true),
      onEpochEnd: () => void (steps = fired),
    };
    await fit(model, rows, rows, { epochs: 2, batchSize: 1, verbose: 0, engine, callbacks });
    clearInterval(timer);
    expect(steps).toBeGreaterThanOrEqual(3);
  },
);
