/** Models out of Keras's configurations: those of Keras 2 and of Keras 3, and the older ones with a bare list of layers. */
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import { isSymbolicTensor, addLayer, type NewLayer } from '../../layers/internal/target';
import { applyNew, connectAll } from '../../layers/internal/apply';
import type { InputType } from '../../layers/internal/options';
import { layerInput } from '../../layers/core';
import type { Layer } from '../../layers/internal/target';
import { layerName, shape } from '../../base/checks';
import { kerasModel } from '../functional';
import { asLayer } from '../as-layer';
import type { KerasModel, Prediction } from '../model';
import { SequentialModel } from '../sequential';
import { furtherInputs } from './call-inputs';
import { configError, isConfig, isList, objectConfigOf, type Config } from './forms';
import { callOptionsFrom, newLayerFrom } from './read-layer';
import { isOfModels, ownModelClass, ownModelFrom } from './read-own-model';

type Shape = readonly (number | null)[];

type AnyKerasModel = KerasModel<Prediction>;

/** What a model is made of in the place of what its configuration says. */
export interface Replacements {
  /** The inputs. */
  readonly inputs?: readonly SymbolicTensor[] | undefined;
  /** The layer of a name, or none for the one of the configuration. */
  readonly layer?: ((name: string) => NewLayer | undefined) | undefined;
}

/** How deep models may be in models. */
const MAX_DEPTH = 64;

const inputTypes = (dtype: unknown): InputType => {
  const name = objectConfigOf(dtype)?.config['name'] ?? dtype ?? 'float32';
  if (name === 'bool' || name === 'string') return name;
  if (typeof name === 'string' && /^(?:b?float\d+|mixed_.*)$/.test(name)) return 'float32';
  if (typeof name === 'string' && /^u?int(?:8|16|32|64)$/.test(name)) return 'int32';
  throw configError("an input's `dtype` must be a type of numbers or texts", name);
};

interface Input {
  readonly shape: unknown;
  readonly dtype: InputType;
  readonly name: unknown;
}

const inputFrom = (config: Readonly<Config>): Input => {
  const shape = config['batch_input_shape'] ?? config['batch_shape'];
  if (!isList(shape)) throw configError('an input must have a `batch_input_shape`', shape);
  if (config['sparse'] === true || config['ragged'] === true)
    throw configError(
      'inputs must be dense',
      config['sparse'] === true ? 'a sparse input' : 'a ragged input',
    );
  return { shape, dtype: inputTypes(config['dtype']), name: config['name'] };
};

const nameOf = (config: Readonly<Config>, argument = 'name'): string => {
  const { name } = config;
  if (typeof name !== 'string') throw configError('a model must have a `name`', name);
  return layerName(name, { argument });
};

const listOf = (value: unknown, what: string): readonly unknown[] => {
  if (isList(value)) return value;
  throw configError(`\`${what}\` must be a list`, value);
};

const objectsOf = (value: unknown, what: string): Readonly<Config>[] =>
  listOf(value, what).map((one) => {
    if (isConfig(one)) return one;
    throw configError(`\`${what}\` must be a list of layers`, one);
  });

/** In which layer of a configuration errors arose. */
const places = new WeakMap<object, string>();

/** In which layer of a configuration an error arose. */
export const placeOfError = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null ? places.get(error) : undefined;

const inLayer = <T>(place: string, run: () => T): T => {
  try {
    return run();
  } catch (error) {
    if (typeof error === 'object' && error !== null && !places.has(error)) places.set(error, place);
    throw error;
  }
};

