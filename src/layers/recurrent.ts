import { tf, type Tensor } from '../tensorflow';
import { activation, type ActivationLike } from '../activations';
import { boolean, dropRate, optional, positiveInteger, required } from '../checks';
import { constraint, type Constraint, type ConstraintName } from '../constraints';
import { initializer, type Initializer, type InitializerName } from '../initializers';
import { nextSeed } from '../random';
import { regularizer, type Regularizer, type RegularizerName } from '../regularizers';
import { blockLstm } from './block-lstm';
import { kernelOptionChecks, type KernelOptions } from './core';
import { classOf, only, register, type CallOptions, type LayerConfig } from './custom';
import { defineLayer } from './define-layer';
import { GruCell, type GruCellArguments } from './gru-cell';
import type { LayerOptions } from './options';
import { dropout } from './randomness';
import type { RankRule } from './target';

/** Options of all recurrent layers. */
export interface RecurrentOptions extends LayerOptions, KernelOptions {
  /** The length of the state, and so of each output. */
  units: number;
  /** 'tanh' by default. */
  activation?: ActivationLike;
  /** 'orthogonal' by default. */
  recurrentInitializer?: InitializerName | Initializer;
  /** A penalty on the recurrent kernel, added to the loss. */
  recurrentRegularizer?: RegularizerName | Regularizer;
  /** What the recurrent kernel must satisfy after each update. */
  recurrentConstraint?: ConstraintName | Constraint;
  /** The fraction of the inputs to drop while training; 0 by default. */
  dropout?: number;
  /** The fraction of the state to drop while training; 0 by default. */
  recurrentDropout?: number;
  /** Whether the output of every step is put out instead of the last one only; false by default. */
  returnSequences?: boolean;
  /** Whether the sequence is read from its end; false by default. */
  goBackwards?: boolean;
  /** Whether a batch starts from the states in which the one before ended; needs `batchInputShape`. */
  stateful?: boolean;
}

const recurrentOptionChecks = {
  units: required(positiveInteger),
  activation: optional(activation),
  ...kernelOptionChecks,
  recurrentInitializer: optional(initializer),
  recurrentRegularizer: optional(regularizer),
  recurrentConstraint: optional(constraint),
  dropout: optional(dropRate),
  recurrentDropout: optional(dropRate),
  returnSequences: optional(boolean),
  goBackwards: optional(boolean),
  stateful: optional(boolean),
};

const recurrentDefaults = {
  activation: 'tanh',
  kernelInitializer: 'glorot_uniform',
  recurrentInitializer: 'orthogonal',
  biasInitializer: 'zeros',
} as const;

const sequences: RankRule = {
  least: 3,
  most: 3,
  advice:
    'Give it sequences of vectors, [batch, steps, features]: layerEmbedding makes them from ids, layerReshape from ' +
    'plain vectors, and a recurrent layer before this one needs returnSequences: true',
};

/** The part of tfjs's recurrent layers that its types keep private, and that this file needs. */
interface Recurrent {
  readonly cell: {
    dropoutMask: Tensor[] | null;
    recurrentDropoutMask: Tensor[] | null;
    readonly dropout: number;
    readonly recurrentDropout: number;
    readonly activation: { getClassName(): string };
    readonly recurrentActivation: { getClassName(): string };
    readonly kernel: { read(): Tensor };
    readonly recurrentKernel: { read(): Tensor };
    readonly bias: { read(): Tensor } | null | undefined;
    readonly units: number;
  };
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  readonly stateful: boolean;
}

/** Draws the masks of one call from the layer's seed and the step's; tfjs draws them in JavaScript, without a seed. */
class MaskSource {
  private drawn = 0;
  private readonly seed = nextSeed();
  begin(): void {
    this.drawn = 0;
  }
  readonly draw = (ones: Tensor, rate: number): Tensor => dropout(ones, rate, this.seed + this.drawn++);
}

/** tfjs keeps a call's masks until the next one; nothing needs them once the call is over. */
const freeMasks = (layer: Recurrent): void => {
  tf.dispose([layer.cell.dropoutMask ?? [], layer.cell.recurrentDropoutMask ?? []]);
  layer.cell.dropoutMask = null;
  layer.cell.recurrentDropoutMask = null;
};

type Output = Tensor | Tensor[];

const withMasks = (layer: Recurrent, source: MaskSource, call: () => Output): Output => {
  source.begin();
  freeMasks(layer);
  try {
    return call();
  } finally {
    freeMasks(layer);
  }
};

