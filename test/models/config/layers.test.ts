/** Configurations of all layers against those that Keras gives for the same options: see test/reference/layers.py. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fromConfig, getConfig, layerInput } from '../../../src/index';
import type { getLayer, KerasConfig, SymbolicTensor, Tensor } from '../../../src/index';
import { casesOf, inputsOf, masksOf, titleOf, weightsOf, type Case } from '../../layers/reference/cases';
import { applyCase } from '../../layers/reference/apply';
import { expectClose } from '../../layers/reference/check';

type Config = Record<string, unknown>;
type Layer = ReturnType<typeof getLayer>;

const groups = readdirSync(path.join(__dirname, '../../reference/layers'))
  .filter((file) => file.endsWith('.json'))
  .map((file) => path.basename(file, '.json'));
const cases = groups.flatMap((group) => casesOf(group)).map((one) => [titleOf(one), one] as const);

/** What Keras saves besides a layer's options: how it computes, and shapes that it has seen. */
const LEFT_OUT = new Set(['name', 'batch_input_shape', 'implementation', 'time_major', 'query_shape', 'key_shape', 'value_shape']); // prettier-ignore

/** Keras 3's layers have no configuration in the reference. */
const hasConfig = ({ config }: Case): boolean => Object.keys(config).length > 0;

const rounded = (value: unknown): unknown => {
  if (typeof value === 'number') return Number(Math.fround(value).toPrecision(6));
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rounded(item)]));
};

/** A configuration, and those in it, without what is left out. */
const without = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(without);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !LEFT_OUT.has(key));
  return Object.fromEntries(kept.map(([key, item]) => [key, without(item)]));
};

const compared = (config: Readonly<Config>): unknown => rounded(without(config));

const CALL_OPTIONS = ['useCausalMask', 'returnAttentionScores'];

const symbolicInputs = ({ inputs, ids, bools = [] }: Case): SymbolicTensor[] =>
  inputs.map((shape, index) =>
    layerInput({ shape, dtype: bools.includes(index) ? 'bool' : ids === undefined ? 'float32' : 'int32' }),
  );

/** The layer that the layer function makes, applied. */
const made = (one: Case): Layer => {
  const outputs = applyCase(one, symbolicInputs(one));
  return (outputs[0] as SymbolicTensor).sourceLayer as Layer;
};

const isListed = ({ many, states }: Case): boolean => many === true || states === true;

const callOptions = ({ options }: Case): object =>
  Object.fromEntries(Object.entries(options).filter(([option]) => CALL_OPTIONS.includes(option)));

/** The layer that a configuration makes, applied to what the case is applied to. */
const remade = (one: Case, config: Readonly<Config>): Layer => {
  const layer = fromConfig({ class_name: one.class, config } as unknown as KerasConfig<Layer>);
  const inputs = symbolicInputs(one);
  layer.apply(
    isListed(one) ? inputs : (inputs[0] as SymbolicTensor),
    callOptions(one) as Record<string, unknown>,
  );
  return layer;
};

const applied = (layer: Layer, one: Case): Tensor[] => {
  layer.setWeights(weightsOf(layer.weights));
  const inputs = inputsOf(one);
  const masks = masksOf(one);
  const options = {
    training: one.training,
    ...callOptions(one),
    ...(masks === undefined ? {} : { mask: one.many === true ? masks : masks[0] }),
  };
  return [layer.apply(isListed(one) ? inputs : (inputs[0] as Tensor), options)].flat() as Tensor[];
};

describe('a layer’s configuration', () => {
  test('is compared for many', () =>
    expect(cases.filter(([, one]) => hasConfig(one)).length).toBeGreaterThan(140));

  test.each(cases.filter(([, one]) => hasConfig(one)))('%s: is Keras’s', (_title, one) => {
    const layer = made(one);
    const ours = getConfig(layer);
    expect(ours['name']).toBe(layer.name);
    const keras = one.config;
    const expected = compared(keras) as Config;
    // Keras has no axes of attention before it has been applied.
    if (expected['attention_axes'] === null) delete expected['attention_axes'];
    const actual = compared(ours) as Config;
    expect(Object.fromEntries(Object.keys(expected).map((key) => [key, actual[key]]))).toEqual(expected);
  });

  test.each(cases.filter(([, one]) => hasConfig(one)))('%s: Keras’s makes the layer', (_title, one) => {
    const layer = remade(one, one.config);
    expect(layer.getClassName()).toBe(one.class);
    expect(layer.name).toBe(one.config['name']);
    applied(layer, one).forEach((output, index) => expectClose(output, one.outputs[index]));
    // Keras's spatial dropout forgets where its channels are.
    const same = !one.class.startsWith('SpatialDropout');
    if (same) expect(compared(getConfig(layer))).toEqual(compared(getConfig(made(one))));
  });

  test.each(cases)('%s: its own makes the layer', (_title, one) => {
    const config = JSON.parse(JSON.stringify(getConfig(made(one)))) as Config;
    const layer = remade(one, config);
    applied(layer, one).forEach((output, index) => expectClose(output, one.outputs[index]));
    expect(JSON.parse(JSON.stringify(getConfig(layer)))).toEqual(config);
  });
});
