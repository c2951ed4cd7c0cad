/** Layers' and models' configurations, as Keras writes them. */
import type { LayersModel, Sequential, SymbolicTensor } from '@tensorflow/tfjs';
import { Lambda } from '../../layers/internal/lambda-layer';
import { StackedRNNCells } from '../../layers/internal/stacked-cells';
import { isLayer, type Layer } from '../../layers/internal/target';
import { isPlainObject } from '../../base/checks';
import { savedOptions } from '../../layers/internal/custom-layer';
import { OwnCell, WrappedCell } from '../../layers/internal/own-cells';
import { isOfLibraryClass } from '../../tfjs/base-classes';
import { nodesByDepth } from '../../tfjs/private';
import { tf } from '../../tfjs/tensorflow';
import { knownWrapper, type OwnClass } from '../model';
import { furtherInputs } from './call-inputs';
import { configError, functionForm, objectForm, snakeCase, type Config } from './forms';
import { configOf, isTfjsObject, liveName, nameOfFunction, noteClass } from './write-objects';

/** What all layers have; Keras computes in the type that it calls the layer's. */
const baseConfig = ({ name, trainable, batchInputShape }: Readonly<Config>): Config => ({
  name,
  trainable: trainable ?? true,
  ...(Array.isArray(batchInputShape) ? { batch_input_shape: batchInputShape } : {}),
  dtype: 'float32',
});

const inputConfig = (name: string, shape: readonly (number | null)[], dtype: string): Config => ({
  batch_input_shape: [...shape],
  dtype,
  sparse: false,
  ragged: false,
  name,
});

/** A layer's form under the name that the layer around it has for it: a bidirectional one puts the direction before. */
const renamed = (form: Config, known: unknown): Config =>
  isTfjsObject(known) && 'name' in known.config
    ? { ...form, config: { ...(form['config'] as Config), name: known.config['name'] } } // all forms have one
    : form;

/** The layers inside a layer under the names that its configuration has for them. */
const innerConfig = (layer: Layer, own: Readonly<Config>): Config => {
  const fields = layer as unknown as Readonly<Record<string, unknown>>; // by the names of its options
  return Object.fromEntries(
    Object.entries(own).flatMap(([key, value]): [string, unknown][] => {
      const field = fields[key];
      if (isLayer(field)) return [[snakeCase(key), renamed(layerObject(field), value)]];
      const isListOfLayers = Array.isArray(field) && field.length > 0 && field.every(isLayer);
      return isListOfLayers ? [[snakeCase(key), field.map((one) => layerObject(one))]] : [];
    }),
  );
};

/** A function's configuration is its name, and what it is called with. */
const lambdaConfig = (layer: Lambda): Config => {
  const { f, mask, outputShape, arguments: given } = layer.functions;
  if (f === null)
    throw configError('a layer of a function must have the function', `the layer '${layer.name}'`);
  return {
    function: nameOfFunction(f, 'f'),
    function_type: 'function',
    module: null,
    output_shape:
      typeof outputShape === 'function' ? nameOfFunction(outputShape, 'outputShape') : outputShape,
    output_shape_type: typeof outputShape === 'function' ? 'function' : 'raw',
    output_shape_module: null,
    ...(mask === null ? {} : { mask: functionForm(nameOfFunction(mask, 'mask')) }),
    arguments: given ?? {},
  };
};

/** The class of the user's own that a model is of. */
const ownClassOf = (layer: Layer): OwnClass | undefined =>
  layer instanceof tf.LayersModel ? knownWrapper(layer)?.ownClass : undefined;

/** What a model of a class of the user's own is built by, as Keras has it: its input's shape, or shapes; and their type, if they are texts. */
export const buildConfigOf = (layer: Layer): Config => {
  if (!(layer instanceof tf.LayersModel) || ownClassOf(layer) === undefined) return {};
  const shapes = layer.inputs.map(({ shape }) => [...shape]);
  const areTexts = layer.inputs[0]?.dtype === 'string';
  return {
    build_config: {
      input_shape: shapes.length === 1 ? shapes[0] : shapes,
      ...(areTexts ? { input_dtype: 'string' } : {}),
    },
  };
};

/** A layer's configuration, a model's included. */
export const layerConfig = (given: Layer): Config => {
  const own = ownClassOf(given);
  if (own !== undefined) {
    noteClass(own.name, own.constructor);
    return { ...own.config };
  }
  return plainConfig(given instanceof WrappedCell ? given.layer : given);
};

const plainConfig = (layer: Layer): Config => {
  if (layer instanceof tf.Sequential) return sequentialConfig(layer);
  if (layer instanceof tf.LayersModel) return functionalConfig(layer);
  const config = layer.getConfig() as Readonly<Config>;
  const { name: _n, trainable: _t, batchInputShape: _b, dtype: _d, inputDType: _i, ...own } = config;
  if (layer.getClassName() === 'InputLayer') {
    return inputConfig(layer.name, config['batchInputShape'] as (number | null)[], String(config['dtype'])); // an input has them
  }
  // A class of the user's own has its own spelling.
  const base = baseConfig({ ...config, name: layer.name });
  if (!isOfLibraryClass(layer)) {
    noteClass(layer.getClassName(), layer.constructor);
    return { ...base, ...own };
  }
  if (layer instanceof Lambda) return { ...base, ...lambdaConfig(layer) };
  // Keras 3 refuses what it has not; where the batch comes first, as it does there, nothing need be said.
  const { timeMajor, ...others } = own;
  return {
    ...base,
    ...configOf(timeMajor === true ? own : others),
    ...innerConfig(layer, own),
  };
};

