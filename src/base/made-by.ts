/** Which function made an object, and with which options: configurations of losses, metrics and schedules are made of that. */
import { inspect } from 'node:util';

export interface MadeBy {
  readonly functionName: string;
  /** The checked options, defaults included. */
  readonly options: Readonly<Record<string, unknown>>;
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
    Object.defineProperty(made, inspect.custom, { value: () => callText(maker), configurable: true });
  return made;
};

/** Which function made an object, if it is one of this library's. */
export const makerOf = (made: object): MadeBy | undefined => makers.get(made);
