import { countTensors } from '../../src/tfjs/tensor-count';
import { tf } from '../../src/tfjs/tensorflow';

/**
 * How many tensors there are, and how many the garbage collector has freed so far: a test that waits for something between two counts
 * would else see tensors go that earlier tests have forgotten.
 */
export const tensorCount = (): number => countTensors(tf);
