export type { DirectoryOptions, Subset } from './directory-options';
export type { FileTask } from './files';
export * from './images';
export type { LabelMode } from './labels';
export * from './sequences';
export * from './series';
export * from './splits';
export * from './tables';
export * from './text';
