import { argumentError, checkOptions, optional } from '../../base/checks';
import { refuseSurplus } from '../../base/function-name';
import { isIterator, isPromise } from '../../base/streams';

/** Options of {@link generatorNext}. */
export interface GeneratorNextOptions<Completed> {
  /** What comes when there is nothing more; null by default. */
  readonly completed?: Completed | undefined;
}

/** What {@link generatorNext} takes: an iterator, or a function that gives one value after the other, and null at the end. */
export type AnyGenerator<Item> =
  Iterator<Item, unknown> | AsyncIterator<Item, unknown> | (() => Item | null | undefined);

type NextOf<Generator, Completed> = [Generator] extends [never]
  ? Completed
  : Generator extends AsyncIterator<infer Item, unknown>
    ? Promise<Item | Completed>
    : Generator extends Iterator<infer Item, unknown>
      ? Item | Completed
      : Generator extends () => infer Item
        ? Item extends Promise<infer Value>
          ? Promise<NonNullable<Value> | Completed>
          : NonNullable<Item> | Completed
        : never;

const NAME = 'generatorNext';

/**
 * The next item of a generator, or `completed` where it has none any more. Of an asynchronous one, a promise of it.
 *
 * @throws KerasArgumentError if the value is no iterator and no function.
 * @example
 * function* count() {
 *   yield 1
 *   yield 2
 * }
 * const numbers = count()
 * assert.deepStrictEqual([generatorNext(numbers), generatorNext(numbers), generatorNext(numbers)], [1, 2, null])
 * assert.strictEqual(generatorNext(numbers, { completed: 'no more' }), 'no more')
 * @see R keras `generator_next`
 */
export const generatorNext = <Generator extends AnyGenerator<unknown>, Completed = null>(
  generator: Generator,
  options?: GeneratorNextOptions<Completed>,
  ...surplus: []
): NextOf<Generator, Completed> => {
  refuseSurplus(NAME, ['generator', 'options'], surplus);
  const checked = checkOptions(NAME, options, { completed: optional((value: unknown) => value) });
  const completed = checked.completed ?? null;
  const valueOf = (result: unknown): unknown => {
    if (!isIterator(generator)) return result ?? completed;
    const step = result as IteratorResult<unknown, unknown>; // what an iterator's next() returns
    return step.done === true ? completed : step.value;
  };
  if (!isIterator(generator) && typeof generator !== 'function') {
    throw argumentError(
      { function: NAME, argument: 'generator' },
      'an iterator, or a function that gives one item after the other',
      generator,
      'Call the generator function first: generatorNext(batches())',
    );
  }
  const result: unknown = isIterator(generator) ? generator.next() : generator();
  const next = isPromise(result) ? result.then(valueOf) : valueOf(result);
  return next as NextOf<Generator, Completed>; // by what `generator` is
};
