import { knownFeatures } from './shape-rules';
import type { RankRule, UnmetRequirement } from './target';

/** What a recurrent layer takes: its further inputs are states. */
export const sequences: RankRule = {
  minNDim: 3,
  maxNDim: 3,
  inputs: 1,
  advice:
    'Give it sequences of vectors, [batch, steps, features]: layerEmbedding makes them from ids, layerReshape from ' +
    'plain vectors, and a recurrent layer before this one needs returnSequences: true',
};

interface SequenceOptions {
  readonly stateful?: boolean | undefined;
  readonly unroll?: boolean | undefined;
  readonly timeMajor?: boolean | undefined;
}

/** What a layer that keeps its states, or lays its steps out, must know of its sequences. */
export const knownSequences = (
  [shape = []]: readonly (readonly (number | null)[])[],
  { stateful, unroll, timeMajor }: SequenceOptions,
): UnmetRequirement | undefined => {
  const [rows, steps] = timeMajor === true ? [shape[1], shape[0]] : shape;
  if (stateful === true && rows === null) {
    return {
      needs: 'a fixed batch size, since it is stateful',
      advice: 'Give the first layer batchInputShape: [batch, steps, features], or layerInput a batchShape',
    };
  }
  if (unroll === true && steps === null) {
    return {
      needs: 'to know the number of steps, since it is unrolled',
      advice: 'Give that number instead of null in the inputShape, or leave `unroll` out',
    };
  }
  return undefined;
};

/** The same for sequences of vectors, whose size must be known. */
export const stepsRequirement = (
  shapes: readonly (readonly (number | null)[])[],
  options: SequenceOptions,
): UnmetRequirement | undefined => knownSequences(shapes, options) ?? knownFeatures(shapes.slice(0, 1));
