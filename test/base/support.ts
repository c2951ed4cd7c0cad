import { tf } from '../../src/index';

/** What tfjs saves of an activation, an initializer, a constraint or a regularizer. */
interface Serializable {
  getClassName(): string;
  getConfig(): object;
}

type FromConfig = (constructor: unknown, config: object) => unknown;

/** What comes back when tfjs saves an object and loads it again. */
export const savedAndLoaded = <T extends Serializable>(object: T): T => {
  // The map's type is of tfjs's base class, which is not exported.
  const classes = tf.serialization.SerializationMap.getMap().classNameMap as unknown as Readonly<
    Record<string, readonly [unknown, FromConfig]>
  >;
  const [constructor, fromConfig] = classes[object.getClassName()] ?? [];
  if (fromConfig === undefined) throw new Error(`tfjs knows no class ${object.getClassName()}`);
  // Through JSON, as a file has it.
  return fromConfig(constructor, JSON.parse(JSON.stringify(object.getConfig())) as object) as T;
};
