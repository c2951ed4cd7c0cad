/** Texts in arrays, as tensors of type string. */
import { argumentError, type Place } from '../base/checks';
import { describe, KerasArgumentError } from '../base/errors';
import { tf, type Tensor } from '../tfjs/tensorflow';

/** Texts in arrays, all of one length at each depth. */
export type NestedText = string | readonly NestedText[];

/** The first of nested values that is no array. */
const firstOf = (value: unknown): unknown => {
  let first = value;
  while (Array.isArray(first) && first.length > 0) first = first[0] as unknown;
  return first;
};

/** Whether a value is texts: as a tensor, or by the first of it. */
export const isText = (value: unknown): value is NestedText | Tensor =>
  value instanceof tf.Tensor ? value.dtype === 'string' : typeof firstOf(value) === 'string';

const raggedTexts = (place: Place, path: string, received: string): KerasArgumentError =>
  new KerasArgumentError({
    function: place.function,
    argument: place.argument,
    expected: `\`${place.argument}\` must be made of texts only, rows of one length`,
    received: `${place.argument}${path} ${received}`,
    advice: "Pad the rows to one length with '', and write numbers as texts",
  });

/** Nested texts row by row, and how long the rows are at each depth. */
class TextReader {
  readonly lengths: number[] = [];
  readonly texts: string[] = [];

  constructor(private readonly place: Place) {}

  take(value: unknown, path: readonly number[]): void {
    const depth = path.length;
    if (!Array.isArray(value)) {
      if (typeof value === 'string' && depth === this.lengths.length) this.texts.push(value);
      else throw this.fault(path, `is ${describe(value)}`);
      return;
    }
    // As long as there is no text, nothing is known of the rows below.
    if (this.texts.length === 0 && this.lengths.length === depth) this.lengths.push(value.length);
    const length = this.lengths[depth];
    if (length === undefined) throw this.fault(path, 'is an array, while the first is a text');
    if (value.length !== length)
      throw this.fault(path, `is of length ${value.length}, while the first has ${length}`);
    for (let index = 0; index < length; index++) this.take(value[index], [...path, index]);
  }

  private fault(path: readonly number[], received: string): KerasArgumentError {
    return raggedTexts(this.place, path.map((index) => `[${index}]`).join(''), received);
  }
}

/**
 * Texts as a new tensor of type string, which the caller frees.
 *
 * @throws KerasArgumentError that says where rows are of different lengths, or something is no text.
 */
export const textTensor = (value: unknown, place: Place): Tensor => {
  if (value instanceof tf.Tensor) {
    if (value.isDisposed)
      throw argumentError(place, 'a tensor that is not disposed', value, 'Dispose it after the last use');
    return tf.clone(value as Tensor); // of any rank, which `instanceof` leaves untyped
  }
  const reader = new TextReader(place);
  reader.take(value, []);
  return tf.tensor(reader.texts, reader.lengths, 'string');
};
