import { boolean, checkOptions, optional, type OptionChecks } from '../base/checks';
import { asFunction, refuseSurplus } from '../base/function-name';
import { History } from '../training/history';
import { lineOf } from './internal/history-svg';
import { described, metricNames, panelsOf, type Series } from './internal/series';
import { THEMES } from './internal/theme';

/** Options of {@link History.vegaLite}. */
export interface VegaLiteOptions {
  /** The metrics to show, without `val_`: all of the history by default. */
  readonly metrics?: readonly string[] | undefined;
  /** Whether lines are smooth, from ten epochs on. Default true; false: from point to point. */
  readonly smooth?: boolean | undefined;
}

/** A point of a training, or of the smooth line through its points. */
export interface VegaLiteRow {
  readonly epoch: number;
  readonly metric: string;
  readonly data: 'training' | 'validation';
  /** Null where it is no finite number. */
  readonly value?: number | null;
  readonly line?: number;
}

/** A specification of Vega-Lite: plain data, which `JSON.stringify` writes as it is. */
export interface VegaLiteSpecification {
  readonly $schema: string;
  readonly description: string;
  readonly data: { readonly values: readonly VegaLiteRow[] };
  readonly [property: string]: unknown;
}

declare module '../training/history' {
  interface History {
    /**
     * What `plot` shows as a specification of Vega-Lite 5, for pages and notebooks that draw those: a panel for each metric, a point for
     * each epoch, and lines.
     *
     * @throws KerasArgumentError if the history has no epoch, or not that metric.
     * @see https://vega.github.io/vega-lite/
     */
    vegaLite(options?: VegaLiteOptions): VegaLiteSpecification;
  }
}

const NAME = 'history.vegaLite';

const checks = {
  metrics: optional(metricNames),
  smooth: optional(boolean, true),
} satisfies OptionChecks<VegaLiteOptions>;

const rowsOf = (metric: string, series: Series, smooth: boolean): VegaLiteRow[] => {
  const common = { metric, data: series.data };
  return [
    ...series.values.map((value, index) => ({
      epoch: index + 1,
      ...common,
      value: Number.isFinite(value) ? value : null,
    })),
    ...lineOf(series, smooth).map(([epoch, line]) => ({ epoch, ...common, line })),
  ];
};

const epochAxis = { tickMinStep: 1, format: 'd' };
const quantity = (field: string) => ({
  field,
  type: 'quantitative',
  title: null,
  scale: { zero: false, nice: false },
});

/** A layer of a panel: those rows that have a field, as marks. */
const marks = (field: string, mark: object, encoding: object = {}) => ({
  transform: [{ filter: `isValid(datum.${field})` }],
  mark,
  encoding: { y: quantity(field), ...encoding },
});

/** The history as a specification. */
const specification = (
  history: History,
  { metrics, smooth }: { readonly metrics?: readonly string[]; readonly smooth: boolean },
): VegaLiteSpecification => {
  const panels = panelsOf(history, metrics);
  const [training, validation] = THEMES.bw.series;
  const data = { field: 'data', type: 'nominal' };
  const domain = ['training', 'validation'];
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    description: described(panels),
    data: {
      values: panels.flatMap(({ metric, series }) => series.flatMap((line) => rowsOf(metric, line, smooth))),
    },
    facet: {
      row: { field: 'metric', type: 'nominal', title: null, sort: panels.map(({ metric }) => metric) },
    },
    spec: {
      width: 480,
      height: 140,
      encoding: {
        x: { field: 'epoch', type: 'quantitative', title: 'epoch', axis: epochAxis, scale: { zero: false } },
        color: { ...data, title: null, scale: { domain, range: [training, validation] } },
      },
      layer: [
        marks(
          'line',
          { type: 'line' },
          {
            strokeDash: {
              ...data,
              title: null,
              scale: {
                domain,
                range: [
                  [1, 0],
                  [6, 3],
                ],
              },
            },
          },
        ),
        marks('value', { type: 'point', filled: true, tooltip: true }),
      ],
    },
    resolve: { scale: { y: 'independent' } },
  };
};

Object.defineProperty(History.prototype, 'vegaLite', {
  configurable: true,
  writable: true,
  value(this: History, options?: VegaLiteOptions, ...surplus: []): VegaLiteSpecification {
    refuseSurplus(NAME, ['options'], surplus);
    const checked = checkOptions(NAME, options, checks);
    return asFunction(NAME, () => specification(this, checked));
  },
});
