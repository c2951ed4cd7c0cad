import type { Tensor } from './tensorflow';
import { tf } from './tensorflow';

/** An attribute of a TensorFlow op, as tfjs-node's binding takes it. */
interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The part of tfjs-node's backend that runs any op of the C library by name; tfjs's types do not have it. */
interface NodeBackend {
  readonly binding: Readonly<Record<string, unknown>> & {
    executeOp(
      name: string,
      attributes: readonly OpAttribute[],
      inputs: readonly number[],
      outputs: number,
    ): { id: number }[];
    deleteTensor(id: number): void;
  };
  executeMultipleOutputs(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly Tensor[],
    outputs: number,
  ): Tensor[];
  getInputTensorIds(tensors: readonly Tensor[]): number[];
  createOutputTensor(metadata: { id: number }): Tensor;
}

const backend = (): NodeBackend => tf.backend() as unknown as NodeBackend;

const constant = (name: string): number => {
  const value = backend().binding[name];
  if (typeof value !== 'number') throw new Error(`tfjs-node's binding has no ${name}`);
  return value;
};

/** Attributes of ops by kind. */
export const attribute = {
  type: (name: string, type: 'TF_FLOAT' | 'TF_INT32' | 'TF_INT64'): OpAttribute => ({
    name,
    type: constant('TF_ATTR_TYPE'),
    value: constant(type),
  }),
  bool: (name: string, value: boolean): OpAttribute => ({ name, type: constant('TF_ATTR_BOOL'), value }),
  float: (name: string, value: number): OpAttribute => ({ name, type: constant('TF_ATTR_FLOAT'), value }),
};

/** Runs one op of the C library. */
export const run = (
  name: string,
  attributes: readonly OpAttribute[],
  inputs: readonly Tensor[],
  outputs: number,
): Tensor[] => backend().executeMultipleOutputs(name, attributes, inputs, outputs);

/**
 * Runs one op whose first input is a 64-bit integer, a type that tfjs has not: the number is made with TensorFlow's
 * `Cast`, used, and freed, and no tfjs tensor ever holds it.
 */
export const runWithInt64 = (
  name: string,
  attributes: readonly OpAttribute[],
  first: number,
  inputs: readonly Tensor[],
  outputs: number,
): Tensor[] => {
  const { binding, ...methods } = {
    binding: backend().binding,
    ids: (tensors: readonly Tensor[]) => backend().getInputTensorIds(tensors),
    wrap: (metadata: { id: number }) => backend().createOutputTensor(metadata),
  };
  const small = tf.scalar(first, 'int32');
  const cast = binding.executeOp(
    'Cast',
    [
      attribute.type('SrcT', 'TF_INT32'),
      attribute.type('DstT', 'TF_INT64'),
      attribute.bool('Truncate', false),
    ],
    methods.ids([small]),
    1,
  );
  small.dispose();
  const wide = (cast[0] as { id: number }).id; // one output was asked for
  const made = binding.executeOp(name, attributes, [wide, ...methods.ids(inputs)], outputs);
  binding.deleteTensor(wide);
  return made.map(methods.wrap);
};

/** Single ops, typed. */
export const native = {
  /** The QR decomposition of a matrix: `[q, r]`, reduced form. */
  qr: (matrix: Tensor): [Tensor, Tensor] => {
    const [q, r] = run(
      'Qr',
      [attribute.type('T', 'TF_FLOAT'), attribute.bool('full_matrices', false)],
      [matrix],
      2,
    );
    return [q, r] as [Tensor, Tensor]; // two outputs were asked for
  },
  /** Uniform numbers in [0, 1), a pure function of `seed`, an int32 tensor of two numbers. */
  statelessUniform: (shape: readonly number[], seed: Tensor): Tensor =>
    tf.tidy(() => {
      const [uniform] = run(
        'StatelessRandomUniform',
        [
          attribute.type('dtype', 'TF_FLOAT'),
          attribute.type('T', 'TF_INT32'),
          attribute.type('Tseed', 'TF_INT32'),
        ],
        [tf.tensor1d([...shape], 'int32'), seed],
        1,
      );
      return uniform as Tensor; // one output was asked for
    }),
};
