import { argumentError, didYouMean, type Place } from '../base/checks';
import { canonicalName, type NameOf } from '../base/registry';
import {
  lossBinaryCrossentropy,
  lossCategoricalCrossentropy,
  lossKlDivergence,
  lossPoisson,
  lossSparseCategoricalCrossentropy,
} from './crossentropies';
import { lossOfFunction, type Loss, type LossFunction } from './define-loss';
import { lossCategoricalHinge, lossHinge, lossSquaredHinge } from './hinges';
import {
  lossCosineSimilarity,
  lossHuber,
  lossLogcosh,
  lossMeanAbsoluteError,
  lossMeanAbsolutePercentageError,
  lossMeanSquaredError,
  lossMeanSquaredLogarithmicError,
} from './regression';

export type { LabelForm, Loss, LossFunction } from './define-loss';
export type { HuberOptions } from './regression';
export {
  lossBinaryCrossentropy,
  lossCategoricalCrossentropy,
  lossCategoricalHinge,
  lossCosineSimilarity,
  lossHinge,
  lossHuber,
  lossKlDivergence,
  lossLogcosh,
  lossMeanAbsoluteError,
  lossMeanAbsolutePercentageError,
  lossMeanSquaredError,
  lossMeanSquaredLogarithmicError,
  lossPoisson,
  lossSparseCategoricalCrossentropy,
  lossSquaredHinge,
};

/** Keras's names of losses, each with the other spellings that people type and tfjs's camelCase. */
export const lossNames = {
  categorical_crossentropy: ['categoricalCrossentropy'],
  sparse_categorical_crossentropy: ['sparseCategoricalCrossentropy'],
  binary_crossentropy: ['binaryCrossentropy', 'bce', 'BCE'],
  mean_squared_error: ['meanSquaredError', 'mse', 'MSE'],
  mean_absolute_error: ['meanAbsoluteError', 'mae', 'MAE'],
  mean_absolute_percentage_error: ['meanAbsolutePercentageError', 'mape', 'MAPE'],
  mean_squared_logarithmic_error: ['meanSquaredLogarithmicError', 'msle', 'MSLE'],
  hinge: [],
  squared_hinge: ['squaredHinge'],
  categorical_hinge: ['categoricalHinge'],
  poisson: [],
  kl_divergence: ['klDivergence', 'kullback_leibler_divergence', 'kullbackLeiblerDivergence', 'kld', 'KLD'],
  log_cosh: ['logCosh', 'logcosh'],
  cosine_similarity: ['cosineSimilarity', 'cosine_proximity', 'cosineProximity'],
  huber: ['huber_loss', 'huberLoss'],
} as const;

/** The name of a loss, in any accepted spelling. */
export type LossName = NameOf<typeof lossNames>;

const functions: Readonly<Record<keyof typeof lossNames, LossFunction>> = {
  categorical_crossentropy: lossCategoricalCrossentropy,
  sparse_categorical_crossentropy: lossSparseCategoricalCrossentropy,
  binary_crossentropy: lossBinaryCrossentropy,
  mean_squared_error: lossMeanSquaredError,
  mean_absolute_error: lossMeanAbsoluteError,
  mean_absolute_percentage_error: lossMeanAbsolutePercentageError,
  mean_squared_logarithmic_error: lossMeanSquaredLogarithmicError,
  hinge: lossHinge,
  squared_hinge: lossSquaredHinge,
  categorical_hinge: lossCategoricalHinge,
  poisson: lossPoisson,
  kl_divergence: lossKlDivergence,
  log_cosh: lossLogcosh,
  cosine_similarity: lossCosineSimilarity,
  huber: lossHuber,
};

/** Whether a value is a {@link Loss}. */
export const isLoss = (value: unknown): value is Loss =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  typeof value.name === 'string' &&
  'call' in value &&
  typeof value.call === 'function' &&
  'labels' in value &&
  (value.labels === 'same' || value.labels === 'sparse');

/** The loss of a name in any accepted spelling, or undefined. */
export const lossOfName = (name: string): Loss | undefined => {
  // canonicalName returns keys of the table that it was given.
  const canonical = canonicalName(lossNames, name) as keyof typeof lossNames | undefined;
  return canonical === undefined ? undefined : lossOfFunction(functions[canonical]);
};

const isLossFunction = (value: unknown): value is LossFunction => typeof value === 'function';

/**
 * The loss that a user means: a name, one of the `loss…` functions, a function `(yTrue, yPred) => tensor` of
 * the user's own, or a {@link Loss}.
 *
 * @throws KerasArgumentError if it is none of these.
 */
export const resolveLoss = (value: unknown, place: Place): Loss => {
  if (isLoss(value)) return value;
  if (isLossFunction(value)) {
    const name = value.name === '' ? 'custom_loss' : value.name;
    return lossOfFunction(value) ?? { name, call: value, labels: 'same' };
  }
  const named = typeof value === 'string' ? lossOfName(value) : undefined;
  if (named !== undefined) return named;
  throw argumentError(
    place,
    'the name of a loss, or a function of (yTrue, yPred)',
    value,
    typeof value === 'string'
      ? didYouMean(value, Object.entries(lossNames).flat(2))
      : "Write loss: 'mean_squared_error', for example",
  );
};
