import { refuseSurplus } from '../base/function-name';
import type { SymbolicTensor } from '@tensorflow/tfjs';
import { targetShapeOf } from '../tfjs/private';
import { tf } from '../tfjs/tensorflow';
import { activation, type ActivationLike } from '../activations/registry';
import {
  checkOptions,
  layerName,
  oneOf,
  optional,
  positiveInteger,
  required,
  shape,
  type OptionChecks,
  type Place,
} from '../base/checks';
import { describe, KerasArgumentError } from '../base/errors';
import { classOf, register, type LayerArguments, type LayerConfig, type Shape } from '../tfjs/layer-classes';
import { defineLayer, defineOptionalLayer } from './internal/define-layer';
import { Dense } from './internal/dense';
import { nextInputName, noteUnnamedInput } from './internal/input-names';
import {
  activityOptionCheck,
  kernelOptionChecks,
  type ActivityOption,
  type KernelOptions,
} from './internal/kernel-options';
import { knownFeatures } from './internal/shape-rules';
import { inputType, type InputType, type LayerOptions } from './internal/options';

/** Options of {@link layerDense}. */
export interface DenseOptions extends LayerOptions, KernelOptions, ActivityOption {
  /** The number of output units. */
  units: number;
  /** 'linear' by default: no change. */
  activation?: ActivationLike | undefined;
}

/**
 * A densely connected layer: `output = activation(dot(input, kernel) + bias)`.
 *
 * In `[batch, ..., features]`, out `[batch, ..., units]`. Weights: kernel `[features, units]`, bias `[units]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option, name or a `units` that is no positive integer.
 * @throws KerasShapeError if the input has no feature axis.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 4, activation: 'relu', inputShape: [8] }))
 * assert.deepStrictEqual(outputShape(model), [null, 4])
 * assert.strictEqual(countParams(model), 8 * 4 + 4)
 * @see R keras `layer_dense`
 */
export const layerDense = defineLayer<DenseOptions>('layerDense', (args: never) => new Dense(args), {
  baseName: 'dense',
  options: {
    units: required(positiveInteger),
    activation: optional(activation),
    ...kernelOptionChecks,
    ...activityOptionCheck,
  },
  rank: { minNDim: 2, maxNDim: Infinity, advice: 'Give each sample at least one feature: inputShape: [1]' },
  shapeRequirement: knownFeatures,
});

/** Options of {@link layerFlatten}. */
export interface FlattenOptions extends LayerOptions {
  /** 'channels_last' by default. */
  dataFormat?: 'channels_last' | 'channels_first' | undefined;
}

const TfjsFlatten = classOf(tf.layers.flatten());

/** tfjs demands three dimensions; Keras lets a flat sample pass. */
class Flatten extends TfjsFlatten {
  static readonly className: string = 'Flatten';

  constructor(args: LayerArguments) {
    super({ dataFormat: 'channelsLast', ...args } as never); // `classOf` cannot know the factory's arguments
    this.inputSpec = [new tf.InputSpec({ minNDim: 2 })];
  }
}
register(Flatten);

/**
 * Flattens each sample into one axis.
 *
 * In `[batch, a, b, …]`, out `[batch, a · b · …]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasShapeError if a size of the input is not known.
 * @example
 * const model = pipe(kerasModelSequential(), layerFlatten({ inputShape: [28, 28] }))
 * assert.deepStrictEqual(outputShape(model), [null, 784])
 * @see R keras `layer_flatten`
 */
export const layerFlatten = defineOptionalLayer<FlattenOptions>(
  'layerFlatten',
  (args: LayerArguments) => new Flatten(args),
  {
    baseName: 'flatten',
    options: { dataFormat: optional(dataFormat) },
    keepsTypes: true,
    texts: 'kept',
    rank: {
      minNDim: 2,
      maxNDim: Infinity,
      advice: 'There is nothing to flatten in one axis; give each sample a shape: inputShape: [1]',
    },
    shapeRequirement: ([shape = []]) =>
      shape.slice(1).includes(null)
        ? {
            needs: 'to know all sizes of a sample, since the layers after it depend on their product',
            advice:
              'Give them in the inputShape; layerEmbedding knows the length of sequences from `inputLength`',
          }
        : undefined,
  },
);

function dataFormat(value: unknown, place: Place): string {
  const name = oneOf('channels_last', 'channels_first')(value, place);
  return name === 'channels_last' ? 'channelsLast' : 'channelsFirst';
}

/** Options of {@link layerReshape}. */
export interface ReshapeOptions extends LayerOptions {
  /** The shape of one output, without the batch axis. One size may be −1: it is worked out. */
  targetShape: readonly number[];
}

