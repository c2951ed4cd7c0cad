import { sameShape, sizeOf } from '../../base/shapes';
import { TYPES } from '../../tfjs/binding';
import { MIN_GATHER_STAND_IN_ELEMENTS } from '../tuning';
import { hasOneDnn } from './rewrites/onednn';

/** What an operation that is only recorded would give: the shapes, and how much it would have to compute. */
export interface StandIn {
  readonly shapes: readonly (readonly number[])[];
  readonly flops: number;
  /** Numbers of type float32, or truth values. */
  readonly dtype?: number;
  /** Whether it is an operation value by value, or on the values of some axes: one of those that may tell how many of something there are. */
  readonly isElementwise?: true;
  /** Whether it costs nothing where its first input is there: then it runs. */
  readonly isFree?: true;
}

/** An operation that is about to run. */
export interface Operation {
  /** The shapes of its inputs, all known. */
  readonly inputs: readonly (readonly number[])[];
  /** Whole numbers that an input is made of, if they are known. */
  readonly valuesOf: (input: number) => readonly number[] | undefined;
  readonly attribute: (name: string) => unknown;
}

const product = (
  { inputs, attribute }: Operation,
  transposeA: string,
  transposeB: string,
): StandIn | undefined => {
  const [a = [], b = []] = inputs;
  if (a.length < 2 || a.length !== b.length || !sameShape(a.slice(0, -2), b.slice(0, -2))) return undefined;
  const [rows = 0, inner = 0] = attribute(transposeA) === true ? a.slice(-2).reverse() : a.slice(-2);
  const [other = 0, columns = 0] = attribute(transposeB) === true ? b.slice(-2).reverse() : b.slice(-2);
  if (inner !== other) return undefined;
  const shape = [...a.slice(0, -2), rows, columns];
  return { shapes: [shape], flops: 2 * sizeOf(shape) * inner };
};

/** What a window that moves over rows and columns leaves of them. */
const slid = (
  [, height = 0, width = 0]: readonly number[],
  window: readonly [number, number],
  { attribute }: Operation,
): [number, number] | undefined => {
  const [, ...strides] = attribute('strides') as number[];
  const [, ...dilations] = (attribute('dilations') as number[] | undefined) ?? [1, 1, 1, 1];
  const format = attribute('data_format') ?? 'NHWC';
  const padding = attribute('padding');
  if (format !== 'NHWC' || (padding !== 'SAME' && padding !== 'VALID')) return undefined;
  const over = (length: number, axis: 0 | 1): number => {
    const reach = (window[axis] - 1) * (dilations[axis] ?? 1);
    return Math.ceil((padding === 'SAME' ? length : length - reach) / (strides[axis] ?? 1));
  };
  const result: [number, number] = [over(height, 0), over(width, 1)];
  return result.every((length) => length > 0) ? result : undefined;
};

const convolution = (operation: Operation): StandIn | undefined => {
  const [x = [], [rows = 0, columns = 0, channels = 0, filters = 0] = []] = operation.inputs;
  const [batch = 0] = x;
  if (x.length !== 4 || x[3] !== channels) return undefined;
  const positions = slid(x, [rows, columns], operation);
  if (positions === undefined) return undefined;
  const shape = [batch, ...positions, filters];
  return { shapes: [shape], flops: 2 * sizeOf(shape) * rows * columns * channels };
};

/** The gradient of a convolution, whose shape is an input; each of its output's gradients meets the whole filter. */
const convolutionGradient =
  (sizes: number, filter: (operation: Operation) => readonly number[]) =>
  (operation: Operation): StandIn | undefined => {
    const shape = operation.valuesOf(sizes);
    if (shape?.length !== 4) return undefined;
    const [rows = 0, columns = 0, channels = 0] = filter(operation);
    return { shapes: [shape], flops: 2 * sizeOf(operation.inputs[2] ?? []) * rows * columns * channels };
  };

const pooling = (operation: Operation): StandIn | undefined => {
  const [x = []] = operation.inputs;
  const [, rows = 0, columns = 0] = operation.attribute('ksize') as number[];
  const [batch = 0, , , channels = 0] = x;
  const positions = x.length === 4 ? slid(x, [rows, columns], operation) : undefined;
  if (positions === undefined) return undefined;
  const shape = [batch, ...positions, channels];
  return { shapes: [shape], flops: sizeOf(shape) * rows * columns };
};

