/** Numbers on their way between here and Keras. */
import { tf, type Tensor } from '../../src/index';

/** The numbers of a tensor. */
export interface Values {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: readonly number[];
}

/** What Keras reads, and what it must find. */
export interface Expected {
  readonly name: string;
  /** The names of inputs and outputs. */
  readonly keys: { readonly inputs: readonly string[]; readonly outputs: readonly string[] };
  readonly classes: readonly string[];
  /** Whether training draws numbers. */
  readonly isRandom: boolean;
  /** Why Keras 3 does not take the model, by the endings of files, or what it writes itself: `written.keras`. */
  readonly limits?: Readonly<Record<string, string>>;
  readonly inputs: readonly Values[];
  readonly outputs: readonly Values[];
  /** Labels, and the losses of the next steps on them. */
  readonly labels?: readonly Values[];
  readonly losses?: readonly number[];
}

/** What Keras wrote, and what it predicts then. Labels and losses as above. */
export interface Written extends Omit<Expected, 'name' | 'keys' | 'classes' | 'isRandom' | 'limits'> {
  readonly file: string;
}

export const plain = (tensor: Tensor): Values => ({
  shape: tensor.shape,
  dtype: tensor.dtype,
  values: [...tensor.dataSync()],
});

export const tensorOf = ({ shape, dtype, values }: Values): Tensor =>
  tf.tensor([...values], [...shape], dtype as 'float32');

export const single = <T>(list: readonly T[]): T | T[] => (list.length === 1 ? (list[0] as T) : [...list]);
