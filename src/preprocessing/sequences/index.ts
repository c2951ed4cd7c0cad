export * from './sampling-table';
export * from './skipgrams';