/** The gates and states of all time steps of an LSTM, 7 tensors of one shape. */
const lstm = ({ inputs }: Operation): StandIn | undefined => {
  const [, [steps = 0, batch = 0, features = 0] = [], [, units = 0] = []] = inputs;
  const shape = [steps, batch, units];
  return { shapes: Array.from({ length: 7 }, () => shape), flops: 8 * sizeOf(shape) * (features + units) };
};

const lstmGradient = (operation: Operation): StandIn | undefined => {
  const forward = lstm(operation);
  return forward === undefined
    ? undefined
    : { shapes: operation.inputs.slice(1, 9), flops: 2 * forward.flops };
};

/** The batch, and the moments of its features, twice; the last output is of no use but on graphics cards. */
const normalization = ({ inputs: [x = [], features = []] }: Operation): StandIn => {
  const whole = elementwise(x);
  const unused = hasOneDnn('FusedBatchNormV3') ? [0] : [];
  const moments = Array.from({ length: 4 }, () => features);
  return { ...whole, shapes: [x, ...moments, unused], flops: 2 * whole.flops };
};

/** The gradients of the batch, of its scale and of its offset, and two outputs that are of no use here. */
const normalizationGradient = ({ inputs: [, x = [], features = []] }: Operation): StandIn => {
  const whole = elementwise(x);
  return { ...whole, shapes: [x, features, features, [], []], flops: 2 * whole.flops };
};

/** How many operations on numbers take as long as one of an elementwise operation, which moves them through memory. */
export const FLOPS_PER_ELEMENT = 50;

const elementwise = (shape: readonly number[], dtype: number = TYPES.float): StandIn => ({
  shapes: [shape],
  flops: FLOPS_PER_ELEMENT * sizeOf(shape),
  dtype,
  isElementwise: true,
});

/** The same for what depends on ids, of which one that is not there is an error: of few rows, they are looked at. */
const byIds = (shape: readonly number[]): StandIn | undefined =>
  sizeOf(shape) < MIN_GATHER_STAND_IN_ELEMENTS ? undefined : elementwise(shape);

/** The shape that two spread to, if they do. */
const spread = (a: readonly number[], b: readonly number[]): number[] | undefined => {
  const rank = Math.max(a.length, b.length);
  const lengths: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const [one = 1, other = 1] = [a[axis - rank + a.length], b[axis - rank + b.length]];
    if (one !== other && one !== 1 && other !== 1) return undefined;
    lengths.push(one === 1 ? other : one);
  }
  return lengths;
};

const ofTwo =
  (dtype?: number) =>
  ({ inputs: [a = [], b = []] }: Operation): StandIn | undefined => {
    const shape = spread(a, b);
    return shape === undefined ? undefined : elementwise(shape, dtype);
  };

const ofFirst = ({ inputs: [x = []] }: Operation): StandIn => elementwise(x);

const rulesOf = (
  names: readonly string[],
  rule: (operation: Operation) => StandIn | undefined,
): Readonly<Record<string, (operation: Operation) => StandIn | undefined>> =>
  Object.fromEntries(names.map((name) => [name, rule]));

/** Rows that ids name, along the first axis. */
const gather = ({ inputs: [table = [], ids = []], valuesOf, attribute }: Operation): StandIn | undefined => {
  const isFirst = valuesOf(2)?.[0] === 0 && (attribute('batch_dims') ?? 0) === 0;
  return isFirst && attribute('Tparams') === TYPES.float ? byIds([...ids, ...table.slice(1)]) : undefined;
};

/** The sums of rows by their numbers. */
const segmentSum = ({ inputs: [rows = [], ids = []], valuesOf }: Operation): StandIn | undefined => {
  const count = valuesOf(2)?.[0];
  const fits = count !== undefined && sameShape(rows.slice(0, ids.length), ids);
  return fits ? byIds([count, ...rows.slice(ids.length)]) : undefined;
};

