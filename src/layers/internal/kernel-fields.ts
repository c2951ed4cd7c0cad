import type { ConstraintOption, InitializerOption, RegularizerOption } from '../../tfjs/keras-layer';

/** What a layer keeps of the options of its kernel, its bias and its output. */
export interface KernelFields {
  readonly kernelInitializer: InitializerOption;
  readonly biasInitializer: InitializerOption;
  readonly kernelRegularizer: RegularizerOption;
  readonly biasRegularizer: RegularizerOption;
  readonly activityRegularizer: RegularizerOption;
  readonly kernelConstraint: ConstraintOption;
  readonly biasConstraint: ConstraintOption;
}

/** Keras's defaults of {@link KernelFields}, by names. */
export const KERNEL_DEFAULTS = {
  kernelInitializer: 'glorotUniform',
  biasInitializer: 'zeros',
  kernelRegularizer: null,
  biasRegularizer: null,
  activityRegularizer: null,
  kernelConstraint: null,
  biasConstraint: null,
};
