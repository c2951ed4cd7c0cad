import type { UnmetRequirement } from './target';

/** For a layer whose weights depend on a size that is not known. */
export const knownSize = (what: string): UnmetRequirement => ({
  needs: `to know the size of ${what}, since its weights depend on it`,
  advice: 'Give that size instead of null in the inputShape',
});

/** The check of a layer whose weights depend on the size of the last axis. */
export const knownFeatures = ([shape = []]: readonly (readonly (number | null)[])[]):
  UnmetRequirement | undefined => (shape.at(-1) === null ? knownSize('the last axis') : undefined);
