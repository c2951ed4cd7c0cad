import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import Ajv from 'ajv';
import { History, KerasArgumentError, type VegaLiteRow } from '../../src/index';

const packed = readFileSync(path.join(__dirname, '../reference/vega-lite/v5.23.0.json.gz'));
const schema = JSON.parse(gunzipSync(packed).toString()) as object;
// Formats are of colors and addresses, which the schema leaves to others.
const isValid = new Ajv({ unknownFormats: 'ignore', logger: false }).compile(schema);

const params = {
  verbose: 0,
  epochs: 12,
  steps: 1,
  samples: 1,
  batchSize: 1,
  doValidation: true,
  metrics: ['loss'],
  engine: 'eager',
} as const;
const epochs = Array.from({ length: 12 }, (_, index) => index + 1);
const history = new History(params, {
  loss: epochs.map((epoch) => 1 / epoch),
  accuracy: epochs.map((epoch) => 1 - 1 / (epoch + 1)),
  val_loss: epochs.map((epoch) => 1.2 / epoch),
});
const rowsOf = (rows: readonly VegaLiteRow[], field: 'line' | 'value'): readonly VegaLiteRow[] =>
  rows.filter((row) => field in row);

describe('history.vegaLite', () => {
  test('is a specification by the schema of Vega-Lite, as it is written', () => {
    for (const spec of [history.vegaLite(), history.vegaLite({ smooth: false, metrics: ['accuracy'] })]) {
      const written: unknown = JSON.parse(JSON.stringify(spec));
      expect(written).toEqual(spec);
      isValid(written);
      expect(isValid.errors ?? []).toEqual([]);
    }
    // The schema sees what is wrong.
    const wrong = { ...history.vegaLite(), resolve: { scale: { y: 'sometimes' } } };
    expect(isValid(wrong)).toBe(false);
  });

  test('has a row for each epoch of each metric, and the smooth line that plot draws', () => {
    const { data, facet } = history.vegaLite();
    expect(rowsOf(data.values, 'value')).toHaveLength(3 * 12);
    expect(data.values[0]).toEqual({ epoch: 1, metric: 'loss', data: 'training', value: 1 });
    // ggplot2's lines have 80 places.
    expect(rowsOf(data.values, 'line')).toHaveLength(3 * 80);
    expect(facet).toEqual({
      row: { field: 'metric', type: 'nominal', title: null, sort: ['loss', 'accuracy'] },
    });
    const [first] = rowsOf(history.vegaLite({ smooth: false }).data.values, 'line');
    expect(first).toEqual({ epoch: 1, metric: 'loss', data: 'training', line: 1 });
  });

  test('has no number where there is none', () => {
    const { data, description } = new History(params, {
      loss: [1, NaN],
      accuracy: [NaN, Infinity],
    }).vegaLite();
    expect(rowsOf(data.values, 'value').map(({ value }) => value)).toEqual([1, null, null, null]);
    expect(description).toContain('accuracy: training is no finite number.');
  });

  test('refuses histories without epochs, metrics that are not there, and other options', () => {
    const mistake = (run: () => unknown): string => {
      expect(run).toThrow(KerasArgumentError);
      try {
        run();
      } catch (error) {
        return String(error);
      }
      return '';
    };
    expect(mistake(() => new History(params).vegaLite())).toContain(
      'history.vegaLite: the history must have an epoch',
    );
    expect(mistake(() => history.vegaLite({ metrics: ['acuracy'] }))).toContain("Did you mean 'accuracy'?");
    expect(mistake(() => history.vegaLite({ smoth: true } as object))).toContain("Did you mean 'smooth'?");
  });
});
