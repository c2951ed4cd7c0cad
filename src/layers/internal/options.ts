import { toTensor, type ArrayLike } from '../../arrays/tensors';
import type { DataType, Tensor } from '../../tfjs/tensorflow';
import {
  argumentError,
  boolean,
  checkThat,
  nonEmptyString,
  oneOf,
  optional,
  positiveInteger,
  shape,
  type Check,
  type OptionChecks,
} from '../../base/checks';

/** Options that every layer takes. */
export interface LayerOptions {
  /** The layer's name, unique in its model. By default `dense`, `dense_1`, … */
  name?: string;
  /** The shape of one input, without the batch axis; `null` where a dimension is unknown. Only for a first layer. */
  inputShape?: number | readonly (number | null)[];
  /** The input shape with the batch axis, for a fixed batch size. Only for a first layer. */
  batchInputShape?: readonly (number | null)[];
  /** A fixed batch size, together with `inputShape`. */
  batchSize?: number;
  /** The type of the input: 'float32' by default. Only for a first layer. */
  dtype?: 'float32' | 'int32' | 'bool';
  /** Whether training changes the layer's weights; true by default. */
  trainable?: boolean;
  /** Initial weights, in Keras's order. */
  weights?: readonly ArrayLike[];
}

const weights: Check<readonly ArrayLike[]> = checkThat(
  'an array of tensors or nested arrays',
  (value): value is readonly ArrayLike[] => Array.isArray(value),
);

/** The checks of {@link LayerOptions}. */
export const layerOptionChecks: OptionChecks<LayerOptions> = {
  name: optional(nonEmptyString),
  inputShape: optional(shape),
  batchInputShape: optional(shape),
  batchSize: optional(positiveInteger),
  dtype: optional(oneOf('float32', 'int32', 'bool')),
  trainable: optional(boolean),
  weights: optional(weights),
};

/** The common options once they are checked. */
export interface CheckedLayerOptions {
  name?: string;
  inputShape?: (number | null)[];
  batchInputShape?: (number | null)[];
  batchSize?: number;
  dtype?: DataType;
  trainable?: boolean;
  weights?: readonly ArrayLike[];
}

/** The input shape with its batch axis, from whichever option gave it. */
export const batchShapeOf = (verb: string, options: CheckedLayerOptions): (number | null)[] | undefined => {
  const { batchInputShape, inputShape, batchSize } = options;
  if (batchInputShape !== undefined && inputShape !== undefined) {
    throw argumentError(
      { function: verb, argument: 'inputShape' },
      'left out when `batchInputShape` is given',
      inputShape,
      'Give one of the two',
    );
  }
  if (batchInputShape !== undefined) return batchInputShape;
  return inputShape === undefined ? undefined : [batchSize ?? null, ...inputShape];
};

/** Initial weights as tensors, and what frees those that were no tensors before: the others stay the user's. */
export const asWeights = (
  verb: string,
  values: readonly ArrayLike[],
): { readonly tensors: Tensor[]; readonly free: () => void } => {
  const made: Tensor[] = [];
  const free = (): void => made.forEach((tensor) => tensor.dispose());
  try {
    const tensors = values.map((value, index) => {
      const converted = toTensor(value, { function: verb, argument: `weights[${index}]` }, 'float32');
      if (converted.made) made.push(converted.tensor);
      return converted.tensor;
    });
    return { tensors, free };
  } catch (error) {
    free();
    throw error;
  }
};
