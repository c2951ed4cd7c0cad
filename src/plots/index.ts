export * from './history';
export * from './picture';
export * from './tensorboard';
export type { Histories, HistoryLike, MetricValues } from './internal/series';
export type { ThemeName } from './internal/theme';
