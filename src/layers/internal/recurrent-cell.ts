import { CompositeLayer } from '../../tfjs/composite-layer';
import type { SequenceResult, SequenceRun } from './recurrence';

/** The shape of a state, without the batch axis. */
export type StateShape = readonly number[];

/** What makes one step of a recurrent layer, and so runs over sequences. */
export abstract class RecurrentCell<Own extends object> extends CompositeLayer<Own> {
  /** The shapes of its states. */
  abstract get stateShapes(): readonly StateShape[];
  /** The shape of its output. */
  abstract get stepShape(): StateShape;
  /** Runs over a batch of sequences. */
  abstract run(run: SequenceRun): SequenceResult;
}