const sequentialFrom = (
  config: Readonly<Config>,
  depth: number,
  { inputs, layer: replace }: Replacements,
): SequentialModel => {
  const objects = objectsOf(config['layers'], 'layers');
  const [first, ...others] = objects;
  const isInput = objectConfigOf(first)?.className === 'InputLayer';
  const input = isInput ? inputFrom(objectConfigOf(first)?.config ?? {}) : undefined;
  const batchInputShape = inputs?.[0]?.shape ?? input?.shape ?? config['build_input_shape'] ?? undefined;
  const dtype = inputs?.[0]?.dtype ?? input?.dtype;
  const name = typeof config['name'] === 'string' ? nameOf(config) : 'sequential';
  const model = new SequentialModel(name, undefined, undefined, dtype as InputType | undefined); // of one of the types of inputs
  (isInput ? others : objects).forEach((object, index) => {
    inLayer(placeOf(object, index), () => {
      const className = objectConfigOf(object)?.className ?? '';
      const replaced = replace?.(nameIn(object) ?? '');
      if (replaced !== undefined) {
        model[addLayer](
          index === 0 && !model.built ? { ...replaced, batchInputShape: batchInputShape as Shape } : replaced,
        );
        return;
      }
      if (isOfModels(className)) {
        const inner = modelFrom(object, depth + 1);
        model.addModel('fromConfig', asLayer(inner.tf, undefined), inner.tf);
        return;
      }
      const layer = newLayerFrom(index === 0 ? withInput(object, batchInputShape, dtype) : object);
      // A layer of a class of the user's own does not know it.
      const isOpen = index === 0 && layer.batchInputShape === undefined && isList(batchInputShape);
      const known = isOpen ? shape(batchInputShape, { argument: 'batch_input_shape' }) : undefined;
      model[addLayer](known === undefined ? layer : { ...layer, batchInputShape: known });
    });
  });
  return model;
};

/** The first layer with what is known of the model's input. */
const withInput = (object: Readonly<Config>, shape: unknown, dtype: string | undefined): Readonly<Config> => {
  const config = objectConfigOf(object)?.config ?? {};
  const { batch_input_shape: own, batch_shape: alias, ...rest } = config;
  const known = shape ?? own ?? alias;
  return {
    ...object,
    config: {
      ...rest,
      ...(known === undefined || known === null ? {} : { batch_input_shape: known }),
      ...(dtype === undefined || dtype === 'float32' ? {} : { inputDtype: dtype }),
    },
  };
};

const nameIn = (object: Readonly<Config>): string | undefined => {
  const name = objectConfigOf(object)?.config['name'] ?? object['name'];
  return typeof name === 'string' ? name : undefined;
};

const placeOf = (object: Readonly<Config>, index: number): string => {
  const name = nameIn(object);
  return name !== undefined ? `layer ${index}, '${name}'` : `layer ${index}`;
};

/** An input of an application: which output of which application of which layer. */
type Source = readonly [layer: string, application: number, output: number];

const isSource = (value: unknown): value is Source =>
  isList(value) &&
  value.length >= 3 &&
  typeof value[0] === 'string' &&
  Number.isSafeInteger(value[1]) &&
  Number.isSafeInteger(value[2]);

const sourceFrom = (value: unknown): Source | undefined => {
  if (isSource(value)) return value;
  // As Keras 3 writes it.
  if (objectConfigOf(value)?.className === '__keras_tensor__') {
    const history = objectConfigOf(value)?.config['keras_history'];
    if (isSource(history)) return history;
  }
  return undefined;
};

/** All tensors in a value, in order; a list of them may be in lists. */
const sourcesIn = (value: unknown): Source[] => {
  const source = sourceFrom(value);
  if (source !== undefined) return [source];
  return isList(value) ? value.flatMap(sourcesIn) : [];
};

/** One application of a layer: its inputs in order, and what else it is called with. */
interface Application {
  readonly sources: readonly Source[];
  readonly kwargs: Readonly<Config>;
}

/** Puts the tensors that are given by name behind those that are not, in the order in which the layer takes them. */
const applicationOf = (
  className: string,
  positional: readonly Source[],
  kwargs: Readonly<Config>,
): Application => {
  const names = furtherInputs(className) ?? [];
  const tensors = Object.entries(kwargs).filter(([, value]) => sourcesIn(value).length > 0);
  const order = (name: string): number => (names.includes(name) ? names.indexOf(name) : names.length);
  const sorted = tensors.toSorted(([a], [b]) => order(a) - order(b));
  const inputName = (name: string): boolean => name === 'inputs' || name === 'x' || name === 'query';
  const unknown = sorted.find(
    ([name]) => !names.includes(name) && !inputName(name) && name !== 'initial_state',
  );
  if (unknown !== undefined) {
    throw configError(
      `${className} must be applied to tensors that it takes`,
      `a tensor as \`${unknown[0]}\``,
    );
  }
  const leading = sorted.filter(([name]) => inputName(name)).flatMap(([, value]) => sourcesIn(value));
  const further = sorted.filter(([name]) => !inputName(name)).flatMap(([, value]) => sourcesIn(value));
  const given = [...leading, ...positional, ...further];
  const hasKey = tensors.some(([name]) => name === 'key');
  const hasMask = tensors.some(([name]) => name === 'attention_mask');
  // The keys are the values, where there is a mask and no keys.
  const query = given[0];
  const value = given[1];
  const sources =
    names.length > 0 && hasMask && !hasKey && given.length === 3 && query !== undefined && value !== undefined
      ? [query, value, value, ...given.slice(2)]
      : given;
  return {
    sources,
    kwargs: Object.fromEntries(Object.entries(kwargs).filter(([, value]) => sourcesIn(value).length === 0)),
  };
};

