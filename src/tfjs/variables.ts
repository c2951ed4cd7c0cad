import type * as Tfjs from '@tensorflow/tfjs';
import { forgetName } from './names';

type Variables = Record<string, Tfjs.Variable>;

/**
 * A record that does not keep its values: who looks for one that nobody else reaches any more does not find it, and its name is
 * free again.
 */
const weakRecord = (): Variables => {
  const references = new Map<string, WeakRef<Tfjs.Variable>>();
  const names = new FinalizationRegistry<string>((name) => {
    // The name may be another's by now.
    if (references.get(name)?.deref() !== undefined) return;
    if (references.delete(name)) forgetName(name);
  });
  const find = (name: string | symbol): Tfjs.Variable | undefined =>
    typeof name === 'string' ? references.get(name)?.deref() : undefined;
  return new Proxy<Variables>(
    {},
    {
      get: (_, name) => find(name),
      has: (_, name) => find(name) !== undefined,
      set: (_, name, variable: Tfjs.Variable) => {
        references.set(String(name), new WeakRef(variable));
        names.register(variable, String(name), variable);
        return true;
      },
      deleteProperty: (_, name) => {
        const variable = find(name);
        if (variable !== undefined) names.unregister(variable);
        references.delete(String(name));
        return true;
      },
      ownKeys: () => [...references.keys()].filter((name) => find(name) !== undefined),
      getOwnPropertyDescriptor: (_, name) => {
        const value = find(name);
        return value && { value, configurable: true, enumerable: true, writable: true };
      },
    },
  );
};

/** Has tfjs keep no variables that nobody else reaches. It knows all of them by name, and with them each model that there ever was. */
export const keepNoVariables = (tf: typeof Tfjs): void => {
  const { state } = tf.engine();
  const known = state.registeredVariables;
  state.registeredVariables = Object.assign(weakRecord(), known);
};
