export { TensorBundle, type BundleEntry } from './reader';
export { type BundleNumbers } from './types';
export { TensorBundleWriter } from './writer';
