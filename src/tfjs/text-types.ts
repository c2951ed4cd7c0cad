/** Which tensors are texts, where tfjs does not say so: it takes what layers put out for floats. */
import type * as Tfjs from '@tensorflow/tfjs';

type SymbolicTensor = Tfjs.SymbolicTensor;
type Tensor = Tfjs.Tensor;

/** The types of what a layer is applied to, or puts out. */
export type Types = readonly string[];

const taken = new WeakMap<object, Types>();
const given = new WeakMap<object, Types>();

/** Notes the types of what a layer is about to be applied to. */
export const noteInputTypes = (layer: object, types: Types): void => {
  taken.set(layer, types);
};

/** The types of what a layer is applied to; undefined as long as it has not been. */
export const inputTypesOf = (layer: object): Types | undefined => taken.get(layer);

/** Notes the types of what a layer puts out, as a trial has shown them. */
export const noteOutputTypes = (layer: object, types: Types): void => {
  given.set(layer, types);
};

/** The types of a list of tensors, or of one. */
export const typesOf = (tensors: unknown): Types =>
  ([tensors].flat() as readonly { readonly dtype?: string }[]).map(({ dtype = 'float32' }) => dtype); // symbolic or not

/** Says of symbolic tensors that they are texts. */
export const markTexts = (outputs: readonly SymbolicTensor[], areTexts: (index: number) => boolean): void => {
  outputs.forEach((output, index) => {
    if (areTexts(index)) Object.assign(output, { dtype: 'string' });
  });
};

/** Says of what a layer puts out for symbolic tensors whether it is texts. */
export const markOutputs = (layer: object, outputs: unknown): void => {
  const types = given.get(layer);
  if (types?.includes('string') !== true) return;
  markTexts([outputs].flat() as SymbolicTensor[], (index) => types[index] === 'string'); // or tensors, whose type is known
};

/** Texts that stand for those of some shape: empty ones. */
export const emptyTexts = (tf: Pick<typeof Tfjs, 'tensor'>, shape: number[]): Tensor =>
  tf.tensor(
    Array.from({ length: shape.reduce((size, length) => size * length, 1) }, () => ''),
    shape,
    'string',
  );
