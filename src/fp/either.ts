import { left, right, type Either } from 'fp-ts/Either';
import type { TaskEither } from 'fp-ts/TaskEither';
import { KerasError } from '../base/errors';

const asLeft = (error: unknown): Either<KerasError, never> => {
  // Anything else is a mistake in a program, not an outcome that a program can deal with.
  if (!(error instanceof KerasError)) throw error;
  return left(error);
};

/**
 * Calls a function and gives its result as `Right`, or the {@link KerasError} that it throws as `Left`: for whatever this
 * module has no function for.
 *
 * @throws whatever else the function throws.
 * @example
 * const matrix = either(() => new SparseMatrix(Int32Array.of(0, 1), Int32Array.of(7), 5)) // a one in column 7 of 5
 * assert.ok(E.isLeft(matrix))
 * assert.strictEqual(matrix.left.function, 'SparseMatrix')
 */
export const either = <A>(call: () => A): Either<KerasError, A> => {
  try {
    return right(call());
  } catch (error) {
    return asLeft(error);
  }
};

/**
 * The same for a function that gives a promise. It is called when the task is run, and again each time it is.
 *
 * The task's promise is rejected with whatever is no {@link KerasError}.
 *
 * @example
 * const task = taskEither(async () => 1)
 * assert.deepStrictEqual(await task(), E.right(1))
 */
export const taskEither =
  <A>(call: () => Promise<A>): TaskEither<KerasError, A> =>
  async () => {
    try {
      return right(await call());
    } catch (error) {
      return asLeft(error);
    }
  };
