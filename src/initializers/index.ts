export * from './constant';
export * from './random';
export * from './variance-scaling';
export type { SeedOptions } from './define-initializer';
