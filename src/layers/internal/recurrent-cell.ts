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

/** The shape of what a step puts out, which is that of the first state if nothing is said. */
export const outputShapeOf = (
  size: StateSize | undefined,
  [first = []]: readonly StateShape[],
): StateShape => (size === undefined ? first : shapeOf(size));

/** What makes one step of a recurrent layer, and so runs over sequences. */
export abstract class RecurrentCell<Own extends object> extends CompositeLayer<Own> {
  /** The shapes of its states. */
  abstract get stateShapes(): readonly StateShape[];
  /** The shape of its output. */
  abstract get stepShape(): StateShape;
  /** Runs over a batch of sequences. */
  abstract run(run: SequenceRun): SequenceResult;
}
