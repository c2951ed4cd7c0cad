import { toTensor } from '../../arrays/tensors';
import { argumentError, type Place } from '../../base/checks';
import { describeShape, KerasShapeError } from '../../base/errors';
import { sizeOf } from '../../base/shapes';
import { tf, type Tensor } from '../../tfjs/tensorflow';

/** Rows of numbers in JavaScript's memory: what windows are copied from. */
export interface Series {
  readonly values: Float32Array | Int32Array;
  /** How many rows there are. */
  readonly rows: number;
  /** The shape of a row. */
  readonly rowShape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

/** Data as a series, copied: what the caller does to it later changes nothing. */
export const seriesOf = (data: unknown, place: Place): Series => {
  const { tensor, isNew } = toTensor(data, place);
  try {
    if (tensor.rank === 0) {
      throw new KerasShapeError({
        function: place.function,
        argument: place.argument,
        expected: `\`${place.argument}\` must have an axis of time, the first`,
        received: `shape ${describeShape(tensor.shape)}`,
        advice: 'Give a list of numbers, or of rows of numbers',
      });
    }
    const [rows = 0, ...rowShape] = tensor.shape;
    if (tensor.size === 0) throw argumentError(place, 'a series of one time step at least', data);
    const dtype = tensor.dtype === 'int32' ? 'int32' : 'float32';
    const copy =
      dtype === 'int32' ? Int32Array.from(tensor.dataSync()) : Float32Array.from(tensor.dataSync());
    return { values: copy, rows, rowShape, dtype };
  } finally {
    if (isNew) tensor.dispose();
  }
};

/** Rows at the given places, as a tensor `[places.length / perSample, perSample, …]`; without `perSample`, `[places.length, …]`. */
export const rowsAt = (
  { values, rowShape, dtype }: Series,
  places: ArrayLike<number>,
  perSample?: number,
): Tensor => {
  const size = sizeOf(rowShape);
  const taken =
    dtype === 'int32' ? new Int32Array(places.length * size) : new Float32Array(places.length * size);
  for (let index = 0; index < places.length; index++) {
    const from = (places[index] ?? 0) * size;
    taken.set(values.subarray(from, from + size), index * size);
  }
  const leading = perSample === undefined ? [places.length] : [places.length / perSample, perSample];
  return tf.tensor(taken, [...leading, ...rowShape], dtype);
};

/** Batches of windows of a series. */
export abstract class WindowBatches<Batch> implements Iterable<Batch> {
  /** How many batches there are. */
  abstract readonly size: number;

  /** The batch of a number, counted from 0. */
  abstract batch(index: number): Batch;

  /** Called before each pass. */
  protected begin(): void {
    // Nothing to do where all passes are the same.
  }

  *[Symbol.iterator](): Generator<Batch, void> {
    this.begin();
    for (let index = 0; index < this.size; index++) yield this.batch(index);
  }

  /** The batches as `tf.data` gives them: who reads them frees their tensors. `fit`, `evaluate` and `predict` do. */
  iterator(): Promise<{ next(): Promise<IteratorResult<Batch, void>> }> {
    const iterator = this[Symbol.iterator]();
    return Promise.resolve({ next: () => Promise.resolve(iterator.next()) });
  }
}