const concatenation = ({ inputs, valuesOf }: Operation): StandIn | undefined => {
  const parts = inputs.slice(0, -1);
  const [first = []] = parts;
  const given = valuesOf(parts.length)?.[0];
  if (given === undefined || parts.some(({ length }) => length !== first.length)) return undefined;
  const axis = given < 0 ? given + first.length : given;
  const length = parts.reduce((sum, part) => sum + (part[axis] ?? 0), 0);
  const withLength = (shape: readonly number[]): number[] =>
    shape.map((size, index) => (index === axis ? length : size));
  const whole = withLength(first);
  return parts.every((part) => sameShape(withLength(part), whole)) ? elementwise(whole) : undefined;
};

const transposition = ({ inputs: [x = []], valuesOf }: Operation): StandIn | undefined => {
  const order = valuesOf(1);
  return order?.length === x.length ? elementwise(order.map((axis) => x[axis] ?? 0)) : undefined;
};

/** A sum, a mean or an extreme over some axes: what it reads takes time. */
const reduction = ({ inputs: [x = []], valuesOf, attribute }: Operation): StandIn | undefined => {
  const axes = valuesOf(1)?.map((axis) => (axis < 0 ? axis + x.length : axis));
  if (axes === undefined) return undefined;
  const kept = attribute('keep_dims') === true;
  const shape = x.flatMap((size, axis) => (!axes.includes(axis) ? [size] : kept ? [1] : []));
  return { ...elementwise(x), shapes: [shape] };
};

/** A change of shape. */
const reshaped = ({ inputs: [x = []], valuesOf }: Operation): StandIn | undefined => {
  const wanted = valuesOf(1);
  if (wanted === undefined) return undefined;
  const known = sizeOf(wanted.filter((length) => length >= 0));
  const shape = wanted.map((length) => (length < 0 ? sizeOf(x) / known : length));
  return sizeOf(shape) === sizeOf(x) ? { shapes: [shape], flops: 0, isFree: true } : undefined;
};

/** Parts of what is there, or more of it, of such shapes: of a stand-in only, as what there is may tell how many of something there are. */
const partsOf = (shapes: readonly (readonly number[])[] | undefined): StandIn | undefined =>
  shapes === undefined
    ? undefined
    : {
        shapes,
        flops: FLOPS_PER_ELEMENT * shapes.reduce((sum, shape) => sum + sizeOf(shape), 0),
        isFree: true,
      };

const axisOf = (given: unknown, { length }: readonly number[]): number | undefined => {
  if (typeof given !== 'number') return undefined;
  const axis = given < 0 ? given + length : given;
  return axis < length ? axis : undefined;
};

const slice = ({ inputs: [x = []], valuesOf }: Operation): StandIn | undefined => {
  const [from, sizes] = [valuesOf(1), valuesOf(2)];
  if (from?.length !== x.length || sizes?.length !== x.length) return undefined;
  const shape = x.map((size, axis) => {
    const [first = 0, count = 0] = [from[axis], sizes[axis]];
    return count < 0 ? size - first : count;
  });
  const isWithin = shape.every((count, axis) => count >= 0 && (from[axis] ?? 0) + count <= (x[axis] ?? 0));
  return isWithin ? partsOf([shape]) : undefined;
};

const splitting = ({ inputs: [x = []], valuesOf }: Operation): StandIn | undefined => {
  const [sizes, axis] = [valuesOf(1), axisOf(valuesOf(2)?.[0], x)];
  if (sizes === undefined || axis === undefined || sizes.some((size) => size < 0)) return undefined;
  if (sizes.reduce((sum, size) => sum + size, 0) !== x[axis]) return undefined;
  return partsOf(sizes.map((size) => x.with(axis, size)));
};

const unstacking = ({ inputs: [x = []], attribute }: Operation): StandIn | undefined => {
  const axis = axisOf(attribute('axis'), x);
  if (axis === undefined || attribute('num') !== x[axis]) return undefined;
  const shape = x.toSpliced(axis, 1);
  return partsOf(Array.from({ length: x[axis] ?? 0 }, () => shape));
};

const padding = ({ inputs: [x = []], valuesOf }: Operation): StandIn | undefined => {
  const added = valuesOf(1);
  if (added?.length !== 2 * x.length || added.some((count) => count < 0)) return undefined;
  return partsOf([x.map((size, axis) => size + (added[2 * axis] ?? 0) + (added[2 * axis + 1] ?? 0))]);
};

const tiling = ({ inputs: [x = []], valuesOf }: Operation): StandIn | undefined => {
  const times = valuesOf(1);
  return times?.length === x.length ? partsOf([x.map((size, axis) => size * (times[axis] ?? 1))]) : undefined;
};

