import { existsSync } from 'node:fs';
import path from 'node:path';
import { tensorCount } from '../support/tensors';

const root = path.resolve(__dirname, '../..');

/** Keras's folder with the real data: `KERAS_HOME`, or `../shared/keras` beside this repository. */
const home = [process.env['KERAS_HOME'], path.resolve(root, '../shared/keras')].find(
  (folder) => folder !== undefined && existsSync(path.join(folder, 'datasets')),
);

/** A test of a figure on the real data. Where that is not in a cache, the test is skipped, and its name says why. */
export const testOnRealData = (
  name: string,
  files: readonly string[],
  run: () => Promise<void>,
  timeout?: number,
): void => {
  const missing = files.find((file) => home === undefined || !existsSync(path.join(home, 'datasets', file)));
  if (missing !== undefined) {
    test.skip(`${name} (skipped: KERAS_HOME has no datasets/${missing})`, run, timeout);
    return;
  }
  test(
    name,
    async () => {
      const before = process.env['KERAS_HOME'];
      process.env['KERAS_HOME'] = home;
      try {
        await run();
      } finally {
        if (before === undefined) delete process.env['KERAS_HOME'];
        else process.env['KERAS_HOME'] = before;
      }
    },
    timeout,
  );
};

/** Runs an example in silence. Gives its numbers, the lines that it printed, and how many tensors it left. */
export const quietly = async <T>(
  run: () => Promise<T>,
): Promise<{ numbers: T; lines: string[]; leaked: number }> => {
  const lines: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((...parts: unknown[]) => {
    lines.push(parts.map(String).join(' '));
  });
  const before = tensorCount();
  try {
    const numbers = await run();
    return { numbers, lines, leaked: tensorCount() - before };
  } finally {
    log.mockRestore();
  }
};

/** A short and silent run on the data that comes with the package. */
export const short = { quick: true, seed: 1, epochs: 1, embedded: true, verbose: 0 } as const;
