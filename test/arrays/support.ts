import { tf } from '../../src/tfjs/tensorflow';

/** Every test leaves as many tensors as it found, the results it disposes aside. */
export const checkTensorCount = (): void => {
  let before = 0;
  beforeEach(() => {
    before = tf.memory().numTensors;
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
    expect(tf.memory().numTensors).toBe(before);
  });
};

/** How many more tensors there are after `work`. */
export const tensorsMade = (work: () => unknown): number => {
  const before = tf.memory().numTensors;
  try {
    work();
  } catch {
    // Failures must not leave tensors behind either.
  }
  return tf.memory().numTensors - before;
};
