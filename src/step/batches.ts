import { SparseInput, sparsePlaceholder } from '../arrays/sparse-input';
import { nextSeed } from '../base/random';
import { gatherTexts } from '../tfjs/private';
import { tf, type Tensor, type Tensor1D } from '../tfjs/tensorflow';

/** One batch: inputs, the labels of each output that has some, and the weight of each sample for each output. */
export interface Batch {
  readonly x: readonly Tensor[];
  readonly y: readonly (Tensor | undefined)[];
  readonly weights: readonly (Tensor | undefined)[];
}

/** An input as a whole. */
export type InputArray = Tensor | SparseInput;

/** Whole arrays of inputs, labels and weights, of `rows` rows. */
export interface Arrays {
  readonly x: readonly InputArray[];
  readonly y: readonly (Tensor | undefined)[];
  readonly weights: readonly (Tensor | undefined)[];
  readonly rows: number;
}

/** Rows of a tensor: a slice, or those that `order` names. */
const rowsOf = (tensor: Tensor, from: number, count: number, order: Tensor1D | undefined): Tensor => {
  if (order !== undefined)
    return tensor.dtype === 'string' ? gatherTexts(tensor, order) : tf.gather(tensor, order);
  if (from === 0 && count === tensor.shape[0]) return tensor;
  return tf.slice(
    tensor,
    [from, ...Array<number>(tensor.rank - 1).fill(0)],
    [count, ...tensor.shape.slice(1)],
  );
};

/** Rows of a sparse input, as a tensor that stands for them. */
const sparseRowsOf = (
  { shape, parts }: SparseInput,
  from: number,
  count: number,
  order: Tensor1D | undefined,
): Tensor => {
  const rows = order ?? tf.range(from, from + count, 1, 'int32');
  return sparsePlaceholder([count, shape[1]], { ...parts, rows });
};

/** The arrays' rows `from` to `from + count`, in the order that is given. To be called inside a tidy. */
export const batchOf = (arrays: Arrays, from: number, count: number, order?: Int32Array): Batch => {
  const indices = order === undefined ? undefined : tf.tensor1d(order.subarray(from, from + count), 'int32');
  const take = (tensor: Tensor): Tensor => rowsOf(tensor, from, count, indices);
  const takeIfAny = (tensor: Tensor | undefined): Tensor | undefined =>
    tensor === undefined ? undefined : take(tensor);
  return {
    x: arrays.x.map((x) => (x instanceof SparseInput ? sparseRowsOf(x, from, count, indices) : take(x))),
    y: arrays.y.map(takeIfAny),
    weights: arrays.weights.map(takeIfAny),
  };
};

/** Seeds of the steps of one run: the run's number and the step's. */
export class StepSeeds {
  private run: number | undefined;
  private step = 0;

  /** `isLate`: the run's number is drawn once a step needs it, since most tests and predictions draw nothing. */
  constructor(isLate = false) {
    if (!isLate) this.run = nextSeed();
  }

  /** Whether a step has a seed already, or will have one that is known. */
  get isDrawn(): boolean {
    return this.run !== undefined;
  }

  /** The run's number, and that of the next step. */
  get place(): readonly [run: number, step: number] {
    return [(this.run ??= nextSeed()), this.step];
  }

  set place([run, step]) {
    this.run = run;
    this.step = step;
  }

  /** The seed of the next step, for `steps` steps; those after it count on from there. */
  take(steps: number): [number, number] {
    const [run, step] = this.place;
    this.step += steps;
    return [run, step];
  }

  /** The seed of the next step, which is taken once something is drawn in it. */
  get next(): () => readonly [number, number] {
    let seed: readonly [number, number] | undefined;
    return () => (seed ??= this.take(1));
  }
}
