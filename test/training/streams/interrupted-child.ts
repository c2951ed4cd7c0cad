/** Fits on a source without end until a signal ends it. Arguments: 'sync', 'async' or 'rows', and the engine. */
import { writeSync } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import {
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  pipe,
  type DataStream,
  type Engine,
} from '../../../src/index';

const [kind, engine] = process.argv.slice(2) as [string, Engine]; // as the test gives them
const closed = (): void => void writeSync(1, 'closed\n');
const batch = (): [number[][], number[]] => [
  [[1], [2]],
  [1, 2],
];
let given = 0;
const count = (): void => {
  if (++given === 30) writeSync(1, 'training\n');
};

function* synchronous(): Generator<[number[][], number[]], void> {
  try {
    for (;;) {
      count();
      yield batch();
    }
  } finally {
    closed();
  }
}

async function* asynchronous(): AsyncGenerator<[number[][], number[]], void> {
  try {
    for (;;) {
      count();
      await wait(1);
      yield batch();
    }
  } finally {
    await wait(50);
    closed();
  }
}

const rows = (): Readable =>
  new Readable({
    objectMode: true,
    read() {
      count();
      setImmediate(() => this.push([[1], 1]));
    },
    destroy(error, done) {
      closed();
      done(error);
    },
  });

const sources: Readonly<Record<string, () => DataStream>> = { sync: synchronous, async: asynchronous, rows };
const model = pipe(
  kerasModelSequential(),
  layerDense({ units: 1, inputShape: [1] }),
  compile({ optimizer: 'sgd', loss: 'mse' }),
);
const source = sources[kind]?.();
if (source !== undefined) {
  fit(model, source, { stepsPerEpoch: 1e7, epochs: 1, verbose: 0, engine }).catch((error: unknown) => {
    writeSync(1, `failed: ${String(error)}\n`);
  });
}
