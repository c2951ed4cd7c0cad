export * from './boston-housing';
export * from './get-file';
export * from './imdb';
export * from './mnist';
export type { Dataset, DatasetSource, DatasetSplit } from './dataset';
export type { DatasetOptions } from './options';
export type { TextOptions } from './text-arrays';
export type { WordIndex } from './word-index';
