/** Dense layers, embeddings, layers that change shapes, and those that join several inputs. */
import { activate } from './activations';
import type { Emitter, Shape, Value } from './emitter';
import {
  ADVICE,
  axisOf,
  axesOf,
  neededWeight,
  numberIn,
  refuse,
  weightOf,
  type LayerWriter,
  type LayerWriters,
} from './layer';

/** A value that stays as it is: what a layer does while training only. */
const same: LayerWriter = (_written, x) => x;

/** All that is left of an axis. */
export const TO_THE_END = 2 ** 31 - 1;

const isFirst = (format: unknown): boolean => format === 'channels_first';

/** The order of axes that brings channels to the end, or back. */
export const toLast = (rank: number): number[] => [
  0,
  ...Array.from({ length: rank - 2 }, (_, index) => index + 2),
  1,
];
export const toFirst = (rank: number): number[] => [
  0,
  rank - 1,
  ...Array.from({ length: rank - 2 }, (_, index) => index + 1),
];

const dense: LayerWriter = ({ emit, layer, config }, x) => {
  const bias = weightOf(layer, 'bias');
  const product = emit.matMul(x, emit.weight(neededWeight(layer, 'kernel')));
  const sum = bias === undefined ? product : emit.add(product, emit.weight(bias));
  return activate(emit, layer, config['activation'], sum);
};

const einsumDense: LayerWriter = ({ emit, layer, config, shapes: [shape = []] }, x) => {
  const bias = weightOf(layer, 'bias');
  const equation = String(config['equation']).replaceAll(' ', '');
  const product = emit.op('Einsum', [x, emit.weight(neededWeight(layer, 'kernel'))], { equation }, { shape });
  const sum = bias === undefined ? product : emit.add(product, emit.weight(bias));
  return activate(emit, layer, config['activation'], sum);
};

const embedding: LayerWriter = ({ emit, layer, config }, ids) => {
  const table = emit.weight(neededWeight(layer, 'embeddings'));
  const whole = emit.cast(ids, 'int32');
  const shape: Shape = [...ids.shape, Number(config['output_dim'])];
  const rows = emit.op('Gather', [table, whole], { axis: 0 }, { shape });
  if (config['mask_zero'] !== true) return rows;
  const isZero = emit.op(
    'Equal',
    [whole, emit.cast(emit.integers([0]), 'int32')],
    {},
    { shape: ids.shape, dtype: 'bool' },
  );
  return { ...rows, mask: emit.op('Not', [isZero]) };
};

/** Steps that have a number which is not the one to be left out. */
const masking: LayerWriter = ({ emit, config }, x) => {
  const isOut = emit.binary('Equal', x, numberIn(config, 'mask_value'), 'bool');
  const last = x.shape.length - 1;
  const seen = emit.reduce('ReduceMax', emit.cast(emit.op('Not', [isOut]), 'float32'), [last], true);
  return { ...emit.mul(x, seen), mask: emit.cast(emit.squeeze(seen, last), 'bool') };
};

const flatten: LayerWriter = ({ emit, config, shapes: [shape = []] }, x) => {
  const rank = x.shape.length;
  if (rank === 2) return x;
  const moved = isFirst(config['data_format']) && rank > 2 ? emit.transpose(x, toLast(rank)) : x;
  return rank === 1 ? emit.unsqueeze(moved, 1) : emit.reshape(moved, [0, -1], shape);
};

const reshape: LayerWriter = ({ emit, layer, config, shapes: [shape = []] }, x) => {
  const target = [config['target_shape']].flat().map((size) => (size === null ? -1 : Number(size)));
  // Sizes that the layer found are known; of those that are not, one may be.
  const sizes = shape.slice(1).map((size, index) => size ?? target[index] ?? -1);
  if (sizes.filter((size) => size < 0).length > 1)
    refuse(layer, 'more than one size of its output is not known', ADVICE);
  return emit.reshape(x, [0, ...sizes], shape);
};

