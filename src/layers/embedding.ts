import { tf } from '../tensorflow';
import { boolean, optional, positiveInteger, required, shape } from '../checks';
import { constraint, type Constraint, type ConstraintName } from '../constraints';
import { initializer, type Initializer, type InitializerName } from '../initializers';
import { regularizer, type Regularizer, type RegularizerName } from '../regularizers';
import { defineLayer } from './define-layer';
import type { LayerOptions } from './options';

/** Options of {@link layerEmbedding}. */
export interface EmbeddingOptions extends LayerOptions {
  /** The number of different ids: the largest id plus one. */
  inputDim: number;
  /** The length of the vector that stands for an id. */
  outputDim: number;
  /** 'uniform', between −0.05 and 0.05, by default. */
  embeddingsInitializer?: InitializerName | Initializer;
  /** A penalty on the vectors, added to the loss. */
  embeddingsRegularizer?: RegularizerName | Regularizer;
  /** What the vectors must satisfy after each update. */
  embeddingsConstraint?: ConstraintName | Constraint;
  /** Whether id 0 is padding that later layers skip; false by default. */
  maskZero?: boolean;
  /** The length of the input sequences, where it is fixed. */
  inputLength?: number | readonly number[];
}

/**
 * Turns ids into vectors: `output[i] = embeddings[input[i]]`.
 *
 * In `[batch, steps]` of whole numbers from 0 to `inputDim − 1`, out `[batch, steps, outputDim]`.
 * Weights: embeddings `[inputDim, outputDim]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, or sizes that are no positive integers.
 * @example
 * const model = pipe(kerasModelSequential(), layerEmbedding({ inputDim: 100, outputDim: 8, inputLength: 5 }))
 * assert.deepStrictEqual(outputShape(model), [null, 5, 8])
 * @see R keras `layer_embedding`
 */
export const layerEmbedding = defineLayer<EmbeddingOptions>('layerEmbedding', tf.layers.embedding, {
  baseName: 'embedding',
  options: {
    inputDim: required(positiveInteger),
    outputDim: required(positiveInteger),
    embeddingsInitializer: optional(initializer),
    embeddingsRegularizer: optional(regularizer),
    embeddingsConstraint: optional(constraint),
    maskZero: optional(boolean),
    inputLength: optional(shape),
  },
  defaults: { embeddingsInitializer: 'uniform' },
  inputShape: (options) => {
    const length = options['inputLength'];
    return Array.isArray(length) ? [null, ...(length as (number | null)[])] : [null, null];
  },
});
