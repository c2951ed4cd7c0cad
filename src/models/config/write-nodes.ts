/** How the layers of a model are connected, as Keras 2.13 or Keras 3 writes it. */
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import { StackedRNNCells } from '../../layers/internal/stacked-cells';
import { StatefulLayer } from '../../layers/internal/stateful-layer';
import type { Layer } from '../../layers/internal/target';
import { nodesByDepth } from '../../tfjs/private';
import { tf } from '../../tfjs/tensorflow';
import { furtherInputs, isAlwaysCalled } from './call-inputs';
import { snakeCase, type Config } from './forms';

type Node = Layer['inboundNodes'][number];

/** A layer's number, its application's, and its output's. */
type Source = readonly [layer: string, application: number, output: number];

/** What else a layer was called with, as JSON has it. */
const callConfig = (node: Node): Config => {
  const { mask: _mask, ...others } = (node.callArgs ?? {}) as Readonly<Config>;
  const plain = Object.entries(others).filter(
    ([, value]) => typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string',
  );
  return Object.fromEntries(plain.map(([key, value]) => [snakeCase(key), value]));
};

/** The same as arguments of a call in Keras 3's form, where a truth value as `training` is Keras's own, which counts for nothing. */
const callArguments = (node: Node): Config => {
  const config = callConfig(node);
  const { training } = config;
  return typeof training === 'boolean' ? { ...config, training: Number(training) } : config;
};

/** What layers of Keras 2 have as an option, and those of Keras 3 are called with: attention that sees no later steps. */
const callConfigOfLayer = (layer: Layer): Config =>
  layer.getConfig()['causal'] === true ? { use_causal_mask: true } : {};

/** What comes into a layer: of states of several cells, as Keras has it, those of a cell with several are a list of their own. */
const ofCells = (layer: Layer, sources: readonly unknown[]): readonly unknown[] => {
  const cell = 'cell' in layer ? layer.cell : undefined;
  if (!(cell instanceof StackedRNNCells) || sources.length < 2) return sources;
  const count = layer instanceof StatefulLayer ? layer.sequenceCount : 1;
  const states = sources.slice(count);
  const nested = cell.cells.map(({ stateShapes }) => states.splice(0, stateShapes.length));
  const lists = nested.filter(({ length }) => length > 0);
  return [
    ...sources.slice(0, count),
    ...lists.map((list) => (list.length === 1 ? list[0] : list)),
    ...states,
  ];
};

/** Whether the inputs of a layer after the first are states. */
const takesStates = (layer: Layer): boolean =>
  layer instanceof StatefulLayer || layer.getClassName() === 'Bidirectional';

/** Of what comes into a layer, what is no state. */
const sequencesOf = <T>(layer: Layer, all: readonly T[]): readonly T[] =>
  takesStates(layer) ? all.slice(0, layer instanceof StatefulLayer ? layer.sequenceCount : 1) : all;

/** What Keras calls the argument of an input of attention, but for masks. */
const isMaskName = (name: string | undefined): boolean => name === undefined || name.endsWith('mask');

/** The applications of the layers of a model, each in the order in which they were made. */
export class Applications {
  private readonly ofLayer: ReadonlyMap<Layer, readonly Node[]>;

  constructor(
    model: LayersModel,
    private readonly version: 2 | 3,
  ) {
    const nodes = new Set(nodesByDepth(model).flat());
    this.ofLayer = new Map(
      model.layers.map((layer) => [layer, layer.inboundNodes.filter((node) => nodes.has(node))]),
    );
  }

  /** The applications of a layer. */
  nodesOf(layer: Layer): unknown[] {
    const nodes = this.ofLayer.get(layer) ?? [];
    const isListed = this.version === 2 && !isAlwaysCalled(layer.getClassName());
    return nodes.map((node) => (isListed ? this.listed(layer, node) : this.called(layer, node)));
  }

