export * from './constant';
export * from './random';
export * from './variance-scaling';
export type { InitializerFunction, InitializerObject } from './custom';
export type { SeedOptions } from './define-initializer';
export type { Initializer, InitializerLike, InitializerName } from './registry';
