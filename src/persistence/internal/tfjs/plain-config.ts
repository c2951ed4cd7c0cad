/** A model's configuration as TensorFlow.js by itself can read it, or why it cannot. */
import type { LayersModel } from '@tensorflow/tfjs';
import { KerasArgumentError } from '../../../base/errors';
import { hasLayers, type Layer } from '../../../layers/internal/target';
import { configError, isConfig, isList, objectConfigOf, type Config } from '../../../models/config/forms';
import { isOfLibraryClass } from '../../../tfjs/base-classes';
import { innerLayersOf } from '../../../tfjs/private';
import { hdf5Object } from '../model-config';
import { givesSequences, maskedLayers } from './masks';
import { INDIFFERENT_TO_MASKS, PLAIN_CLASSES, plainActivation, plainObject } from './plain-classes';
import { TfjsNames } from './weight-names';

/** Options of all layers, which TensorFlow.js has. */
const COMMON: ReadonlySet<string> = new Set([
  'name',
  'trainable',
  'dtype',
  'batch_input_shape',
  'batch_shape',
]);

/** Only training needs these: where TensorFlow.js has none of their class, they are left out. */
const TRAINING = /^(?:.*_)?(initializer|regularizer|constraint)$/;

const isNeutral = (key: string, value: unknown): boolean =>
  value === null || value === false || (key === 'groups' && value === 1);

const ADVICE =
  'Leave it out of what is exported, write { tfjsAlone: false } for programs that have this library or register the class, or ' +
  'use exportOnnx or saveModelHdf5';

const refuse = (layer: Layer, reason: string): never => {
  throw new KerasArgumentError({
    layer: layer.name,
    argument: 'model',
    expected: 'TensorFlow.js by itself must be able to load and compute all layers',
    received: `layer '${layer.name}' of the class ${layer.getClassName()}: ${reason}`,
    advice: ADVICE,
  });
};

/** What is written of a model. */
export interface TfjsConfig {
  readonly topology: Config;
  readonly names: TfjsNames;
}

class ConfigWriter {
  private readonly masked: ReadonlySet<Layer>;

  constructor(
    private readonly names: TfjsNames,
    model: LayersModel,
    private readonly tfjsAlone: boolean,
  ) {
    this.masked = maskedLayers(model);
  }

  /** A model's configuration, with the layers' names that the file has. */
  model(model: LayersModel, config: Readonly<Config>): Config {
    const layers = isList(config['layers']) ? config['layers'].filter(isConfig) : []; // as they were just written
    // A stack's input is written, and is none of its layers.
    const own = layers.length - model.layers.filter((layer) => layer.getClassName() !== 'InputLayer').length;
    const stack = 'input_layers' in config ? model.layers : [...model.layers].slice(-(layers.length - own));
    const renamed = new Map(
      stack.map((layer): [string, string] => [layer.name, this.names.nameOf(model, layer)]),
    );
    const offset = layers.length - stack.length;
    return {
      ...config,
      layers: layers.map((form, index) => {
        const layer = stack[index - offset];
        const written = layer === undefined ? form : this.layer(layer, form);
        return renameIn(written, renamed);
      }),
      ...('input_layers' in config
        ? {
            input_layers: renameSources(config['input_layers'], renamed),
            output_layers: renameSources(config['output_layers'], renamed),
          }
        : {}),
    };
  }

  /** A layer's class and configuration. */
  layer(layer: Layer, form: Readonly<Config>): Config {
    const config = isConfig(form['config']) ? form['config'] : {};
    if (hasLayers(layer) && 'inputs' in layer)
      return { ...form, config: this.model(layer as LayersModel, config) }; // a model has inputs
    const inner = this.inner(layer, config);
    if (!this.tfjsAlone) return { ...form, config: inner };
    return { ...form, ...this.plain(layer, inner) };
  }

  /** A layer's configuration in which those of layers inside are written, too. */
  private inner(layer: Layer, config: Readonly<Config>): Config {
    const all = innerLayersOf(layer);
    const isForm = (value: unknown): value is Config =>
      isConfig(value) && objectConfigOf(value) !== undefined;
    const entries = Object.entries(config).map(([key, value]): [string, unknown] => {
      if (!/^(?:layer|backward_layer|cell|cells)$/.test(key)) return [key, value];
      if (isForm(value))
        return [key, this.layer((key === 'backward_layer' ? all[1] : all[0]) as Layer, value)]; // it has one
      if (isList(value))
        return [key, value.map((one, index) => (isForm(one) ? this.layer(all[index] as Layer, one) : one))]; // as many
      return [key, value];
    });
    return Object.fromEntries(entries);
  }

