import type { SparseMatrix } from '../arrays/sparse-matrix';
import type { ArrayLike } from '../arrays/tensors';

/** What a matcher gives to Jest or Vitest. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** The matchers, as `expect(received)` has them. `R` is what the runner's own matchers return. */
export interface KerasMatchers<R = void, Received = unknown> {
  /**
   * The received tensor, symbolic tensor, sparse matrix or array of numbers has this shape. In the shape of a tensor, `null`
   * stands for any size; in that of a symbolic one, for a size that is not known.
   * For example `expect(await predict(model, x)).toHaveShape([60, 10])`.
   */
  toHaveShape(shape: readonly (number | null)[]): R;
  /**
   * The received tensor or array has the shape of `values`, and each number differs from the one there by less than
   * `10 ** -digits / 2`, as in `toBeCloseTo`. NaN is close to NaN, and each infinity to itself.
   *
   * For example `expect(await predict(model, x)).toBeCloseToTensor([[0.25, 0.75]], 3)`.
   *
   * @param digits 5 by default: float32 has about seven digits
   */
  toBeCloseToTensor(values: ArrayLike | SparseMatrix, digits?: number): R;
  /**
   * The received function leaves no tensor behind. What it returns is not counted, and is freed. Where it returns a promise,
   * `expect` must be awaited. Whether JavaScript's garbage collector runs meanwhile makes no difference: tensors from before that it
   * frees do not count, and what the function has made and not disposed counts, also where nothing reaches it any more.
   * For example `await expect(() => fit(model, x, y, { epochs: 1 })).toLeaveNoTensors()`.
   */
  toLeaveNoTensors(): Received extends () => PromiseLike<unknown> ? Promise<void> : R;
}

declare global {
  // Jest's types are merged with by their namespace, which is there whether or not its types are installed.
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace jest {
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- all of it is inherited
    interface Matchers<R, T = {}> extends KerasMatchers<R, T> {}
  }
}
