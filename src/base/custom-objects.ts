import { AsyncLocalStorage } from 'node:async_hooks';
import { refuseSurplus } from './function-name';
import { argumentError, isPlainObject, ownValue, type Check } from './checks';

/** A function or a class of the program's own, of which configurations have the name only. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- whatever it takes and gives: its user knows
export type CustomObject = Function;

/** What names in configurations stand for. */
export type CustomObjects = Readonly<Record<string, CustomObject>>;

const scope = new AsyncLocalStorage<CustomObjects>();

/** The check of an option or argument that says what names stand for. */
export const customObjects: Check<CustomObjects> = (value, place) => {
  const wrong = isPlainObject(value)
    ? Object.entries(value).find(([, object]) => typeof object !== 'function')
    : undefined;
  if (isPlainObject(value) && wrong === undefined) return value as CustomObjects; // as it has just been checked
  throw argumentError(
    wrong === undefined ? place : { ...place, argument: `${place.argument}.${wrong[0]}` },
    wrong === undefined ? 'an object of functions and classes under their names' : 'a function or a class',
    wrong === undefined ? value : wrong[1],
    'Write { myActivation: (x) => tf.sin(x) }',
  );
};

/** Runs with names that stand for functions and classes, besides those that do already. */
export const withCustomObjects = <Result>(objects: CustomObjects | undefined, run: () => Result): Result =>
  objects === undefined ? run() : scope.run({ ...scope.getStore(), ...objects }, run);

/** What a name stands for, if something. */
export const customObject = (name: string): CustomObject | undefined =>
  // Only functions are in it.
  ownValue(scope.getStore() ?? {}, name) as CustomObject | undefined;

/** The names that stand for something. */
export const customObjectNames = (): string[] => Object.keys(scope.getStore() ?? {});

/**
 * Runs a function in which names in configurations stand for functions and classes of the program's own, and gives what it
 * gives. What it awaits is in the scope, too; scopes within scopes add to each other.
 *
 * `objects` are functions and classes under the names by which configurations call them; `expr` is the function.
 *
 * @throws KerasArgumentError if `objects` has something else in it, or `expr` is no function.
 * @example
 * const wave = (x: tf.Tensor): tf.Tensor => tf.sin(x)
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3], activation: wave }))
 * const copy = withCustomObjectScope({ wave }, () => cloneModel(model))
 * assert.deepStrictEqual(outputShape(copy), [null, 2])
 * @see R keras `with_custom_object_scope`
 */
export const withCustomObjectScope = <Result>(
  objects: CustomObjects,
  expr: () => Result,
  ...surplus: []
): Result => {
  const functionName = 'withCustomObjectScope';
  refuseSurplus(functionName, ['objects', 'expr'], surplus);
  const checked = customObjects(objects, { function: functionName, argument: 'objects' });
  if (typeof expr !== 'function') {
    const advice = 'Write withCustomObjectScope({ wave }, () => loadModelHdf5(file))';
    throw argumentError({ function: functionName, argument: 'expr' }, 'a function', expr, advice);
  }
  return withCustomObjects(checked, expr);
};
