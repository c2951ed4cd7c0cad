/** A process that loads the data set that it is given, for the tests of several processes at once. */
import { loadData, type CacheEnvironment } from '../../src/datasets/cache';
import type { KerasFile } from '../../src/datasets/keras-files';

const [home = '', address = '', file = ''] = process.argv.slice(2);
const environment: CacheEnvironment = {
  home,
  address,
  timeouts: { connect: 5000, idle: 30_000 },
  output: { write: () => undefined },
  warn: (message) => console.log(`warning ${message}`),
};
const kerasFile = JSON.parse(file) as KerasFile;
void loadData(
  {
    function: 'test',
    file: kerasFile,
    path: kerasFile.name,
    embedded: false,
    sample: 'none',
    read: (content) => Promise.resolve(content.length),
  },
  environment,
).then(
  ({ source, content }) => console.log(`${source} ${content}`),
  (error: unknown) => console.log(String(error)),
);
