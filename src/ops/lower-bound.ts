/** Where numbers stand in a sorted list, by TensorFlow's kernel. */
import { tf, type Tensor } from '../tfjs/tensorflow';
import { attribute, run } from './native';

/** The place of the first number of a sorted list that is not less, for each of some whole numbers; in any shape. */
export const lowerBound = (sorted: Tensor, values: Tensor): Tensor => {
  const attributes = [attribute.type('T', 'int32'), attribute.type('out_type', 'int32')];
  const row = (tensor: Tensor): Tensor => tf.reshape(tensor, [1, -1]);
  const [places] = run('LowerBound', attributes, [row(sorted), row(values)], 1);
  return tf.reshape(places as Tensor, values.shape); // one output was asked for
};