/** A recurrent layer's arguments after its options are checked. */
interface RecurrentArguments {
  readonly dropout?: number;
  readonly recurrentDropout?: number;
}

const TfjsLstm = classOf(tf.layers.lstm({ units: 1 }));

class Lstm extends TfjsLstm {
  static readonly className: string = 'LSTM';
  private readonly masks: MaskSource;

  constructor(args: RecurrentArguments) {
    const masks = new MaskSource();
    super({ ...args, dropoutFunc: masks.draw } as never); // `classOf` cannot know the factory's arguments
    this.masks = masks;
  }

  override call(inputs: Output, options: CallOptions): Output {
    const layer = this as unknown as Recurrent; // private in tfjs's types
    const { cell } = layer;
    const usual =
      cell.activation.getClassName() === 'tanh' &&
      cell.recurrentActivation.getClassName() === 'sigmoid' &&
      cell.recurrentDropout === 0 &&
      !layer.stateful &&
      (options['mask'] === undefined || options['mask'] === null);
    if (!usual) return withMasks(layer, this.masks, () => super.call(inputs, options));
    this.masks.begin();
    return tf.tidy(() => this.wholeSequence(only(inputs), options));
  }

  /** All steps in one native op. */
  private wholeSequence(x: Tensor, options: CallOptions): Output {
    const { cell, goBackwards, returnSequences, returnState } = this as unknown as Recurrent; // as in `call`
    const dropped =
      options['training'] === true && cell.dropout > 0
        ? // One mask for all steps, as Keras has it.
          tf.mul(x, this.masks.draw(tf.ones([x.shape[0] ?? 0, 1, x.shape[2] ?? 0]), cell.dropout))
        : x;
    const inTime = tf.transpose(dropped, [1, 0, 2]);
    const steps = goBackwards ? tf.reverse(inTime, 0) : inTime;
    const given = options['initialState'] as Tensor[] | null | undefined;
    const zeros = (): Tensor => tf.zeros([x.shape[0] ?? 0, cell.units]);
    const both = blockLstm(steps, given?.[0] ?? zeros(), given?.[1] ?? zeros(), {
      kernel: cell.kernel.read(),
      recurrentKernel: cell.recurrentKernel.read(),
      bias: cell.bias?.read(),
    });
    const [hidden, cells] = tf.split(both, 2, 2) as [Tensor, Tensor];
    const last = (states: Tensor): Tensor =>
      tf.squeeze(tf.slice(states, [(states.shape[0] ?? 1) - 1, 0, 0]), [0]);
    const output = returnSequences ? tf.transpose(hidden, [1, 0, 2]) : last(hidden);
    return returnState ? [output, last(hidden), last(cells)] : output;
  }
}
register(Lstm);

const TfjsSimpleRnn = classOf(tf.layers.simpleRNN({ units: 1 }));

class SimpleRnn extends TfjsSimpleRnn {
  static readonly className: string = 'SimpleRNN';
  private readonly masks: MaskSource;

  constructor(args: RecurrentArguments) {
    const masks = new MaskSource();
    super({ ...args, dropoutFunc: masks.draw } as never); // as in Lstm
    this.masks = masks;
  }

  override call(inputs: Output, options: CallOptions): Output {
    return withMasks(this as unknown as Recurrent, this.masks, () => super.call(inputs, options));
  }
}
register(SimpleRnn);

class Gru extends tf.layers.RNN {
  static override readonly className: string = 'GRU';
  private readonly masks: MaskSource;

  constructor(args: RecurrentArguments & GruCellArguments) {
    const masks = new MaskSource();
    const { dropout: _dropout, recurrentDropout: _recurrentDropout, ...rest } = args;
    super({ ...rest, cell: new GruCell({ ...args, dropoutFunc: masks.draw }) } as ConstructorParameters<
      typeof tf.layers.RNN
    >[0]); // checked options
    this.masks = masks;
  }

  override call(inputs: Output, options: CallOptions): Output {
    return withMasks(this as unknown as Recurrent, this.masks, () => super.call(inputs, options));
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), resetAfter: (this.cell as GruCell).resetAfter };
  }

  static override fromConfig<T>(constructor: new (config: never) => T, config: object): T {
    return new constructor(config as never); // tfjs's serialisation passes what `getConfig` gave
  }
}
register(Gru);

