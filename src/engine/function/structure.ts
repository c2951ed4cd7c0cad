import { isPlainObject } from '../../base/checks';
import { tf, type Tensor } from '../../tfjs/tensorflow';

/** Tensors, alone or in lists and objects, among other values. */
export interface Flat {
  readonly tensors: readonly Tensor[];
  /** What must be the same for the same computation: types and shapes of the tensors, and the other values. */
  readonly key: string;
  /** The same with other tensors. */
  readonly rebuild: (tensors: readonly Tensor[]) => unknown;
}

/** A place where values are found in lists and objects: what is there must be the same each time. */
const keyOf = (value: unknown): string =>
  typeof value === 'function' || typeof value === 'symbol' ? 'function' : JSON.stringify(value ?? null);

/** What is no tensor, list or plain object, and no plain value: nothing that could be known again. */
export class ForeignValue extends Error {
  constructor(readonly value: unknown) {
    super('a value that is no tensor');
  }
}

const isPlainValue = (value: unknown): boolean =>
  value === null || ['undefined', 'number', 'string', 'boolean'].includes(typeof value);

/** Takes a structure of tensors apart. */
export const flatten = (value: unknown): Flat => {
  const tensors: Tensor[] = [];
  const visit = (
    part: unknown,
  ): { readonly key: string; readonly rebuild: (others: readonly Tensor[]) => unknown } => {
    if (part instanceof tf.Tensor) {
      const tensor = part as Tensor; // of any rank, which `instanceof` leaves untyped
      const position = tensors.push(tensor) - 1;
      return { key: `${tensor.dtype}[${tensor.shape.join()}]`, rebuild: (others) => others[position] };
    }
    if (Array.isArray(part)) {
      const parts = part.map(visit);
      return {
        key: `[${parts.map(({ key }) => key).join()}]`,
        rebuild: (others) => parts.map((one) => one.rebuild(others)),
      };
    }
    if (isPlainObject(part)) {
      const parts = Object.entries(part).map(([name, one]) => [name, visit(one)] as const);
      return {
        key: `{${parts.map(([name, { key }]) => `${name}:${key}`).join()}}`,
        rebuild: (others) => Object.fromEntries(parts.map(([name, one]) => [name, one.rebuild(others)])),
      };
    }
    if (!isPlainValue(part)) throw new ForeignValue(part);
    return { key: keyOf(part), rebuild: () => part };
  };
  return { ...visit(value), tensors };
};
