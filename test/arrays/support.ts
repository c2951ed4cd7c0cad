import { tf } from '../../src/tfjs/tensorflow';
import { tensorCount } from '../support/tensors';

/** Every test leaves as many tensors as it found, the results it disposes aside. */
export const checkTensorCount = (): void => {
  let before = 0;
  beforeEach(() => {
    before = tensorCount();
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
    expect(tensorCount()).toBe(before);
  });
};

/** How many more tensors there are after `work`. */
export const tensorsMade = (work: () => unknown): number => {
  const before = tensorCount();
  try {
    work();
  } catch {
    // Failures must not leave tensors behind either.
  }
  return tensorCount() - before;
};
