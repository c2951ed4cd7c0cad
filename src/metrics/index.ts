export * from './accuracy';
export * from './confusion';
export * from './custom';
export * from './of-losses';
export type { Metric, MetricFactory, MetricFunction, MetricOptions } from './metric';
export type { MetricLike, MetricName } from './registry';
