export type { FileTask } from './files';
export * from './text';
