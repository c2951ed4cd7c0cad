export * from './accuracy';
export * from './at-threshold';
export * from './auc';
export * from './counting';
export * from './custom';
export * from './f-score';
export * from './iou';
export * from './metric-class';
export * from './of-losses';
export * from './of-values';
export * from './regression';
export type {
  Metric,
  MetricFactory,
  MetricFunction,
  MetricOptions,
  MetricOutputShape,
  MetricValue,
  StatefulMetric,
} from './metric';
export type { MeanMetricFunction, OptionedMetricFunction } from './define-metric';
export type { MetricLike, MetricName } from './registry';
