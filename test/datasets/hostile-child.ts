/** A process that loads one file as a data set, and says what came of it, how long it took and how much memory. */
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
const { getFile: _anyFile, ...sets } = datasets;
const load = Object.entries(sets).find(([name]) => name === dataset)?.[1];
if (load === undefined) throw new Error(`no ${dataset}`);
const start = process.cpuUsage();
const say = (outcome: string): void => {
  const { user, system } = process.cpuUsage(start);
  // Of computing: what else the machine does is no matter.
  const seconds = (user + system) / 1e6;
  console.log(JSON.stringify({ outcome, seconds, megabytes: process.resourceUsage().maxRSS / 1000 }));
};
void loadIn<unknown>(load, {}, environment).then(
  () => say('loaded'),
  (error: unknown) =>
    say(error instanceof KerasFileError ? `KerasFileError ${error.message}` : String(error)),
);
