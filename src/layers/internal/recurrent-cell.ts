import { CompositeLayer } from '../../tfjs/composite-layer';
import type { SequenceResult, SequenceRun } from './recurrence';

/** The shape of a state, without the batch axis. */
export type StateShape = readonly number[];

/** The size of a state, or of the output of a step: the length of a vector, or the shape of a larger array. */
export type StateSize = number | readonly number[];

const shapeOf = (size: StateSize): StateShape => (typeof size === 'number' ? [size] : size);

/** The shapes of states of a size, or of sizes in a list. */
export const stateShapesOf = (size: number | readonly StateSize[]): StateShape[] =>
  typeof size === 'number' ? [[size]] : size.map(shapeOf);

/** The size of what a step puts out, or, in a list with an array in it, the sizes of several outputs: `[8, [4, 2]]`. */
export type OutputSize = StateSize | readonly StateSize[];

/** The shapes of what a step puts out: one, that of the first state, if nothing is said. */
export const outputShapesOf = (
  size: OutputSize | undefined,
  [first = []]: readonly StateShape[],
): readonly StateShape[] => {
  if (size === undefined) return [first];
  return typeof size !== 'number' && size.some(Array.isArray)
    ? stateShapesOf(size)
    : [shapeOf(size as StateSize)]; // without lists
};

/** What makes one step of a recurrent layer, and so runs over sequences. */
export abstract class RecurrentCell<Own extends object> extends CompositeLayer<Own> {
  /** The shapes of its states. */
  abstract get stateShapes(): readonly StateShape[];
  /** The shape of its output; of several, that of their values side by side. */
  abstract get stepShape(): StateShape;
  /** The shapes of its outputs, of which there may be several. */
  get stepShapes(): readonly StateShape[] {
    return [this.stepShape];
  }
  /** Whether a step may take several arrays. */
  get takesSeveral(): boolean {
    return false;
  }
  /** Runs over a batch of sequences. */
  abstract run(run: SequenceRun): SequenceResult;
}
