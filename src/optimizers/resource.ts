/**
 * Variables on TensorFlow's side, for its update kernels: one op updates a weight and all its slots, where
 * tfjs needs about ten. They are no tfjs tensors and do not count in `tf.memory()`.
 */
import { randomUUID } from 'node:crypto';
import {
  ATTRIBUTE_KINDS,
  binding,
  idOf,
  TYPES,
  wrap,
  type NativeTensor,
  type OpAttribute,
} from '../tfjs/binding';
import type { Tensor } from '../tfjs/tensorflow';

const floatType = (name: string): OpAttribute => ({ name, type: ATTRIBUTE_KINDS.type, value: TYPES.float });

// Test files and worker threads load this module several times over one native library: names must not meet.
const names = randomUUID();
let count = 0;

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
    count += 1;
    const attributes = [
      floatType('dtype'),
      { name: 'shape', type: ATTRIBUTE_KINDS.shape, value: shape },
      { name: 'container', type: ATTRIBUTE_KINDS.string, value: '' },
      { name: 'shared_name', type: ATTRIBUTE_KINDS.string, value: `${names}/${count}` },
    ];
    const [output] = binding().executeOp('VarHandleOp', attributes, [], 1);
    return (output as NativeTensor).id; // one output was asked for
  }

  /** The id of its handle, as update kernels take it. */
  get handle(): number {
    return this.#handle;
  }

  /** Takes the tensor's values; the memory is shared until one of the two changes. */
  assign(tensor: Tensor): void {
    binding().executeOp('AssignVariableOp', [floatType('dtype')], [this.#handle, idOf(tensor)], 0);
  }

  /** The values as a tfjs tensor, which keeps them when the variable changes. */
  read(): Tensor {
    const [output] = binding().executeOp('ReadVariableOp', [floatType('dtype')], [this.#handle], 1);
    return wrap(output as NativeTensor); // one output was asked for
  }

  /** Frees the values. The variable must not be used again. */
  dispose(): void {
    const attribute = { name: 'ignore_lookup_error', type: ATTRIBUTE_KINDS.bool, value: true };
    binding().executeOp('DestroyResourceOp', [attribute], [this.#handle], 0);
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
    if (known !== undefined) binding().deleteTensor(known.id);
    const id = binding().createTensor([], TYPES.float, Float32Array.of(value));
    this.#scalars.set(name, { value, id });
    return id;
  }

  dispose(): void {
    for (const { id } of this.#scalars.values()) binding().deleteTensor(id);
    this.#scalars.clear();
  }
}

/** Flags of a kernel as attributes. */
export const kernelAttributes = (flags: Readonly<Record<string, boolean>>): OpAttribute[] => [
  floatType('T'),
  ...Object.entries({ use_locking: false, ...flags }).map(([name, value]) => ({
    name,
    type: ATTRIBUTE_KINDS.bool,
    value,
  })),
];

/** Runs an update kernel on ids of handles, scalars and gradient. */
export const runKernel = (
  op: string,
  attributes: readonly OpAttribute[],
  inputs: readonly number[],
): void => {
  binding().executeOp(op, attributes, inputs, 0);
};
