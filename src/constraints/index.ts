export * from './norms';
export * from './radial';
export * from './sign';
export { KerasConstraint } from './custom';
export type { ConstraintFunction, ConstraintObject } from './custom';
export type { Constraint, ConstraintLike, ConstraintName } from './registry';
