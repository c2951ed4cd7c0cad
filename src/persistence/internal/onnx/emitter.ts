/** Makes the operations of an ONNX graph. */
import type { LayerVariable } from '@tensorflow/tfjs';
import { sizeOf } from '../../../base/shapes';
import {
  dtypeNumber,
  graphMessage,
  type Attribute,
  type OnnxDtype,
  type OnnxNode,
  type OnnxPort,
  type OnnxTensor,
} from './messages';

export type Shape = readonly (number | null)[];

/** What an operation gives, or what goes into the graph. */
export interface Value {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: OnnxDtype;
  /** Which steps are to be seen, `[batch, steps]`. */
  readonly mask?: Value | undefined;
}

type Attributes = Readonly<Record<string, Attribute>>;

/** Numbers with their shape. */
export interface Numbers {
  readonly values: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

/** What all parts of a file have in common. */
class OnnxFile {
  readonly tensors: OnnxTensor[] = [];
  readonly ops = new Set<string>();
  private readonly names = new Set<string>();
  private readonly known = new Map<string, Value>();
  private readonly weights = new Map<LayerVariable, Map<string, Value>>();

  /** A name that nothing has yet. */
  name(wanted: string): string {
    let name = wanted;
    for (let number = 1; this.names.has(name); number++) name = `${wanted}_${number}`;
    this.names.add(name);
    return name;
  }

  /** A constant; small ones are written once. */
  constant(name: string, shape: readonly number[], dtype: OnnxDtype, bytes: Uint8Array): Value {
    const key =
      bytes.length <= 64 ? `${dtype} ${shape.join(',')} ${Buffer.from(bytes).toString('hex')}` : undefined;
    const known = key === undefined ? undefined : this.known.get(key);
    if (known !== undefined) return known;
    const value: Value = { name: this.name(name), shape, dtype };
    this.tensors.push({ name: value.name, shape, dtype, bytes });
    if (key !== undefined) this.known.set(key, value);
    return value;
  }

  /** A weight in a form, written once. */
  weight(variable: LayerVariable, form: string, make: () => Value): Value {
    const forms = this.weights.get(variable) ?? new Map<string, Value>();
    this.weights.set(variable, forms);
    const value = forms.get(form) ?? make();
    forms.set(form, value);
    return value;
  }
}

const bytesOf = (array: Float32Array | Int32Array | BigInt64Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** The shape of what two values make together, number by number. */
const broadcast = (a: Shape, b: Shape): Shape => {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, index) => {
    const [x = 1, y = 1] = [a[index - rank + a.length], b[index - rank + b.length]];
    return x === 1 ? y : y === 1 ? x : (x ?? y);
  });
};

/** Adds operations to a graph, one after the other. */
export class Emitter {
  private readonly nodes: OnnxNode[] = [];

  constructor(
    private readonly file: OnnxFile = new OnnxFile(),
    /** What the names of what is made begin with. */
    private scope = '',
  ) {}

  /** All operators that the file has so far. */
  get operators(): ReadonlySet<string> {
    return this.file.ops;
  }

  get tensors(): readonly OnnxTensor[] {
    return this.file.tensors;
  }

  /** Has names begin with a layer's while something runs. */
  within<Result>(scope: string, run: () => Result): Result {
    const outer = this.scope;
    this.scope = outer === '' ? scope : `${outer}/${scope}`;
    try {
      return run();
    } finally {
      this.scope = outer;
    }
  }

  /** A name that nothing has yet. */
  name(wanted: string): string {
    return this.file.name(wanted);
  }

  /** An emitter of a graph inside of this one, which sees its values. */
  inner(): Emitter {
    return new Emitter(this.file, this.scope);
  }

  /** The message of the graph so far. */
  graph(
    name: string,
    inputs: readonly OnnxPort[],
    outputs: readonly OnnxPort[],
    tensors: readonly OnnxTensor[] = [],
  ): Uint8Array {
    return graphMessage({ name, nodes: this.nodes, tensors, inputs, outputs });
  }

