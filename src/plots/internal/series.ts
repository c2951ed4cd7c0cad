import { describe, KerasArgumentError } from '../../base/errors';
import { checkThat, isPlainObject } from '../../base/checks';
import { didYouMean } from '../../base/suggestions';
import { History } from '../../training/history';

/** The values of each metric, an array each, as `history.metrics` has them. */
export type MetricValues = Readonly<Record<string, readonly number[]>>;

/** A history, or the values of its metrics. */
export type HistoryLike = History | MetricValues;

/** What `plot` takes: a history, or several of them, in a list or by the names that the plot gives them. */
export type Histories = HistoryLike | readonly HistoryLike[] | Readonly<Record<string, HistoryLike>>;

/** A line of points. */
export interface Series {
  /** Which of several histories; undefined: there is one. */
  readonly history: string | undefined;
  readonly data: 'training' | 'validation';
  /** Epochs, from 1 on, and values, NaN where there is none. */
  readonly values: readonly number[];
}

/** All lines of a metric. */
export interface Panel {
  readonly metric: string;
  readonly series: readonly Series[];
}

const VALIDATION = 'val_';

const isValues = (value: unknown): value is MetricValues =>
  isPlainObject(value) &&
  Object.values(value).length > 0 &&
  Object.values(value).every((list) => Array.isArray(list) && list.every((item) => typeof item === 'number'));

const isHistory = (value: unknown): value is HistoryLike => value instanceof History || isValues(value);

/** A check of names of metrics. */
export const metricNames = checkThat(
  'a list of names of metrics',
  (value): value is readonly string[] =>
    Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string'),
);

/** Whether a value is what `plot` takes, and not its options. */
export const isHistories = (value: unknown): boolean =>
  isHistory(value) ||
  (typeof value === 'object' &&
    value !== null &&
    Object.values(value).length > 0 &&
    Object.values(value).every(isHistory));

const refused = (value: unknown): KerasArgumentError =>
  new KerasArgumentError({
    argument: 'history',
    expected: '`history` must be what fit() gave, or several of these, in a list or by names',
    received: value instanceof Promise ? 'a promise' : describe(value),
    advice:
      value instanceof Promise
        ? 'Wait for the fit first: plot(await fit(…))'
        : 'Write plot(await fit(model, x, y)), or plot({ small, large }) to compare two fits',
  });

/** Histories under their names; a single one has none. */
export const namedHistories = (value: unknown): readonly (readonly [string | undefined, MetricValues])[] => {
  const metricsOf = (history: HistoryLike): MetricValues =>
    history instanceof History ? history.metrics : history;
  if (isHistory(value)) return [[undefined, metricsOf(value)]];
  if (Array.isArray(value) && value.length > 0 && value.every(isHistory)) {
    const [only, ...others] = value;
    if (only !== undefined && others.length === 0) return [[undefined, metricsOf(only)]];
    return value.map((history, index) => [`fit ${index + 1}`, metricsOf(history)]);
  }
  if (isPlainObject(value) && Object.values(value).length > 0 && Object.values(value).every(isHistory)) {
    return Object.entries(value as Readonly<Record<string, HistoryLike>>).map(([name, history]) => [
      name,
      metricsOf(history),
    ]);
  }
  throw refused(value);
};

const metricName = (name: string): string =>
  name.startsWith(VALIDATION) ? name.slice(VALIDATION.length) : name;

/** A panel for each metric, in the histories' order; only those that are wanted, if any are named. */
export const panelsOf = (histories: unknown, wanted: readonly string[] | undefined): readonly Panel[] => {
  const named = namedHistories(histories);
  const known = [
    ...new Set(
      named.flatMap(([, metrics]) =>
        Object.entries(metrics).flatMap(([name, values]) => (values.length > 0 ? [metricName(name)] : [])),
      ),
    ),
  ];
  if (known.length === 0) {
    throw new KerasArgumentError({
      argument: 'history',
      expected: 'the history must have an epoch',
      received: 'a history of no epochs',
      advice: 'Fit with epochs: 1 or more first',
    });
  }
  const unknown = wanted?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new KerasArgumentError({
      argument: 'metrics',
      expected: '`metrics` must name metrics of the history',
      received: describe(unknown),
      advice: didYouMean(metricName(unknown), known),
    });
  }
  return (wanted ?? known).map((metric) => ({
    metric,
    series: named.flatMap(([history, metrics]) =>
      (['training', 'validation'] as const).flatMap((data) => {
        const name = data === 'training' ? metric : `${VALIDATION}${metric}`;
        const values = Object.hasOwn(metrics, name) ? metrics[name] : undefined;
        return values === undefined || values.length === 0 ? [] : [{ history, data, values }];
      }),
    ),
  }));
};

/** How many epochs the longest line has. */
export const epochsIn = (panels: readonly Panel[]): number =>
  Math.max(...panels.flatMap(({ series }) => series.map(({ values }) => values.length)));

/** The points of a line that can be drawn. */
export const pointsOf = ({ values }: Series): readonly (readonly [number, number])[] =>
  values.flatMap((value, index) => (Number.isFinite(value) ? [[index + 1, value] as const] : []));

/** What a line is called in a legend. */
export const nameOf = ({ history, data }: Series): string =>
  history === undefined ? data : `${history}, ${data}`;

/** What a plot shows, in sentences: for those who hear it. */
export const described = (panels: readonly Panel[]): string =>
  panels
    .map(({ metric, series }) => {
      const lines = series.map((line) => {
        const points = pointsOf(line);
        const [first, last] = [points[0]?.[1], points.at(-1)?.[1]];
        const text = (value: number): string => String(Number(value.toPrecision(4)));
        if (first === undefined || last === undefined) return `${nameOf(line)} is no finite number`;
        return `${nameOf(line)} goes from ${text(first)} to ${text(last)}`;
      });
      return `${metric}: ${lines.join('; ')}.`;
    })
    .join(' ');