const repeat: LayerWriter = ({ emit, config, shapes: [shape = []] }, x) =>
  emit.op('Tile', [emit.unsqueeze(x, 1), emit.integers([1, numberIn(config, 'n'), 1])], {}, { shape });

const permute: LayerWriter = ({ emit, config }, x) =>
  emit.transpose(x, [0, ...[config['dims']].flat().map(Number)]);

const cropping: LayerWriter = ({ emit, config, shapes: [shape = []] }, x) => {
  const first = isFirst(config['data_format']) ? 2 : 1;
  const sides = pairsOf(config['cropping'], x.shape.length - 2);
  const axes = sides.map((_, index) => first + index);
  const ends = sides.map(([, after]) => (after === 0 ? TO_THE_END : -after));
  return emit.slice(
    x,
    axes,
    sides.map(([before]) => before),
    ends,
    shape,
  );
};

const padding: LayerWriter = ({ emit, config, shapes: [shape = []] }, x) => {
  const first = isFirst(config['data_format']) ? 2 : 1;
  const sides = pairsOf(config['padding'], x.shape.length - 2);
  const all = x.shape.map((_, axis) => sides[axis - first] ?? ([0, 0] as const));
  const pads = [...all.map(([before]) => before), ...all.map(([, after]) => after)];
  return emit.op('Pad', [x, emit.integers(pads)], { mode: 'constant' }, { shape });
};

/** What is done on both sides of each axis. */
const pairsOf = (value: unknown, axes: number): (readonly [number, number])[] => {
  const list: unknown[] = Array.isArray(value) ? value : Array<unknown>(axes).fill(value);
  // One axis has a pair itself.
  if (axes === 1 && list.length === 2) return [[Number(list[0]), Number(list[1])]];
  return list.map((one) =>
    Array.isArray(one) ? [Number(one[0]), Number(one[1])] : [Number(one), Number(one)],
  );
};

/** Several inputs of one rank: those of fewer axes get some after the first, as Keras has it. */
const alike = (emit: Emitter, inputs: readonly Value[]): Value[] => {
  const rank = Math.max(...inputs.map(({ shape }) => shape.length));
  return inputs.map((input) => {
    let value = emit.cast(input, 'float32');
    while (value.shape.length < rank) value = emit.unsqueeze(value, 1);
    return value;
  });
};

/** A step is there if it is there in all inputs that have a mask. */
const inAll = (emit: Emitter, inputs: readonly Value[]): Value | undefined => {
  const masks = inputs.map(({ mask }) => mask).filter((mask) => mask !== undefined);
  const [first, ...others] = masks;
  return first === undefined
    ? undefined
    : others.reduce((all, one) => (all.name === one.name ? all : emit.binary('And', all, one)), first);
};

const merging =
  (op: string): LayerWriter =>
  ({ emit }, ...inputs) => ({
    ...alike(emit, inputs).reduce((sum, one) => emit.binary(op, sum, one)),
    mask: inAll(emit, inputs),
  });

const average: LayerWriter = ({ emit }, ...inputs) => {
  const sum = alike(emit, inputs).reduce((all, one) => emit.add(all, one));
  return { ...emit.div(sum, inputs.length), mask: inAll(emit, inputs) };
};

/** Of the masks of inputs that are joined along an axis that the masks have, those that there are not are of ones. */
const joinedMask = (emit: Emitter, inputs: readonly Value[], axis: number): Value | undefined => {
  const rank = inputs.find(({ mask }) => mask !== undefined)?.mask?.shape.length;
  if (rank === undefined || axis >= rank) return inAll(emit, inputs);
  const ones = (x: Value): Value => {
    const shape = x.shape.slice(0, rank);
    const zeros = emit.op('ConstantOfShape', [emit.shapeOf(x, 0, rank)], {}, { shape, dtype: 'float32' });
    return emit.op('Not', [emit.cast(zeros, 'bool')]);
  };
  return emit.concat(
    inputs.map((input) => input.mask ?? ones(input)),
    axis,
  );
};

