import { checkThat, positiveInteger, required } from '../base/checks';
import { describeShape } from '../base/errors';
import { tf } from '../tfjs/tensorflow';
import { defineLayer } from './internal/define-layer';
import type { LayerOptions } from './internal/options';

/** Options of {@link layerRepeatVector}. */
export interface RepeatVectorOptions extends LayerOptions {
  /** How many times each sample is repeated. */
  n: number;
}

const repeatVectorChecks = { n: required(positiveInteger) };

/**
 * Repeats each sample `n` times, as `n` steps of a sequence: `output[t] = input`.
 *
 * In `[batch, features]`, out `[batch, n, features]`. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `n` is no positive integer.
 * @throws KerasShapeError if the input is a sequence already.
 * @example
 * const model = pipe(kerasModelSequential(), layerRepeatVector({ n: 3, inputShape: [32] }))
 * assert.deepStrictEqual(outputShape(model), [null, 3, 32])
 * @see R keras `layer_repeat_vector`
 */
export const layerRepeatVector = defineLayer<RepeatVectorOptions, typeof repeatVectorChecks>(
  'layerRepeatVector',
  tf.layers.repeatVector,
  {
    baseName: 'repeat_vector',
    options: repeatVectorChecks,
    keepsTypes: true,
    texts: 'kept',
    rank: {
      minNDim: 2,
      maxNDim: 2,
      advice: 'It repeats vectors: flatten each sample first, or leave the layer out',
    },
  },
);

/** Options of {@link layerPermute}. */
export interface PermuteOptions extends LayerOptions {
  /** The input's axes in the order of the output's, counted with the batch axis as 0, which stays: `[2, 1]`. */
  dims: readonly number[];
}

const permuteChecks = {
  dims: required(
    checkThat(
      'an order of the axes after the batch axis: each of 1, 2, … once',
      (value): value is readonly number[] =>
        Array.isArray(value) &&
        value.length > 0 &&
        [...(value as unknown[])].sort().every((axis, index) => axis === index + 1),
    ),
  ),
};

/**
 * Puts the axes of each sample into another order: `output[b, i₁, i₂, …] = input[b, …]`, where axis `k` of the output is axis
 * `dims[k − 1]` of the input.
 *
 * In `[batch, …]`, out the same sizes in the order of `dims`. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `dims` does not name each axis once.
 * @throws KerasShapeError if the input has more axes than `dims`, or fewer.
 * @example
 * const model = pipe(kerasModelSequential(), layerPermute({ dims: [2, 1], inputShape: [10, 64] }))
 * assert.deepStrictEqual(outputShape(model), [null, 64, 10])
 * @see R keras `layer_permute`
 */
export const layerPermute = defineLayer<PermuteOptions, typeof permuteChecks>(
  'layerPermute',
  (args: { dims: readonly number[] }) => tf.layers.permute({ ...args, dims: [...args.dims] }),
  {
    baseName: 'permute',
    options: permuteChecks,
    keepsTypes: true,
    shapeRequirement: ([shape = []], { dims }) =>
      shape.length === dims.length + 1
        ? undefined
        : {
            needs: `input of ${dims.length + 1} axes, the batch axis included, for dims: ${describeShape(dims)}`,
            advice: 'Name each axis after the batch axis once in `dims`',
          },
  },
);
