import { innerLayersOf } from '../tfjs/private';
import type { Layer } from '../layers/internal/target';
import { variableBehind } from '../optimizers/gradients';
import type { Variable } from '../tfjs/tensorflow';

/** All variables that something has, those that are not trained, too. */
export const variablesIn = (layer: Layer): Variable[] => [
  ...new Set([...layer.weights.map(variableBehind), ...innerLayersOf(layer).flatMap(variablesIn)]),
];
