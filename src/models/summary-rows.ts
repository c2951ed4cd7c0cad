import type { Layer } from '../layers/internal/target';
import { entriesOf } from '../optimizers/keras3-entries';
import { UpdateOptimizer } from '../optimizers/optimizer';
import { shapeText } from '../tfjs/print-layer';
import { nodesByDepth } from '../tfjs/private';
import { tf } from '../tfjs/tensorflow';
import { layersInRange, type LayerRange } from './layer-range';
import type { KerasModel as Model, Prediction } from './model';
import { withTrainable } from './trainable';

type KerasModel = Model<Prediction>;
type Node = Layer['inboundNodes'][number];

/** What of a model a summary shows. */
export interface SummaryContent {
  /** Whether the layers of models that are layers have rows, too. Default false. */
  readonly expandNested?: boolean | undefined;
  /** Whether it is said of each layer if it is trainable. By default, once a layer with weights is frozen. */
  readonly showTrainable?: boolean | undefined;
  /** The first and the last of the layers to show; all by default. */
  readonly layerRange?: LayerRange | undefined;
}

/** A layer in a summary. */
export interface SummaryRow {
  readonly layer: Layer;
  /** `Dense`; `Functional` of models that are graphs. */
  readonly className: string;
  /** How deep in models that are layers: of the model's own layers 0. */
  readonly level: number;
  readonly params: number;
  /** Shapes of each application of the layer. */
  readonly outputs: readonly (readonly (readonly (number | null)[])[])[];
  /** What each of its inputs is: an output of an application of a layer; none of layers in models that are layers. */
  readonly connections: readonly {
    readonly layer: string;
    readonly application: number;
    readonly output: number;
  }[];
  readonly inner: readonly SummaryRow[];
}

/** A model as a summary shows it. */
export interface SummaryTable {
  readonly rows: readonly SummaryRow[];
  /** Whether every layer is used once, has one input, and feeds one other: then the order says all. */
  readonly isLinear: boolean;
  readonly showsTrainable: boolean;
  readonly trainable: Count;
  readonly frozen: Count;
  /** What the optimizer keeps, as Keras 3 counts it: there once the model was trained. */
  readonly optimizer: Count | undefined;
}

/** How many numbers weights are, and bytes. */
export interface Count {
  readonly params: number;
  readonly bytes: number;
}

const CLASS_NAMES: Readonly<Record<string, string>> = { Model: 'Functional' };

const isContainer = (layer: Layer): boolean => layer instanceof tf.LayersModel;

type Weights = readonly { readonly shape: readonly (number | null)[]; readonly dtype?: string }[];

const sizeOf = ({ shape }: Weights[number]): number =>
  shape.reduce((product: number, size) => product * (size ?? 1), 1);

/** How many numbers weights are; a weight that is there twice counts once. */
export const paramsOf = (weights: Weights): number =>
  [...new Set(weights)].reduce((sum, weight) => sum + sizeOf(weight), 0);

/** Bytes of a number, by its type; of four where it is not here. */
const BYTES: Readonly<Record<string, number>> = { bool: 1, complex64: 8 };

const countOf = (weights: Weights): Count => ({
  params: paramsOf(weights),
  bytes: [...new Set(weights)].reduce(
    (sum, weight) => sum + sizeOf(weight) * (BYTES[weight.dtype ?? ''] ?? 4),
    0,
  ),
});

/** What Keras 3's optimizer has of the weights that it trains: steps, learning rate, slots. All have four bytes. */
const optimizerCount = ({ state, tf: model }: KerasModel): Count | undefined => {
  const { compilation } = state;
  if (compilation === undefined) return undefined;
  const { optimizer, trainable } = compilation;
  if (!(optimizer instanceof UpdateOptimizer) || !optimizer.isBuilt) return undefined;
  const weights =
    trainable === undefined ? model.trainableWeights : withTrainable(trainable, () => model.trainableWeights);
  const params = entriesOf(optimizer, [...new Set(weights)]).reduce(
    (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
  return { params, bytes: 4 * params };
};

/** The outputs that each application of a layer, within the model, takes as its input. */
const connectionsOf = (nodes: ReadonlySet<Node>, layer: Layer): SummaryRow['connections'] =>
  layer.inboundNodes
    .filter((node) => nodes.has(node))
    .flatMap((node) =>
      node.inboundLayers.map((inbound, index) => ({
        layer: inbound.name,
        // The first node of a model that is used as a layer is the model itself.
        application: (node.nodeIndices[index] ?? 0) - (isContainer(inbound) ? 1 : 0),
        output: node.tensorIndices[index] ?? 0,
      })),
    );

const isLinear = (model: KerasModel, nodes: readonly Node[][]): boolean => {
  if (model.tf instanceof tf.Sequential) return true;
  if (nodes.some((list) => list.length > 1 || (list[0]?.inboundLayers.length ?? 0) > 1)) return false;
  const all = new Set(nodes.flat());
  return model.layers.every((layer) => layer.inboundNodes.filter((node) => all.has(node)).length <= 1);
};

/** Whether a layer with weights is frozen, or one inside a model that is a layer. */
const hasFrozen = (layers: readonly Layer[]): boolean =>
  layers.some(
    (layer) =>
      (!layer.trainable && layer.weights.length > 0) ||
      (layer instanceof tf.LayersModel && hasFrozen(layer.layers)),
  );

const rowOf = (layer: Layer, nodes: ReadonlySet<Node>, level: number, expandNested: boolean): SummaryRow => {
  const className = layer.getClassName();
  return {
    layer,
    className: CLASS_NAMES[className] ?? className,
    level,
    params: paramsOf(layer.weights),
    outputs: layer.inboundNodes.map(({ outputTensors }) => outputTensors.map(({ shape }) => shape)),
    connections: connectionsOf(nodes, layer),
    inner:
      expandNested && layer instanceof tf.LayersModel
        ? layer.layers.map((inner) => rowOf(inner, new Set(), level + 1, expandNested))
        : [],
  };
};

/** What a summary shows of a model that is built. */
export const summaryTable = (
  model: KerasModel,
  { expandNested = false, showTrainable, layerRange }: SummaryContent,
): SummaryTable => {
  const nodes = nodesByDepth(model.tf);
  const all = new Set(nodes.flat());
  return {
    rows: layersInRange(model.layers, layerRange).map((layer) => rowOf(layer, all, 0, expandNested)),
    isLinear: isLinear(model, nodes),
    // As R: the column is there once a layer with weights is frozen.
    showsTrainable: showTrainable ?? hasFrozen(model.layers),
    trainable: countOf(model.tf.trainableWeights),
    frozen: countOf(model.tf.nonTrainableWeights),
    optimizer: optimizerCount(model),
  };
};

/** A size as people read it, in units of 1,024 bytes each. */
export const sizeText = (bytes: number, units: readonly string[]): string => {
  let size = bytes;
  let unit = 0;
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024;
  return `${size.toFixed(2)} ${units[unit] ?? ''}`;
};

/** The shapes of an application of a layer: a tuple, or a list of them. */
export const outputText = (shapes: readonly (readonly (number | null)[])[]): string =>
  shapes.length === 1 && shapes[0] !== undefined ? shapeText(shapes[0]) : shapeText(shapes);
