/** Compares layers' configurations with Keras's, key by key. */
import type { layers } from '@tensorflow/tfjs';
import { tf } from '../../../src/index';

type Layer = layers.Layer;

type Config = Readonly<Record<string, unknown>>;

/** What Keras's configurations say of names, inputs, shapes seen, and how Keras runs a recurrence. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'name',
  'dtype',
  'batch_input_shape',
  'implementation',
  'time_major',
  'query_shape',
  'key_shape',
  'value_shape',
]);

/** Keras's names of initializers that are a kind of variance scaling. */
const SCALINGS: Readonly<Record<string, Config>> = {
  GlorotUniform: { scale: 1, mode: 'fan_avg', distribution: 'uniform' },
  GlorotNormal: { scale: 1, mode: 'fan_avg', distribution: 'truncated_normal' },
};

const isObject = (value: unknown): value is Config =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A configuration in one form: Keras's objects without where their classes are; seeds are each library's own. */
const normal = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value === 'number') return Number(Math.fround(value).toPrecision(6));
  if (!isObject(value)) return value ?? null;
  if (typeof value['class_name'] === 'string') {
    const name = value['class_name'];
    const { seed: _seed, ...whole } = isObject(value['config']) ? value['config'] : {};
    // Of a layer inside the layer, the same counts.
    const config = Object.fromEntries(Object.entries(whole).filter(([key]) => !LEFT_OUT.has(key)));
    const scaling = SCALINGS[name];
    return scaling === undefined
      ? { class_name: name, config: normal(config) }
      : { class_name: 'VarianceScaling', config: normal(scaling) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normal(item)]));
};

/** A layer's configuration as it is saved. */
export const savedConfig = (layer: Layer): Config => {
  const model = tf.sequential();
  Object.assign(model, { layers: [layer], built: true });
  const { config } = model.toJSON(undefined, false) as unknown as {
    config: { layers: { config: Config }[] };
  };
  return JSON.parse(JSON.stringify(config.layers[0]?.config)) as Config;
};

/** Checks that each of Keras's keys is there with Keras's value. */
export const expectConfig = (layer: Layer, keras: Config): void => {
  const ours = savedConfig(layer);
  const expected = Object.fromEntries(
    Object.entries(keras)
      .filter(([key]) => !LEFT_OUT.has(key))
      .map(([key, value]) => [key, normal(value)]),
  );
  const actual = Object.fromEntries(
    Object.keys(expected).map((key) => [key, key in ours ? normal(ours[key]) : 'missing']),
  );
  expect(actual).toEqual(expected);
};
