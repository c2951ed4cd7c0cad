export * from './batch-dot';
export * from './in-top-k';
export * from './l2-normalize';
export * from './random';
export * from './repeat';
export * from './stop-gradient';
