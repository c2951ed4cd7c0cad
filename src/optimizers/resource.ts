/**
 * Variables on TensorFlow's side, for its update kernels: one op updates a weight and all its slots, where
 * tfjs needs about ten. They are no tfjs tensors and do not count in `tf.memory()`.
 */
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

/**
 * The name of which TensorFlow makes another for each variable. It keeps something for every other name that it has ever seen, so that
 * training many models one after the other would grow without end.
 *
 * Source: `ResourceHandle::ANONYMOUS_NAME` in TensorFlow's `framework/resource_handle.h`.
 */
const ANONYMOUS = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

/**
 * A float32 variable on TensorFlow's side. It has no values until they are assigned, and lives until it is
 * disposed.
 */
export class ResourceVariable {
  /** The id of its handle, as update kernels take it. */
  readonly handle: number;

  constructor(shape: readonly number[]) {
    const attributes = [
      floatType('dtype'),
      { name: 'shape', type: ATTRIBUTE_KINDS.shape, value: shape },
      { name: 'container', type: ATTRIBUTE_KINDS.string, value: '' },
      { name: 'shared_name', type: ATTRIBUTE_KINDS.string, value: ANONYMOUS },
    ];
    const [output] = binding().executeOp('VarHandleOp', attributes, [], 1);
    this.handle = (output as NativeTensor).id; // one output was asked for
  }

  /** Takes the tensor's values; the memory is shared until one of the two changes. */
  assign(tensor: Tensor): void {
    binding().executeOp('AssignVariableOp', [floatType('dtype')], [this.handle, idOf(tensor)], 0);
  }

  /** The values as a tfjs tensor, which keeps them when the variable changes. */
  read(): Tensor {
    const [output] = binding().executeOp('ReadVariableOp', [floatType('dtype')], [this.handle], 1);
    return wrap(output as NativeTensor); // one output was asked for
  }

  /** Frees the values. The variable must not be used again. */
  dispose(): void {
    const attribute = { name: 'ignore_lookup_error', type: ATTRIBUTE_KINDS.bool, value: true };
    binding().executeOp('DestroyResourceOp', [attribute], [this.handle], 0);
    binding().deleteTensor(this.handle);
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
