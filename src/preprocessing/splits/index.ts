export * from './class-weights';
export * from './confusion-matrix';
export * from './k-fold';
export * from './split-dataset';
