export * from './norms';
export * from './orthogonal';
export type { RegularizerFunction, RegularizerObject } from './custom';
export type { Regularizer, RegularizerLike, RegularizerName } from './registry';
