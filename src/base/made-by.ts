/** Which function made an object, and with which options: configurations of losses, metrics and schedules are made of that. */
import { inspect } from 'node:util';

export interface MadeBy {
  readonly functionName: string;
  /** The checked options, defaults included. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The name of its class, of a class of the program's own. */
  readonly className?: string;
}

const makers = new WeakMap<object, MadeBy>();

/** The call that makes an object like this one: `regularizerL2({ l: 0.01 })`. */
const callText = ({ functionName, options }: MadeBy): string => {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return `${functionName}(${given.length === 0 ? '' : inspect(Object.fromEntries(given))})`;
};

/** Notes which function made an object, which `console.log` shows from then on, and gives the object. */
export const noteMaker = <Made>(made: Made, functionName: string, options: object): Made => {
  if ((typeof made !== 'object' || made === null) && typeof made !== 'function') return made;
  const maker: MadeBy = { functionName, options: options as MadeBy['options'] }; // checked options have names
  makers.set(made, maker);
  if (!(inspect.custom in made) && Object.isExtensible(made))
    Object.defineProperty(made, inspect.custom, {
      value: () => callText(makers.get(made) ?? maker),
      configurable: true,
    });
  return made;
};

/** Which function made an object, if it is one of this library's. */
export const makerOf = (made: object): MadeBy | undefined => makers.get(made);

/** The functions that make objects of classes of the program's own. */
const ownMakers = new WeakSet<object>();

/** Marks a function as one that makes objects of a class of the program's own, of their options. */
export const asOwnMaker = <Make extends object>(make: Make): Make => {
  ownMakers.add(make);
  return make;
};

/** Whether a value is such a function. */
export const isOwnMaker = (value: unknown): value is (options: object) => unknown =>
  typeof value === 'function' && ownMakers.has(value);

/** Notes of which class of the program's own an object is, and what its configuration says; gives the object. */
export const noteOwnClass = <Made extends object>(
  made: Made,
  functionName: string,
  className: string,
  options: () => Readonly<Record<string, unknown>>,
): Made => {
  noteMaker(made, functionName, {});
  makers.set(made, {
    functionName,
    className,
    // It is the class's own affair, and may change.
    get options() {
      return options();
    },
  });
  return made;
};
