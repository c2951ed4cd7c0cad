export * from './array-reshape';
export * from './normalize';
export * from './pad-sequences';
export * from './scale';
export type { NumberSequence } from './sequences';
export { SparseMatrix } from './sparse-matrix';
export type { ArrayLike, DataArray, NestedArray, NumericArray, ShapedArray } from './tensors';
export * from './to-categorical';
export * from './vectorize-sequences';
