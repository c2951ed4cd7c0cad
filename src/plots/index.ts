export { Picture, type PngOptions } from './picture';
export { plot, type PlotOptions } from './history';
export type { Histories, HistoryLike, MetricValues } from './internal/series';
export type { ThemeName } from './internal/theme';
