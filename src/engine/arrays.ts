import { entriesOf, SparseInput } from '../arrays/sparse-input';
import type { FedValues } from '../native/index';
import type { Arrays } from '../step/batches';
import { TYPES, typeNumber } from '../tfjs/binding';
import type { Tensor } from '../tfjs/tensorflow';
import type { GraphArray } from './graph/batches';
import { FEED_NAMES } from './trace/traced-step';

/** A tensor that is fed for all steps, and what it is in the graph. */
type FedArray = Pick<GraphArray, 'feed' | 'whole'> & { readonly tensor: Tensor };

const fedArrays = ({ x, y, weights }: Arrays): FedArray[] => [
  ...x.flatMap((input, index): FedArray[] =>
    input instanceof SparseInput
      ? entriesOf(input.parts).map(([part, tensor]) => ({
          feed: FEED_NAMES.sparse(index, part),
          tensor,
          whole: true,
        }))
      : [{ feed: FEED_NAMES.x(index), tensor: input }],
  ),
  ...y.flatMap((tensor, index) => (tensor === undefined ? [] : [{ feed: FEED_NAMES.y(index), tensor }])),
  ...weights.flatMap((tensor, index) =>
    tensor === undefined ? [] : [{ feed: FEED_NAMES.weights(index), tensor }],
  ),
];

/** What the graph knows of the arrays that batches are taken from; `isPart`, where each run has other ones, of other lengths. */
export const graphArraysOf = (arrays: Arrays, isPart = false): GraphArray[] =>
  fedArrays(arrays).map(({ tensor, ...array }) => ({
    ...array,
    dtype: typeNumber(tensor.dtype),
    shape: isPart ? [-1, ...tensor.shape.slice(1)] : tensor.shape,
  }));

/** The arrays as a loop is fed them. */
export const arrayFeeds = (loop: string, arrays: Arrays): Record<string, Tensor> =>
  Object.fromEntries(fedArrays(arrays).map(({ feed, tensor }) => [`${loop}/${feed}`, tensor]));

/** Whole numbers as a loop is fed them. */
export const integers = (shape: readonly number[], values: readonly number[]): FedValues => ({
  shape,
  dtype: TYPES.int32,
  values: Int32Array.from(values),
});