const applicationFrom = (className: string, node: unknown): Application => {
  // Keras 3: { args, kwargs }.
  if (isConfig(node)) {
    const { args, kwargs } = node;
    return applicationOf(className, sourcesIn(args), isConfig(kwargs) ? kwargs : {});
  }
  const entries = listOf(node, 'inbound_nodes');
  // The states of one of several cells are a list within the list.
  const list: readonly unknown[] = isSource(entries)
    ? [entries]
    : entries.flatMap((entry): readonly unknown[] =>
        isList(entry) && !isSource(entry) && entry.every(isSource) ? entry : [entry],
      );
  const sources = list.map((entry) => {
    if (isSource(entry)) return entry;
    throw configError('the inputs of a layer must be outputs of layers', entry);
  });
  const kwargs = list.map((entry) => (isList(entry) && isConfig(entry[3]) ? entry[3] : {}));
  return applicationOf(className, sources, Object.assign({}, ...kwargs) as Config);
};

/** A layer of a graph that is being read. */
interface Part {
  readonly name: string;
  readonly className: string;
  readonly place: string;
  readonly applications: readonly Application[];
  readonly object: Readonly<Config>;
  /** What each application so far gave. */
  readonly outputs: SymbolicTensor[][];
  /** The number of the first application: 1 for models, which one made. */
  first: number;
  made: { readonly layer: Layer; readonly newLayer: NewLayer } | undefined;
}

const partFrom = (object: Readonly<Config>, index: number): Part => {
  const found = objectConfigOf(object);
  const name = object['name'] ?? found?.config['name'];
  if (found === undefined || typeof name !== 'string')
    throw configError('layers must have a class, a configuration and a name', object);
  const nodes = listOf(object['inbound_nodes'] ?? [], 'inbound_nodes');
  return {
    name,
    className: found.className,
    place: placeOf(object, index),
    applications: nodes.map((node) => applicationFrom(found.className, node)),
    object,
    outputs: [],
    first: 0,
    made: undefined,
  };
};

class GraphReader {
  private readonly parts: ReadonlyMap<string, Part>;

  constructor(
    private readonly config: Readonly<Config>,
    private readonly depth: number,
    private readonly replacements: Replacements,
  ) {
    const parts = objectsOf(config['layers'], 'layers').map(partFrom);
    this.parts = new Map(parts.map((part) => [part.name, part]));
    if (this.parts.size !== parts.length) {
      const twice = parts.find((part, index) => parts.findIndex(({ name }) => name === part.name) !== index);
      throw configError(
        "layers' names must differ within a model",
        `two layers named '${twice?.name ?? ''}'`,
      );
    }
    this.countModels([
      ...parts.flatMap(({ applications }) => applications.flatMap(({ sources }) => sources)),
    ]);
  }

  /** Applications of models are counted from 1 where the model's own comes first. */
  private countModels(sources: readonly Source[]): void {
    const all = [...sources, ...this.ends('input_layers'), ...this.ends('output_layers')];
    for (const [name, application] of all) {
      const part = this.parts.get(name);
      if (part === undefined || !isOfModels(part.className)) continue;
      if (application >= part.applications.length) part.first = 1;
    }
  }

  private ends(key: string): Source[] {
    const value = this.config[key];
    // Keras 3 has one without a list around it, and names.
    if (isConfig(value)) return Object.values(value).flatMap(sourcesIn);
    const found = sourcesIn(value);
    if (found.length === 0) throw configError(`\`${key}\` must name outputs of layers`, value);
    return found;
  }

