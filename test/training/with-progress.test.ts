import { spawn } from 'node:child_process';
import path from 'node:path';
import { compile, fit, kerasModelSequential, layerDense, pipe, type Engine } from 'keras-pipe';
import type { Progress } from '../../src/training/progress';
import { withProgress } from '../../src/training/with-progress';

/** Runs the child, interrupts it once its bar has moved, and gives how it ended and what it wrote. */
const interrupted = (
  wish: string,
  engine: Engine,
): Promise<{ code: number | null; signal: string | null; text: string; milliseconds: number }> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', path.join(__dirname, 'with-progress-child.ts'), wish, engine],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let text = '';
    let sent = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      text += String(chunk);
      if (sent > 0 || !text.includes('=>')) return;
      sent = performance.now();
      child.kill('SIGINT');
    });
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({ code, signal, text, milliseconds: performance.now() - sent }),
    );
  });

describe.each(['eager', 'compiled'] as const)('Ctrl-C in a fit, %s', (engine) => {
  test('ends the program with exit code 130, on a fresh line, with the weights so far', async () => {
    const { code, text, milliseconds } = await interrupted('none', engine);
    expect(code).toBe(130);
    expect(text).toMatch(/ETA.*\n\{.*\}\n$/);
    expect(text).not.toContain('Epoch 2/');
    const { steps, sum } = JSON.parse(text.trim().split('\n').at(-1) ?? '') as { steps: number; sum: number };
    expect(steps).toBeGreaterThan(0);
    expect(sum / (3 * (1 - 6e-5) ** steps)).toBeCloseTo(1, 2);
    // At once, by a person's measure, on a busy machine too.
    expect(milliseconds).toBeLessThan(2000);
  });

  test('leaves the rest to the program’s own listener', async () => {
    const { code, signal, text } = await interrupted('own', engine);
    expect([code, signal]).toEqual([3, null]);
    expect(text.match(/own listener/g)).toHaveLength(1);
  });
});

test('no listener stays, and none is set where no bar is drawn', async () => {
  const before = process.listenerCount('SIGINT');
  const counts: number[] = [];
  const note = (progress: Progress): Promise<void> => {
    counts.push(process.listenerCount('SIGINT') - before);
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
  expect(counts).toEqual([0, 1, 0]);
  expect(process.listenerCount('SIGINT')).toBe(before);
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
    const timer = setInterval(() => {
      fired++;
      if (fired === 3) model.stopTraining = true;
    }, 1);
    const rows = new Float32Array(200_000);
    let steps = 0;
    const callbacks = { onEpochEnd: () => void (steps = fired) };
    await fit(model, rows, rows, { epochs: 2, batchSize: 1, verbose: 0, engine, callbacks });
    clearInterval(timer);
    expect(steps).toBeGreaterThanOrEqual(3);
  },
);