  private plain(layer: Layer, config: Readonly<Config>): { class_name: string; config: Config } {
    const className = layer.getClassName();
    const known = Object.hasOwn(PLAIN_CLASSES, className) ? PLAIN_CLASSES[className] : undefined;
    if (!isOfLibraryClass(layer)) {
      return refuse(layer, 'it is of a class of your own, which the page has to register first');
    }
    if (known === undefined) return refuse(layer, 'it has no such class');
    const reason = known.obstacle?.({ layer, config });
    if (reason !== undefined) refuse(layer, reason);
    if (
      this.masked.has(layer) &&
      layer.supportsMasking &&
      known.takesMask !== true &&
      !INDIFFERENT_TO_MASKS.has(className)
    )
      refuse(layer, 'its input has a mask, which it would ignore there');
    if (this.masked.has(layer) && className === 'Bidirectional' && givesSequences(layer) === true)
      refuse(
        layer,
        'its input has a mask: steps that are not there are zeros here, and repeat the one before there',
      );
    const options = this.options(layer, config, new Set(known.options));
    const written = known.written?.({ layer, config: options });
    const { name, trainable, dtype, batch_input_shape: shape } = config;
    const common = { name, trainable, dtype, ...(shape === undefined ? {} : { batch_input_shape: shape }) };
    return {
      class_name: written?.className ?? className,
      config: written === undefined ? options : { ...common, ...written.config },
    };
  }

  private options(layer: Layer, config: Readonly<Config>, known: ReadonlySet<string>): Config {
    const written: Config = {};
    for (const [key, value] of Object.entries(config)) {
      if (COMMON.has(key)) written[key] = value;
      else if (/(?:^|_)activation$/.test(key)) written[key] = this.activation(layer, key, value);
      else if (TRAINING.test(key)) Object.assign(written, known.has(key) ? trainingObject(key, value) : {});
      else if (known.has(key)) {
        // It warns that it runs all steps one by one.
        if (key !== 'unroll') written[key] = value;
      } else if (!isNeutral(key, value)) {
        refuse(layer, `it ignores the option \`${key}\`, which is ${JSON.stringify(value)} here`);
      }
    }
    return written;
  }

  private activation(layer: Layer, key: string, value: unknown): unknown {
    if (value === null) return 'linear';
    const name = typeof value === 'string' ? plainActivation(value) : undefined;
    return name ?? refuse(layer, `its \`${key}\` is ${JSON.stringify(value)}, which it has not`);
  }
}

/** An initializer, regularizer or constraint; none where TensorFlow.js has not its class. */
const trainingObject = (key: string, value: unknown): Config => {
  const kind = TRAINING.exec(key)?.[1] as 'initializer' | 'regularizer' | 'constraint'; // as the pattern says
  const object = objectConfigOf(value);
  const plain = object === undefined ? undefined : plainObject(kind, object);
  return plain === undefined ? {} : { [key]: { class_name: plain.className, config: plain.config } };
};

type Names = ReadonlyMap<string, string>;

const renameSources = (value: unknown, names: Names): unknown => {
  if (!isList(value)) return value;
  const [first] = value;
  if (typeof first === 'string' && value.length >= 3) return [names.get(first) ?? first, ...value.slice(1)];
  return value.map((one) => renameSources(one, names));
};

/** A layer's form under its name in the file. */
const renameIn = (form: Config, names: Names): Config => {
  const config = isConfig(form['config']) ? form['config'] : {};
  const name = String(config['name']);
  const other = names.get(name) ?? name;
  return {
    ...form,
    config: { ...config, name: other },
    ...('name' in form ? { name: other } : {}),
    ...('inbound_nodes' in form ? { inbound_nodes: renameSources(form['inbound_nodes'], names) } : {}),
  };
};

/** The class and configuration of a model, and the names of its weights. */
export const tfjsConfig = (model: LayersModel, tfjsAlone: boolean): TfjsConfig => {
  const names = new TfjsNames(model);
  const { class_name: className, config } = hdf5Object(model);
  if (!isConfig(config)) throw configError('a model must have a configuration', config);
  const topology = {
    class_name: className,
    config: new ConfigWriter(names, model, tfjsAlone).model(model, config),
  };
  return { topology, names };
};
