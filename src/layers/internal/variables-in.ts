import { variableBehind } from '../../optimizers/gradients';
import { innerLayersOf } from '../../tfjs/private';
import type { Variable } from '../../tfjs/tensorflow';
import type { Layer } from './target';

/** All variables that something has, those that are not trained, too. */
export const variablesIn = (layer: Layer): Variable[] => [
  ...new Set([...layer.weights.map(variableBehind), ...innerLayersOf(layer).flatMap(variablesIn)]),
];
