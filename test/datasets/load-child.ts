/** A process that loads the file that it is given, for the tests of several processes at once. */
import { loadData, type CacheEnvironment } from '../../src/datasets/cache';
import type { DatasetFile } from '../../src/datasets/dataset-file';

const [home = '', address = '', file = ''] = process.argv.slice(2);
const environment: CacheEnvironment = {
  home,
  address,
  timeouts: { connect: 5000, idle: 30_000 },
  output: { write: () => undefined },
  warn: (message) => console.log(`warning ${message}`),
};
const datasetFile: DatasetFile<number> = {
  ...(JSON.parse(file) as DatasetFile<number>), // but for what reads it, which is no JSON
  read: (content: Buffer) => Promise.resolve(content.length),
};
const request = { function: 'test', file: datasetFile, path: datasetFile.name, sample: undefined };
void loadData([request], false, environment).then(
  ({ source, contents }) => console.log(`${source} ${contents.join()}`),
  (error: unknown) => console.log(String(error)),
);
