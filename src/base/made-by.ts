/** Which function made an object, and with which options: configurations of losses, metrics and schedules are made of that. */

export interface MadeBy {
  readonly functionName: string;
  /** The checked options, defaults included. */
  readonly options: Readonly<Record<string, unknown>>;
}

const makers = new WeakMap<object, MadeBy>();

/** Notes which function made an object, and gives the object. */
export const noteMaker = <Made>(made: Made, functionName: string, options: object): Made => {
  if ((typeof made === 'object' && made !== null) || typeof made === 'function')
    makers.set(made, { functionName, options: options as MadeBy['options'] }); // checked options have names
  return made;
};

/** Which function made an object, if it is one of this library's. */
export const makerOf = (made: object): MadeBy | undefined => makers.get(made);
