/**
 * Activations that Keras 3 calls otherwise. Its `hard_sigmoid` is another function than that of Keras 2 and R keras, which it has not:
 * that one is written as two layers, of which Keras takes a stack in the place of an activation.
 */
import { isConfig, isList, objectConfigOf, objectForm, type Config } from './forms';

/** Keras's name of two functions: `clip(0.2 · x + 0.5, 0, 1)` in Keras 2, and `clip(x / 6 + 0.5, 0, 1)` in Keras 3. */
const NAME = 'hard_sigmoid';
/** What this library calls Keras 3's. */
const NAME_OF_KERAS_3 = 'hard_sigmoid_keras3';

/** What `clip(0.2 · x + 0.5, 0, 1)` is made of: classes, and options that are not their defaults. */
const LAYERS: readonly (readonly [className: string, name: string, options: Readonly<Config>])[] = [
  ['Rescaling', 'rescaling', { scale: 0.2, offset: 0.5 }],
  ['ReLU', 're_lu', { max_value: 1 }],
];

/** Keras 3's form of the type that a layer computes in. */
export const FLOAT32 = objectForm('keras', 'DTypePolicy', { name: 'float32' });

const stack = (): Config => {
  const base = (name: string): Config => ({ name, trainable: true, dtype: FLOAT32 });
  const layers = LAYERS.map(([className, name, options]) =>
    objectForm('keras.layers', className, { ...base(name), ...options }),
  );
  return objectForm('keras', 'Sequential', { ...base(NAME), layers });
};

/** Options of layers that change nothing here, whatever Keras has written of them: their values there. */
const DEFAULTS: Readonly<Config> = { negative_slope: 0, threshold: 0 };

const hasOptions = (config: Readonly<Config>, options: Readonly<Config>): boolean =>
  Object.entries(options).every(([key, value]) => config[key] === value) &&
  Object.entries(DEFAULTS).every(([key, value]) => (config[key] ?? value) === value);

/** Whether a value is the stack of layers that stands for Keras 2's function; Keras puts an input before them once it is built. */
const isStack = (value: unknown): boolean => {
  const found = objectConfigOf(value);
  const all = found?.className === 'Sequential' ? found.config['layers'] : undefined;
  if (!isList(all)) return false;
  const layers = all.map(objectConfigOf).filter((layer) => layer?.className !== 'InputLayer');
  return (
    layers.length === LAYERS.length &&
    LAYERS.every(([className, , options], index) => {
      const layer = layers[index];
      return layer?.className === className && hasOptions(layer.config, options);
    })
  );
};

/** What Keras 3 calls an activation. */
const toKeras3 = (value: unknown): unknown =>
  value === NAME ? stack() : value === NAME_OF_KERAS_3 ? NAME : value;

/** Options that are activations. */
export const isActivation = (key: string): boolean => /(?:^|_)activation$/.test(key);

/** A layer's configuration with Keras 3's activations. */
export const withKeras3Activations = (config: Readonly<Config>): Config =>
  Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, isActivation(key) ? toKeras3(value) : value]),
  );

/** The version of Keras in whose words a configuration is. */
export type KerasVersion = 2 | 3;

let versionRead: KerasVersion = 2;

/** Reads what is in the words of a version of Keras. */
export const readingVersion = <Result>(version: KerasVersion, read: () => Result): Result => {
  const outer = versionRead;
  versionRead = version;
  try {
    return read();
  } finally {
    versionRead = outer;
  }
};

/** The version of Keras in whose words a layer's configuration is: in most of Keras 3's the type is an object of a class that it alone has. */
export const versionOfLayer = ({ dtype }: Readonly<Config>): KerasVersion =>
  isConfig(dtype) && dtype['class_name'] === 'DTypePolicy' ? 3 : versionRead;

/** What an activation in the words of a version of Keras is called here. */
export const activationIn = (version: KerasVersion, value: unknown): unknown => {
  if (isStack(value)) return NAME;
  return version === 3 && value === NAME ? NAME_OF_KERAS_3 : value;
};
