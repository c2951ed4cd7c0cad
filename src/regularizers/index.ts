export * from './norms';
export type { Regularizer, RegularizerLike, RegularizerName } from './registry';
