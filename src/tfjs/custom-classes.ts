import { argumentError } from '../base/checks';
import { registerForUser } from './base-classes';
import { tf } from './tensorflow';

/** A class that is made again from its configuration under its name. */
export interface CustomClass {
  readonly className: string;
}

const classes = new Map<string, CustomClass>();

/** The class of the user's own of a name. */
export const customClass = (name: string): CustomClass | undefined => classes.get(name);

/**
 * Makes a class of the user's own known under its name, so that models with it come back from their configuration. Another one of
 * the user's own under that name is replaced, as a program does that defines it anew.
 *
 * @throws KerasArgumentError if it is the name of a class of Keras's.
 */
export const registerCustom = (argument: string, custom: CustomClass): void => {
  const { className } = custom;
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  if (className in classNameMap && !classes.has(className)) {
    throw argumentError(
      { argument },
      'a name that no class of Keras has',
      className,
      `Call it My${className}, for example`,
    );
  }
  classes.set(className, custom);
  registerForUser(custom);
};
