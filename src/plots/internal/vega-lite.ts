import { boolean, checkOptions, optional, type OptionChecks } from '../../base/checks';
import { asFunction, refuseSurplus } from '../../base/function-name';
import type { History } from '../../training/history';
import type { VegaLiteOptions, VegaLiteRow, VegaLiteSpecification } from '../vega-lite';
import { lineOf } from './history-svg';
import { described, metricNames, panelsOf, type Series } from './series';
import { THEMES } from './theme';

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

/** A history as a specification, with options that are yet to be checked. */
export const vegaLite = (
  history: History,
  options: VegaLiteOptions | undefined,
  surplus: readonly unknown[],
): VegaLiteSpecification => {
  refuseSurplus(NAME, ['options'], surplus);
  const checked = checkOptions(NAME, options, checks);
  return asFunction(NAME, () => specification(history, checked));
};
