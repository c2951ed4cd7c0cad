import {
  ATTRIBUTE_KINDS,
  binding,
  idOf,
  typeNumber,
  TYPES,
  wrap,
  type NativeTensor,
  type OpAttribute,
} from '../tfjs/binding';
import { tf, type Tensor } from '../tfjs/tensorflow';

/** Attributes of ops by kind. */
export const attribute = {
  type: (name: string, type: 'float' | 'double' | 'int32' | 'int64' | 'complex64'): OpAttribute => ({
    name,
    type: ATTRIBUTE_KINDS.type,
    value: TYPES[type],
  }),
  int: (name: string, value: number): OpAttribute => ({ name, type: ATTRIBUTE_KINDS.int, value }),
  /** A list of integers. */
  ints: (name: string, value: readonly number[]): OpAttribute => ({
    name,
    type: ATTRIBUTE_KINDS.int,
    value: [...value],
  }),
  bool: (name: string, value: boolean): OpAttribute => ({ name, type: ATTRIBUTE_KINDS.bool, value }),
  text: (name: string, value: string): OpAttribute => ({ name, type: ATTRIBUTE_KINDS.string, value }),
  float: (name: string, value: number): OpAttribute => ({ name, type: ATTRIBUTE_KINDS.float, value }),
};

/** Runs one op of the C library. */
export const run = (
  name: string,
  attributes: readonly OpAttribute[],
  inputs: readonly Tensor[],
  outputs: number,
): Tensor[] => binding().executeOp(name, attributes, inputs.map(idOf), outputs).map(wrap);

/** Ops in a row, of whose results tfjs need not know: of types that it has not. They are freed at the end. */
export class NativeScope {
  private readonly made = new Map<number, NativeTensor>();

  /** Runs an op on tensors, and on results of others; gives the id of one of its outputs. */
  run(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly (Tensor | number)[],
    outputs = 1,
    output = 0,
  ): number {
    const ids = inputs.map((input) => (typeof input === 'number' ? input : idOf(input)));
    const made = binding().executeOp(name, attributes, ids, outputs);
    for (const one of made) this.made.set(one.id, one);
    return (made[output] as NativeTensor).id; // so many were asked for
  }

  /** A list of whole numbers, as operations take shapes and places; gives its id. */
  ints(values: readonly number[]): number {
    const id = binding().createTensor([values.length], TYPES.int32, Int32Array.from(values));
    this.made.set(id, { id, shape: [values.length], dtype: TYPES.int32 });
    return id;
  }

  /** A result as a tensor of tfjs's, which is not freed. */
  wrap(id: number): Tensor {
    const made = this.made.get(id) as NativeTensor; // a result of this scope
    this.made.delete(id);
    return wrap(made);
  }

  free(): void {
    for (const id of this.made.keys()) binding().deleteTensor(id);
  }
}

/** Runs ops in a scope of their own. */
export const inNativeScope = <T>(compute: (scope: NativeScope) => T): T => {
  const scope = new NativeScope();
  try {
    return compute(scope);
  } finally {
    scope.free();
  }
};

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
  const small = tf.scalar(first, 'int32');
  const cast = binding().executeOp(
    'Cast',
    [attribute.type('SrcT', 'int32'), attribute.type('DstT', 'int64'), attribute.bool('Truncate', false)],
    [idOf(small)],
    1,
  );
  small.dispose();
  const wide = (cast[0] as NativeTensor).id; // one output was asked for
  const made = binding().executeOp(name, attributes, [wide, ...inputs.map(idOf)], outputs);
  binding().deleteTensor(wide);
  return made.map(wrap);
};

/** Random numbers of one of TensorFlow's counter-based operations. */
const statelessNumbers = (operation: string, shape: readonly number[], seed: Tensor): Tensor =>
  tf.tidy(() => {
    const [numbers] = run(
      operation,
      [attribute.type('dtype', 'float'), attribute.type('T', 'int32'), attribute.type('Tseed', 'int32')],
      [tf.tensor1d([...shape], 'int32'), seed],
      1,
    );
    return numbers as Tensor; // one output was asked for
  });

/** Single ops, typed. */
export const native = {
  /** The QR decomposition of a matrix: `[q, r]`, reduced form. */
  qr: (matrix: Tensor): [Tensor, Tensor] => {
    const [q, r] = run(
      'Qr',
      [attribute.type('T', 'float'), attribute.bool('full_matrices', false)],
      [matrix],
      2,
    );
    return [q, r] as [Tensor, Tensor]; // two outputs were asked for
  },
  /** Eigenvalues of a symmetric matrix, in ascending order, and its eigenvectors, a column each. */
  selfAdjointEig: (matrix: Tensor): [Tensor, Tensor] => {
    const attributes = [attribute.type('T', 'float'), attribute.bool('compute_v', true)];
    return run('SelfAdjointEigV2', attributes, [matrix], 2) as [Tensor, Tensor]; // two outputs were asked for
  },
  /** The tensor itself, if all its values are finite; otherwise TensorFlow's error begins with `what`. */
  checkNumerics: (tensor: Tensor, what: string): Tensor => {
    const attributes = [attribute.type('T', 'float'), attribute.text('message', what)];
    return run('CheckNumerics', attributes, [tensor], 1)[0] as Tensor; // one output was asked for
  },
  /** Another tensor over the same numbers, which are not copied. */
  identity: (tensor: Tensor): Tensor => {
    const type = { name: 'T', type: ATTRIBUTE_KINDS.type, value: typeNumber(tensor.dtype) };
    return run('Identity', [type], [tensor], 1)[0] as Tensor; // one output was asked for
  },
  /** Half the sum of the squares of all values, a scalar. */
  halfSumOfSquares: (tensor: Tensor): Tensor =>
    run('L2Loss', [attribute.type('T', 'float')], [tensor], 1)[0] as Tensor, // one output was asked for
  /** Uniform numbers in [0, 1), a pure function of `seed`, an int32 tensor of two numbers. */
  statelessUniform: (shape: readonly number[], seed: Tensor): Tensor =>
    statelessNumbers('StatelessRandomUniform', shape, seed),
  /** Normal numbers with the mean 0 and the deviation 1, a pure function of `seed`, an int32 tensor of two numbers. */
  statelessNormal: (shape: readonly number[], seed: Tensor): Tensor =>
    statelessNumbers('StatelessRandomNormal', shape, seed),
  /** The same within two deviations. */
  statelessTruncatedNormal: (shape: readonly number[], seed: Tensor): Tensor =>
    statelessNumbers('StatelessTruncatedNormal', shape, seed),
  /** Numbers of columns of `logits`, `[rows, samples]`, with the probabilities that are their softmax. */
  statelessCategorical: (logits: Tensor, samples: number, seed: Tensor): Tensor =>
    tf.tidy(() => {
      const attributes = [
        attribute.type('T', 'float'),
        attribute.type('Tseed', 'int32'),
        attribute.type('output_dtype', 'int32'),
      ];
      const inputs = [tf.cast(logits, 'float32'), tf.scalar(samples, 'int32'), seed];
      return run('StatelessMultinomial', attributes, inputs, 1)[0] as Tensor; // one output was asked for
    }),
};
