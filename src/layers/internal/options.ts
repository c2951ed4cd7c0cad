import { toTensor, type ArrayLike } from '../../arrays/tensors';
import type { Tensor } from '../../tfjs/tensorflow';
import {
  argumentError,
  boolean,
  checkThat,
  layerName,
  oneOf,
  optional,
  positiveInteger,
  shape,
  type Check,
  type CheckedOptions,
  type OptionChecks,
} from '../../base/checks';

/** The types that inputs of models can have. */
export type InputType = 'float32' | 'int32' | 'bool' | 'string';

/** The check of such a type. */
export const inputType: Check<InputType> = oneOf('float32', 'int32', 'bool', 'string');

/** Options that every layer takes. */
export interface LayerOptions {
  /** The layer's name, unique in its model. By default `dense`, `dense_1`, … */
  name?: string | undefined;
  /** The shape of one input, without the batch axis; `null` where a dimension is unknown. Only for a first layer. */
  inputShape?: number | readonly (number | null)[] | undefined;
  /** The input shape with the batch axis, for a fixed batch size. Only for a first layer. */
  batchInputShape?: readonly (number | null)[] | undefined;
  /** A fixed batch size, together with `inputShape`. */
  batchSize?: number | undefined;
  /** The type of the input: 'float32' by default. Only for a first layer. */
  dtype?: InputType | undefined;
  /** Whether training changes the layer's weights; true by default. */
  trainable?: boolean | undefined;
  /** Initial weights, in Keras's order. */
  weights?: readonly ArrayLike[] | undefined;
}

const weights: Check<readonly ArrayLike[]> = checkThat(
  'an array of tensors or nested arrays',
  (value): value is readonly ArrayLike[] => Array.isArray(value),
);

/** The checks of {@link LayerOptions}. */
export const layerOptionChecks = {
  name: optional(layerName),
  inputShape: optional(shape),
  batchInputShape: optional(shape),
  batchSize: optional(positiveInteger),
  dtype: optional(inputType),
  trainable: optional(boolean),
  weights: optional(weights),
} satisfies OptionChecks<LayerOptions>;

/** The common options once they are checked. */
export type CheckedLayerOptions = CheckedOptions<typeof layerOptionChecks>;

/** The input shape with its batch axis, from whichever option gave it. */
export const batchShapeOf = (
  functionName: string,
  options: CheckedLayerOptions,
): (number | null)[] | undefined => {
  const { batchInputShape, inputShape, batchSize } = options;
  if (batchInputShape !== undefined && inputShape !== undefined) {
    throw argumentError(
      { function: functionName, argument: 'inputShape' },
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
  functionName: string,
  values: readonly ArrayLike[],
): { readonly tensors: Tensor[]; readonly free: () => void } => {
  const ours: Tensor[] = [];
  const free = (): void => ours.forEach((tensor) => tensor.dispose());
  try {
    const tensors = values.map((value, index) => {
      const converted = toTensor(value, { function: functionName, argument: `weights[${index}]` }, 'float32');
      if (converted.isNew) ours.push(converted.tensor);
      return converted.tensor;
    });
    return { tensors, free };
  } catch (error) {
    free();
    throw error;
  }
};
