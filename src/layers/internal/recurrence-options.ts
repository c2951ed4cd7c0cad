import { activation, type ActivationLike } from '../../activations/registry';
import { dropRate, optional, positiveInteger, required, type OptionChecks } from '../../base/checks';
import { constraint, type ConstraintLike } from '../../constraints/registry';
import { initializer, type InitializerLike } from '../../initializers/registry';
import { regularizer, type RegularizerLike } from '../../regularizers/registry';
import { kernelOptionChecks, type KernelOptions } from './kernel-options';

/** Options of what has a recurrent kernel: recurrent layers, and their cells. */
export interface RecurrenceOptions extends KernelOptions {
  /** The length of the state, and so of each output. */
  units: number;
  /** 'tanh' by default. */
  activation?: ActivationLike | undefined;
  /** 'orthogonal' by default. */
  recurrentInitializer?: InitializerLike | undefined;
  /** A penalty on the recurrent kernel, added to the loss. */
  recurrentRegularizer?: RegularizerLike | undefined;
  /** What the recurrent kernel must satisfy after each update. */
  recurrentConstraint?: ConstraintLike | undefined;
  /** The fraction of the inputs to drop while training; 0 by default. */
  dropout?: number | undefined;
  /** The fraction of the state that does not enter the gates while training; 0 by default. The state itself is carried on whole. */
  recurrentDropout?: number | undefined;
}

/** The checks of {@link RecurrenceOptions}. */
export const recurrenceChecks = {
  units: required(positiveInteger),
  activation: optional(activation, 'tanh'),
  ...kernelOptionChecks,
  recurrentInitializer: optional(initializer, 'orthogonal'),
  recurrentRegularizer: optional(regularizer),
  recurrentConstraint: optional(constraint),
  dropout: optional(dropRate),
  recurrentDropout: optional(dropRate),
} satisfies OptionChecks<RecurrenceOptions>;
