import { argumentError } from './checks';
import { refuseSurplus } from './function-name';
import { restartStream } from './random';

const setSeed = (functionName: string, seed: number, surplus: readonly unknown[]): void => {
  refuseSurplus(functionName, ['seed'], surplus);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw argumentError({ function: functionName, argument: 'seed' }, 'an integer from 0 to 2³² − 1', seed);
  }
  restartStream(seed);
};

/**
 * Makes everything random that follows repeatable: initial weights, shuffling, dropout.
 *
 * `seed` is an integer from 0 to 2³² − 1. One seed serves all: the numbers differ from R's, whose generators differ.
 *
 * What `fit` makes of them on one machine is the same to the last bit with `engine: 'eager'` or `'compiled'`. Else measured times decide
 * whether a short one runs compiled, and results are the same but for float32 rounding and what training makes of it.
 *
 * @throws KerasArgumentError if `seed` is no such integer.
 * @example
 * setRandomSeed(42)
 * const first = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [3] }))
 * setRandomSeed(42)
 * const second = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [3] }))
 * assert.strictEqual(String(getWeights(first)[0]), String(getWeights(second)[0]))
 * @see R keras3 `set_random_seed`
 */
export const setRandomSeed = (seed: number, ...surplus: []): void => setSeed('setRandomSeed', seed, surplus);

/**
 * The same as {@link setRandomSeed}, under the name that it had in R before.
 *
 * R's other arguments switch off the GPU and parallel threads, for numbers that repeat: here they do without.
 *
 * @throws KerasArgumentError if `seed` is no integer from 0 to 2³² − 1.
 * @example
 * useSessionWithSeed(42)
 * const first = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [3] }))
 * setRandomSeed(42)
 * const second = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [3] }))
 * assert.strictEqual(String(getWeights(first)[0]), String(getWeights(second)[0]))
 * @see R keras `use_session_with_seed`
 */
export const useSessionWithSeed = (seed: number, ...surplus: []): void =>
  setSeed('useSessionWithSeed', seed, surplus);
