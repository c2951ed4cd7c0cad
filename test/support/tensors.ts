import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { findCollector } from '../../src/native/collector';
import { binding } from '../../src/tfjs/binding';
import { countTensors } from '../../src/tfjs/tensor-count';
import { tf } from '../../src/tfjs/tensorflow';

/**
 * How many tensors there are, and how many the garbage collector has freed so far: of two counts of `tf.memory()`, the second may lack
 * what earlier tests have forgotten, and may also lack what a leak has left.
 */
export const tensorCount = (): number => countTensors(tf);

const { all: collect } = findCollector();

/** More than there are registries, those of earlier test files in the same worker of Jest's included. */
const MAX_TURNS = 50_000;

/** Has V8 collect, and waits until the registries know what earlier collections have found: V8 tells one of them in a turn of the event loop. */
const collectAndTell = async (): Promise<void> => {
  const told: true[] = [];
  const lastInLine = new FinalizationRegistry(() => told.push(true));
  lastInLine.register({}, undefined);
  // What a `WeakRef` was asked for is kept until then.
  await nextTurn();
  collect();
  for (let turn = 0; turn < MAX_TURNS && told.length === 0; turn++) await nextTurn();
  lastInLine.unregister(lastInLine); // until here it is reached
};

/** Has V8 find what is forgotten until something holds, or in vain. On a busy machine what frees it may come late. */
export const collectUntil = async (isDone: () => boolean): Promise<void> => {
  for (let round = 0; round < 100 && !isDone(); round++) {
    await collectAndTell();
    await wait(5);
  }
};

const nativeTensors = (): number => (binding() as unknown as { getNumOfTensors(): number }).getNumOfTensors(); // the engine does without it

/** Has V8 find all that is forgotten, models and their graphs, too: what is freed may hold on to more. */
export const collectForgotten = async (): Promise<void> => {
  const held = (): string => [tf.memory().numBytes, nativeTensors(), binding().getNumOfSessions()].join();
  let [last, unchanged] = ['', 0];
  await collectUntil(() => {
    const now = held();
    unchanged = now === last ? unchanged + 1 : 0;
    last = now;
    return unchanged === 3;
  });
};

/**
 * How many tensors TensorFlow itself has, without those that are forgotten. Of two counts the second may be less: what earlier tests have forgotten may be
 * reached until then, from a place on the stack, for one.
 */
export const nativeCount = async (): Promise<number> => {
  await collectForgotten();
  return nativeTensors();
};
