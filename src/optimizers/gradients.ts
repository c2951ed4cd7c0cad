import type { LayerVariable } from '@tensorflow/tfjs';
import { variableOf } from '../tfjs/private';
import { tf, type Tensor, type Variable } from '../tfjs/tensorflow';
import type { Optimizer } from './optimizer';

/** Gradients, and the weights that they are of. */
export interface Gradients {
  readonly gradients: readonly Tensor[];
  readonly weights: readonly (LayerVariable | Variable)[];
}

/** The variable that a weight is, or that is behind it. */
export const variableBehind = (weight: LayerVariable | Variable): Variable =>
  weight instanceof tf.Variable ? weight : variableOf(weight);

/** What takes an optimizer's step in its place, while a function is traced. */
export type ApplyRecorder = (optimizer: Optimizer, gradients: Gradients) => void;

let current: ApplyRecorder | undefined;

/** What takes optimizers' steps at the moment. */
export const applyRecorder = (): ApplyRecorder | undefined => current;

/** Runs something whose optimizers' steps are only noted. */
export const withApplyRecorder = <T>(recorder: ApplyRecorder | undefined, run: () => T): T => {
  const outer = current;
  current = recorder;
  try {
    return run();
  } finally {
    current = outer;
  }
};
