export { tf } from './tensorflow';
export type { Scalar, SymbolicTensor, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from './tensorflow';
