/** Prints what tfjs computes on the binding of this library, and how many tensors are left of many that are forgotten. */
import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import { openRuntime } from '../../src/native/index';
import { loadWithoutAddon } from '../../src/tfjs/without-addon';
import { libraryFolder } from '../native/support';

// What Node.js 23 removed, and tfjs-node calls.
Object.assign(util, {
  isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  isArray: Array.isArray,
});

const require = createRequire(__filename);
const directory = path.dirname(require.resolve('@tensorflow/tfjs-node/package.json'));
const { binding } = openRuntime(libraryFolder());
const tf = loadWithoutAddon(directory, binding);

const FORGOTTEN = 3000;

void (async () => {
  const sum = Array.from(tf.add([1, 2], [3, 4]).dataSync());
  const x = tf.ones([200, 256]);
  const first = tf.sum(x);
  const disposed = tf.ones([10]);
  disposed.dispose();
  for (let made = 0; made < FORGOTTEN; made++) {
    tf.mul(x, 2);
    if (made % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  console.log(
    JSON.stringify({
      backend: tf.getBackend(),
      sum,
      kept: Array.from(first.dataSync()),
      left: binding.getNumOfTensors(),
      addons: Object.keys(require.cache).filter((file) => file.includes('tfjs_binding')),
    }),
  );
})();
