/**
 * How a function of the user's own that has the place of a named object, an activation or an initializer, is called in
 * configurations: by a class name that no class has, from which the function can be found as long as it lives.
 */

const PREFIX = 'custom:';

/** Any function. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- whatever it takes and gives: its user knows
export type AnyFunction = Function;

const numbers = new WeakMap<AnyFunction, number>();
const functions = new Map<number, WeakRef<AnyFunction>>();
const gone = new FinalizationRegistry<number>((number) => functions.delete(number));
let count = 0;

/** The class name of an object around a function. */
export const classNameOfFunction = (call: AnyFunction): string => {
  let number = numbers.get(call);
  if (number === undefined) {
    number = ++count;
    numbers.set(call, number);
    functions.set(number, new WeakRef(call));
    gone.register(call, number);
  }
  return `${PREFIX}${number}`;
};

/** The function that a class name stands for; undefined if it is the name of a class. */
export const functionOfClassName = (className: string): AnyFunction | undefined =>
  className.startsWith(PREFIX) ? functions.get(Number(className.slice(PREFIX.length)))?.deref() : undefined;
