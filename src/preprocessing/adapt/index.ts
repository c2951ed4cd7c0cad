export * from './adapt';
export * from './vocabulary';
export type { Adaptable } from './subject';
