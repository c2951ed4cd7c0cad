export * from './bounded';
export * from './elementary';
export * from './piecewise';
export * from './rectifiers';
export * from './smooth';
export * from './softmax';
export type { Activation, ActivationFunction } from './define-activation';
export type { ActivationLike, ActivationName } from './registry';
