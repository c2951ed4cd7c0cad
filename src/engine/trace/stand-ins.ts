import { sameShape, sizeOf } from '../../base/shapes';
import {
  ATTRIBUTE_KINDS,
  TYPES,
  type Binding,
  type NativeTensor,
  type OpAttribute,
  type Values,
} from '../../tfjs/binding';
import { MIN_STAND_IN_ELEMENTS } from '../tuning';

/** What an operation that is only recorded would give: the shapes, and how much it would have to compute. */
export interface StandIn {
  readonly shapes: readonly (readonly number[])[];
  readonly flops: number;
  /** Numbers of type float32, or truth values. */
  readonly dtype?: number;
}

/** An operation that is about to run. */
interface Operation {
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

/** The batch, and the moments of its features: the latter, and what the gradient needs, are few. */
const normalization = ({ inputs: [x = [], features = []] }: Operation): StandIn | undefined => {
  const whole = elementwise(x);
  return whole === undefined
    ? undefined
    : { ...whole, shapes: [x, ...Array.from({ length: 5 }, () => features)], flops: 2 * whole.flops };
};

const normalizationGradient = (operation: Operation): StandIn | undefined => {
  const { inputs } = operation;
  const forward = normalization({ ...operation, inputs: inputs.slice(1) });
  return forward === undefined ? undefined : { ...forward, shapes: forward.shapes.slice(0, 5) };
};

/** How many operations on numbers take as long as one of an elementwise operation, which moves them through memory. */
const FLOPS_PER_ELEMENT = 50;

const elementwise = (shape: readonly number[], dtype: number = TYPES.float): StandIn | undefined => {
  const size = sizeOf(shape);
  // Of few elements, it is computed as quickly.
  return size < MIN_STAND_IN_ELEMENTS
    ? undefined
    : { shapes: [shape], flops: FLOPS_PER_ELEMENT * size, dtype };
};

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

const ofFirst = ({ inputs: [x = []] }: Operation): StandIn | undefined => elementwise(x);

const rulesOf = (
  names: readonly string[],
  rule: (operation: Operation) => StandIn | undefined,
): Readonly<Record<string, (operation: Operation) => StandIn | undefined>> =>
  Object.fromEntries(names.map((name) => [name, rule]));

/** Those that take long and whose shapes are easily told. */
const RULES: Readonly<Record<string, (operation: Operation) => StandIn | undefined>> = {
  ...rulesOf(['Abs', 'Elu', 'Exp', 'Log', 'Neg', 'Relu', 'Relu6', 'Rsqrt', 'Selu', 'Sigmoid'], ofFirst),
  ...rulesOf(['Softmax', 'Softplus', 'Sqrt', 'Square', 'Tanh', 'BiasAdd', 'ReluGrad'], ofFirst),
  ...rulesOf(
    ['Add', 'AddV2', 'Maximum', 'Minimum', 'Mul', 'Pow', 'RealDiv', 'SquaredDifference', 'Sub'],
    ofTwo(),
  ),
  ...rulesOf(['Equal', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'NotEqual'], ofTwo(TYPES.bool)),
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

const typeOf = (attributes: readonly OpAttribute[]): unknown =>
  attributes.find(({ name }) => name === 'T')?.value;

/** JavaScript read values that may depend on a stand-in: it must be recorded for real. */
export class StandInRead extends Error {}

/**
 * Tensors that stand for what operations would give while they are only recorded: of the right shapes, and zeros. A recording is of
 * operations and shapes, whatever the values, so the products and convolutions of a step need not be computed for it.
 */
export class StandIns {
  /** Floating-point operations that were left out. */
  flops = 0;
  private readonly shapes = new Map<number, readonly number[]>();
  private readonly values = new Map<number, Values>();
  private readonly zeros = new Map<string, number>();

  constructor(private readonly real: Binding) {}

  /** Notes what is known of a tensor. */
  know(id: number, shape: readonly number[], values?: Values): void {
    this.shapes.set(id, shape);
    if (values !== undefined) this.values.set(id, values);
  }

  /** What stands for the outputs of an operation; undefined if it must run. */
  outputsOf(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
  ): NativeTensor[] | undefined {
    const rule = RULES[name];
    if (rule === undefined || (typeOf(attributes) ?? TYPES.float) !== TYPES.float) return undefined;
    const shapes: (readonly number[])[] = [];
    for (const id of inputs) {
      const shape = this.shapes.get(id);
      if (shape === undefined) return undefined;
      shapes.push(shape);
    }
    const standIn = rule({
      inputs: shapes,
      valuesOf: (input) => this.integers(inputs[input] ?? -1),
      attribute: (wanted) => attributes.find((attribute) => attribute.name === wanted)?.value,
    });
    if (standIn === undefined) return undefined;
    this.flops += standIn.flops;
    return standIn.shapes.map((shape) => this.zerosOf(shape, standIn.dtype));
  }

  private integers(id: number): readonly number[] | undefined {
    const values = this.values.get(id);
    return values === undefined ? undefined : Array.from(values as ArrayLike<unknown>, Number); // of numbers
  }

  /** A tensor of zeros. All of one shape share their memory. */
  zerosOf(shape: readonly number[], dtype: number = TYPES.float): NativeTensor {
    const { real } = this;
    const key = `${dtype} ${shape.join()}`;
    let whole = this.zeros.get(key);
    if (whole === undefined) {
      const dimensions = real.createTensor([shape.length], TYPES.int32, Int32Array.from(shape));
      const zero = real.createTensor([], dtype, dtype === TYPES.bool ? Uint8Array.of(0) : Float32Array.of(0));
      const types = [typeAttribute('T', dtype), typeAttribute('index_type', TYPES.int32)];
      const [made] = real.executeOp('Fill', types, [dimensions, zero], 1);
      for (const id of [dimensions, zero]) real.deleteTensor(id);
      whole = (made as NativeTensor).id; // one was asked for
      this.zeros.set(key, whole);
    }
    const [tensor] = real.executeOp('Identity', [typeAttribute('T', dtype)], [whole], 1);
    return tensor as NativeTensor; // one was asked for
  }

  /** Frees what the tensors share, of which each has a share of its own. */
  dispose(): void {
    for (const id of this.zeros.values()) this.real.deleteTensor(id);
    this.zeros.clear();
  }
}

const typeAttribute = (name: string, value: number): OpAttribute => ({
  name,
  type: ATTRIBUTE_KINDS.type,
  value,
});