  /** An operation with several outputs. Inputs that are left out are undefined. */
  many(
    op: string,
    inputs: readonly (Value | undefined)[],
    outputs: readonly Omit<Value, 'name'>[],
    attributes: Attributes = {},
  ): Value[] {
    this.file.ops.add(op);
    const name = this.file.name(`${this.scope}/${op}`);
    const values = outputs.map((output, index) => ({
      ...output,
      name: index === 0 ? name : this.file.name(`${name}:${index}`),
    }));
    this.nodes.push({
      name,
      op,
      inputs: inputs.map((input) => input?.name ?? ''),
      outputs: values.map((value) => value.name),
      attributes,
    });
    return values;
  }

  /** An operation with one output, of the shape and type of its first input unless something else is said. */
  op(
    op: string,
    inputs: readonly (Value | undefined)[],
    attributes: Attributes = {},
    made: Partial<Omit<Value, 'name'>> = {},
  ): Value {
    const [first] = inputs;
    const { shape = first?.shape ?? [], dtype = first?.dtype ?? 'float32' } = made;
    return this.many(op, inputs, [{ shape, dtype }], attributes)[0] as Value; // one output was asked for
  }

  /** Gives a value a name of its own. */
  named(value: Value, name: string): Value {
    this.file.ops.add('Identity');
    this.nodes.push({
      name: this.file.name(`${name}/Identity`),
      op: 'Identity',
      inputs: [value.name],
      outputs: [name],
      attributes: {},
    });
    return { ...value, name };
  }

  floats(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return this.file.constant(`${this.scope}/constant`, shape, 'float32', bytesOf(Float32Array.from(values)));
  }

  scalar(value: number): Value {
    return this.floats([value], []);
  }

  /** Whole numbers, as shapes and axes are. */
  integers(values: readonly number[]): Value {
    return this.file.constant(
      `${this.scope}/sizes`,
      [values.length],
      'int64',
      bytesOf(BigInt64Array.from(values.map(BigInt))),
    );
  }

  numbers(name: string, { values, shape }: Numbers): Value {
    const dtype = values instanceof Int32Array ? 'int32' : 'float32';
    return this.file.constant(`${this.scope}/${name}`, shape, dtype, bytesOf(values));
  }

  /** A weight of a layer, as it is or in another form. */
  weight(
    variable: LayerVariable,
    form = '',
    change: (numbers: Numbers) => Numbers = (numbers) => numbers,
  ): Value {
    return this.file.weight(variable, form, () => {
      const tensor = variable.read();
      const values = tensor.dataSync<'float32'>().slice();
      const name = variable.originalName.slice(variable.originalName.lastIndexOf('/') + 1);
      return this.numbers(name, change({ values, shape: tensor.shape }));
    });
  }

  /** An operation on two values, number by number. */
  binary(op: string, a: Value, b: Value | number, dtype: OnnxDtype = a.dtype): Value {
    const other = typeof b === 'number' ? this.scalar(b) : b;
    return this.op(op, [a, other], {}, { shape: broadcast(a.shape, other.shape), dtype });
  }

  add(a: Value, b: Value | number): Value {
    return this.binary('Add', a, b);
  }

  sub(a: Value, b: Value | number): Value {
    return this.binary('Sub', a, b);
  }

  mul(a: Value, b: Value | number): Value {
    return this.binary('Mul', a, b);
  }

  div(a: Value, b: Value | number): Value {
    return this.binary('Div', a, b);
  }

  cast(x: Value, dtype: OnnxDtype): Value {
    return x.dtype === dtype
      ? x
      : this.op('Cast', [x], { to: dtypeNumber(dtype) }, { shape: x.shape, dtype });
  }

  transpose(x: Value, order: readonly number[]): Value {
    if (order.every((axis, index) => axis === index)) return x;
    return this.op('Transpose', [x], { perm: order }, { shape: order.map((axis) => x.shape[axis] ?? null) });
  }

  /** Sizes: 0 leaves the one that is there, −1 is what is left. */
  reshape(x: Value, sizes: readonly number[], shape: Shape): Value {
    return this.op('Reshape', [x, this.integers(sizes)], {}, { shape });
  }

