/** Names, `package>name`, under which programs in Python have registered classes and functions: what was read by one is written by it. */
const names = new WeakMap<object, string>();

/** Notes the registered name of a class or a function of the program's own. */
export const noteRegisteredName = (object: object, name: string): void => {
  if (name.includes('>')) names.set(object, name);
};

/** The registered name of a class or a function, if it has one. */
export const registeredNameOf = (object: object): string | undefined => names.get(object);
