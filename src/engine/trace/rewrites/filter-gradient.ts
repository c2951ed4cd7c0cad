import { ATTRIBUTE_KINDS, TYPES, type OpAttribute } from '../../../tfjs/binding';
import { attribute } from '../../../ops/native';
import { MIN_FILTER_GRADIENT_CHANNELS, MIN_FILTER_GRADIENT_ROWS } from '../../tuning';
import { attributeOf, type RecordedOp } from '../recording';
import type { Output, Rewrite } from './context';
import { hasOneDnn } from './onednn';

const FLOAT = attribute.type('T', 'float');

const isOnes = (value: OpAttribute['value']): boolean =>
  value === undefined || (Array.isArray(value) && value.every((length) => length === 1));

const list = (name: string, value: number[]): OpAttribute => ({ name, type: ATTRIBUTE_KINDS.int, value });

/**
 * The gradient of a convolution's filter, which is a convolution itself: of the input, whose channels are its rows and
 * whose rows its channels, with the output's gradient as the filter. TensorFlow's own operation, `Conv2DBackpropFilter`,
 * takes up to twice as long.
 *
 * Not of strided or dilated convolutions, and not where the operation's own way is quicker, as where oneDNN does it.
 */
export const filterGradient: Rewrite = (op, context) => {
  const [x = 0, , gradient = 0] = op.inputs;
  const [rows = 0, height = 0, width = 0, channels = 0] = context.shape(x);
  const [, outHeight = 0, outWidth = 0, filters = 0] = context.shape(gradient);
  const [output] = op.outputs;
  const padding = attributeOf(op, 'padding');
  if (hasOneDnn(op.name) || output?.dtype !== TYPES.float || (padding !== 'VALID' && padding !== 'SAME'))
    return undefined;
  if (!isOnes(attributeOf(op, 'strides')) || !isOnes(attributeOf(op, 'dilations'))) return undefined;
  if ((attributeOf(op, 'data_format') ?? 'NHWC') !== 'NHWC') return undefined;
  const [kernelHeight = 0, kernelWidth = 0] = output.shape;
  if (
    channels < MIN_FILTER_GRADIENT_CHANNELS ||
    rows < MIN_FILTER_GRADIENT_ROWS ||
    kernelHeight * kernelWidth === 1
  )
    return undefined;

  const made: RecordedOp[] = [];
  const add = (name: string, attributes: OpAttribute[], inputs: number[], result: Output): number => {
    made.push({ name, attributes, inputs, outputs: [result] });
    return result.id;
  };
  const transposed = (id: number, axes: readonly number[], result: Output): number =>
    add('Transpose', [FLOAT, attribute.type('Tperm', 'int32')], [id, context.ints(axes)], result);

  let whole = x;
  const [high, wide] = [outHeight + kernelHeight - 1, outWidth + kernelWidth - 1];
  if (high > height || wide > width) {
    const sides = (missing: number): number[] => [Math.floor(missing / 2), Math.ceil(missing / 2)];
    const paddings = context.ints([0, 0, ...sides(high - height), ...sides(wide - width), 0, 0], [4, 2]);
    whole = add(
      'Pad',
      [FLOAT, attribute.type('Tpaddings', 'int32')],
      [x, paddings],
      context.tensor([rows, high, wide, channels]),
    );
  }
  const images = transposed(whole, [3, 1, 2, 0], context.tensor([channels, high, wide, rows]));
  const filter = transposed(gradient, [1, 2, 0, 3], context.tensor([outHeight, outWidth, rows, filters]));
  const convolved = add(
    'Conv2D',
    [
      FLOAT,
      list('strides', [1, 1, 1, 1]),
      attribute.text('padding', 'VALID'),
      attribute.text('data_format', 'NHWC'),
      attribute.bool('use_cudnn_on_gpu', true),
      list('dilations', [1, 1, 1, 1]),
    ],
    [images, filter],
    context.tensor([channels, kernelHeight, kernelWidth, filters]),
  );
  transposed(convolved, [1, 2, 0, 3], output);
  return made;
};
