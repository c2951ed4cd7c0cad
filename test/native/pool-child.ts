/** Runs a graph in this thread, another one in TensorFlow's pool, and says how many threads there are after each. */
import { readdirSync } from 'node:fs';
import { openRuntime } from '../../src/native/index';
import { DTYPES } from '../../src/native/dtypes';
import { libraryFolder, productGraph } from './support';

const runtime = openRuntime(libraryFolder());
const value = { shape: [1, 1], dtype: DTYPES.float, values: Float32Array.of(2) };
const counts = [{ interOpThreads: -1 }, {}].map((config) => {
  const session = runtime.createSession(productGraph(), config);
  session.prepare({ feeds: ['x', 'y'], fetches: ['product'] }).read([value, value]);
  return readdirSync('/proc/self/task').length;
});
process.stdout.write(JSON.stringify(counts));
