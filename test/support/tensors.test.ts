import { tf } from '../../src/tfjs/tensorflow';
import { collectForgotten } from './tensors';

/* eslint-disable no-restricted-properties -- what collections find is what this is about */

/** More registries than a worker of Jest's has after some hundred test files, as if the machine were busy: each has something to be told at each collection. */
const REGISTRIES = 20_000;

test('what is forgotten is found though many others are to be told of it, too', async () => {
  let isOver = false;
  const others = Array.from({ length: REGISTRIES }, () => {
    const registry: FinalizationRegistry<undefined> = new FinalizationRegistry(() => {
      if (!isOver) registry.register({}, undefined);
    });
    registry.register({}, undefined);
    return registry;
  });
  await collectForgotten();
  // Of small tensors nobody asks whether they are gone before V8 tells.
  const { numTensors } = tf.memory();
  for (let index = 0; index < 10; index++) tf.neg(index);
  expect(tf.memory().numTensors).toBeGreaterThan(numTensors + 5);
  await collectForgotten();
  expect(tf.memory().numTensors).toBeLessThanOrEqual(numTensors);
  isOver = true;
  expect(others).toHaveLength(REGISTRIES);
});
