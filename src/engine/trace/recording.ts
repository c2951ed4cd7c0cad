import type { OpAttribute, Values } from '../../tfjs/binding';

/** One op of a recording: what ran, on which tensors, and which tensors came out. */
export interface RecordedOp {
  readonly name: string;
  readonly attributes: readonly OpAttribute[];
  readonly inputs: readonly number[];
  readonly outputs: readonly {
    readonly id: number;
    readonly dtype: number;
    readonly shape: readonly number[];
  }[];
  /** The layer that ran it; none for gradients. */
  readonly layer?: string | undefined;
  /** For a recurrence, which is one op whatever the number of its time steps. */
  readonly scan?: RecordedScan;
}

/** The value of an attribute, if it was recorded. */
export const attributeOf = (
  { attributes }: Pick<RecordedOp, 'attributes'>,
  name: string,
): OpAttribute['value'] => attributes.find((attribute) => attribute.name === name)?.value;

/**
 * A recurrence over time, or its gradient, of which one step is recorded. Its inputs, as an op, are the sequences, the
 * first state and, for a gradient, all states and their gradients; its outputs are all states, or the gradients of the
 * sequences, of the first state and of the weights. What the step uses besides comes from outside, as it is.
 */
export interface RecordedScan {
  readonly body: readonly RecordedOp[];
  readonly steps: number;
  readonly sequences: number;
  /** The shape of a state, `[batch, size]`. */
  readonly stateShape: readonly number[];
  /** The shapes of the outputs, for those that are summed up over the steps. */
  readonly outputShapes: readonly (readonly number[])[];
  /** The tensors of one step: its part of each sequence, the state before; in a gradient, the state after and its gradient. */
  readonly feeds: {
    readonly sequences: readonly number[];
    readonly state: number;
    readonly backward?: { readonly after: number; readonly gradient: number };
  };
  /** What the step gives: the state after; or gradients, in the order of the outputs. */
  readonly results: readonly number[];
}

/** A tensor that JavaScript made during a recording. */
export interface RecordedConstant {
  readonly shape: readonly number[];
  readonly dtype: number;
  readonly values: Values;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength); // or a shared one, which serves as well

/** Whether two lists of values are the same, bit by bit: much quicker than value by value. False where it takes a closer look. */
export const areSameBits = (a: Values, b: Values): boolean =>
  ArrayBuffer.isView(a) &&
  ArrayBuffer.isView(b) &&
  a.constructor === b.constructor &&
  bytesOf(a).equals(bytesOf(b));

/** Whether values are one number everywhere. */
export const isAll = (values: Values, value: number): boolean => {
  if (values.length > 1 && ArrayBuffer.isView(values) && Number(values[0]) === value) {
    const bytes = bytesOf(values);
    const size = bytes.length / values.length;
    // Each is the same as the one before.
    if (bytes.subarray(size).equals(bytes.subarray(0, -size))) return true;
  }
  return (values as readonly unknown[]).every((one) => one === value); // of any type
};

/** Everything that ran on TensorFlow's side during a function. */
export interface Recording {
  readonly ops: readonly RecordedOp[];
  readonly constants: ReadonlyMap<number, RecordedConstant>;
  /** Whether JavaScript read a tensor's values: what it then did may depend on them. */
  readonly readValues: boolean;
}
