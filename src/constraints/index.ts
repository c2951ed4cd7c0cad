export * from './norms';
export * from './sign';
export type { Constraint, ConstraintLike, ConstraintName } from './registry';
