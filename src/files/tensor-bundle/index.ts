export { TensorBundle, type BundleEntry } from './reader';
export { isNumberType, numberType, type BundleNumbers } from './types';
export { TensorBundleWriter } from './writer';
