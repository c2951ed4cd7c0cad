import { refuseSurplus } from '../base/function-name';
import type { SymbolicTensor } from '@tensorflow/tfjs';
import { describe, KerasArgumentError } from '../base/errors';
import { ancestors, applyNew, connect, notATarget } from './internal/apply';
import { isSymbolicTensor, type Layer, type LayerStep } from './internal/target';

/**
 * One layer for several places: each application uses the same layer, and so the same weights.
 *
 * For the functional API. Without `shared`, each application of a step builds a layer of its own.
 *
 * @throws KerasArgumentError if `step` is no layer step, or if what it is applied to is no symbolic tensor.
 * @example
 * const encoder = shared(layerDense({ units: 4 }))
 * const left = layerInput({ shape: [3] })
 * const right = layerInput({ shape: [3] })
 * const model = kerasModel([left, right], layerConcatenate([encoder(left), encoder(right)]))
 * assert.strictEqual(countParams(model), 3 * 4 + 4)
 * @see R keras: an instance of a layer, called on two tensors
 */
export const shared = (step: LayerStep, ...surplus: []): ((tensor: SymbolicTensor) => SymbolicTensor) => {
  refuseSurplus('shared', ['step'], surplus);
  if (typeof step !== 'function' || typeof step.newLayer !== 'function') {
    throw new KerasArgumentError({
      function: 'shared',
      argument: 'step',
      expected: '`step` must be a layer step',
      received: describe(step),
      advice: 'Write shared(layerLstm({ units: 32 }))',
    });
  }
  const newLayer = step.newLayer();
  let layer: Layer | undefined;
  return (tensor) => {
    if (!isSymbolicTensor(tensor)) throw notATarget('shared', tensor);
    if (layer !== undefined) return connect(newLayer, layer, [tensor]);
    const taken = new Set([...ancestors([tensor])].map(({ name }) => name));
    const first = applyNew(newLayer, taken, [tensor]);
    layer = first.tfjsLayer;
    return first.output;
  };
};
