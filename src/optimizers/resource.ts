/**
 * Variables on TensorFlow's side, for its update kernels: one op updates a weight and all its slots, where
 * tfjs needs about ten. They are no tfjs tensors and do not count in `tf.memory()`.
 */
import { randomUUID } from 'node:crypto';
import { tf, type Tensor, type Variable } from '../tensorflow';

interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

interface Output {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

interface Binding {
  readonly TF_FLOAT: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_ATTR_STRING: number;
  createTensor(shape: readonly number[], dtype: number, values: Float32Array): number;
  deleteTensor(id: number): void;
  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): Output[];
}

/** The part of tfjs-node's backend used here; the binding is read at each use, since it may be replaced. */
interface Backend {
  readonly binding: Binding;
  getInputTensorIds(tensors: readonly Tensor[]): number[];
  createOutputTensor(output: Output): Tensor;
}

// tfjs types its backends by what all of them share; this library runs on tfjs-node's only.
const backend = (): Backend => tf.backend() as unknown as Backend;

const floatType = (name: string): Attribute => {
  const { binding } = backend();
  return { name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
};

// Test files and worker threads load this module several times over one native library: names must not meet.
const names = randomUUID();
let made = 0;

/**
 * Handles whose variables were disposed, by shape. TensorFlow keeps something small for every name it has
 * ever seen, so names are used again; without that, training many models one after the other would grow
 * without end.
 */
const idle = new Map<string, number[]>();

/**
 * A float32 variable on TensorFlow's side. It has no values until they are assigned, and lives until it is
 * disposed.
 */
export class ResourceVariable {
  readonly #shape: string;
  readonly #handle: number;

  constructor(shape: readonly number[]) {
    this.#shape = shape.join();
    this.#handle = idle.get(this.#shape)?.pop() ?? this.#make(shape);
  }

  #make(shape: readonly number[]): number {
    const { binding } = backend();
    made += 1;
    const attributes = [
      floatType('dtype'),
      { name: 'shape', type: binding.TF_ATTR_SHAPE, value: shape },
      { name: 'container', type: binding.TF_ATTR_STRING, value: '' },
      { name: 'shared_name', type: binding.TF_ATTR_STRING, value: `${names}/${made}` },
    ];
    const [output] = binding.executeOp('VarHandleOp', attributes, [], 1);
    return (output as Output).id; // one output was asked for
  }

  /** The id of its handle, as update kernels take it. */
  get handle(): number {
    return this.#handle;
  }

  /** Takes the tensor's values; the memory is shared until one of the two changes. */
  assign(tensor: Tensor): void {
    const [id] = backend().getInputTensorIds([tensor]) as [number]; // one for each tensor
    backend().binding.executeOp('AssignVariableOp', [floatType('dtype')], [this.#handle, id], 0);
  }

  /** The values as a tfjs tensor, which keeps them when the variable changes. */
  read(): Tensor {
    const [output] = backend().binding.executeOp('ReadVariableOp', [floatType('dtype')], [this.#handle], 1);
    return backend().createOutputTensor(output as Output); // one output was asked for
  }

  /** Frees the values. The variable must not be used again. */
  dispose(): void {
    const { binding } = backend();
    const attribute = { name: 'ignore_lookup_error', type: binding.TF_ATTR_BOOL, value: true };
    binding.executeOp('DestroyResourceOp', [attribute], [this.#handle], 0);
    const others = idle.get(this.#shape);
    if (others === undefined) idle.set(this.#shape, [this.#handle]);
    else others.push(this.#handle);
  }
}

/** Scalars for kernels, kept on TensorFlow's side and made anew only when they change. */
export class ScalarCache {
  readonly #scalars = new Map<string, { value: number; id: number }>();

  id(name: string, value: number): number {
    const known = this.#scalars.get(name);
    if (known?.value === value) return known.id;
    const { binding } = backend();
    if (known !== undefined) binding.deleteTensor(known.id);
    const id = binding.createTensor([], binding.TF_FLOAT, Float32Array.of(value));
    this.#scalars.set(name, { value, id });
    return id;
  }

  dispose(): void {
    for (const { id } of this.#scalars.values()) backend().binding.deleteTensor(id);
    this.#scalars.clear();
  }
}

/** Flags of a kernel as attributes. */
export const kernelAttributes = (flags: Readonly<Record<string, boolean>>): Attribute[] => [
  floatType('T'),
  ...Object.entries({ use_locking: false, ...flags }).map(([name, value]) => ({
    name,
    type: backend().binding.TF_ATTR_BOOL,
    value,
  })),
];

/** Runs an update kernel on ids of handles, scalars and gradient. */
export const runKernel = (op: string, attributes: readonly Attribute[], inputs: readonly number[]): void => {
  backend().binding.executeOp(op, attributes, inputs, 0);
};

/** The native id of a tensor. */
export const nativeId = (tensor: Tensor | Variable): number => {
  const [id] = backend().getInputTensorIds([tensor]) as [number]; // one for each tensor
  return id;
};
