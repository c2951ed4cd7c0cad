import type { SymbolicTensor } from '@tensorflow/tfjs';
import { describe, describeShape, KerasArgumentError } from '../../base/errors';
import { CompositeLayer } from '../../tfjs/composite-layer';
import { register } from '../../tfjs/keras-layer';
import type { CallOptions, LayerConfig, Shape } from '../../tfjs/layer-classes';
import { scopeWeights } from '../../tfjs/private';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { firstShape, StatefulLayer, type StatefulFields } from './stateful-layer';
import type { Layer } from './target';
import { configOfLayer, layerFrom } from './wrapped';

/** What becomes of the two outputs; null leaves them two. */
export type MergeMode = 'sum' | 'mul' | 'concat' | 'ave' | null;

type Values = Tensor | Tensor[];
type LayerInputs = Values | SymbolicTensor | SymbolicTensor[];
type Recurrent = StatefulLayer<StatefulFields>;

const recurrent = (layer: Layer, argument: string): Recurrent => {
  if (layer instanceof StatefulLayer) return layer as Recurrent; // of whatever options
  throw new KerasArgumentError({
    argument,
    expected: `\`${argument}\` must be a recurrent layer of this library, which goes through its sequences in two directions`,
    received: `the layer '${layer.name}' of the class ${layer.getClassName()}`,
    advice: 'Write bidirectional(layerLstm({ units: 32 })); timeDistributed applies any layer to each step',
  });
};

const SAME = ['returnSequences', 'returnState', 'stateful', 'isTimeMajor'] as const;

/** Two layers that are to go in two directions must put out the same. */
const checkPair = (forward: Recurrent, backward: Recurrent): void => {
  const wrong = SAME.find((field) => forward[field] !== backward[field]);
  const problem =
    wrong !== undefined
      ? `the same \`${wrong === 'isTimeMajor' ? 'timeMajor' : wrong}\` as \`layer\``
      : forward.goBackwards === backward.goBackwards
        ? 'the other `goBackwards` than `layer`'
        : undefined;
  if (problem === undefined) return;
  throw new KerasArgumentError({
    argument: 'backwardLayer',
    expected: `\`backwardLayer\` must have ${problem}`,
    received: describe(wrong === undefined ? backward.goBackwards : backward[wrong]),
    advice:
      'Write bidirectional({ layer: layerLstm({ units: 4 }), backwardLayer: layerGru({ units: 4, goBackwards: true }) })',
  });
};

/** What a bidirectional layer is made with. */
interface BidirectionalArguments {
  readonly layer: unknown;
  readonly backwardLayer?: unknown;
  readonly mergeMode?: MergeMode | undefined;
  /** Whether the layer that goes backwards is another one than `layer` the other way; as it is by default if it is given. */
  readonly hasOwnBackward?: boolean;
}

/** A recurrent layer and another one that goes the other way, over the same sequences. */
export class Bidirectional extends CompositeLayer<object> {
  static readonly className: string = 'Bidirectional';
  private readonly layer: Recurrent;
  private readonly backwardLayer: Recurrent;
  private readonly mergeMode: MergeMode;
  /** The names of the two layers before they got a direction. */
  private readonly names: readonly [string, string];
  private readonly hasOwnBackward: boolean;

  constructor({
    layer,
    backwardLayer,
    mergeMode = 'concat',
    hasOwnBackward,
    ...args
  }: BidirectionalArguments) {
    super(args, {});
    const isGiven = (backwardLayer ?? null) !== null;
    this.hasOwnBackward = hasOwnBackward ?? isGiven;
    this.layer = recurrent(layerFrom(layer), 'layer');
    this.backwardLayer = recurrent(
      layerFrom(isGiven ? backwardLayer : configOfLayer(this.layer)),
      'backwardLayer',
    );
    if (!isGiven) this.backwardLayer.reverse();
    checkPair(this.layer, this.backwardLayer);
    for (const one of [this.layer, this.backwardLayer]) one.zeroMasked();
    this.mergeMode = mergeMode;
    this.names = [this.layer.name, this.backwardLayer.name];
    this.layer.name = `forward_${this.names[0]}`;
    this.backwardLayer.name = `backward_${this.names[1]}`;
    this._stateful = this.layer.stateful;
  }

  /** The layers inside. */
  get sublayers(): readonly Layer[] {
    return [this.layer, this.backwardLayer];
  }

  /** The states are kept by the layers inside. */
  get stateVariables(): readonly [] {
    return [];
  }

  override build(inputShapes: Shape | Shape[]): void {
    for (const layer of [this.layer, this.backwardLayer]) {
      scopeWeights(layer, layer.name);
      layer.build(firstShape(inputShapes));
      layer.built = true;
    }
    super.build(inputShapes);
  }

  override apply(inputs: LayerInputs, options: CallOptions = {}): LayerInputs {
    const { initialState, ...others } = options;
    const all = [inputs, initialState ?? []].flat(2) as Tensor[]; // or symbolic ones, all of them
    return super.apply(all.length === 1 ? (all[0] as Tensor) : all, others); // there is one
  }

