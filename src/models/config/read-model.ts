/** Models out of Keras's configurations: those of Keras 2 and of Keras 3, and the older ones with a bare list of layers. */
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import { isSymbolicTensor, addLayer, type NewLayer } from '../../layers/internal/target';
import { applyNew, connectAll } from '../../layers/internal/apply';
import { toldSequences } from '../../layers/internal/define-recurrent';
import type { InputType } from '../../layers/internal/options';
import { layerInput } from '../../layers/core';
import type { Layer } from '../../layers/internal/target';
import { layerName, shape } from '../../base/checks';
import { kerasModel } from '../functional';
import { asLayer } from '../as-layer';
import type { KerasModel, Prediction } from '../model';
import { leave, release } from '../ref-counts';
import { SequentialModel } from '../sequential';
import { apiName } from './class-names';
import { configError, isConfig, isList, listOf, objectConfigOf, withoutPackage, type Config } from './forms';
import { setModelReader } from './inner-model';
import { callOptionsFrom, newLayerFrom, trainingFrom } from './read-layer';
import { isOfModels, ownModelClass, ownModelFrom } from './read-own-model';
import { applicationFrom, sourcesIn, type Application, type Source } from './read-nodes';

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
  const type = inputs?.[0]?.dtype ?? input?.dtype;
  // An embedding takes ids from whatever numbers; a first layer's type is that of its weights, too.
  const [firstLayer] = isInput ? others : objects;
  const isOfIds = objectConfigOf(firstLayer)?.className === 'Embedding';
  const dtype = isOfIds ? undefined : type;
  const name = typeof config['name'] === 'string' ? nameOf(config) : 'sequential';
  const model = new SequentialModel(name, undefined, undefined, dtype as InputType | undefined); // of one of the types of inputs
  try {
    (isInput ? others : objects).forEach((object, index) => {
      inLayer(placeOf(object, index), () => {
        const className = objectConfigOf(object)?.className ?? '';
        const replaced = replace?.(nameIn(object) ?? '');
        if (replaced !== undefined) {
          model[addLayer](
            index === 0 && !model.built
              ? { ...replaced, batchInputShape: batchInputShape as Shape }
              : replaced,
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
  } catch (error) {
    model.dispose();
    throw error;
  }
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

/** A layer of a graph that is being read. */
interface Part {
  readonly name: string;
  readonly className: string;
  readonly place: string;
  readonly applications: readonly Application[];
  readonly object: Readonly<Config>;
  /** What each application so far gave. */
  readonly outputs: SymbolicTensor[][];
  /** The number of the first application, for other layers, and as an end of the model: 1 for models, which one made. */
  first: number;
  firstAsEnd: number;
  made: { readonly layer: Layer; readonly newLayer: NewLayer } | undefined;
}

const partFrom = (object: Readonly<Config>, index: number): Part => {
  const found = objectConfigOf(object);
  const name = object['name'] ?? found?.config['name'];
  if (found === undefined || typeof name !== 'string')
    throw configError('layers must have a class, a configuration and a name', object);
  const nodes = listOf(object['inbound_nodes'] ?? [], 'inbound_nodes');
  const className = apiName(found);
  return {
    name,
    className,
    place: placeOf(object, index),
    applications: nodes.map((node) => applicationFrom(className, node)),
    object,
    outputs: [],
    first: 0,
    firstAsEnd: 0,
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
    const applications = parts.flatMap((part) => part.applications);
    this.countModels(
      applications.flatMap(({ sources }) => sources),
      // Keras 2's form has calls of layers that it has not, and models in it are in lists.
      applications.length > 0 && applications.every(({ isCall }) => isCall),
    );
  }

  /**
   * Applications of models are counted from 1 where the model's own comes first: in Keras 2 everywhere, in Keras 3 as ends only, and
   * not of stacks.
   */
  private countModels(sources: readonly Source[], isVersion3: boolean): void {
    const ends = [...this.ends('input_layers'), ...this.ends('output_layers')];
    for (const [name, part] of this.parts) {
      if (!isOfModels(part.className)) continue;
      const isBeyond = ([, application]: Source): boolean => application >= part.applications.length;
      const isOfPart = ([source]: Source): boolean => source === name;
      const ownEnds = ends.filter(isOfPart);
      if (!isVersion3)
        part.first = part.firstAsEnd = [...sources.filter(isOfPart), ...ownEnds].some(isBeyond) ? 1 : 0;
      else if (part.className !== 'Sequential' && ownEnds.every(([, application]) => application > 0))
        part.firstAsEnd = 1;
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
  private find([name, application, output]: Source, isEnd = false): SymbolicTensor | undefined {
    const part = this.parts.get(name);
    if (part === undefined)
      throw configError('inputs of layers must come from layers of the model', `'${name}'`);
    const index = application - (isEnd ? part.firstAsEnd : part.first);
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
    const callOptions = isModel ? {} : callOptionsFrom(part.className, kwargs);
    const callArguments = { ...callOptions, ...trainingFrom(kwargs) };
    if (made !== undefined) return connectAll({ ...made.newLayer, callArguments }, made.layer, incoming);
    if (isModel && this.replacements.layer?.(part.name) === undefined) {
      const inner: LayersModel = modelFrom(part.object, this.depth + 1).tf;
      const newLayer = asLayer(inner, undefined);
      part.made = { layer: inner, newLayer };
      return connectAll({ ...newLayer, callArguments }, inner, incoming);
    }
    const replaced = this.replacements.layer?.(part.name);
    // What is a state of those that come in is told by the shapes only.
    const read = toldSequences(newLayerFrom(part.object, callOptions), 'by shapes');
    const newLayer = replaced ?? { ...read, name: part.name };
    const { tfjsLayer, outputs } = applyNew(
      { ...newLayer, callArguments: { ...newLayer.callArguments, ...trainingFrom(kwargs) } },
      new Set(),
      incoming,
    );
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

  /** The model. Of one that cannot be made, the layers that were are freed. */
  read(): AnyKerasModel {
    try {
      return this.connect();
    } catch (error) {
      for (const { made } of this.parts.values()) if (made !== undefined) release(this, made.layer);
      throw error;
    }
  }

  private connect(): AnyKerasModel {
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
        .map((source) => this.find(source, true))
        .filter(isSymbolicTensor); // all layers are applied
    return kerasModel(tensors('input_layers'), tensors('output_layers'), { name: nameOf(this.config) });
  }
}

const inputTensor = (part: Part): SymbolicTensor => {
  const { shape, dtype } = inputFrom(objectConfigOf(part.object)?.config ?? {});
  return layerInput({ batchShape: shape as (number | null)[], dtype, name: part.name }); // which checks it
};

const modelOf = (object: Readonly<Config>, depth: number, replacements: Replacements): AnyKerasModel => {
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
    `A model of a class of your own is made by that class: customObjects: { ${withoutPackage(String(className))} }`,
  );
};

/** The models in the one that is being read, which nobody has in hand. */
let insideRead: AnyKerasModel[] | undefined;

/** The model of a class and a configuration. */
export const modelFrom = (
  object: Readonly<Config>,
  depth = 0,
  replacements: Replacements = {},
): AnyKerasModel => {
  if (insideRead !== undefined) {
    const model = modelOf(object, depth, replacements);
    insideRead.push(model);
    return model;
  }
  const made = (insideRead = []) as AnyKerasModel[];
  try {
    const model = modelOf(object, depth, replacements);
    for (const one of made) leave(one, one.tf);
    return model;
  } catch (error) {
    for (const one of made) one.dispose();
    throw error;
  } finally {
    insideRead = undefined;
  }
};

setModelReader((object) => modelFrom(object, 1));
