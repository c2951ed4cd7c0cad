export * from './bounded';
export * from './elementary';
export * from './rectifiers';
export * from './softmax';
export type { Activation, ActivationFunction } from './define-activation';
export type { ActivationLike, ActivationName } from './registry';
