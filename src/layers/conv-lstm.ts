import type { SymbolicTensor } from '@tensorflow/tfjs';
import { activation, type ActivationLike } from '../activations/registry';
import { boolean, dropRate, optional, positiveInteger, required } from '../base/checks';
import { constraint, type ConstraintLike } from '../constraints/registry';
import { initializer, type InitializerLike } from '../initializers/registry';
import { regularizer, type RegularizerLike } from '../regularizers/registry';
import { register } from '../tfjs/layer-classes';
import { ConvLstmLayer } from './internal/conv-lstm-layer';
import { defineRecurrentLayer, statesChecks, type InitialState } from './internal/define-recurrent';
import {
  activityOptionCheck,
  kernelOptionChecks,
  type ActivityOption,
  type KernelOptions,
} from './internal/kernel-options';
import type { LayerOptions } from './internal/options';
import { knownSequences } from './internal/sequence-rules';
import { knownSize } from './internal/shape-rules';
import type { RankRule, UnmetRequirement } from './internal/target';
import {
  strideOrDilation,
  windowChecks,
  type Sizes1d,
  type Sizes2d,
  type Sizes3d,
  type WindowOptions,
} from './internal/window-options';

class ConvLSTM1D extends ConvLstmLayer {
  static readonly className: string = 'ConvLSTM1D';
  constructor(args: object) {
    super(args, 1);
  }
}
register(ConvLSTM1D);

class ConvLSTM2D extends ConvLstmLayer {
  static readonly className: string = 'ConvLSTM2D';
  constructor(args: object) {
    super(args, 2);
  }
}
register(ConvLSTM2D);

class ConvLSTM3D extends ConvLstmLayer {
  static readonly className: string = 'ConvLSTM3D';
  constructor(args: object) {
    super(args, 3);
  }
}
register(ConvLSTM3D);

/** Options of convolutional LSTMs. */
interface ConvLstmOptions<Sizes> extends LayerOptions, KernelOptions, ActivityOption, WindowOptions<Sizes> {
  /** The number of output channels. */
  filters: number;
  /** The activation of the gates: 'hard_sigmoid' by default. */
  recurrentActivation?: ActivationLike | undefined;
  /** 'orthogonal' by default. */
  recurrentInitializer?: InitializerLike | undefined;
  /** A penalty on the recurrent kernel, added to the loss. */
  recurrentRegularizer?: RegularizerLike | undefined;
  /** What the recurrent kernel must satisfy after each update. */
  recurrentConstraint?: ConstraintLike | undefined;
  /** Whether the forget gate starts with a bias of 1; true by default. */
  unitForgetBias?: boolean | undefined;
  /** The fraction of the inputs to drop while training; 0 by default. */
  dropout?: number | undefined;
  /** The fraction of the state that does not enter the gates while training; 0 by default. */
  recurrentDropout?: number | undefined;
  /** Whether the output of every step is put out instead of the last one only; false by default. */
  returnSequences?: boolean | undefined;
  /** Whether the sequence is read from its end; false by default. */
  goBackwards?: boolean | undefined;
  /** Whether a batch starts from the states in which the one before ended; needs `batchInputShape`. */
  stateful?: boolean | undefined;
  /** The states before the first step: two outputs of layers, of the shape of an output. Zeros by default. Not in a Sequential model. */
  initialState?: InitialState | undefined;
}

type Outputs = [output: SymbolicTensor, h: SymbolicTensor, c: SymbolicTensor];

const convLstmChecks = (rank: number) => ({
  filters: required(positiveInteger),
  ...windowChecks(rank),
  activation: optional(activation, 'tanh'),
  recurrentActivation: optional(activation, 'hard_sigmoid'),
  ...kernelOptionChecks,
  ...activityOptionCheck,
  recurrentInitializer: optional(initializer, 'orthogonal'),
  recurrentRegularizer: optional(regularizer),
  recurrentConstraint: optional(constraint),
  unitForgetBias: optional(boolean, true),
  dropout: optional(dropRate),
  recurrentDropout: optional(dropRate),
  returnSequences: optional(boolean),
  goBackwards: optional(boolean),
  stateful: optional(boolean),
  ...statesChecks,
});

const sequencesOf = (what: string, rank: number): RankRule => ({
  minNDim: rank + 3,
  maxNDim: rank + 3,
  inputs: 1,
  advice: `Give it sequences of ${what}; layerReshape adds an axis of one channel`,
});

const requirement = (
  [shape = []]: readonly (readonly (number | null)[])[],
  { dataFormat, stateful }: { readonly dataFormat: string; readonly stateful?: boolean },
): UnmetRequirement | undefined => {
  const unmet = knownSequences([shape], { stateful });
  if (unmet !== undefined) return unmet;
  if (shape.at(dataFormat === 'channelsFirst' ? 2 : -1) === null) return knownSize('the axis of channels');
  // The state has these sizes.
  const between = dataFormat === 'channelsFirst' ? shape.slice(3) : shape.slice(2, -1);
  return between.includes(null)
    ? {
        needs: 'to know the sizes of its state',
        advice: 'Give the sizes between steps and channels instead of null',
      }
    : undefined;
};

/** Options of {@link layerConvLstm1d}. */
export type ConvLstm1dOptions = ConvLstmOptions<Sizes1d>;

