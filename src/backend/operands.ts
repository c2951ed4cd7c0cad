import { argumentError, type Place } from '../base/checks';
import { describeShape } from '../base/errors';
import { toTensor, type ArrayLike } from '../arrays/tensors';
import { tf, type Tensor } from '../tfjs/tensorflow';

/** Computes with data as float32 tensors; all but the result is freed. */
export const withTensors = <const Arguments extends readonly string[]>(
  functionName: string,
  argumentNames: Arguments,
  data: { readonly [Index in keyof Arguments]: ArrayLike },
  compute: (...tensors: { [Index in keyof Arguments]: Tensor }) => Tensor,
): Tensor =>
  tf.tidy(() => {
    const tensors = argumentNames.map(
      (argument, index) => toTensor(data[index], { function: functionName, argument }, 'float32').tensor,
    );
    return compute(...(tensors as { [Index in keyof Arguments]: Tensor })); // one for each name
  });

/** An axis of a tensor, counted from 0. */
export const axisOf = (axis: number, { rank, shape }: Tensor, place: Place, first = 0): number => {
  const counted = axis < 0 ? axis + rank : axis;
  if (counted >= first && counted < rank) return counted;
  throw argumentError(
    place,
    `an axis of x, whose shape is ${describeShape(shape)}: from ${first} to ${rank - 1}`,
    axis,
    'Axes count from 0, in R from 1; negative ones count from the end',
  );
};