const stacking = ({ inputs, attribute }: Operation): StandIn | undefined => {
  const [first = []] = inputs;
  const axis = axisOf(attribute('axis'), [...first, inputs.length]);
  if (axis === undefined || !inputs.every((shape) => sameShape(shape, first))) return undefined;
  return elementwise(first.toSpliced(axis, 0, inputs.length));
};

/** Truth values as numbers, or the other way around. */
const conversion = ({ inputs: [x = []], attribute }: Operation): StandIn | undefined => {
  const [from, to] = [attribute('SrcT'), attribute('DstT')];
  const areKnown = [from, to].every((type) => type === TYPES.float || type === TYPES.bool);
  return areKnown ? { ...elementwise(x, to as number), isFree: true } : undefined; // one of the two
};

/** Random numbers of a shape. */
const drawing = ({ valuesOf, attribute }: Operation): StandIn | undefined => {
  const shape = valuesOf(0);
  return shape === undefined || attribute('dtype') !== TYPES.float ? undefined : elementwise(shape);
};

const filled = ({ valuesOf }: Operation): StandIn | undefined => {
  const shape = valuesOf(0);
  return shape === undefined ? undefined : elementwise(shape);
};

/** What is chosen value by value. */
const chosen = ({ inputs: [condition = [], one = [], other = []] }: Operation): StandIn | undefined =>
  sameShape(condition, one) && sameShape(one, other) ? elementwise(one) : undefined;

/** Those whose attribute `T` is not the type of what they give. */
export const OF_OTHER_TYPES: ReadonlySet<string> = new Set([
  'StatelessRandomNormal',
  'StatelessRandomUniform',
]);

/** Those whose shapes are easily told. */
export const RULES: Readonly<Record<string, (operation: Operation) => StandIn | undefined>> = {
  ...rulesOf(['Abs', 'Elu', 'Exp', 'Log', 'Neg', 'Relu', 'Relu6', 'Rsqrt', 'Selu', 'Sigmoid'], ofFirst),
  ...rulesOf(['Softmax', 'Softplus', 'Sqrt', 'Square', 'Tanh', 'BiasAdd', 'ReluGrad'], ofFirst),
  ...rulesOf(
    ['Add', 'AddV2', 'Maximum', 'Minimum', 'Mul', 'Pow', 'RealDiv', 'SquaredDifference', 'Sub'],
    ofTwo(),
  ),
  ...rulesOf(['Equal', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'NotEqual'], ofTwo(TYPES.bool)),
  ...rulesOf(['IsNan', 'IsInf', 'IsFinite'], ({ inputs: [x = []] }) => elementwise(x, TYPES.bool)),
  ...rulesOf(['Max', 'Mean', 'Min', 'Sum'], reduction),
  ...rulesOf(['StatelessRandomNormal', 'StatelessRandomUniform'], drawing),
  Cast: conversion,
  ConcatV2: concatenation,
  Fill: filled,
  Reshape: reshaped,
  GatherV2: gather,
  Select: chosen,
  Pack: stacking,
  PadV2: padding,
  Slice: slice,
  SplitV: splitting,
  Tile: tiling,
  Transpose: transposition,
  Unpack: unstacking,
  UnsortedSegmentSum: segmentSum,
  ZerosLike: ofFirst,
  MatMul: (operation) => product(operation, 'transpose_a', 'transpose_b'),
  BatchMatMul: (operation) => product(operation, 'adj_x', 'adj_y'),
  BatchMatMulV2: (operation) => product(operation, 'adj_x', 'adj_y'),
  Conv2D: convolution,
  Conv2DBackpropInput: convolutionGradient(0, ({ inputs }) => inputs[1] ?? []),
  Conv2DBackpropFilter: convolutionGradient(1, ({ valuesOf }) => valuesOf(1) ?? []),
  MaxPool: pooling,
  AvgPool: pooling,
  MaxPoolGrad: ({ inputs: [x = []] }) => ({ shapes: [x], flops: 2 * sizeOf(x) }),
  FusedBatchNormV3: normalization,
  FusedBatchNormGradV3: normalizationGradient,
  BlockLSTM: lstm,
  BlockLSTMGrad: lstmGradient,
};