const convLstm1dChecks = convLstmChecks(1);

/**
 * An LSTM over sequences of sequences, whose products are convolutions:
 * `i, f, o = σ(x * W + h * U + b)`, `c' = f · c + i · tanh(…)`, `h' = o · tanh(c')`.
 *
 * In `[batch, steps, rows, channels]`, out `[batch, new rows, filters]`, or with `returnSequences` one for each step, and
 * with `returnState` an array of it and the two states. Weights: kernel `[kernelSize, channels, 4 filters]`, recurrent kernel `[kernelSize, filters, 4 filters]`, bias `[4 filters]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, or a rate that is not in [0, 1).
 * @throws KerasShapeError if the input has other than four dimensions, or is smaller than the window.
 * @example
 * const model = pipe(kerasModelSequential(), layerConvLstm1d({ filters: 4, kernelSize: 3, inputShape: [5, 8, 2] }))
 * assert.deepStrictEqual(outputShape(model), [null, 6, 4])
 * @see R keras `layer_conv_lstm_1d`; Shi et al. 2015
 */
export const layerConvLstm1d = defineRecurrentLayer<ConvLstm1dOptions, Outputs, typeof convLstm1dChecks>(
  'layerConvLstm1d',
  (args: object) => new ConvLSTM1D(args),
  {
    baseName: 'conv_lstm1d',
    options: convLstm1dChecks,
    rank: sequencesOf('sequences, [batch, steps, rows, channels]', 1),
    shapeRequirement: requirement,
    check: (options) => strideOrDilation(options, 'layerConvLstm1d'),
  },
);

/** Options of {@link layerConvLstm2d}. */
export type ConvLstm2dOptions = ConvLstmOptions<Sizes2d>;

const convLstm2dChecks = convLstmChecks(2);

/**
 * An LSTM over sequences of images, whose products are convolutions:
 * `i, f, o = σ(x * W + h * U + b)`, `c' = f · c + i · tanh(…)`, `h' = o · tanh(c')`.
 *
 * In `[batch, steps, height, width, channels]`, out `[batch, new height, new width, filters]`, or with `returnSequences` one for each
 * step, and with `returnState` an array of it and the two states. Weights: kernel `[height, width, channels, 4 filters]` of the window, recurrent kernel `[height, width, filters, 4 filters]`,
 * bias `[4 filters]`; gates in the order input, forget, cell, output.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, or a rate that is not in [0, 1).
 * @throws KerasShapeError if the input has other than five dimensions, or is smaller than the window.
 * @example
 * const model = pipe(
 *   kerasModelSequential({ inputShape: [5, 8, 8, 1] }),
 *   layerConvLstm2d({ filters: 4, kernelSize: 3, padding: 'same', returnSequences: true }),
 * )
 * assert.deepStrictEqual(outputShape(model), [null, 5, 8, 8, 4])
 * @see R keras `layer_conv_lstm_2d`; Shi et al. 2015
 */
export const layerConvLstm2d = defineRecurrentLayer<ConvLstm2dOptions, Outputs, typeof convLstm2dChecks>(
  'layerConvLstm2d',
  (args: object) => new ConvLSTM2D(args),
  {
    baseName: 'conv_lstm2d',
    options: convLstm2dChecks,
    rank: sequencesOf('images, [batch, steps, height, width, channels]', 2),
    shapeRequirement: requirement,
    check: (options) => strideOrDilation(options, 'layerConvLstm2d'),
  },
);

/** Options of {@link layerConvLstm3d}. */
export type ConvLstm3dOptions = ConvLstmOptions<Sizes3d>;

const convLstm3dChecks = convLstmChecks(3);

/**
 * An LSTM over sequences of volumes, whose products are convolutions; see {@link layerConvLstm2d}.
 *
 * In `[batch, steps, depth, height, width, channels]`, out the same without steps and with `filters` channels, or with
 * `returnSequences` one for each step, and with `returnState` an array of it and the two states. Weights: kernel `[depth, height, width, channels, 4 filters]` of the window, recurrent kernel
 * `[depth, height, width, filters, 4 filters]`, bias `[4 filters]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, or a rate that is not in [0, 1).
 * @throws KerasShapeError if the input has other than six dimensions, or is smaller than the window.
 * @example
 * const model = pipe(
 *   kerasModelSequential({ inputShape: [3, 4, 4, 4, 1] }),
 *   layerConvLstm3d({ filters: 2, kernelSize: 2, padding: 'same' }),
 * )
 * assert.deepStrictEqual(outputShape(model), [null, 4, 4, 4, 2])
 * @see R keras `layer_conv_lstm_3d`; Shi et al. 2015
 */
export const layerConvLstm3d = defineRecurrentLayer<ConvLstm3dOptions, Outputs, typeof convLstm3dChecks>(
  'layerConvLstm3d',
  (args: object) => new ConvLSTM3D(args),
  {
    baseName: 'conv_lstm3d',
    options: convLstm3dChecks,
    rank: sequencesOf('volumes, [batch, steps, depth, height, width, channels]', 3),
    shapeRequirement: requirement,
    check: (options) => strideOrDilation(options, 'layerConvLstm3d'),
  },
);
