import { SparseInput } from '../../arrays/sparse-input';
import { nestedTensor } from '../../arrays/nested';
import { toTensor } from '../../arrays/tensors';
import type { Place } from '../../base/checks';
import { KerasArgumentError, KerasError, KerasShapeError } from '../../base/errors';
import { sizeOf } from '../../base/shapes';
import type { KerasModel } from '../../models/model';
import type { Arrays } from '../../step/batches';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import type { ArgumentNames } from '../arrays';
import { Tensors } from '../data';
import type { Item, PartNames, RawBatch } from './batch';

/** Batches of one kind as arrays, one below the other. */
export interface Chunk {
  readonly arrays: Arrays;
  readonly steps: number;
  /** The rows of each batch. */
  readonly batchSize: number;
  readonly key: string;
  /** Frees the arrays, and not what the source gave away. */
  readonly release: () => void;
  readonly dispose: () => void;
}

/** How batches become arrays. */
export interface ChunkMaker {
  readonly model: KerasModel;
  readonly names: () => PartNames;
  readonly argumentNames: ArgumentNames;
  /** Checks data and makes tensors of it. */
  readonly prepare: (item: Item, tensors: Tensors) => Arrays;
}

const single = (values: readonly unknown[]): unknown => (values.length === 1 ? values[0] : values);

/** Arrays of one shape, one below the other. */
const joined = (batches: readonly RawBatch[], index: number, place: Place): Tensor | undefined => {
  const parts = batches.map((batch) => batch.parts?.[index]);
  const [first] = parts;
  if (first === undefined) return undefined;
  const values = parts.map((part) => part?.value);
  const [rows = 0, ...inner] = first.shape;
  const shape = [rows * values.length, ...inner];
  if (!values.some((value) => value instanceof tf.Tensor)) {
    // Flat data that came with its shape is as long as its shape says.
    const isFlat = !Array.isArray(values[0]) || inner.length === 0 || typeof values[0][0] === 'number';
    const lengths = isFlat ? [values.length, sizeOf(first.shape)] : [values.length, ...first.shape];
    return nestedTensor(values, place, 'float32', shape, lengths);
  }
  return tf.tidy(() => tf.concat(values.map((value) => toTensor(value, place, first.dtype).tensor)));
};

/** Several batches as one. */
const joinAll = (
  batches: readonly RawBatch[],
  { names, argumentNames }: ChunkMaker,
  tensors: Tensors,
): Item => {
  const { inputs, outputs } = names();
  const [first] = batches;
  let position = 0;
  const take = (count: number, argument: string): unknown =>
    single(
      Array.from({ length: count }, () => {
        const tensor = joined(batches, position++, { argument });
        return tensor === undefined ? undefined : tensors.takeOver(tensor);
      }),
    );
  const isThere = (value: unknown): boolean => value !== undefined && value !== null;
  return {
    x: take(inputs.length, argumentNames.x),
    y: isThere(first?.y) ? take(outputs.length, argumentNames.y) : first?.y,
    sampleWeight: isThere(first?.sampleWeight) ? take(1, argumentNames.sampleWeight) : undefined,
  };
};

const keyOf = ({ x, y, weights }: Arrays): string =>
  [...x, ...y, ...weights]
    .map((array) =>
      array === undefined
        ? '-'
        : array instanceof SparseInput
          ? `sparse ${array.shape.join()}`
          : `${array.dtype} ${array.shape.join()}`,
    )
    .join(';');

/** Makes arrays of batches of one kind; undefined where something is wrong with one of them. */
export const chunkOf = (batches: readonly RawBatch[], maker: ChunkMaker): Chunk | undefined => {
  const tensors = new Tensors();
  const release = (): void => tensors.dispose();
  const dispose = (): void => {
    release();
    for (const { owned } of batches) tf.dispose([...owned]);
  };
  try {
    const [first] = batches;
    const item = batches.length === 1 ? (first as RawBatch) : joinAll(batches, maker, tensors); // there is one
    const arrays = maker.prepare(item, tensors);
    const batchSize = arrays.rows / batches.length;
    return { arrays, steps: batches.length, batchSize, key: first?.key ?? keyOf(arrays), release, dispose };
  } catch (error) {
    tensors.dispose();
    // Alone, each of them says what is wrong, and in which step.
    if (batches.length > 1 && error instanceof KerasError) return undefined;
    dispose();
    throw error;
  }
};

/** An error about a batch, which says which one. */
export const errorInStep = (error: unknown, place: string): unknown => {
  if (!(error instanceof KerasArgumentError) && !(error instanceof KerasShapeError)) return error;
  const { expected, received, advice, argument, layer } = error;
  const details = {
    expected,
    received: received === undefined ? place : `${received}, in the batch of ${place}`,
    advice,
    ...(argument === undefined ? {} : { argument }),
    ...(layer === undefined ? {} : { layer }),
    cause: error,
  };
  return error instanceof KerasShapeError ? new KerasShapeError(details) : new KerasArgumentError(details);
};
