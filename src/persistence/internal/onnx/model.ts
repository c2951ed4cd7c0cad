/** A whole model as an ONNX graph. */
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import { KerasArgumentError } from '../../../base/errors';
import { hasLayers, type Layer } from '../../../layers/internal/target';
import { snakeCase, type Config } from '../../../models/config/forms';
import { isOfLibraryClass } from '../../../tfjs/base-classes';
import { nodesByDepth } from '../../../tfjs/private';
import { passesMask } from '../tfjs/masks';
import { activationWriters } from './activations';
import { attentionWriters } from './attention';
import { audioWriters } from './audio';
import { convolutionWriters } from './convolution';
import { Emitter, type Shape, type Value } from './emitter';
import { featureWriters } from './features';
import { ADVICE, configOfLayer, refuse, type LayerWriters } from './layer';
import { modelMessage, type OnnxDtype, type OnnxPort } from './messages';
import { normalizationWriters } from './normalization';
import { recurrentWriters } from './recurrent';
import { shapingWriters } from './shaping';

/** What writes each class of layers. */
export const LAYER_WRITERS: LayerWriters = {
  ...activationWriters,
  ...attentionWriters,
  ...audioWriters,
  ...convolutionWriters,
  ...featureWriters,
  ...normalizationWriters,
  ...recurrentWriters,
  ...shapingWriters,
};

const isModel = (layer: Layer): layer is LayersModel => hasLayers(layer) && 'inputs' in layer;

const isShape = (shape: unknown): shape is Shape => Array.isArray(shape) && !Array.isArray(shape[0]);

/** Layers whose writers say what becomes of masks. */
const OWN_MASKS =
  /^(?:Masking|Embedding|Add|Subtract|Multiply|Average|Maximum|Minimum|Concatenate|TimeDistributed)$/;

/** Layers that take whole numbers and truth values as they are. */
const OWN_TYPES =
  /^(?:Embedding|MultiHeadAttention|GroupQueryAttention|Flatten|Reshape|Permute|RepeatVector|Cropping[123]D|Identity|Concatenate|CategoryEncoding|IntegerLookup|StringLookup)$/;

class ModelWriter {
  constructor(private readonly emit: Emitter) {}

  /** Writes a model whose inputs have these values. */
  model(model: LayersModel, inputs: readonly Value[]): Value[] {
    const values = new Map<SymbolicTensor, Value>();
    model.inputs.forEach((tensor, index) => values.set(tensor, inputs[index] as Value)); // one for each
    for (const node of nodesByDepth(model).toReversed().flat()) {
      const { outboundLayer: layer, inputTensors, outputTensors } = node;
      if (layer.getClassName() === 'InputLayer') continue;
      if (node.callArgs?.['training'] === true)
        refuse(
          layer,
          'it is to train in predictions, too',
          'Call it without `training`, in a model for the export',
        );
      const given = inputTensors.map((tensor) => values.get(tensor) as Value); // those deeper came before
      const call = Object.fromEntries(
        Object.entries(node.callArgs ?? {}).map(([key, value]) => [snakeCase(key), value]),
      );
      const made = this.layer(
        layer,
        given,
        call,
        outputTensors.map(({ shape }) => shape),
      );
      outputTensors.forEach((tensor, index) =>
        values.set(tensor, { ...(made[index] as Value), shape: tensor.shape }),
      ); // one for each
    }
    return model.outputs.map((tensor) => values.get(tensor) as Value); // all layers have been written
  }

  /** Writes a layer, or a model in its place. */
  private layer(layer: Layer, inputs: readonly Value[], call: Config, known?: readonly Shape[]): Value[] {
    return this.emit.within(layer.name, () => {
      if (isModel(layer)) return this.model(layer, inputs);
      const className = layer.getClassName();
      const writer = Object.hasOwn(LAYER_WRITERS, className) ? LAYER_WRITERS[className] : undefined;
      if (writer === undefined || !isOfLibraryClass(layer))
        return refuse(
          layer,
          writer === undefined ? 'ONNX has no such operations' : 'it is of a class of your own',
          ADVICE,
        );
      const given = OWN_TYPES.test(className)
        ? inputs
        : inputs.map((input) => this.emit.cast(input, 'float32'));
      const made = writer(
        {
          layer,
          config: configOfLayer(layer),
          shapes: known ?? this.shapesOf(layer, given),
          call,
          emit: this.emit,
          apply: (inner, values) => this.layer(inner, values, innerCall(layer, inner)),
        },
        ...(given as [Value, ...Value[]]), // nodes without inputs are none of layers
      );
      return masked(layer, [made].flat(), given);
    });
  }

