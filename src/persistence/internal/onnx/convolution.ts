/** Convolutions, pooling, resizing. ONNX has channels first. */
import { resamplingWeights } from '../../../ops/resample';
import { activate } from './activations';
import { permuted, reshaped, type Emitter, type Numbers, type Shape, type Value } from './emitter';
import {
  ADVICE,
  neededWeight,
  numbersOf,
  refuse,
  textIn,
  weightOf,
  type LayerWriter,
  type LayerWriters,
  type Written,
} from './layer';
import { toFirst, toLast } from './shaping';

/** A window over the axes between batch and channels. */
export interface Window {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: string;
}

/** Runs something with channels first. */
const channelsFirst = (emit: Emitter, x: Value, format: unknown, run: (first: Value) => Value): Value => {
  if (format === 'channels_first') return run(x);
  const made = run(emit.transpose(x, toFirst(x.shape.length)));
  return emit.transpose(made, toLast(made.shape.length));
};

/** What a window reaches over. */
const reachOf = ({ sizes, dilations }: Window, axis: number): number =>
  ((sizes[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1;

/** The zeros before and after each axis, where they are known: those of strides depend on the size. */
const padsOf = (window: Window, sizes: Shape): number[] | undefined => {
  const pairs = window.sizes.map((_, axis): [number, number] | undefined => {
    const reach = reachOf(window, axis);
    if (window.padding === 'valid') return [0, 0];
    if (window.padding === 'causal') return [reach - 1, 0];
    const stride = window.strides[axis] ?? 1;
    const size = sizes[axis] ?? null;
    if (size === null && stride !== 1) return undefined;
    const total =
      size === null ? reach - 1 : Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
  if (pairs.some((pair) => pair === undefined)) return undefined;
  const known = pairs as [number, number][];
  return [...known.map(([before]) => before), ...known.map(([, after]) => after)];
};

const windowAttributes = (window: Window, x: Value): Readonly<Record<string, string | readonly number[]>> => {
  const pads = padsOf(window, x.shape.slice(2));
  return {
    kernel_shape: window.sizes,
    strides: window.strides,
    ...(pads === undefined ? { auto_pad: 'SAME_UPPER' } : { pads }),
  };
};

const lengthOf = (window: Window, size: number | null, axis: number): number | null => {
  if (size === null) return null;
  const covered = window.padding === 'valid' ? reachOf(window, axis) - 1 : 0;
  return Math.ceil((size - covered) / (window.strides[axis] ?? 1));
};

/** A convolution of a value with channels first, and a kernel of ONNX's order. */
export const convolve = (
  emit: Emitter,
  x: Value,
  kernel: Value,
  bias: Value | undefined,
  window: Window,
  group = 1,
): Value => {
  const sizes = window.sizes.map((_, axis) => lengthOf(window, x.shape[axis + 2] ?? null, axis));
  return emit.op(
    'Conv',
    bias === undefined ? [x, kernel] : [x, kernel, bias],
    { ...windowAttributes(window, x), dilations: window.dilations, group },
    { shape: [x.shape[0] ?? null, kernel.shape[0] ?? null, ...sizes] },
  );
};

/** Keras's kernel, `[…, in, out]`, as ONNX's, `[out, in, …]`. */
export const kernelFirst = (numbers: Numbers): Numbers => {
  const rank = numbers.shape.length;
  return permuted(numbers, [rank - 1, rank - 2, ...Array.from({ length: rank - 2 }, (_, axis) => axis)]);
};

/** A kernel of each channel, `[…, channels, times]`, as `[channels · times, 1, …]`. */
const depthwiseFirst = (numbers: Numbers): Numbers => {
  const rank = numbers.shape.length;
  const moved = permuted(numbers, [
    rank - 2,
    rank - 1,
    ...Array.from({ length: rank - 2 }, (_, axis) => axis),
  ]);
  const [channels = 1, times = 1, ...sizes] = moved.shape;
  return reshaped(moved, [channels * times, 1, ...sizes]);
};

export const windowOf = ({ config }: Pick<Written, 'config'>, axes: number): Window => ({
  sizes: numbersOf(config['kernel_size'], axes),
  strides: numbersOf(config['strides'], axes),
  dilations: numbersOf(config['dilation_rate'] ?? 1, axes),
  padding: String(config['padding']),
});

const biasOf = ({ emit, layer }: Written): Value | undefined => {
  const bias = weightOf(layer, 'bias');
  return bias === undefined ? undefined : emit.weight(bias);
};

const activated = ({ emit, layer, config }: Written, x: Value): Value =>
  activate(emit, layer, config['activation'], x);

const convolution: LayerWriter = (written, x) => {
  const { emit, layer, config } = written;
  const window = windowOf(written, x.shape.length - 2);
  const kernel = emit.weight(neededWeight(layer, 'kernel'), 'first', kernelFirst);
  const group = Number(config['groups'] ?? 1);
  const made = channelsFirst(emit, x, config['data_format'], (first) =>
    convolve(emit, first, kernel, biasOf(written), window, group),
  );
  return activated(written, made);
};

const depthwise: LayerWriter = (written, x) => {
  const { emit, layer, config } = written;
  const window = windowOf(written, x.shape.length - 2);
  const variable = neededWeight(layer, 'depthwise_kernel');
  const kernel = emit.weight(variable, 'depthwise', depthwiseFirst);
  const channels = variable.shape.at(-2) ?? 1;
  const made = channelsFirst(emit, x, config['data_format'], (first) =>
    convolve(emit, first, kernel, biasOf(written), window, channels),
  );
  return activated(written, made);
};

const separable: LayerWriter = (written, x) => {
  const { emit, layer, config } = written;
  const axes = x.shape.length - 2;
  const variable = neededWeight(layer, 'depthwise_kernel');
  const ofEach = emit.weight(variable, 'depthwise', depthwiseFirst);
  const across = emit.weight(neededWeight(layer, 'pointwise_kernel'), 'first', kernelFirst);
  const ones = Array<number>(axes).fill(1);
  const point: Window = { sizes: ones, strides: ones, dilations: ones, padding: 'valid' };
  const made = channelsFirst(emit, x, config['data_format'], (first) => {
    const apart = convolve(
      emit,
      first,
      ofEach,
      undefined,
      windowOf(written, axes),
      variable.shape.at(-2) ?? 1,
    );
    return convolve(emit, apart, across, biasOf(written), point);
  });
  return activated(written, made);
};

const transposed: LayerWriter = (written, x) => {
  const {
    emit,
    layer,
    config,
    shapes: [shape = []],
  } = written;
  const axes = x.shape.length - 2;
  const window = windowOf(written, axes);
  const isFirst = config['data_format'] === 'channels_first';
  const ends = shape.slice(isFirst ? 2 : 1).slice(0, axes);
  const begins = x.shape.slice(isFirst ? 2 : 1).slice(0, axes);
  // What is cut off of the whole, or is missing at its end.
  const cut = ends.map((end, axis) => {
    const begin = begins[axis] ?? null;
    const stride = window.strides[axis] ?? 1;
    if (begin !== null && end !== null) return (begin - 1) * stride + reachOf(window, axis) - end;
    if ((config['output_padding'] ?? null) !== null)
      return refuse(layer, 'its input has an axis of a size that is not known', ADVICE);
    const over = reachOf(window, axis) - stride;
    return window.padding === 'same' ? over : Math.min(over, 0);
  });
  const before = cut.map((total) => Math.floor(Math.max(total, 0) / 2));
  const after = cut.map((total, axis) => Math.max(total, 0) - (before[axis] ?? 0));
  const kernel = emit.weight(neededWeight(layer, 'kernel'), 'first', kernelFirst);
  const bias = biasOf(written);
  const made = channelsFirst(emit, x, config['data_format'], (first) =>
    emit.op(
      'ConvTranspose',
      bias === undefined ? [first, kernel] : [first, kernel, bias],
      {
        kernel_shape: window.sizes,
        strides: window.strides,
        dilations: window.dilations,
        pads: [...before, ...after],
        output_padding: cut.map((total) => Math.max(-total, 0)),
      },
      { shape: [shape[0] ?? null, kernel.shape[1] ?? null, ...ends] },
    ),
  );
  return activated(written, made);
};

const pooling =
  (op: 'MaxPool' | 'AveragePool'): LayerWriter =>
  ({ emit, config }, x) => {
    const axes = x.shape.length - 2;
    const sizes = numbersOf(config['pool_size'], axes);
    const window: Window = {
      sizes,
      strides: config['strides'] === null ? sizes : numbersOf(config['strides'], axes),
      dilations: Array<number>(axes).fill(1),
      padding: String(config['padding']),
    };
    return channelsFirst(emit, x, config['data_format'], (first) => {
      const lengths = sizes.map((_, axis) => lengthOf(window, first.shape[axis + 2] ?? null, axis));
      const shape = [...first.shape.slice(0, 2), ...lengths];
      return emit.op(op, [first], windowAttributes(window, first), { shape });
    });
  };

/** The mean of the steps that are to be seen. */
const maskedMean = (emit: Emitter, x: Value, mask: Value, keep: boolean): Value => {
  const seen = emit.unsqueeze(emit.cast(mask, 'float32'), 2);
  return emit.div(
    emit.reduce('ReduceSum', emit.mul(x, seen), [1], keep),
    emit.reduce('ReduceSum', seen, [1], keep),
  );
};

const globalPooling =
  (op: 'ReduceMean' | 'ReduceMax'): LayerWriter =>
  ({ emit, config }, x) => {
    const rank = x.shape.length;
    const first = config['data_format'] === 'channels_first' ? 2 : 1;
    const axes = Array.from({ length: rank - 2 }, (_, index) => first + index);
    const keep = config['keepdims'] === true;
    if (op === 'ReduceMean' && rank === 3 && first === 1 && x.mask !== undefined)
      return maskedMean(emit, x, x.mask, keep);
    return emit.reduce(op, x, axes, keep);
  };

/** How ONNX resizes, where it does as TensorFlow. */
const MODES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  nearest: { mode: 'nearest', nearest_mode: 'round_prefer_ceil' },
  bilinear: { mode: 'linear' },
};

/** The last axis of so many values, each a sum of those that there are. */
const resampled = (emit: Emitter, x: Value, interpolation: string, size: number, made: number): Value => {
  const values = resamplingWeights(interpolation as 'bicubic', size, made); // the layer has checked that it is one
  return emit.matMul(x, emit.numbers('weights', { values, shape: [size, made] }));
};

/** Images with channels first in another size. */
const resize = (
  { emit, layer, shapes: [shape = []] }: Written,
  x: Value,
  interpolation: string,
  made: Shape = shape,
): Value => {
  const [rows, columns] = x.shape.slice(2) as [number | null, number | null]; // images have two
  const [height, width] = made.slice(2) as [number | null, number | null]; // the same
  const mode = Object.hasOwn(MODES, interpolation) ? MODES[interpolation] : undefined;
  if (height === null || width === null || (mode === undefined && (rows === null || columns === null)))
    return refuse(layer, 'the size of its images is not known', 'Give the model an input of a known size');
  if (mode === undefined) {
    const wide = resampled(emit, x, interpolation, columns as number, width); // known, as just seen
    const high = resampled(emit, emit.transpose(wide, [0, 1, 3, 2]), interpolation, rows as number, height); // the same
    return emit.transpose(high, [0, 1, 3, 2]);
  }
  const sizes = emit.concat([emit.shapeOf(x, 0, 2), emit.integers([height, width])], 0);
  return emit.op(
    'Resize',
    [x, undefined, undefined, sizes],
    { ...mode, coordinate_transformation_mode: 'half_pixel' },
    { shape: made },
  );
};

const firstShape = (shape: Shape, format: unknown): Shape =>
  format === 'channels_first' ? shape : toFirst(shape.length).map((axis) => shape[axis] ?? null);

const upSampling: LayerWriter = (written, x) => {
  const {
    emit,
    config,
    shapes: [shape = []],
  } = written;
  const interpolation = textIn(config, 'interpolation', 'nearest');
  const axes = x.shape.length - 2;
  const sizes = numbersOf(config['size'], axes);
  const isFirst = config['data_format'] === 'channels_first';
  if (interpolation !== 'nearest')
    return channelsFirst(emit, x, config['data_format'], (first) =>
      resize(written, first, interpolation, firstShape(shape, config['data_format'])),
    );
  // Each pixel again, whatever the size of the image.
  const scales = isFirst ? [1, 1, ...sizes] : [1, ...sizes, 1];
  return emit.op(
    'Resize',
    [x, undefined, emit.floats(scales)],
    { mode: 'nearest', nearest_mode: 'floor', coordinate_transformation_mode: 'asymmetric' },
    { shape },
  );
};

const resizing: LayerWriter = (written, x) => {
  const {
    emit,
    config,
    layer,
    shapes: [shape = []],
  } = written;
  if (config['crop_to_aspect_ratio'] === true) return cropped(written, x);
  if (x.shape.length !== 4) return refuse(layer, 'it is given single images', 'Give it a batch of images');
  return channelsFirst(emit, x, 'channels_last', (first) =>
    resize(written, first, String(config['interpolation']), firstShape(shape, 'channels_last')),
  );
};

/** Part of images of a known size. */
const cut = (emit: Emitter, x: Value, corner: readonly number[], size: readonly number[]): Value =>
  emit.slice(
    x,
    [1, 2],
    corner,
    corner.map((from, axis) => from + (size[axis] ?? 0)),
    [x.shape[0] ?? null, ...size, x.shape[3] ?? null],
  );

/** Cuts images to other proportions in the middle, then resizes them. */
const cropped = (written: Written, x: Value): Value => {
  const {
    emit,
    config,
    layer,
    shapes: [shape = []],
  } = written;
  const [, rows, columns] = x.shape;
  if (x.shape.length !== 4 || typeof rows !== 'number' || typeof columns !== 'number')
    return refuse(layer, 'the size of its images is not known', 'Give the model an input of a known size');
  const [height, width] = [Number(config['height']), Number(config['width'])];
  const size = [
    Math.min(rows, Math.trunc((columns * height) / width)),
    Math.min(columns, Math.trunc((rows * width) / height)),
  ];
  const corner = [Math.trunc((rows - (size[0] ?? 0)) / 2), Math.trunc((columns - (size[1] ?? 0)) / 2)];
  const part = cut(emit, x, corner, size);
  return channelsFirst(emit, part, 'channels_last', (first) =>
    resize(written, first, textIn(config, 'interpolation', 'bilinear'), firstShape(shape, 'channels_last')),
  );
};

const centerCrop: LayerWriter = (written, x) => {
  const { emit, config } = written;
  const [, rows, columns] = x.shape;
  const size = [Number(config['height']), Number(config['width'])] as const;
  const isLarge =
    typeof rows === 'number' && typeof columns === 'number' && rows >= size[0] && columns >= size[1];
  if (!isLarge) return cropped(written, x);
  return cut(emit, x, [Math.trunc((rows - size[0]) / 2), Math.trunc((columns - size[1]) / 2)], size);
};

export const convolutionWriters: LayerWriters = {
  Conv1D: convolution,
  Conv2D: convolution,
  Conv3D: convolution,
  DepthwiseConv1D: depthwise,
  DepthwiseConv2D: depthwise,
  SeparableConv1D: separable,
  SeparableConv2D: separable,
  Conv1DTranspose: transposed,
  Conv2DTranspose: transposed,
  Conv3DTranspose: transposed,
  MaxPooling1D: pooling('MaxPool'),
  MaxPooling2D: pooling('MaxPool'),
  MaxPooling3D: pooling('MaxPool'),
  AveragePooling1D: pooling('AveragePool'),
  AveragePooling2D: pooling('AveragePool'),
  AveragePooling3D: pooling('AveragePool'),
  GlobalMaxPooling1D: globalPooling('ReduceMax'),
  GlobalMaxPooling2D: globalPooling('ReduceMax'),
  GlobalMaxPooling3D: globalPooling('ReduceMax'),
  GlobalAveragePooling1D: globalPooling('ReduceMean'),
  GlobalAveragePooling2D: globalPooling('ReduceMean'),
  GlobalAveragePooling3D: globalPooling('ReduceMean'),
  UpSampling1D: upSampling,
  UpSampling2D: upSampling,
  UpSampling3D: upSampling,
  Resizing: resizing,
  CenterCrop: centerCrop,
  RandomCrop: (written, x) => cropped(written, x),
};
