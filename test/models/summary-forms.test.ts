/** Summaries beside those that Keras 2.13 and Keras 3 print of the same models: see test/reference/shared/summary_models.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import {
  compile,
  fit,
  freezeWeights,
  kerasModel,
  kerasModelSequential,
  layerAdd,
  layerBatchNormalization,
  layerConcatenate,
  layerConv2d,
  layerDense,
  layerDropout,
  layerFlatten,
  layerInput,
  layerLstm,
  layerMaxPooling2d,
  layerModel,
  learningRateScheduleExponentialDecay,
  optimizerNadam,
  optimizerSgd,
  pipe,
  shared,
  summary,
  tf,
  trainOnBatch,
  type KerasModel,
  type Optimizer,
  type SummaryOptions,
} from '../../src/index';
import { showsBoxes } from '../../src/models/summary';

const read = (file: string) =>
  JSON.parse(readFileSync(path.join(__dirname, '../reference', file), 'utf8')) as Record<string, string[]>;
const references = { keras2: read('summary.json'), keras3: read('keras3/summary.json') };

const stack = (): KerasModel =>
  pipe(
    kerasModelSequential({ name: 'stack', inputShape: [28, 28, 1] }),
    layerConv2d({ filters: 32, kernelSize: 3 }),
    layerMaxPooling2d(),
    layerBatchNormalization(),
    layerFlatten(),
    layerDense({ units: 1000, name: 'a_very_long_name_that_does_not_fit_its_column' }),
    layerDense({ units: 10, name: 'dense' }),
  );

const frozen = (): KerasModel =>
  pipe(
    kerasModelSequential({ name: 'frozen', inputShape: [3] }),
    layerDense({ units: 4, trainable: false }),
    layerDense({ units: 1 }),
  );

const graph = (): KerasModel => {
  const input = layerInput({ shape: [8], name: 'input_1' });
  const branches = ['dense', 'dense_1'].map((name) => layerDense(input, { units: 4, name }));
  const output = pipe(branches, layerAdd(), layerDense({ units: 1, name: 'output_of_the_whole_graph' }));
  return kerasModel(input, output, { name: 'graph' });
};

const siamese = (): KerasModel => {
  const encoder = shared(layerLstm({ units: 2 }));
  const inputs = ['left', 'right'].map((name) => layerInput({ shape: [5, 3], name }));
  return kerasModel(inputs, layerConcatenate(inputs.map((input) => encoder(input))), { name: 'siamese' });
};

const middle = (): KerasModel => {
  const inner = pipe(
    kerasModelSequential({ name: 'inner', inputShape: [8] }),
    layerDense({ units: 4, name: 'inner_dense' }),
    layerDropout({ rate: 0.5 }),
  );
  const input = layerInput({ shape: [8], name: 'middle_input' });
  const output = pipe(input, layerModel(inner), layerDense({ units: 2, name: 'middle_dense' }));
  return kerasModel(input, output, { name: 'middle' });
};

const nested = (): KerasModel =>
  pipe(
    kerasModelSequential({ name: 'nested', inputShape: [8] }),
    layerModel(middle()),
    layerDense({ units: 1, name: 'last' }),
  );

const nestedGraph = (): KerasModel => {
  const input = layerInput({ shape: [8], name: 'outer_input' });
  const output = layerAdd([layerModel(middle())(input), layerDense(input, { units: 2, name: 'dense' })]);
  return kerasModel(input, output, { name: 'nested_graph' });
};

const compiled = (): KerasModel =>
  pipe(
    kerasModelSequential({ name: 'compiled', inputShape: [3] }),
    layerDense({ units: 4 }),
    compile({ optimizer: 'adam', loss: 'mse' }),
  );

const trained = (optimizer: 'adam' | Optimizer, name: string): KerasModel => {
  const model = pipe(
    kerasModelSequential({ name, inputShape: [3] }),
    layerDense({ units: 4, trainable: false }),
    layerDense({ units: 5 }),
    layerDense({ units: 1 }),
    compile({ optimizer, loss: 'mse' }),
  );
  trainOnBatch(model, tf.zeros([2, 3]), tf.zeros([2, 1]));
  return model;
};

const scheduled = (): Optimizer =>
  optimizerSgd({
    learningRate: learningRateScheduleExponentialDecay({
      initialLearningRate: 0.01,
      decaySteps: 10,
      decayRate: 0.9,
    }),
  });

/** Of each model what both are told, and the width of Keras 3's table, which would cut texts otherwise. */
const cases: Record<string, readonly [() => KerasModel, SummaryOptions, number?]> = {
  stack: [stack, {}, 120],
  narrow: [stack, { lineLength: 50 }, 108],
  range: [stack, { layerRange: ['max_pooling2d', 'flatten'] }],
  trainable: [stack, { showTrainable: true }, 140],
  frozen: [frozen, { showTrainable: true }, 120],
  graph: [graph, {}],
  'graph narrow': [graph, { lineLength: 70 }, 98],
  siamese: [siamese, { showTrainable: true }, 140],
  nested: [nested, {}],
  'nested open': [nested, { expandNested: true }],
  'nested graph open': [nestedGraph, { expandNested: true, showTrainable: true }, 140],
  compiled: [compiled, {}, 120],
  'trained by sgd': [() => trained(scheduled(), 'by_sgd'), { showTrainable: true }, 120],
  'trained by adam': [() => trained('adam', 'by_adam'), { showTrainable: true }, 120],
};

const linesOf = (model: KerasModel, options: SummaryOptions): string[] => {
  const texts: string[] = [];
  summary(model, { boxes: true, ...options, print: (text) => texts.push(text) });
  return texts.flatMap((text) => text.split('\n'));
};

