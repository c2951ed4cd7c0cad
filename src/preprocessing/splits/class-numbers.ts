import { toTensor } from '../../arrays/tensors';
import { argumentError } from '../../base/checks';
import type { KerasArgumentError } from '../../base/errors';
import { tf } from '../../tfjs/tensorflow';

/** Labels beyond are no numbers of classes: what is made for each class would not fit into memory. */
const MAX_CLASSES = 2 ** 20;

const adviceFor = (wrong: number): string => {
  if (Number.isNaN(wrong)) return 'Leave such rows out';
  return wrong > 0 && wrong < 1
    ? 'Make classes of probabilities first: tf.greater(probabilities, 0.5)'
    : 'Number the classes from 0 without gaps';
};

/** The largest of some class numbers. */
export const largestClass = (numbers: readonly number[]): number => {
  let largest = 0;
  for (const number of numbers) if (number > largest) largest = number;
  return largest;
};

/** Class numbers, from one-hot rows if they are such: of one row at least. */
export const classNumbers = (functionName: string, argument: string, value: unknown): number[] => {
  const place = { function: functionName, argument };
  const wrong = (number: number): KerasArgumentError =>
    argumentError(place, 'made of class numbers, 0, 1, 2, …', number, adviceFor(number));
  const { tensor, isNew } = toTensor(value, place);
  try {
    const last = tensor.shape.at(-1) ?? 1;
    const isOneHot = tensor.rank === 2 && last > 1;
    if (tensor.rank === 0 || tensor.rank > 2) {
      throw argumentError(place, 'class numbers, or one-hot rows', value, 'Give one label for each row');
    }
    if (tensor.size === 0) throw argumentError(place, 'labels of one row at least', value, 'Give the labels');
    // The largest of what is no number would be the first.
    const noNumber = isOneHot ? tensor.dataSync().find(Number.isNaN) : undefined;
    if (noNumber !== undefined) throw wrong(noNumber);
    const numbers = [...tf.tidy(() => (isOneHot ? tf.argMax(tensor, -1) : tensor).dataSync())];
    const unfit = numbers.find((number) => !Number.isInteger(number) || number < 0 || number >= MAX_CLASSES);
    if (unfit === undefined) return numbers;
    throw wrong(unfit);
  } finally {
    if (isNew) tensor.dispose();
  }
};
