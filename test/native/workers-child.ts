/** Computes in worker threads, one after the other and several at once, and prints what each has got. */
import { isMainThread, parentPort } from 'node:worker_threads';
import { ATTRIBUTES } from '../../src/native/attributes';
import { DTYPES } from '../../src/native/dtypes';
import { openRuntime } from '../../src/native/index';
import { lastMessage, startThread } from '../support/programs';
import { libraryFolder, productGraph } from './support';

const ROUNDS = 2000;

/** Sums of numbers, and products by a session on a thread of its own. */
const work = async (): Promise<number[]> => {
  const runtime = openRuntime(libraryFolder());
  const { binding } = runtime;
  const attributes = [{ name: 'T', type: ATTRIBUTES.type, value: DTYPES.float }];
  let total = binding.createTensor([2], DTYPES.float, Float32Array.of(0, 0));
  for (let round = 1; round <= ROUNDS; round++) {
    const next = binding.createTensor([2], DTYPES.float, Float32Array.of(round, 1));
    const [sum] = binding.executeOp('AddV2', attributes, [total, next], 1);
    for (const id of [total, next]) binding.deleteTensor(id);
    total = sum?.id ?? -1;
  }
  const run = runtime.createSession(productGraph()).prepare({ feeds: ['x', 'y'], fetches: ['product'] });
  const matrix = { shape: [2, 2], dtype: DTYPES.float, values: Float32Array.of(1, 2, 3, 4) };
  const products: number[] = [];
  for (let round = 0; round < 20; round++) {
    const [product] = await run.readOnThread([matrix, matrix]);
    products.push(...(product?.values as Float32Array));
  }
  return [...(binding.tensorDataSync(total) as Float32Array), products.reduce((sum, value) => sum + value)];
};

const inWorker = (): Promise<unknown> => lastMessage(startThread(__filename));

if (isMainThread) {
  void (async () => {
    const inTurn = [await inWorker(), await inWorker()];
    const atOnce = await Promise.all([inWorker(), inWorker(), inWorker()]);
    console.log(JSON.stringify([...inTurn, ...atOnce, await work()]));
  })();
} else {
  void work().then((result) => parentPort?.postMessage(result));
}
