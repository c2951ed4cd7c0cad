import type { LayersModel } from '@tensorflow/tfjs';
import type { Layer } from '../../layers/internal/target';
import { layersInRange, type LayerRange } from '../../models/layer-range';
import { paramsOf } from '../../models/summary-rows';
import { shapeText } from '../../tfjs/print-layer';
import { nodesByDepth } from '../../tfjs/private';
import { tf, type SymbolicTensor } from '../../tfjs/tensorflow';

/** A layer of a model, as a diagram has it: once, however often it is called. */
export interface GraphLayer {
  /** Its own in the whole diagram. */
  readonly id: string;
  readonly name: string;
  /** `Dense`; of a wrapper, what it wraps, too: `TimeDistributed (Dense)`. */
  readonly className: string;
  readonly isInput: boolean;
  /** Shapes of what goes in and comes out, a text each; before them which call, where calls differ. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly dtype: string;
  readonly params: number;
  readonly isFrozen: boolean;
  /** `relu`; undefined of layers that have none. */
  readonly activation: string | undefined;
  /** How often it is called in the model: more than once if it is shared. */
  readonly calls: number;
  /** What is in it, of a model that is a layer. */
  readonly inner: ModelGraph | undefined;
}

/** That a layer takes what another one gives. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** Which calls of shared layers, and which of several outputs; undefined: there is one. */
  readonly label: string | undefined;
}

/** The layers of a model, inputs first, and what connects them. */
export interface ModelGraph {
  readonly name: string;
  readonly params: number;
  readonly layers: readonly GraphLayer[];
  readonly edges: readonly GraphEdge[];
}

type Node = Layer['inboundNodes'][number];

const CLASS_NAMES: Readonly<Record<string, string>> = { Model: 'Functional' };

/** The layer that a wrapper has in it. */
const wrappedBy = (layer: Layer): Layer | undefined => {
  const { layer: inner, forwardLayer } = layer as unknown as Record<string, unknown>; // fields of wrappers, if it is one
  return [inner, forwardLayer].find((item): item is Layer => item instanceof tf.layers.Layer);
};

const classNameOf = (layer: Layer): string => {
  const name = layer.getClassName();
  const wrapped = layer instanceof tf.LayersModel ? undefined : wrappedBy(layer);
  return wrapped === undefined ? (CLASS_NAMES[name] ?? name) : `${name} (${classNameOf(wrapped)})`;
};

const modelIn = (layer: Layer): LayersModel | undefined => {
  if (layer instanceof tf.LayersModel) return layer;
  const wrapped = wrappedBy(layer);
  return wrapped instanceof tf.LayersModel ? wrapped : undefined;
};

const activationOf = (layer: Layer): string | undefined => {
  const { activation } = layer.getConfig();
  return typeof activation === 'string' ? activation : undefined;
};

/** The shapes of a call, or of all calls if they do not differ. */
const shapesOf = (calls: readonly Node[], of: (node: Node) => readonly SymbolicTensor[]): string[] => {
  const all = calls.map((node) => of(node).map(({ shape }) => shapeText(shape)));
  const isSame = new Set(all.map((shapes) => shapes.join())).size <= 1;
  return isSame
    ? (all[0] ?? [])
    : all.flatMap((shapes, call) => shapes.map((text) => `call ${call + 1}: ${text}`));
};

/** A model while it is read: the calls of each layer in it, in the order in which they were made. */
interface Calls {
  readonly layers: readonly Layer[];
  readonly of: (layer: Layer) => readonly Node[];
}

const callsIn = (model: LayersModel): Calls => {
  const nodes = nodesByDepth(model).reverse().flat();
  const inModel = new Set(nodes);
  const layers = [...new Set(nodes.map(({ outboundLayer }) => outboundLayer))];
  const calls = new Map(
    layers.map((layer) => [layer, layer.inboundNodes.filter((node) => inModel.has(node))]),
  );
  return { layers, of: (layer) => calls.get(layer) ?? [] };
};

const readLayer = (layer: Layer, calls: readonly Node[], id: string): GraphLayer => {
  const model = modelIn(layer);
  return {
    id,
    name: layer.name,
    className: classNameOf(layer),
    isInput: layer.getClassName() === 'InputLayer',
    inputs: shapesOf(calls, ({ inputTensors }) => inputTensors),
    outputs: shapesOf(calls, ({ outputTensors }) => outputTensors),
    dtype: [...new Set(calls.flatMap((node) => node.outputTensors.map(({ dtype }) => dtype)))].join(', '),
    params: paramsOf(layer.weights),
    isFrozen: !layer.trainable && layer.weights.length > 0,
    activation: activationOf(layer),
    calls: calls.length,
    inner: model === undefined ? undefined : readModel(model, undefined, id),
  };
};

const labelOf = (from: readonly Node[], call: Node, output: number, to: readonly Node[], node: Node) => {
  const ends = [
    ...(from.length > 1 ? [`call ${from.indexOf(call) + 1}`] : []),
    ...(to.length > 1 ? [`call ${to.indexOf(node) + 1}`] : []),
  ];
  const parts = [
    ...(ends.length === 0 ? [] : [ends.join(' to ')]),
    ...(call.outputTensors.length > 1 ? [`output ${output + 1}`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
};

/** A model as a graph; of its layers those in a range, if there is one. */
export const readModel = (model: LayersModel, range: LayerRange | undefined, id = 'layer'): ModelGraph => {
  const calls = callsIn(model);
  const shown = layersInRange(calls.layers, range);
  const ids = new Map(shown.map((layer, index) => [layer, `${id}_${index}`]));
  const edges = shown.flatMap((layer) =>
    calls.of(layer).flatMap((node) =>
      node.inboundLayers.flatMap((inbound, index) => {
        const [from, to] = [ids.get(inbound), ids.get(layer)];
        const call = inbound.inboundNodes[node.nodeIndices[index] ?? 0];
        if (from === undefined || to === undefined || call === undefined) return [];
        const output = node.tensorIndices[index] ?? 0;
        return [{ from, to, label: labelOf(calls.of(inbound), call, output, calls.of(layer), node) }];
      }),
    ),
  );
  const weights = [...model.trainableWeights, ...model.nonTrainableWeights];
  return {
    name: model.name,
    params: paramsOf(weights),
    layers: shown.map((layer) => readLayer(layer, calls.of(layer), ids.get(layer) ?? id)),
    edges,
  };
};
