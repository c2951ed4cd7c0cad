export * from './norms';
export * from './orthogonal';
export type { RegularizerFunction } from './custom';
export type { Regularizer, RegularizerLike, RegularizerName } from './registry';