  private shapesOf(layer: Layer, inputs: readonly Value[]): Shape[] {
    const shapes = inputs.map(({ shape }) => [...shape]);
    const made = layer.computeOutputShape(shapes.length === 1 ? (shapes[0] as (number | null)[]) : shapes);
    return isShape(made) ? [made] : made; // one, or a list
  }
}

/** What a layer inside of another one is called with. */
const innerCall = (outer: Layer, inner: Layer): Config =>
  outer.getClassName() === 'Bidirectional'
    ? { zero_output_for_mask: (inner.getConfig() as Config)['returnSequences'] === true }
    : {};

/** What a layer gives, with the mask that goes on from it. */
const masked = (layer: Layer, made: readonly Value[], inputs: readonly Value[]): Value[] => {
  const isMasked = inputs.some(({ mask }) => mask !== undefined);
  const own = OWN_MASKS.test(layer.getClassName());
  return made.map((value, index) => {
    if (index > 0) return { ...value, mask: undefined };
    return { ...value, mask: own ? value.mask : passesMask(layer, isMasked) ? inputs[0]?.mask : undefined };
  });
};

const portDtype = ({ sourceLayer, dtype }: SymbolicTensor): OnnxDtype => {
  if (dtype !== 'complex64') return dtype;
  return refuse(sourceLayer, `it takes values of the type ${dtype}`, 'Give their parts, real and imaginary');
};

/** Shapes in which sizes that are not known have names: that of the batch is the same everywhere. */
const namedSizes = (name: string, shape: Shape): (number | string)[] =>
  shape.map((size, axis) => size ?? (axis === 0 ? 'batch' : `${name}_${axis}`));

/** A model's file, what goes into it and comes out, and the operators that it has. */
export interface OnnxModel {
  readonly bytes: Uint8Array;
  readonly operators: readonly string[];
}

/** Names that differ: those of inputs come first. */
const different = (names: readonly string[], taken: Set<string>): string[] =>
  names.map((name) => {
    let candidate = name;
    for (let number = 1; taken.has(candidate); number++) candidate = `${name}_${number}`;
    taken.add(candidate);
    return candidate;
  });

/** What a file of protocol buffers can have, less what there is besides weights. */
const MAX_BYTES = 2 ** 31 - 2 ** 24;

/** Throws where the weights do not fit into one file. */
export const checkFileSize = (name: string, bytes: number): void => {
  if (bytes <= MAX_BYTES) return;
  throw new KerasArgumentError({
    argument: 'model',
    expected: 'the weights must fit into an ONNX file, which ends at 2 GB',
    received: `the model '${name}', whose weights take ${(bytes / 1e9).toFixed(1)} GB`,
    advice: 'Export it in parts, each a model of some of the layers: kerasModel(input, output)',
  });
};

/** Writes a model. */
export const onnxModel = (
  model: LayersModel,
  metadata: Readonly<Record<string, unknown>> = {},
): OnnxModel => {
  const emit = new Emitter();
  const taken = new Set<string>();
  const inputNames = different(
    model.inputs.map(({ sourceLayer }) => sourceLayer.name),
    taken,
  ).map((name) => emit.name(name));
  const outputNames = different(
    model.outputs.map(({ sourceLayer }) => sourceLayer.name),
    taken,
  ).map((name) => emit.name(name));
  const inputs = model.inputs.map((tensor, index): Value => ({
    name: inputNames[index] as string, // one for each
    shape: tensor.shape,
    dtype: portDtype(tensor),
  }));
  const made = new ModelWriter(emit).model(model, inputs);
  made.forEach((value, index) => emit.named(value, outputNames[index] as string)); // one for each
  const ports = (names: readonly string[], values: readonly Value[]): OnnxPort[] =>
    values.map(({ shape, dtype }, index) => ({
      name: names[index] as string, // one for each
      dtype,
      shape: namedSizes(names[index] as string, shape),
    }));
  checkFileSize(
    model.name,
    emit.tensors.reduce((sum, { bytes }) => sum + bytes.length, 0),
  );
  const graph = emit.graph(model.name, ports(inputNames, inputs), ports(outputNames, made), emit.tensors);
  return { bytes: modelMessage(graph, emit.operators, metadata), operators: [...emit.operators] };
};
