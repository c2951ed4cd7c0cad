import { attribute } from '../../../ops/native';
import { binding } from '../../../tfjs/binding';
import { MAX_LOG_SOFTMAX_ELEMENTS } from '../../tuning';
import { sizeOf } from '../../../base/shapes';
import { inputOf, type Rewrite } from './context';

/**
 * Which probability is the largest, as accuracy asks, its logarithm tells as well: nothing else of a small model's step needs the probabilities, which oneDNN
 * takes several times as long for. Where one of them is not a number, none of either is.
 */
export const argMax: Rewrite = (op, context) => {
  const softmax = context.producer(inputOf(op, 0), 'Softmax');
  if (softmax === undefined || !binding().hasKernel('_MklSoftmax')) return undefined;
  const shape = context.shape(inputOf(softmax, 0));
  if (sizeOf(shape) > MAX_LOG_SOFTMAX_ELEMENTS) return undefined;
  const logarithms = context.tensor(shape);
  return [
    {
      name: 'LogSoftmax',
      attributes: [attribute.type('T', 'float')],
      inputs: softmax.inputs,
      outputs: [logarithms],
    },
    { ...op, inputs: [logarithms.id, ...op.inputs.slice(1)] },
  ];
};