const concatenate: LayerWriter = ({ emit, config }, ...inputs) => {
  const types = new Set(inputs.map(({ dtype }) => dtype));
  // Of several types, the one that holds all.
  const common = types.has('float32') ? 'float32' : 'int32';
  const alikes = types.size === 1 ? inputs : inputs.map((input) => emit.cast(input, common));
  const axis = axisOf(numberIn(config, 'axis'), inputs[0].shape.length);
  return { ...emit.concat(alikes, axis), mask: joinedMask(emit, inputs, axis) };
};

const EPSILON = 1e-12;

/** A value over its length along axes. */
export const unit = (emit: Emitter, x: Value, axes: readonly number[]): Value => {
  const squares = emit.reduce('ReduceSum', emit.mul(x, x), axes, true);
  return emit.div(x, emit.op('Sqrt', [emit.binary('Max', squares, EPSILON)]));
};

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

const dot: LayerWriter = ({ emit, config, shapes: [shape = []] }, ...inputs) => {
  const [left, right] = inputs as unknown as [Value, Value]; // there are two, as the layer has checked
  const [first, second = first] = [config['axes']].flat().map(Number) as [number, number?];
  const axes = [axisOf(first, left.shape.length), axisOf(second, right.shape.length)] as const;
  const [a, b] =
    config['normalize'] === true
      ? [unit(emit, left, [axes[0]]), unit(emit, right, [axes[1]])]
      : [left, right];
  const ofLeft = left.shape.map((_, axis) => LETTERS[axis]);
  const ofRight = right.shape.map((_, axis) =>
    axis === 0 ? 'a' : axis === axes[1] ? ofLeft[axes[0]] : LETTERS[left.shape.length + axis],
  );
  const kept = [
    ...ofLeft.filter((_, axis) => axis !== axes[0]),
    ...ofRight.filter((_, axis) => axis !== 0 && axis !== axes[1]),
  ];
  const equation = `${ofLeft.join('')},${ofRight.join('')}->${kept.join('')}`;
  const product = emit.op('Einsum', [a, b], { equation }, { shape });
  return kept.length === 1 ? emit.unsqueeze({ ...product, shape: [shape[0] ?? null] }, 1) : product;
};

const rescaling: LayerWriter = ({ emit, config }, x) => {
  const numbers = (value: unknown): Value | number =>
    Array.isArray(value) ? emit.floats(value.map(Number)) : Number(value);
  const scaled = emit.mul(x, numbers(config['scale']));
  return config['offset'] === 0 ? scaled : emit.add(scaled, numbers(config['offset']));
};

const unitNormalization: LayerWriter = ({ emit, config }, x) =>
  unit(emit, x, axesOf(config['axis'], x.shape.length));

/** Layers that compute something else while training only. */
const TRAINING_ONLY = [
  ...[
    'Dropout',
    'SpatialDropout1D',
    'SpatialDropout2D',
    'SpatialDropout3D',
    'GaussianDropout',
    'GaussianNoise',
  ],
  ...['AlphaDropout', 'ActivityRegularization', 'Identity', 'RandomFlip', 'RandomRotation', 'RandomZoom'],
  ...['RandomTranslation', 'RandomContrast', 'RandomBrightness', 'RandomHeight', 'RandomWidth'],
];

export const shapingWriters: LayerWriters = {
  ...Object.fromEntries(TRAINING_ONLY.map((name) => [name, same])),
  Dense: dense,
  EinsumDense: einsumDense,
  Embedding: embedding,
  Masking: masking,
  Flatten: flatten,
  Reshape: reshape,
  RepeatVector: repeat,
  Permute: permute,
  Cropping1D: cropping,
  Cropping2D: cropping,
  Cropping3D: cropping,
  ZeroPadding1D: padding,
  ZeroPadding2D: padding,
  ZeroPadding3D: padding,
  Add: merging('Add'),
  Subtract: merging('Sub'),
  Multiply: merging('Mul'),
  Maximum: merging('Max'),
  Minimum: merging('Min'),
  Average: average,
  Concatenate: concatenate,
  Dot: dot,
  Rescaling: rescaling,
  UnitNormalization: unitNormalization,
};
