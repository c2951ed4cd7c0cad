export * from './cosine';
export * from './decays';
export * from './piecewise';
export type { LearningRateSchedule } from './schedule';
