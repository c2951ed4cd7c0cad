/** The file `keras_metadata.pb`: what Keras 2 makes layers of, and how the model is trained. */
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import { MalformedError } from '../../../files/malformed';
import { fieldsOf, MessageWriter } from '../../../files/protocol-buffers';
import type { Layer } from '../../../layers/internal/target';
import type { Config } from '../../../models/config/forms';
import type { KerasModel } from '../../../models/model';
import { tf } from '../../../tfjs/tensorflow';
import { hdf5Object } from '../model-config';
import { trainingConfig } from '../training-config';
import { BACKEND, KERAS_VERSION } from '../version';
import { IDENTIFIERS, identifierOf, type LayerPart } from './layer-objects';
import type { ModelObjects } from './model-objects';
import type { NumberedObjects } from './trackable';

/** Numbers of the fields, as Keras's `saved_metadata.proto` has them. */
const FIELDS = {
  metadata: { node: 1 },
  node: { number: 2, path: 3, identifier: 4, metadata: 5, version: 6 },
  version: { producer: 1, minConsumer: 2 },
} as const;

/** The version of such metadata that Keras 2.13 writes. */
const VERSION = 2;

const shapeObject = (shape: readonly (number | null)[]): Config => ({
  class_name: 'TensorShape',
  items: [...shape],
});

const specObject = ({ shape, dtype, name }: SymbolicTensor): Config => ({
  class_name: 'TypeSpec',
  type_spec: 'tf.TensorSpec',
  serialized: [shapeObject(shape), dtype, name],
});

/** One, or a list of several. */
const oneOrAll = <T>(all: readonly T[]): T | readonly T[] => (all.length === 1 ? (all[0] as T) : all);

/** The shapes that a layer was built for. */
const buildShape = (layer: Layer): Config => {
  const inputs = (layer.inboundNodes[0]?.inputTensors ?? []).map(({ shape }) => shape);
  return inputs.length === 0
    ? {}
    : { build_input_shape: oneOrAll(inputs.map((shape) => shapeObject(shape))) };
};

const layerMetadata = (layer: Layer): Config => {
  const { class_name: className, config, ...build } = hdf5Object(layer);
  const { name, dtype } = layer;
  const { batch_input_shape: batchShape } = config as Config; // all have one
  if (identifierOf(layer) === IDENTIFIERS.input)
    return {
      class_name: className,
      name,
      dtype,
      sparse: false,
      ragged: false,
      batch_input_shape: batchShape,
      config,
    };
  return {
    name,
    trainable: layer.trainable,
    expects_training_arg: true,
    dtype: 'float32',
    batch_input_shape: batchShape ?? null,
    stateful: layer.stateful,
    must_restore_from_config: false,
    preserve_input_structure_in_config: false,
    autocast: true,
    class_name: className,
    config,
    ...build,
    ...(layer instanceof tf.LayersModel ? modelMetadata(layer) : buildShape(layer)),
  };
};

const modelMetadata = (model: LayersModel): Config => {
  const specs = oneOrAll(model.inputs.map(specObject));
  return {
    is_graph_network: true,
    full_save_spec: { class_name: '__tuple__', items: [[specs], {}] },
    save_spec: specs,
    keras_version: KERAS_VERSION,
    backend: BACKEND,
    build_input_shape: oneOrAll(model.inputs.map(({ shape }) => shapeObject(shape))),
  };
};

/** The layers of a model, those of models in it included, each once. */
const layersIn = (model: LayersModel, found: Set<Layer> = new Set()): Set<Layer> => {
  found.add(model);
  for (const layer of model.layers) {
    if (found.has(layer)) continue;
    if (layer instanceof tf.LayersModel) layersIn(layer, found);
    else found.add(layer);
  }
  return found;
};

/** The shape for which Keras builds a projection of attention: that of what it projects. */
const projectedShape = ({ layer, name, object }: LayerPart): readonly (number | null)[] | undefined => {
  const inputs = (layer.inboundNodes[0]?.inputTensors ?? []).map(({ shape }) => shape);
  const [query, value = query, key = value] = inputs;
  if (name !== 'attention_output') return { query, value, key }[name];
  const kernel = object.children.get('kernel')?.content;
  // Of each head its values.
  return kernel?.kind === 'variable' && query !== undefined
    ? [...query.slice(0, -1), ...kernel.numbers.shape.slice(0, 2)]
    : undefined;
};

/** What Keras needs to build a layer that it has inside another one. */
const partMetadata = (part: LayerPart): Config => {
  const shape = projectedShape(part);
  return {
    name: part.name,
    trainable: part.layer.trainable,
    dtype: 'float32',
    ...(shape === undefined ? {} : { build_input_shape: shapeObject(shape) }),
  };
};

/** The content of `keras_metadata.pb`. */
export const kerasMetadata = (
  { tf: model, state }: KerasModel,
  { layers, parts }: Pick<ModelObjects, 'layers' | 'parts'>,
  objects: NumberedObjects,
  includeOptimizer: boolean,
): Uint8Array => {
  const training =
    includeOptimizer && state.compilation !== undefined
      ? { training_config: trainingConfig(state.compilation) }
      : {};
  const versions = new MessageWriter()
    .integer(FIELDS.version.producer, VERSION)
    .integer(FIELDS.version.minConsumer, 1);
  const message = new MessageWriter();
  const entries = [
    ...[...layersIn(model)].flatMap((layer) => {
      const object = layers.get(layer);
      // The input of a stack has no object.
      const metadata = { ...layerMetadata(layer), ...(layer === model ? training : {}) };
      return object === undefined ? [] : [{ object, identifier: identifierOf(layer), metadata }];
    }),
    ...parts.map((part) => ({
      object: part.object,
      identifier: IDENTIFIERS.layer,
      metadata: partMetadata(part),
    })),
  ].map((entry) => ({ ...entry, number: objects.numbers.get(entry.object) ?? 0 }));
  for (const { object, identifier, metadata, number } of entries.sort((a, b) => a.number - b.number)) {
    const { node } = FIELDS;
    const one = new MessageWriter()
      .integer(node.number, number)
      .text(node.path, ['root', ...(objects.paths.get(object) ?? [])].join('.'))
      .text(node.identifier, identifier)
      .text(node.metadata, JSON.stringify(metadata))
      .bytes(node.version, versions.view());
    message.bytes(FIELDS.metadata.node, one.view());
  }
  return message.finish();
};

/** The metadata of the whole model in the content of `keras_metadata.pb`, as JSON; undefined if there is none. */
export const rootMetadata = (content: Uint8Array): string | undefined => {
  const what = 'keras_metadata.pb';
  for (const node of fieldsOf(content, what)) {
    if (node.number !== FIELDS.metadata.node) continue;
    let [number, metadata] = [0, ''];
    for (const field of node.fields()) {
      if (field.number === FIELDS.node.number) number = field.integer;
      else if (field.number === FIELDS.node.metadata) metadata = field.text;
    }
    if (number !== 0) continue;
    if (metadata === '') throw new MalformedError(`${what} says nothing of the model`);
    return metadata;
  }
  return undefined;
};
