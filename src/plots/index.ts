export * from './history';
export * from './picture';
export type { Histories, HistoryLike, MetricValues } from './internal/series';
export type { ThemeName } from './internal/theme';
