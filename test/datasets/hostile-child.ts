/** A process that loads one file as a data set, and says what came of it, how long it took and how much memory. */
import { readFileSync } from 'node:fs';
import { KerasFileError } from '../../src/base/errors';
import * as datasets from '../../src/datasets';
import { loadIn } from '../../src/datasets/define-dataset';

const [dataset = '', home = ''] = process.argv.slice(2);
const environment = {
  home,
  address: 'http://127.0.0.1:9/',
  timeouts: { connect: 1000, idle: 1000 },
  output: { write: () => undefined },
  warn: () => undefined,
};
const load = Object.entries(datasets).find(([name]) => name === dataset)?.[1];
if (load === undefined) throw new Error(`no ${dataset}`);
/** This process's own peak. `maxRSS` begins with that of the process that started it, where it is larger. */
const peakMegabytes = (): number => {
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) / 1000;
};
const start = process.cpuUsage();
const say = (outcome: string): void => {
  const { user, system } = process.cpuUsage(start);
  // Of computing: what else the machine does is no matter.
  const seconds = (user + system) / 1e6;
  console.log(JSON.stringify({ outcome, seconds, megabytes: peakMegabytes() }));
};
void loadIn<unknown>(load, {}, environment).then(
  () => say('loaded'),
  (error: unknown) =>
    say(error instanceof KerasFileError ? `KerasFileError ${error.message}` : String(error)),
);
