export type { FileTask } from './files';
export * from './sequences';
export * from './series';
export * from './splits';
export * from './tables';
export * from './text';
