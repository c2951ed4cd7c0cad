import { argumentError, refuseClass, type Place } from '../base/checks';
import { registryOf, type MemberIn, type NameIn } from '../base/registry';
import type { Loss, LossFunction } from './define-loss';
import * as family from './index';

export type { Loss, LossFunction };

/** The name of a loss, in any accepted spelling. */
export type LossName = NameIn<typeof family>;

/** All losses. */
export const losses = registryOf('the name of a loss, or a function of (yTrue, yPred)', family);

const objects = new Map<MemberIn<typeof family>, Loss>(
  losses.members.map((call) => [
    call,
    { name: call.names[0], call, labels: call.labels, kind: call.names[0] },
  ]),
);

/** Whether a value is a {@link Loss}. */
export const isLoss = (value: unknown): value is Loss =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  typeof value.name === 'string' &&
  'call' in value &&
  typeof value.call === 'function' &&
  'labels' in value &&
  (value.labels === 'same' || value.labels === 'sparse' || value.labels === 'any');

/** Whether a loss is one of the library's, whose labels are known; a user's own may take any. */
export const isKnownLoss = ({ kind }: Loss): boolean => kind !== undefined;

/** The loss that a name in any accepted spelling, or one of this library's loss functions, stands for. */
export const knownLoss = (value: unknown): Loss | undefined => {
  const member = losses.find(value);
  return member === undefined ? undefined : objects.get(member);
};

/** The loss of a name in any accepted spelling, or undefined. */
export const lossOfName = (name: string): Loss | undefined => knownLoss(name);

const isLossFunction = (value: unknown): value is LossFunction => typeof value === 'function';

/**
 * The loss that a user means: a name, one of the `loss…` functions, a function `(yTrue, yPred) => tensor` of
 * the user's own, or a {@link Loss}.
 *
 * @throws KerasArgumentError if it is none of these.
 */
export const resolveLoss = (value: unknown, place: Place): Loss => {
  const known = knownLoss(value);
  if (known !== undefined) return known;
  if (isLoss(value)) return value;
  if (isLossFunction(value)) {
    refuseClass(value, place);
    return { name: value.name === '' ? 'custom_loss' : value.name, call: value, labels: 'same' };
  }
  const advice =
    typeof value === 'string' ? losses.advice(value) : "Write loss: 'mean_squared_error', for example";
  throw argumentError(place, 'the name of a loss, or a function of (yTrue, yPred)', value, advice);
};