/** Keras's name of a layer's class. */
export const classNameOf = (layer: Layer): string => {
  const own = ownClassOf(layer);
  if (own !== undefined) return own.name;
  if (layer instanceof tf.Sequential) return 'Sequential';
  return layer instanceof tf.LayersModel ? 'Functional' : layer.getClassName();
};

/** Where Keras has a layer's class. */
const moduleOf = (layer: Layer): string | null => {
  if (ownClassOf(layer) !== undefined) return null;
  if (layer instanceof tf.Sequential) return 'keras';
  if (layer instanceof tf.LayersModel) return 'keras.src.engine.functional';
  return isOfLibraryClass(layer) && !(layer instanceof WrappedCell) ? 'keras.layers' : null;
};

/** A cell that is an object, or an instance of a class, of the user's own, by its class and its fields. */
const ownCellObject = (source: object): Config => {
  const form = (name: string, config: object): Config => ({
    ...objectForm('builtins', name, { ...config }),
    module: null,
    registered_name: name,
  });
  const live = liveName(source);
  if (live !== undefined) return form(live, {});
  const { name: className } = source.constructor;
  const isOfClass = !isPlainObject(source);
  const own =
    'getConfig' in source && typeof source.getConfig === 'function'
      ? (source.getConfig as () => object)
      : undefined;
  const config =
    own?.call(source) ?? (isOfClass ? savedOptions(`the cell of class ${className}`, { ...source }) : {});
  return form(isOfClass ? className : 'OwnCell', config);
};

/** A layer as an object in a configuration. */
export const layerObject = (layer: Layer): Config => {
  if (layer instanceof OwnCell) return ownCellObject(layer.source);
  const module = moduleOf(layer);
  const className = classNameOf(layer);
  const { batch_input_shape: shape, ...others } = layerConfig(layer);
  // The shape is that of the input, which is a layer of its own.
  const config = className === 'InputLayer' ? { batch_input_shape: shape, ...others } : others;
  const form = objectForm(module ?? 'builtins', className, config);
  return module === null ? { ...form, module, registered_name: className, ...buildConfigOf(layer) } : form;
};

const sequentialConfig = (stack: Sequential): Config => {
  const input = stack.inputs[0];
  const layers = stack.layers.filter((layer) => layer.getClassName() !== 'InputLayer').map(layerObject);
  if (input === undefined) return { name: stack.name, layers };
  const { sourceLayer, shape, dtype } = input;
  const first = objectForm('keras.layers', 'InputLayer', inputConfig(sourceLayer.name, shape, dtype));
  return { name: stack.name, layers: [first, ...layers] };
};

type Node = Layer['inboundNodes'][number];

/** A layer's applications within a model, in the order in which they were made. */
type Applications = ReadonlyMap<Layer, readonly Node[]>;

const applicationsIn = (model: LayersModel): Applications => {
  const nodes = new Set(nodesByDepth(model).flat());
  return new Map(model.layers.map((layer) => [layer, layer.inboundNodes.filter((node) => nodes.has(node))]));
};

/** Where a tensor comes from: layer, number of the layer's application, number of its output. */
const sourceOf = (
  applications: Applications,
  { sourceLayer: layer, nodeIndex, outputTensorIndex }: SymbolicTensor,
): [string, number, number] => {
  const node = layer.inboundNodes[nodeIndex];
  const index = (applications.get(layer) ?? []).findIndex((one) => one === node);
  // The first application of a model is the one that made it.
  return [layer.name, index + (layer instanceof tf.LayersModel ? 1 : 0), outputTensorIndex ?? 0];
};

/** What else a layer was called with, as JSON has it. */
const callConfig = (node: Node): Config => {
  const { mask: _mask, training: _training, ...others } = (node.callArgs ?? {}) as Readonly<Config>;
  const plain = Object.entries(others).filter(
    ([, value]) => typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string',
  );
  return Object.fromEntries(plain.map(([key, value]) => [snakeCase(key), value]));
};

/** What comes into a layer: of states of several cells, as Keras has it, those of a cell with several are a list of their own. */
const ofCells = (layer: Layer, sources: readonly unknown[]): readonly unknown[] => {
  const cell = 'cell' in layer ? layer.cell : undefined;
  if (!(cell instanceof StackedRNNCells) || sources.length < 2) return sources;
  const [input, ...states] = sources;
  const nested = cell.cells.map(({ stateShapes }) => states.splice(0, stateShapes.length));
  return [input, ...nested.map((list) => (list.length === 1 ? list[0] : list)), ...states];
};

const nodeConfig = (applications: Applications, layer: Layer, node: Node): unknown => {
  const sources = node.inputTensors.map((tensor) => sourceOf(applications, tensor));
  const kwargs = callConfig(node);
  const names = furtherInputs(layer.getClassName());
  if (names === undefined)
    return ofCells(
      layer,
      sources.map((source) => [...source, kwargs]),
    );
  const [first, ...further] = sources;
  const named = Object.fromEntries(further.map((source, index) => [names[index] ?? '', source]));
  return [[...(first ?? []), { ...named, ...kwargs }]];
};

const functionalConfig = (model: LayersModel): Config => {
  const applications = applicationsIn(model);
  const layers = model.layers.map((layer) => ({
    ...layerObject(layer),
    name: layer.name,
    inbound_nodes:
      layer.getClassName() === 'InputLayer'
        ? []
        : (applications.get(layer) ?? []).map((node) => nodeConfig(applications, layer, node)),
  }));
  return {
    name: model.name,
    trainable: model.trainable,
    layers,
    input_layers: model.inputs.map((tensor) => sourceOf(applications, tensor)),
    output_layers: model.outputs.map((tensor) => sourceOf(applications, tensor)),
  };
};