describe.each(['keras2', 'keras3'] as const)('as %s prints it', (style) => {
  test('of all models that it was printed of', () => {
    expect(Object.keys(references[style])).toEqual(Object.keys(cases));
  });

  test.each(Object.entries(cases))('%s', (name, [make, options, length]) => {
    const wide = style === 'keras3' && length !== undefined ? { lineLength: length } : {};
    const printed = linesOf(make(), { ...options, ...wide, style });
    expect(printed).toEqual(references[style][name]);
    expect(printed.join()).not.toContain('…');
  });
});

describe('a summary', () => {
  test('of Keras 3 has a column of what is trainable once a layer is frozen, without being asked', () => {
    // Of 120 characters, so that the column's heading fits.
    expect(linesOf(frozen(), { style: 'keras3' })).toEqual(references.keras3['frozen']);
    expect(linesOf(frozen(), { style: 'keras3', showTrainable: false })[2]).not.toContain('Trainable');
  });

  test.each(['eager', 'compiled'] as const)(
    'of Keras 3 counts what the optimizer keeps while it trains, and after: %s',
    async (engine) => {
      const model = pipe(
        kerasModelSequential({ inputShape: [3] }),
        layerDense({ units: 4 }),
        layerDense({ units: 1 }),
        compile({ optimizer: optimizerNadam(), loss: 'mse' }),
      );
      const last = () => linesOf(model, { style: 'keras3' }).at(-1);
      expect(last()).toBe(' Non-trainable params: 0 (0.00 B)');
      const during: (string | undefined)[] = [];
      await fit(model, tf.zeros([8, 3]), tf.zeros([8, 1]), {
        epochs: 2,
        batchSize: 2,
        verbose: 0,
        engine,
        callbacks: { onEpochEnd: () => void during.push(last()) },
      });
      // Steps, learning rate, two slots of 21 weights, and the product of momenta.
      const expected = ' Optimizer params: 45 (180.00 B)';
      expect(during).toEqual([expected, expected]);
      // What is frozen after compile is trained until the next one.
      freezeWeights(model);
      expect(last()).toBe(expected);
      expect(linesOf(model, { style: 'keras2' }).join()).not.toContain('Optimizer');
      compile(model, { optimizer: 'adam', loss: 'mse' });
      expect(last()).not.toContain('Optimizer');
    },
  );

  test('of Keras 3 breaks what does not fit its column, where Keras 3 cuts it', () => {
    const lines = linesOf(stack(), { style: 'keras3', lineLength: 50 });
    expect(lines).toContain('│ a_very_long_name_th │ (None, 1000)   │ 5,409,0 │');
    expect(lines).toContain('│ at_does_not_fit_its │                │      00 │');
    expect(lines).toContain('│ _column (Dense)     │                │         │');
  });

  test('has boxes only where the terminal shows them', () => {
    const plain = linesOf(nested(), { style: 'keras3', boxes: false, expandNested: true });
    for (const line of plain) expect(line).toMatch(/^[\x00-\x7F]*$/);
    const boxed = references.keras3['nested open'] ?? [];
    expect(plain.map((line) => line.length)).toEqual(boxed.map((line) => line.length));
    expect(showsBoxes({ LANG: 'en_US.UTF-8' }, 'linux')).toBe(true);
    expect(showsBoxes({ LANG: 'C.utf8', LC_ALL: '' }, 'linux')).toBe(true);
    expect(showsBoxes({ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, 'linux')).toBe(false);
    expect(showsBoxes({ LANG: 'en_US.UTF-8', TERM: 'dumb' }, 'linux')).toBe(false);
    expect(showsBoxes({ LANG: 'en_US.UTF-8', TERM: 'linux' }, 'linux')).toBe(false);
    expect(showsBoxes({}, 'linux')).toBe(false);
    expect(showsBoxes({ WT_SESSION: '1' }, 'win32')).toBe(true);
    expect(showsBoxes({ LANG: 'en_US.UTF-8' }, 'win32')).toBe(false);
  });

  test('fits the terminal in which it is printed', () => {
    const before = Object.getOwnPropertyDescriptor(process.stdout, 'columns');
    const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
    try {
      for (const columns of [40, 60, 80, 200]) {
        Object.defineProperty(process.stdout, 'columns', { configurable: true, value: columns });
        for (const make of [stack, frozen, graph, nestedGraph]) {
          log.mockClear();
          summary(make());
          summary(make(), { style: 'keras3' });
          const printed = [...log.mock.calls.flat(), inspect(make())].join('\n').split('\n');
          const widest = Math.max(
            ...printed.filter((line) => !line.includes('params')).map((line) => line.length),
          );
          expect(widest).toBeLessThanOrEqual(columns);
        }
      }
    } finally {
      log.mockRestore();
      if (before === undefined) delete (process.stdout as { columns?: number }).columns;
      else Object.defineProperty(process.stdout, 'columns', before);
    }
  });

  test.each<[SummaryOptions, string]>([
    [{ style: 'keras4' as 'keras3' }, "one of 'keras2', 'keras3'"],
    [{ layerRange: ['flaten', 'dense'] }, "Did you mean 'flatten'?"],
    [{ expandNested: 1 as never }, '`expandNested` must be true or false'],
  ])('refuses %p', (options, message) => {
    expect(() => linesOf(stack(), options)).toThrow(message);
  });

  test.each([1, 5, 12])('of Keras 3 in %d characters ends', (lineLength) => {
    expect(linesOf(graph(), { style: 'keras3', lineLength }).join('').replaceAll(/\s/g, '')).toContain(
      'Totalparams:77',
    );
  });
});
