export type { FileTask } from './files';
export * from './tables';
export * from './text';