  /** The inputs or outputs of a model; Keras 3 has one without a list around it. */
  ends(tensors: readonly SymbolicTensor[]): unknown {
    const sources = tensors.map((tensor) => this.sourceOf(tensor, this.isCountedFromOne(tensor)));
    return this.version === 3 && sources.length === 1 ? sources[0] : sources;
  }

  /** Whether the first application of a tensor's layer is the one that made it: models in Keras 2; in Keras 3 graphs, as ends. */
  private isCountedFromOne({ sourceLayer: layer }: SymbolicTensor): boolean {
    return layer instanceof tf.LayersModel && (this.version === 2 || !(layer instanceof tf.Sequential));
  }

  /** Where a tensor comes from. */
  private sourceOf(
    { sourceLayer: layer, nodeIndex, outputTensorIndex }: SymbolicTensor,
    isFromOne: boolean,
  ): Source {
    const node = layer.inboundNodes[nodeIndex];
    const index = (this.ofLayer.get(layer) ?? []).findIndex((one) => one === node);
    return [layer.name, index + (isFromOne ? 1 : 0), outputTensorIndex ?? 0];
  }

  /** An application as a list of its inputs, as Keras 2 has it. */
  private listed(layer: Layer, node: Node): unknown {
    const sources = node.inputTensors.map((tensor) => this.sourceOf(tensor, this.isCountedFromOne(tensor)));
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
  }

  /** An application as a call with arguments, as Keras 3 has it. */
  private called(layer: Layer, node: Node): unknown {
    const tensors = node.inputTensors.map((tensor) => ({
      class_name: '__keras_tensor__',
      config: {
        shape: [...tensor.shape],
        dtype: tensor.dtype,
        keras_history: this.sourceOf(tensor, this.version === 2 && this.isCountedFromOne(tensor)),
      },
    }));
    const kwargs = { ...callArguments(node), ...callConfigOfLayer(layer) };
    const [first, ...further] = tensors;
    const names = furtherInputs(layer.getClassName());
    const sequences = sequencesOf(layer, tensors);
    if (names !== undefined) {
      const masks = further.flatMap((tensor, index) =>
        isMaskName(names[index]) ? [[names[index] ?? 'attention_mask', tensor] as const] : [],
      );
      const plain = further.filter((_, index) => !isMaskName(names[index]));
      return { args: [first, ...plain], kwargs: { ...kwargs, ...Object.fromEntries(masks) } };
    }
    if (further.length === 0) return { args: [first], kwargs };
    if (takesStates(layer)) {
      const states = ofCells(layer, tensors).slice(sequences.length);
      const args = [sequences.length === 1 ? first : sequences];
      return { args, kwargs: states.length === 0 ? kwargs : { ...kwargs, initial_state: states } };
    }
    return { args: [tensors], kwargs };
  }
}

type Shapes = readonly (readonly (number | null)[])[];

const shapesFor = (layer: Layer, shapes: Shapes): Config => {
  const names = furtherInputs(layer.getClassName());
  if (names !== undefined) {
    const all = ['query', ...names].filter((name) => !isMaskName(name));
    const named = all.map((name, index) => [`${name}_shape`, shapes[index] ?? shapes[1] ?? null]);
    return { shapes_dict: Object.fromEntries(named) as Config };
  }
  const of = sequencesOf(layer, shapes);
  return { input_shape: of.length === 1 ? of[0] : of };
};

/** The shapes of inputs for which a layer was built; nothing for one that no input is known of. */
export const buildConfig = (layer: Layer): Config => {
  if (layer instanceof tf.Sequential) {
    const shape = layer.inputs[0]?.shape;
    return shape === undefined ? {} : { build_config: { input_shape: [...shape] } };
  }
  if (layer instanceof tf.LayersModel) return { build_config: { input_shape: null } };
  const [node] = layer.inboundNodes;
  if (node === undefined || layer.getClassName() === 'InputLayer') return {};
  return {
    build_config: shapesFor(
      layer,
      node.inputTensors.map(({ shape }) => [...shape]),
    ),
  };
};
