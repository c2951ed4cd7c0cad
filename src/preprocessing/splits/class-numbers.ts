import { toTensor } from '../../arrays/tensors';
import { argumentError } from '../../base/checks';
import { tf } from '../../tfjs/tensorflow';

/** Class numbers, from one-hot rows if they are such. */
export const classNumbers = (functionName: string, argument: string, value: unknown): number[] => {
  const place = { function: functionName, argument };
  const { tensor, isNew } = toTensor(value, place);
  try {
    const last = tensor.shape.at(-1) ?? 1;
    const isOneHot = tensor.rank === 2 && last > 1;
    if (tensor.rank === 0 || tensor.rank > 2) {
      throw argumentError(place, 'class numbers, or one-hot rows', value, 'Give one label for each row');
    }
    const numbers = [...tf.tidy(() => (isOneHot ? tf.argMax(tensor, -1) : tensor).dataSync())];
    const wrong = numbers.find((number) => !Number.isInteger(number) || number < 0);
    if (wrong === undefined) return numbers;
    throw argumentError(place, 'made of class numbers, 0, 1, 2, …', wrong, 'Count classes from 0');
  } finally {
    if (isNew) tensor.dispose();
  }
};