  /** The outputs of the two, and their states. */
  private split(outputs: readonly Tensor[][]): {
    readonly outputs: [Tensor, Tensor];
    readonly states: Tensor[];
  } {
    const [[forward, ...forwardStates], [backward, ...backwardStates]] = outputs as [
      [Tensor, ...Tensor[]],
      [Tensor, ...Tensor[]],
    ];
    return { outputs: [forward, backward], states: [...forwardStates, ...backwardStates] };
  }

  override call(inputs: Values, { training, mask }: CallOptions): Values {
    return tf.tidy(() => {
      const [x, ...states] = [inputs].flat() as [Tensor, ...Tensor[]];
      const [steps = null] = [mask as Values | null | undefined].flat();
      const half = this.layer.stateShapes.length;
      const results = [this.layer, this.backwardLayer].map((layer, index) => {
        const own = index === 0 ? states.slice(0, half) : states.slice(half);
        const options = { training, ...(steps === null ? {} : { mask: steps }) };
        return [layer.apply([x, ...own], options)].flat() as Tensor[]; // tensors in, tensors out
      });
      const { outputs, states: ends } = this.split(results);
      const [forward, backward] = outputs;
      const { returnSequences, isTimeMajor, returnState } = this.layer;
      const inOrder = returnSequences ? tf.reverse(backward, isTimeMajor ? 0 : 1) : backward;
      const merged = this.merge(forward, inOrder);
      return returnState ? [...merged, ...ends] : merged.length === 1 ? (merged[0] as Tensor) : merged;
    });
  }

  private merge(forward: Tensor, backward: Tensor): Tensor[] {
    switch (this.mergeMode) {
      case 'sum':
        return [tf.add(forward, backward)];
      case 'mul':
        return [tf.mul(forward, backward)];
      case 'ave':
        return [tf.div(tf.add(forward, backward), 2)];
      case 'concat':
        return [tf.concat([forward, backward], -1)];
      case null:
        return [forward, backward];
    }
  }

  override computeMask(_inputs: Values, mask?: Values | null): Values {
    const [steps = null] = [mask].flat();
    const { returnSequences, returnState, stateShapes } = this.layer;
    const output = (): Tensor | null => (returnSequences && steps !== null ? tf.clone(steps) : null);
    const outputs = this.mergeMode === null ? [output(), output()] : [output()];
    const states = returnState ? [...stateShapes, ...this.backwardLayer.stateShapes].map(() => null) : [];
    const masks = [...outputs, ...states] as Tensor[]; // or null, which tfjs's types do not have
    return masks.length === 1 ? (masks[0] as Tensor) : masks;
  }

  override computeOutputShape(inputShapes: Shape | Shape[]): Shape | Shape[] {
    const shapes = (Array.isArray(inputShapes[0]) ? inputShapes : [inputShapes]) as Shape[];
    const [x, ...states] = shapes as [Shape, ...Shape[]];
    const half = this.layer.stateShapes.length;
    const [[forward, ...forwardStates], [backward, ...backwardStates]] = [this.layer, this.backwardLayer].map(
      (layer, index) => {
        const own = index === 0 ? states.slice(0, half) : states.slice(half);
        const outputs = layer.computeOutputShape(states.length === 0 ? x : [x, ...own]);
        return (Array.isArray(outputs[0]) ? outputs : [outputs]) as Shape[];
      },
    ) as [[Shape, ...Shape[]], [Shape, ...Shape[]]];
    if (this.mergeMode !== 'concat' && this.mergeMode !== null && forward.join() !== backward.join()) {
      throw new KerasArgumentError({
        argument: 'mergeMode',
        expected: "`mergeMode` must be 'concat' or null for layers whose outputs have different shapes",
        received: `'${this.mergeMode}' for ${describeShape(forward)} and ${describeShape(backward)}`,
        advice: 'Give both layers as many units',
      });
    }
    const last = [forward, backward].map((shape) => shape.at(-1) ?? null);
    const joined = last.includes(null) ? null : (last as number[]).reduce((sum, size) => sum + size, 0);
    const merged =
      this.mergeMode === null
        ? [forward, backward]
        : [this.mergeMode === 'concat' ? [...forward.slice(0, -1), joined] : forward];
    const all = [...merged, ...forwardStates, ...backwardStates];
    return all.length === 1 ? (all[0] as Shape) : all;
  }

  /** Sets what stateful layers have kept to zeros, or to states, those of the forward layer first. */
  override resetStates(states?: readonly Tensor[]): void {
    const half = this.layer.stateShapes.length;
    this.layer.resetStates(states?.slice(0, half));
    this.backwardLayer.resetStates(states?.slice(half));
  }

  override getConfig(): LayerConfig {
    const [forward, backward] = this.names;
    return {
      ...super.getConfig(),
      layer: configOfLayer(this.layer, forward),
      mergeMode: this.mergeMode,
      ...(this.hasOwnBackward ? { backwardLayer: configOfLayer(this.backwardLayer, backward) } : {}),
    } as LayerConfig; // as tfjs has it
  }
}
register(Bidirectional);