const targetShape = (value: unknown, place: Place): number[] => {
  const sizes = shape(
    Array.isArray(value) ? value.map((size: unknown) => (size === -1 ? null : size)) : value,
    place,
  );
  if (sizes.filter((size) => size === null).length > 1) {
    throw new KerasArgumentError({
      function: place.function,
      argument: place.argument,
      expected: '`targetShape` may leave one size open',
      received: describe(value),
      advice: 'Write -1 at most once',
    });
  }
  return sizes.map((size) => size ?? -1);
};

const TfjsReshape = classOf(tf.layers.reshape({ targetShape: [1] }));

const product = (sizes: readonly (number | null)[]): number =>
  sizes.reduce((result: number, size) => result * (size ?? 1), 1);

/** tfjs takes sizes for unknown as long as the batch size is, and so neither works one out nor finds what does not fit. */
class Reshape extends TfjsReshape {
  static readonly className: string = 'Reshape';

  override computeOutputShape(inputShape: Shape): Shape {
    const target = targetShapeOf(this);
    const sizes = inputShape.slice(1);
    const open = sizes.includes(null) ? null : product(sizes) / product(target);
    return [inputShape[0] ?? null, ...target.map((size) => size ?? open)];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), targetShape: targetShapeOf(this).map((size) => size ?? -1) };
  }
}
register(Reshape);

const reshapeChecks = { targetShape: required(targetShape) };

/**
 * Gives each sample another shape; the values and their order stay.
 *
 * In `[batch, …]`, out `[batch, ...targetShape]`. Both shapes must hold the same number of values.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasShapeError if the numbers of values differ.
 * @example
 * const model = pipe(kerasModelSequential(), layerReshape({ targetShape: [14, -1], inputShape: [784] }))
 * assert.deepStrictEqual(outputShape(model), [null, 14, 56])
 * @see R keras `layer_reshape`
 */
export const layerReshape = defineLayer<ReshapeOptions, typeof reshapeChecks>(
  'layerReshape',
  (args: never) => new Reshape(args),
  {
    baseName: 'reshape',
    options: reshapeChecks,
    keepsTypes: true,
    texts: 'kept',
    shapeRequirement: ([shape = []], { targetShape: target }) => {
      const sizes = shape.slice(1);
      if (sizes.includes(null)) return undefined;
      const values = product(sizes);
      const asked = Math.abs(product(target));
      if (target.includes(-1) ? values % asked === 0 : values === asked) return undefined;
      return {
        needs: `samples of ${target.includes(-1) ? 'a multiple of ' : ''}${asked} values for targetShape: [${target.join(', ')}]`,
        advice: `A sample has ${values} values; change \`targetShape\`, or write -1 for one of its sizes`,
      };
    },
  },
);

/** Options of {@link layerInput}. */
export interface InputOptions {
  /** The shape of one input, without the batch axis; `null` where a dimension is unknown. */
  shape?: number | readonly (number | null)[] | undefined;
  /** The same with the batch axis, for a fixed batch size. */
  batchShape?: readonly (number | null)[] | undefined;
  /** `input_1`, `input_2`, … by default. */
  name?: string | undefined;
  /** 'float32' by default; 'string' for texts, which go to layers that read them. */
  dtype?: InputType | undefined;
}

/**
 * The input of a model of the functional API: a symbolic tensor that layers are piped onto.
 *
 * Out `[batch, ...shape]`.
 *
 * @throws KerasArgumentError if neither or both of `shape` and `batchShape` are given.
 * @example
 * const input = layerInput({ shape: [784] })
 * const output = pipe(input, layerDense({ units: 10, activation: 'softmax' }))
 * const model = kerasModel(input, output)
 * assert.deepStrictEqual(outputShape(model), [null, 10])
 * @see R keras `layer_input`
 */
export const layerInput = (options: InputOptions, ...surplus: []): SymbolicTensor => {
  refuseSurplus('layerInput', ['options'], surplus);
  const checked = checkOptions('layerInput', options, {
    shape: optional(shape),
    batchShape: optional(shape),
    name: optional(layerName),
    dtype: optional(inputType),
  } satisfies OptionChecks<InputOptions>);
  if ((checked.shape === undefined) === (checked.batchShape === undefined)) {
    throw new KerasArgumentError({
      function: 'layerInput',
      argument: 'shape',
      expected: 'one of `shape` and `batchShape` must be given',
      received: checked.shape === undefined ? 'neither' : 'both',
      advice: 'Write layerInput({ shape: [784] })',
    });
  }
  const tensor = tf.input({ ...checked, name: checked.name ?? nextInputName() });
  if (checked.name === undefined) noteUnnamedInput(tensor.sourceLayer);
  return tensor;
};
