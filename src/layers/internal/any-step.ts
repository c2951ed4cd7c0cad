import type { SymbolicTensor } from '@tensorflow/tfjs';
import type { ManyOutputsStep } from './define-recurrent';
import type { LayerStep } from './target';

/** The step of any layer: also of one that takes several inputs, as `layerAttention()` is, or that puts out several. */
export type AnyLayerStep =
  LayerStep | ManyOutputsStep<readonly SymbolicTensor[]> | ((tensors: readonly SymbolicTensor[]) => unknown);
