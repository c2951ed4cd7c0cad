/** Small files in the places of those of data sets, so that examples run without them: generated, of a few classes that can be told apart. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { npz } from '../../datasets/build/npz-writer';
import { RandomState } from '../../src/datasets/random-state';

/** Random numbers from 0 to 1. */
const streamFrom = (seed: number): (() => number) => {
  const state = new RandomState(seed);
  return () => state.nextUint32() / 2 ** 32;
};

/** News of eight topics, each with twenty words of its own. */
const reuters = (): Record<string, Buffer> => {
  const random = streamFrom(1);
  const below = (limit: number): number => Math.floor(limit * random());
  const topics = Array.from({ length: 1000 }, () => below(8));
  const texts = topics.map((topic) =>
    Array.from({ length: 30 }, () => (random() < 0.3 ? 1000 + topic * 20 + below(20) : 1 + below(900))),
  );
  const y = { type: '|u1', shape: [topics.length], data: Uint8Array.from(topics) };
  return { 'reuters.npz': npz({ x: texts, y }) };
};

/** Pictures with a bright square in one of ten places. */
const fashion = (): Record<string, Buffer> => {
  const random = streamFrom(2);
  const part = (name: string, rows: number): Record<string, Buffer> => {
    const labels = Buffer.from(Array.from({ length: rows }, () => Math.floor(10 * random())));
    const pixels = Buffer.alloc(rows * 784, 0);
    labels.forEach((label, row) => {
      const corner = row * 784 + Math.floor(label / 5) * 14 * 28 + (label % 5) * 5;
      for (let y = 0; y < 10; y++)
        for (let x = 0; x < 6; x++) pixels[corner + y * 28 + x] = 100 + Math.floor(150 * random());
    });
    const head = (kind: number, ...sizes: number[]): Buffer => {
      const bytes = Buffer.alloc(4 + 4 * sizes.length);
      bytes.writeUInt32BE(0x800 + kind);
      sizes.forEach((size, axis) => bytes.writeUInt32BE(size, 4 + 4 * axis));
      return bytes;
    };
    return {
      [`fashion-mnist/${name}-labels-idx1-ubyte.gz`]: gzipSync(Buffer.concat([head(1, rows), labels])),
      [`fashion-mnist/${name}-images-idx3-ubyte.gz`]: gzipSync(
        Buffer.concat([head(3, rows, 28, 28), pixels]),
      ),
    };
  };
  return { ...part('train', 600), ...part('t10k', 200) };
};

const SETS = { reuters, fashion };

/**
 * Runs something with a cache that has small files in the place of a data set's. The network is not asked whether they are the real ones:
 * what is in its place is this machine's, where nobody answers.
 */
export const withStandIns = async <T>(name: keyof typeof SETS, run: () => Promise<T>): Promise<T> => {
  const home = await mkdtemp(path.join(tmpdir(), 'keras-pipe-'));
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const before = process.env;
  const others = Object.entries(before).filter(([variable]) => !/^(?:https?|no)_proxy$/i.test(variable));
  process.env = { ...Object.fromEntries(others), KERAS_HOME: home, HTTPS_PROXY: 'http://127.0.0.1:9' };
  try {
    for (const [file, content] of Object.entries(SETS[name]())) {
      await mkdir(path.dirname(path.join(home, 'datasets', file)), { recursive: true });
      await writeFile(path.join(home, 'datasets', file), content);
    }
    return await run();
  } finally {
    process.env = before;
    warn.mockRestore();
    await rm(home, { recursive: true, force: true });
  }
};
