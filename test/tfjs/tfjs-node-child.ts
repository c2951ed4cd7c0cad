/** Prints what tfjs computes on the binding of this library, and what is left and counted of tensors that are forgotten. */
import { createRequire } from 'node:module';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { openRuntime } from '../../src/native/index';
import { javascriptPackages, packageRoot } from '../../src/native/runtime';
import { loadTfjsNode } from '../../src/tfjs/tfjs-node';
import { libraryFolder } from '../native/support';

const require = createRequire(__filename);
const { binding } = openRuntime(libraryFolder());
const tf = loadTfjsNode(javascriptPackages(packageRoot)[0]?.directory ?? '', () => binding);

const FORGOTTEN = 3000;
const x = tf.ones([200, 256]);
const first = tf.sum(x);
const sum = Array.from(tf.add([1, 2], [3, 4]).dataSync());

/** Tensors of every kind, all but a few of them forgotten: sums, views of other tensors, texts, and what no operation has met. */
const forget = (): void => {
  tf.mul(x, 2);
  tf.reshape(tf.mul(x, 2), [-1]);
  tf.tensor1d([1, 2, 3]);
  tf.tensor1d(['a', 'bc']);
  tf.slice(tf.tensor1d(['a', 'bc']), 1, 1);
  tf.greater(x, 0);
  tf.tidy(() => tf.add(x, 1).sum());
};

const counts = (): number[] => {
  const { numTensors, numDataBuffers, numBytes } = tf.memory();
  return [numTensors, numDataBuffers, numBytes, binding.getNumOfTensors()];
};

/** Collects until nothing changes any more. */
const settle = async (): Promise<void> => {
  for (let round = 0; round < 20; round++) {
    globalThis.gc?.();
    await setTimeout(10);
  }
};

void (async () => {
  await settle();
  const before = counts();
  for (let made = 0; made < FORGOTTEN; made++) {
    forget();
    const disposed = tf.reshape(tf.ones([10]), [2, 5]);
    disposed.dispose();
    if (made % 20 === 0) await setImmediate();
  }
  const left = binding.getNumOfTensors();
  await settle();
  const after = counts();
  for (let made = 0; made < FORGOTTEN; made++) tf.mul(x, 2);
  const leftBySynchronousLoop = binding.getNumOfTensors();
  const beforeUnused = tf.memory().numTensors;
  for (let made = 0; made < FORGOTTEN; made++) {
    tf.tensor(new Float32Array(100_000)).dataSync();
    tf.tensor1d(Array<string>(100).fill('a text'));
  }
  const leftUnused = tf.memory().numTensors - beforeUnused;
  console.log(
    JSON.stringify({
      backend: tf.getBackend(),
      sum,
      kept: Array.from(first.dataSync()),
      counts: { before, after },
      left,
      leftBySynchronousLoop,
      leftUnused,
      addons: Object.keys(require.cache).filter((file) => file.includes('tfjs_binding')),
    }),
  );
})();
