/** What metrics come to over unequal batches, as Keras says it: test/reference/metrics.py and keras3/metrics.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerDense,
  layerEmbedding,
  layerGlobalAveragePooling1d,
  metricAuc,
  metricPrecision,
  optimizerSgd,
  setWeights,
  type SequentialModel,
} from '../../src/index';
import * as metrics from '../../src/metrics';
import { metrics as registry } from '../../src/metrics/registry';
import type { StatefulMetric } from '../../src/metrics/metric';

type Nested = number | Nested[];
interface Row {
  readonly metric: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly data: string;
  readonly plain: number | number[];
  readonly weighted: number | number[];
  readonly byStep?: number;
}
interface Reference {
  readonly batches: [number, number][];
  readonly data: Readonly<Record<string, [Nested[], Nested[]]>>;
  readonly rowWeights: number[];
  readonly stepWeights: number[][];
  readonly rows: Row[];
  readonly fit: {
    readonly x: number[][];
    readonly y: number[][][];
    readonly weights: Nested[];
    readonly runs: Readonly<
      Record<string, { history: Record<string, number[]>; evaluated: Record<string, number> }>
    >;
  };
}
interface Reference3 extends Omit<Reference, 'data' | 'fit'> {
  readonly yTrue: Nested[];
  readonly yPred: Nested[];
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(path.join(__dirname, '../reference', name), 'utf8'));
const reference = read('metrics.json') as Reference; // as metrics.py prints it
const reference3 = read('keras3/metrics.json') as Reference3; // as keras3/metrics.py prints it

const OTHER_NAMES: Readonly<Record<string, string>> = {
  AUC: 'metricAuc',
  MeanIoU: 'metricMeanIou',
  IoU: 'metricIou',
  OneHotMeanIoU: 'metricOneHotMeanIou',
  OneHotIoU: 'metricOneHotIou',
  BinaryIoU: 'metricBinaryIou',
  FBetaScore: 'metricFbetaScore',
  LogCoshError: 'metricLogcoshError',
  KLDivergence: 'metricKullbackLeiblerDivergence',
};
const functionOf = ({ metric }: Row): string => OTHER_NAMES[metric] ?? `metric${metric}`;
const make = (row: Row): StatefulMetric<number | number[]> => {
  const factory = metrics[functionOf(row) as 'metricFbetaScore']; // one of several of that kind
  return factory(row.options);
};

const expectClose = (value: number | number[], expected: number | number[]): void => {
  const [values, wanted] = [[value].flat(), [expected].flat()];
  expect(Array.isArray(value)).toBe(Array.isArray(expected));
  expect(values.length).toBe(wanted.length);
  values.forEach((one, index) => {
    const other = wanted[index] ?? NaN;
    expect(Math.abs(one - other)).toBeLessThanOrEqual(1e-5 * Math.max(Math.abs(other), 1e-2));
  });
};

/** The metric of all batches, by one that is kept; after a reset nothing is left of what was before. */
const overBatches = (
  metric: StatefulMetric<number | number[]>,
  yTrue: readonly Nested[],
  yPred: readonly Nested[],
  weights?: readonly Nested[],
): number | number[] => {
  metric.update(yTrue.slice(0, 3), yPred.slice(0, 3)).reset();
  for (const [begin, end] of reference.batches) {
    metric.update(yTrue.slice(begin, end), yPred.slice(begin, end), weights?.slice(begin, end));
  }
  return metric.result();
};

const titled = (rows: readonly Row[]): [string, Row][] =>
  rows.map((row) => [`${functionOf(row)}(${JSON.stringify(row.options)}) of ${row.data}`, row]);

test.each(titled(reference.rows))('%s', (_title, row) => {
  const [yTrue, yPred] = reference.data[row.data] ?? [[], []];
  expectClose(overBatches(make(row), yTrue, yPred), row.plain);
  expectClose(overBatches(make(row), yTrue, yPred, reference.rowWeights), row.weighted);
  if (row.byStep !== undefined) {
    expectClose(overBatches(make(row), yTrue, yPred, reference.stepWeights), row.byStep);
  }
});

test.each(titled(reference3.rows))('%s of Keras 3', (_title, row) => {
  const { yTrue, yPred } = reference3;
  expectClose(overBatches(make(row), yTrue, yPred), row.plain);
  expectClose(overBatches(make(row), yTrue, yPred, reference3.rowWeights), row.weighted);
});

test('every metric has a row', () => {
  const named = new Set([...reference.rows, ...reference3.rows].map(functionOf));
  const all = Object.entries(metrics).filter(([, value]) =>
    registry.members.some((member) => member === (value as unknown)),
  );
  expect(all.length).toBeGreaterThan(40);
  expect(all.map(([name]) => name).filter((name) => !named.has(name))).toEqual([]);
});

describe.each(['eager', 'compiled'] as const)('in fit and evaluate, %s', (engine) => {
  const { x, y, weights, runs } = reference.fit;
  const metricsNamed = (prefix: string, all: boolean) => [
    metrics.metricBinaryAccuracy({ name: `${prefix}binary_accuracy` }),
    metrics.metricMeanSquaredError({ name: `${prefix}mse` }),
    ...(all ? [metricAuc({ name: `${prefix}auc` }), metricPrecision({ name: `${prefix}precision` })] : []),
  ];
  const modelOf = (kind: string): SequentialModel => {
    const model = kerasModelSequential();
    layerEmbedding(model, { inputDim: 4, outputDim: 3, maskZero: kind === 'masked', inputLength: 5 });
    if (kind === 'flat') layerGlobalAveragePooling1d(model);
    layerDense(model, { units: 1, activation: 'sigmoid' });
    setWeights(model, weights as number[][][]);
    return compile(model, {
      optimizer: optimizerSgd({ learningRate: 0.5 }),
      loss: 'mse',
      metrics: metricsNamed('', true),
      weightedMetrics: metricsNamed('weighted_', kind !== 'plain'),
    });
  };

  test.each(Object.keys(runs))('%s: weights of rows count in weightedMetrics', async (kind) => {
    const { history, evaluated } = runs[kind] ?? { history: {}, evaluated: {} };
    const model = modelOf(kind);
    const labels = kind === 'flat' ? y.map(([first]) => first ?? []) : y;
    const options = { batchSize: 9, sampleWeight: reference.rowWeights, verbose: 0, engine } as const;
    const fitted = await fit(model, x, labels, { ...options, epochs: 2, shuffle: false });
    expect(Object.keys(fitted.metrics)).toEqual(Object.keys(history));
    for (const [name, values] of Object.entries(history)) expectClose(fitted.metrics[name] ?? [], values);
    const result = await evaluate(model, x, labels, options);
    for (const [name, value] of Object.entries(evaluated)) expectClose(result[name] ?? NaN, value);
  });
});