  /** What a source stands for, once it is there. */
  private find([name, application, output]: Source): SymbolicTensor | undefined {
    const part = this.parts.get(name);
    if (part === undefined)
      throw configError('inputs of layers must come from layers of the model', `'${name}'`);
    const index = application - part.first;
    const outputs = part.outputs[index];
    if (outputs === undefined) {
      if (index >= 0 && index < Math.max(1, part.applications.length)) return undefined;
      throw configError(
        `layer '${name}' must have been applied for what is taken from it`,
        `application ${application} of ${part.applications.length}`,
      );
    }
    const found = outputs[output];
    if (found !== undefined) return found;
    throw configError(`layer '${name}' has ${outputs.length} outputs`, `output ${output}`);
  }

  private make(part: Part, incoming: readonly SymbolicTensor[], kwargs: Readonly<Config>): SymbolicTensor[] {
    const { made } = part;
    const isModel = isOfModels(part.className);
    const callArguments = isModel ? {} : callOptionsFrom(part.className, kwargs);
    if (made !== undefined) return connectAll({ ...made.newLayer, callArguments }, made.layer, incoming);
    if (isModel && this.replacements.layer?.(part.name) === undefined) {
      const inner: LayersModel = modelFrom(part.object, this.depth + 1).tf;
      const newLayer = asLayer(inner, undefined);
      part.made = { layer: inner, newLayer };
      return connectAll(newLayer, inner, incoming);
    }
    const replaced = this.replacements.layer?.(part.name);
    const newLayer = replaced ?? { ...newLayerFrom(part.object, callArguments), name: part.name };
    const { tfjsLayer, outputs } = applyNew(newLayer, new Set(), incoming);
    part.made = { layer: tfjsLayer, newLayer };
    return outputs;
  }

  private input(part: Part): SymbolicTensor {
    const place = this.ends('input_layers').findIndex(([name]) => name === part.name);
    return this.replacements.inputs?.[place] ?? inputTensor(part);
  }

  private applyNext(part: Part): boolean {
    const application = part.applications[part.outputs.length];
    if (application === undefined) return false;
    const incoming = application.sources.map((source) => this.find(source));
    if (!incoming.every(isSymbolicTensor)) return false;
    part.outputs.push(this.make(part, incoming, application.kwargs));
    return true;
  }

  read(): AnyKerasModel {
    const waiting = new Set<Part>();
    for (const part of this.parts.values()) {
      if (part.className !== 'InputLayer') waiting.add(part);
      else inLayer(part.place, () => part.outputs.push([this.input(part)]));
    }
    while (waiting.size > 0) {
      let isStuck = true;
      for (const part of waiting) {
        inLayer(part.place, () => {
          while (this.applyNext(part)) isStuck = false;
        });
        if (part.outputs.length === part.applications.length) {
          waiting.delete(part);
          isStuck = false;
        }
      }
      if (isStuck) {
        const names = [...waiting].map(({ name }) => `'${name}'`).join(', ');
        throw configError('layers must not wait for each other', `a circle of the layers ${names}`);
      }
    }
    const tensors = (key: string): SymbolicTensor[] =>
      this.ends(key)
        .map((source) => this.find(source))
        .filter(isSymbolicTensor); // all layers are applied
    return kerasModel(tensors('input_layers'), tensors('output_layers'), { name: nameOf(this.config) });
  }
}

const inputTensor = (part: Part): SymbolicTensor => {
  const { shape, dtype } = inputFrom(objectConfigOf(part.object)?.config ?? {});
  return layerInput({ batchShape: shape as (number | null)[], dtype, name: part.name }); // which checks it
};

/** The model of a class and a configuration. */
export const modelFrom = (
  object: Readonly<Config>,
  depth = 0,
  replacements: Replacements = {},
): AnyKerasModel => {
  if (depth > MAX_DEPTH) throw configError('models may be in models', `more than ${MAX_DEPTH} of them`);
  const { class_name: className } = object;
  // Keras 1 and early Keras 2 have a bare list of layers.
  const config = isList(object['config']) ? { layers: object['config'] } : object['config'];
  if (!isConfig(config)) throw configError('a model must have a configuration', config);
  const own = typeof className === 'string' ? ownModelClass(className) : undefined;
  if (own !== undefined) return ownModelFrom(own, object, config);
  if (className === 'Sequential') return sequentialFrom(config, depth, replacements);
  if ('layers' in config && 'input_layers' in config)
    return new GraphReader(config, depth, replacements).read();
  throw configError(
    'a model must be made of layers, one after another or as a graph',
    `the class '${String(className)}'`,
    `A model of a class of your own is made by that class: customObjects: { ${String(className)} }`,
  );
};