/** Options of {@link layerLstm}. */
export interface LstmOptions extends RecurrentOptions {
  /** The activation of the gates: 'sigmoid' by default. */
  recurrentActivation?: ActivationLike;
  /** Whether the forget gate starts with a bias of 1; true by default. */
  unitForgetBias?: boolean;
}

/**
 * Long short-term memory: `c' = f · c + i · tanh(…)`, `h' = o · tanh(c')`, with the gates
 * `i, f, o = σ(x · W + h · U + b)`.
 *
 * In `[batch, steps, features]`, out `[batch, units]`, or `[batch, steps, units]` with `returnSequences`.
 * Weights: kernel `[features, 4 units]`, recurrent kernel `[units, 4 units]`, bias `[4 units]`; gates in the order
 * input, forget, cell, output. Adds the layer to a Sequential model in place and returns that model.
 *
 * With the default activations the whole sequence is one op of TensorFlow.
 *
 * @throws KerasArgumentError for an unknown option or name, or a rate that is not in [0, 1).
 * @throws KerasShapeError if the input has other than three dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerLstm({ units: 32, inputShape: [10, 8] }))
 * assert.deepStrictEqual(outputShape(model), [null, 32])
 * assert.strictEqual(countParams(model), 4 * 32 * (8 + 32 + 1))
 * @see R keras `layer_lstm`; Hochreiter and Schmidhuber 1997
 */
export const layerLstm = defineLayer<LstmOptions>('layerLstm', (args: RecurrentArguments) => new Lstm(args), {
  baseName: 'lstm',
  options: {
    ...recurrentOptionChecks,
    recurrentActivation: optional(activation),
    unitForgetBias: optional(boolean),
  },
  defaults: { ...recurrentDefaults, recurrentActivation: 'sigmoid', unitForgetBias: true },
  rank: sequences,
});

/** Options of {@link layerGru}. */
export interface GruOptions extends RecurrentOptions {
  /** The activation of the gates: 'sigmoid' by default. */
  recurrentActivation?: ActivationLike;
  /** Whether the reset gate works after the product with the recurrent kernel; true by default. */
  resetAfter?: boolean;
}

/**
 * Gated recurrent unit: `h' = z · h + (1 − z) · tanh(x · W + r · (h · U + b))`, with the update gate `z` and the reset
 * gate `r` as sigmoids of the same form.
 *
 * In `[batch, steps, features]`, out `[batch, units]`, or `[batch, steps, units]` with `returnSequences`.
 * Weights: kernel `[features, 3 units]`, recurrent kernel `[units, 3 units]`, bias `[2, 3 units]` with `resetAfter`
 * and `[3 units]` without; gates in the order update, reset, candidate.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, or a rate that is not in [0, 1).
 * @throws KerasShapeError if the input has other than three dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerGru({ units: 32, inputShape: [10, 8] }))
 * assert.strictEqual(countParams(model), 3 * 32 * (8 + 32 + 2))
 * @see R keras `layer_gru`; Cho et al. 2014
 */
export const layerGru = defineLayer<GruOptions>(
  'layerGru',
  (args: RecurrentArguments & GruCellArguments) => new Gru(args),
  {
    baseName: 'gru',
    options: {
      ...recurrentOptionChecks,
      recurrentActivation: optional(activation),
      resetAfter: optional(boolean),
    },
    defaults: { ...recurrentDefaults, recurrentActivation: 'sigmoid', resetAfter: true },
    rank: sequences,
  },
);

/**
 * A fully connected recurrent layer: `h' = tanh(x · W + h · U + b)`.
 *
 * In `[batch, steps, features]`, out `[batch, units]`, or `[batch, steps, units]` with `returnSequences`.
 * Weights: kernel `[features, units]`, recurrent kernel `[units, units]`, bias `[units]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, or a rate that is not in [0, 1).
 * @throws KerasShapeError if the input has other than three dimensions.
 * @example
 * const model = pipe(kerasModelSequential(), layerSimpleRnn({ units: 32, inputShape: [10, 8] }))
 * assert.strictEqual(countParams(model), 32 * (8 + 32 + 1))
 * @see R keras `layer_simple_rnn`
 */
export const layerSimpleRnn = defineLayer<RecurrentOptions>(
  'layerSimpleRnn',
  (args: RecurrentArguments) => new SimpleRnn(args),
  { baseName: 'simple_rnn', options: recurrentOptionChecks, defaults: recurrentDefaults, rank: sequences },
);
