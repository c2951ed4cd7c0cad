import { argumentError } from '../base/checks';
import type { LayerTarget } from '../layers/internal/target';
import type { SequentialModel } from './sequential';

export { flow, pipe } from 'fp-ts/function';

/** {@link sequence}: of layer steps, which take models and symbolic tensors alike, of steps that take models, or of any of one type. */
export interface Sequence {
  (...steps: readonly (<T extends LayerTarget>(object: T) => T)[]): <T extends LayerTarget>(object: T) => T;
  (
    ...steps: readonly (<T extends SequentialModel>(object: T) => T)[]
  ): <T extends SequentialModel>(object: T) => T;
  <T>(...steps: readonly ((object: T) => T)[]): <U extends T>(object: U) => U;
}

/**
 * Any number of steps of one type as one step, left to right. fp-ts's `pipe` and `flow` take at most nineteen.
 *
 * @throws KerasArgumentError if a step is no function.
 * @example
 * const deep = sequence(...Array.from({ length: 30 }, () => layerDense({ units: 8 })))
 * const model = deep(kerasModelSequential({ inputShape: [8] }))
 * assert.strictEqual(countParams(model), 30 * (8 * 8 + 8))
 */
export const sequence: Sequence = <T>(...steps: readonly ((object: T) => T)[]) => {
  const wrong = steps.findIndex((step: unknown) => typeof step !== 'function');
  if (wrong !== -1) {
    throw argumentError(
      { function: 'sequence', argument: `steps[${wrong}]` },
      'a step: a function of one argument',
      steps[wrong],
      'Write sequence(layerDense({ units: 8 }), layerDense({ units: 1 })); for an array of steps, sequence(...steps)',
    );
  }
  return <U extends T>(object: U): U =>
    // A step of a pipe gives back what it was given, or what has its type.
    steps.reduce<T>((current, step) => step(current), object) as U;
};
