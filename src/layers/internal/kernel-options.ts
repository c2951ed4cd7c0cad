import { boolean, optional, type OptionChecks } from '../../base/checks';
import { constraint, type ConstraintLike } from '../../constraints/registry';
import { initializer, type InitializerLike } from '../../initializers/registry';
import { regularizer, type RegularizerLike } from '../../regularizers/registry';

/** Options of layers that have a kernel and a bias. */
export interface KernelOptions {
  /** Whether a bias is added; true by default. */
  useBias?: boolean | undefined;
  /** 'glorot_uniform' by default. */
  kernelInitializer?: InitializerLike | undefined;
  /** 'zeros' by default. */
  biasInitializer?: InitializerLike | undefined;
  /** A penalty on the kernel, added to the loss. */
  kernelRegularizer?: RegularizerLike | undefined;
  /** A penalty on the bias, added to the loss. */
  biasRegularizer?: RegularizerLike | undefined;
  /** What the kernel must satisfy after each update. */
  kernelConstraint?: ConstraintLike | undefined;
  /** What the bias must satisfy after each update. */
  biasConstraint?: ConstraintLike | undefined;
}

/** The checks of {@link KernelOptions}, with Keras's initial weights. */
export const kernelOptionChecks = {
  useBias: optional(boolean, true),
  // tfjs's own default is `glorotNormal`.
  kernelInitializer: optional(initializer, 'glorot_uniform'),
  biasInitializer: optional(initializer, 'zeros'),
  kernelRegularizer: optional(regularizer),
  biasRegularizer: optional(regularizer),
  kernelConstraint: optional(constraint),
  biasConstraint: optional(constraint),
} satisfies OptionChecks<KernelOptions>;

/** An option of layers whose outputs may be regularized. */
export interface ActivityOption {
  /** A penalty on the output, over the number of rows, added to the loss. */
  activityRegularizer?: RegularizerLike | undefined;
}

/** The check of {@link ActivityOption}. */
export const activityOptionCheck = {
  activityRegularizer: optional(regularizer),
} satisfies OptionChecks<ActivityOption>;
