import { inspect } from 'node:util';
import { KerasArgumentError } from '../../src/base/errors';
import { History, type HistoryParams } from '../../src/training/history';

const params: HistoryParams = {
  verbose: 1,
  epochs: 30,
  steps: 375,
  samples: 48000,
  validationSamples: 12000,
  batchSize: 128,
  doValidation: true,
  metrics: ['loss', 'accuracy'],
  engine: 'eager',
};

const fitted = (): History => {
  const history = new History({ ...params, epochs: 2 });
  history.add({ loss: 0.5, accuracy: 0.75, val_loss: 0.6, val_accuracy: 0.7 });
  history.add({ loss: 0.05, accuracy: 0.98396, val_loss: 0.1057123, val_accuracy: 0.98 });
  return history;
};

test('keeps the order and names in which values come', () => {
  const { metrics } = fitted();
  expect(Object.entries(metrics)).toEqual([
    ['loss', [0.5, 0.05]],
    ['accuracy', [0.75, 0.98396]],
    ['val_loss', [0.6, 0.1057123]],
    ['val_accuracy', [0.7, 0.98]],
  ]);
});

test('starts from values of its own', () => {
  const loss = [1];
  const history = new History(params, { loss });
  history.add({ loss: 2 });
  expect(history.metrics).toEqual({ loss: [1, 2] });
  expect(loss).toEqual([1]);
});

// print.keras_training_history of R keras 2.13: prettyNum(metrics, big.mark = ',', digits = 4, scientific =
// FALSE)
describe('prints', () => {
  test('as R', () => {
    const expected = [
      'Trained on 48,000 samples, validated on 12,000 samples (batch_size=128, epochs=2)',
      'Final epoch (plot to see history):',
      '        loss: 0.05',
      '    accuracy: 0.984',
      '    val_loss: 0.1057',
      'val_accuracy: 0.98',
    ].join('\n');
    expect(fitted().toString()).toBe(expected);
    expect(String(fitted())).toBe(expected);
    expect(inspect(fitted())).toBe(expected);
  });

  test('without validation, and the epochs that were run', () => {
    const { validationSamples: _, ...rest } = params;
    const history = new History(
      { ...rest, samples: 404, doValidation: false },
      { loss: [9, 8], mae: [3, 2.5] },
    );
    expect(history.toString()).toBe(
      [
        'Trained on 404 samples (batch_size=128, epochs=2)',
        'Final epoch (plot to see history):',
        'loss: 8',
        ' mae: 2.5',
      ].join('\n'),
    );
  });

  // format(x, digits = 4, scientific = FALSE, big.mark = ',') by R's rule: as many decimals as four
  // significant digits
  // need, trailing zeros dropped, whole digits never rounded away
  test.each([
    [0.00001234567, '0.00001235'],
    [0.99996, '1'],
    [0.0099996, '0.01'],
    [12.3456, '12.35'],
    [123.45, '123.5'],
    [1234.56, '1,235'],
    [1234567.8, '1,234,568'],
    [100, '100'],
    [-1234.5678, '-1,235'],
    [-0.5, '-0.5'],
    [0, '0'],
    [NaN, 'NaN'],
    [Infinity, 'Inf'],
    [-Infinity, '-Inf'],
  ])('%p as %s', (value, expected) => {
    const history = new History({ ...params, epochs: 1 }, { loss: [value] });
    expect(history.toString().split('\n').at(-1)).toBe(`loss: ${expected}`);
  });

  test('a fit of no epoch', () => {
    expect(new History(params).toString()).toBe(
      'Trained on 48,000 samples, validated on 12,000 samples (batch_size=128, epochs=0)\n' +
        'Final epoch (plot to see history):',
    );
  });
});

// as.data.frame of R keras 2.13
describe('rows', () => {
  test('training metric by metric, then validation', () => {
    expect(fitted().rows()).toEqual([
      { epoch: 1, value: 0.5, metric: 'loss', data: 'training' },
      { epoch: 2, value: 0.05, metric: 'loss', data: 'training' },
      { epoch: 1, value: 0.75, metric: 'accuracy', data: 'training' },
      { epoch: 2, value: 0.98396, metric: 'accuracy', data: 'training' },
      { epoch: 1, value: 0.6, metric: 'loss', data: 'validation' },
      { epoch: 2, value: 0.1057123, metric: 'loss', data: 'validation' },
      { epoch: 1, value: 0.7, metric: 'accuracy', data: 'validation' },
      { epoch: 2, value: 0.98, metric: 'accuracy', data: 'validation' },
    ]);
  });

  test('NaN after an early stop', () => {
    const history = new History({ ...params, epochs: 3 }, { loss: [1, 0.5] });
    expect(history.rows().map(({ epoch, value }) => [epoch, value])).toEqual([
      [1, 1],
      [2, 0.5],
      [3, NaN],
    ]);
  });
});

test.each([
  [[], 'History: the option `verbose` is required. Received: no options.'],
  [[{ ...params, epochs: -1 }], 'History: `epochs` must be an integer of 0 or more. Received: -1.'],
  [[{ ...params, metrics: 'loss' }], "History: `metrics` must be an array of names. Received: 'loss'."],
  [
    [{ ...params, engine: 'fast' }],
    "History: `engine` must be one of 'eager', 'compiled'. Received: 'fast'.",
  ],
  [[{ ...params, more: 1 }], 'History: the options must be known ones. Received: the unknown option `more`.'],
  [
    [params, [1]],
    'History: `metrics` must be an object of arrays of numbers, one for each metric. Received: [1].',
  ],
  [[params, { loss: 1 }], 'History: `metrics.loss` must be an array of numbers. Received: 1.'],
  [[params, { loss: ['a'] }], "History: `metrics.loss` must be an array of numbers. Received: ['a']."],
])('%#: what is no history is refused', (args, says) => {
  const make = (): unknown => Reflect.construct(History, args);
  expect(make).toThrow(KerasArgumentError);
  expect(make).toThrow(says);
});