  unsqueeze(x: Value, axis: number): Value {
    const shape = [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)];
    return this.op('Unsqueeze', [x, this.integers([axis])], {}, { shape });
  }

  squeeze(x: Value, axis: number): Value {
    return this.op(
      'Squeeze',
      [x, this.integers([axis])],
      {},
      { shape: x.shape.filter((_, index) => index !== axis) },
    );
  }

  /** Part of some axes; shapes are those that come out. */
  slice(
    x: Value,
    axes: readonly number[],
    starts: readonly number[],
    ends: readonly number[],
    shape: Shape,
    steps = axes.map(() => 1),
  ): Value {
    const of = (values: readonly number[]): Value => this.integers(values);
    return this.op('Slice', [x, of(starts), of(ends), of(axes), of(steps)], {}, { shape });
  }

  concat(values: readonly Value[], axis: number): Value {
    const sizes = values.map(({ shape }) => shape[axis] ?? null);
    const [first] = values;
    const size = sizes.includes(null) ? null : sizes.reduce<number>((sum, one) => sum + (one ?? 0), 0);
    const shape = (first?.shape ?? []).map((one, index) => (index === axis ? size : one));
    return this.op('Concat', values, { axis }, { shape });
  }

  matMul(a: Value, b: Value): Value {
    const outer = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return this.op(
      'MatMul',
      [a, b],
      {},
      { shape: [...outer, a.shape.at(-2) ?? null, b.shape.at(-1) ?? null] },
    );
  }

  /** A reduction that leaves the axes, with one place, or takes them away. */
  reduce(
    op: 'ReduceMean' | 'ReduceMax' | 'ReduceSum',
    x: Value,
    axes: readonly number[],
    keep = false,
  ): Value {
    const shape = keep
      ? x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
      : x.shape.filter((_, axis) => !axes.includes(axis));
    const keepdims = keep ? 1 : 0;
    // Sums have the axes as an input, since version 13.
    return op === 'ReduceSum'
      ? this.op(op, [x, this.integers(axes)], { keepdims }, { shape })
      : this.op(op, [x], { axes, keepdims }, { shape });
  }

  where(condition: Value, a: Value, b: Value): Value {
    return this.op(
      'Where',
      [condition, a, b],
      {},
      { shape: broadcast(condition.shape, broadcast(a.shape, b.shape)), dtype: a.dtype },
    );
  }

  /** The sizes of a value, or those of some of its axes, as the graph knows them when it runs. */
  shapeOf(x: Value, from = 0, to = x.shape.length): Value {
    return this.op('Shape', [x], { start: from, end: to }, { shape: [to - from], dtype: 'int64' });
  }

  reshapeTo(x: Value, sizes: Value, shape: Shape): Value {
    return this.op('Reshape', [x, sizes], {}, { shape });
  }

  /** Zeros as many as the batch of a value has rows, times what is known. */
  zerosFor(x: Value, batchAxis: number, sizes: readonly number[]): Value {
    const shape = this.concat([this.shapeOf(x, batchAxis, batchAxis + 1), this.integers(sizes)], 0);
    return this.op(
      'ConstantOfShape',
      [shape],
      {},
      { shape: [x.shape[batchAxis] ?? null, ...sizes], dtype: 'float32' },
    );
  }
}

/** Numbers with their axes in another order. */
export const permuted = ({ values, shape }: Numbers, order: readonly number[]): Numbers => {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const made = order.map((axis) => shape[axis] as number); // an axis of the shape
  const steps = order.map((axis) => strides[axis] as number);
  const result =
    values instanceof Int32Array ? new Int32Array(values.length) : new Float32Array(values.length);
  const position = made.map(() => 0);
  let from = 0;
  for (let index = 0; index < result.length; index++) {
    result[index] = values[from] as number;
    for (let axis = made.length - 1; axis >= 0; axis--) {
      const step = steps[axis] as number;
      position[axis] = (position[axis] as number) + 1;
      from += step;
      if ((position[axis] as number) < (made[axis] as number)) break;
      from -= step * (made[axis] as number);
      position[axis] = 0;
    }
  }
  return { values: result, shape: made };
};

/** Numbers of another shape. */
export const reshaped = ({ values }: Numbers, shape: readonly number[]): Numbers => ({ values, shape });
