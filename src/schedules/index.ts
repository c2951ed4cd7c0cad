export * from './cosine';
export * from './decays';
export * from './piecewise';
export * from './schedule-class';
export type { LearningRateSchedule } from './schedule';
