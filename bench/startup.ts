/**
 * What it costs to begin: `npm run build`, then `npm run bench:startup`, or `npm run bench:startup -- --rounds 21`. Each round is a
 * new process that imports the built package, makes a model of two layers and fits it for one epoch of 20 rows.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { roundsOf, spread, tableOf } from './table';

const PACKAGE = path.resolve(__dirname, '..', 'dist', 'index.js');

/** What the processes run; milliseconds elapsed and of processors. */
const PROGRAM = `
const measured = () => { const { user, system } = process.cpuUsage(); return [performance.now(), (user + system) / 1e3]; };
const start = measured();
const k = require(${JSON.stringify(PACKAGE)});
const imported = measured();
const x = Array.from({ length: 20 }, (_, row) => [row, 1, 2]);
const y = x.map(([row]) => [row / 20]);
const model = k.pipe(k.kerasModelSequential(), k.layerDense({ units: 8, activation: 'relu', inputShape: [3] }),
  k.layerDense({ units: 1 }), k.compile({ optimizer: 'rmsprop', loss: 'mse' }));
const made = measured();
k.fit(model, x, y, { epochs: 1, verbose: 0 }).then(() => {
  const times = [start, imported, made, measured()];
  console.log(JSON.stringify(times.slice(1).map((time, index) => time.map((now, kind) => now - times[index][kind]))));
});
`;

type Times = readonly (readonly [elapsed: number, processors: number])[];

const STEPS = ['import', 'model', 'first fit'];

const begin = (cache: string | undefined): Times => {
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  const output = execFileSync(process.execPath, ['-e', PROGRAM], {
    encoding: 'utf8',
    env:
      cache === undefined
        ? { ...env, NODE_DISABLE_COMPILE_CACHE: '1' }
        : { ...env, NODE_COMPILE_CACHE: cache },
  });
  return JSON.parse(output) as Times; // what the program above prints
};

const main = (): void => {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '11' } } });
  if (!existsSync(PACKAGE)) throw new Error('bench: there is no dist. Run `npm run build` first');
  const cache = mkdtempSync(path.join(tmpdir(), 'keras-pipe-startup-'));
  const hasCache = 'enableCompileCache' in nodeModule;
  const ways = hasCache ? ([undefined, cache] as const) : ([undefined] as const);
  const seen = ways.map((way) => ({ way, rounds: [] as Times[] }));
  // Once for the system's cache of files, and for Node.js's.
  for (const { way } of seen) begin(way);
  for (let round = 0; round < roundsOf(values.rounds); round++)
    for (const { way, rounds } of seen) rounds.push(begin(way));
  rmSync(cache, { recursive: true });
  console.log(`Node.js ${process.version}; milliseconds`);
  const row = tableOf([28, 24, 24], 1);
  row(['', 'elapsed', 'of processors']);
  for (const { way, rounds } of seen) {
    STEPS.forEach((step, index) => {
      const of = (kind: 0 | 1): string =>
        spread(
          rounds.map((times) => times[index]?.[kind] ?? NaN),
          0,
        );
      row([`${step}${way === undefined ? '' : ', compiled before'}`, of(0), of(1)]);
    });
  }
};

main();
