/** Cells of one's own in a recurrent layer: they compute and train as those of the library do. */
import type { LayerVariable } from '@tensorflow/tfjs';
import {
  compile,
  evaluate,
  fit,
  getWeights,
  kerasModel,
  KerasLayer,
  kerasModelSequential,
  layerGru,
  layerInput,
  layerLstm,
  layerLstmCell,
  layerRnn,
  layerSimpleRnn,
  layerStackedRnnCells,
  outputShape,
  pipe,
  predictOnBatch,
  setRandomSeed,
  setWeights,
  tf,
  type CellSource,
  type LayerStep,
  type RnnCell,
  type SequentialModel,
  type SymbolicTensor,
  type Tensor,
} from '../../src/index';
import { layerMasking } from '../../src/index';
import { distance, maskedWaves, waves } from './support';

const [ROWS, STEPS, FEATURES, UNITS] = [6, 5, 3, 2];

/** An LSTM's cell as an object. */
const lstm: RnnCell = {
  stateSize: [UNITS, UNITS],
  build: ([, features], addWeight) => {
    addWeight('kernel', [features ?? 0, 4 * UNITS]);
    addWeight('recurrent', [UNITS, 4 * UNITS], { initializer: 'orthogonal' });
    addWeight('bias', [4 * UNITS], { initializer: 'zeros', regularizer: 'l2' });
  },
  call: (x, [h, c], { weight }) => {
    const sum = tf.add(
      tf.add(tf.matMul(x, weight('kernel')), tf.matMul(h, weight('recurrent'))),
      weight('bias'),
    );
    const [i, f, value, o] = tf.split(sum, 4, 1) as [Tensor, Tensor, Tensor, Tensor];
    const memory = tf.add(tf.mul(tf.sigmoid(f), c as Tensor), tf.mul(tf.sigmoid(i), tf.tanh(value)));
    const output = tf.mul(tf.sigmoid(o), tf.tanh(memory));
    return [output, [output, memory]];
  },
};

/** A simple cell as a class. */
class Simple implements RnnCell {
  constructor(readonly stateSize: number) {}
  build(
    [, features]: readonly (number | null)[],
    addWeight: Parameters<NonNullable<RnnCell['build']>>[1],
  ): void {
    addWeight('kernel', [features ?? 0, this.stateSize]);
    addWeight('recurrent', [this.stateSize, this.stateSize]);
    addWeight('bias', [this.stateSize], { initializer: 'zeros' });
    addWeight('unused', [1]);
  }
  call(...[x, [h], { weight }]: Parameters<RnnCell['call']>): ReturnType<RnnCell['call']> {
    const sum = tf.add(tf.matMul(x, weight('kernel')), tf.matMul(h, weight('recurrent')));
    const output = tf.tanh(tf.add(sum, weight('bias')));
    return [output, [output]];
  }
}

/** A cell of tfjs's kind. */
class TfjsSimple extends tf.layers.Layer {
  static readonly className = 'TfjsSimple';
  readonly stateSize = UNITS;
  private parts: LayerVariable[] = [];
  override build(inputShape: (number | null)[]): void {
    const shapes = { kernel: [inputShape.at(-1) ?? 0, UNITS], recurrent: [UNITS, UNITS], bias: [UNITS] };
    this.parts = Object.entries(shapes).map(([name, shape]) =>
      this.addWeight(name, shape, 'float32', tf.initializers.glorotUniform({})),
    );
    super.build(inputShape);
  }
  override call(inputs: Tensor | Tensor[]): Tensor[] {
    const [x, h] = inputs as [Tensor, Tensor];
    const [kernel, recurrent, bias] = this.parts.map((part) => part.read()) as [Tensor, Tensor, Tensor];
    const output = tf.tanh(tf.add(tf.add(tf.matMul(x, kernel), tf.matMul(h, recurrent)), bias));
    return [output, output];
  }
}

const model = (step: LayerStep): SequentialModel =>
  pipe(kerasModelSequential({ inputShape: [STEPS, FEATURES] }), layerMasking({ maskValue: 9 }), step);

const x = maskedWaves([ROWS, STEPS, FEATURES], [0, 3, 4], 9);

const pairs: [string, () => LayerStep, () => LayerStep, number][] = [
  ['an object', () => layerRnn({ cell: lstm }), () => layerLstm({ units: UNITS, biasRegularizer: 'l2' }), 3],
  [
    'an object, with sequences backwards',
    () => layerRnn({ cell: lstm, returnSequences: true, goBackwards: true }),
    () => layerLstm({ units: UNITS, returnSequences: true, goBackwards: true, biasRegularizer: 'l2' }),
    3,
  ],
  ['a class', () => layerRnn({ cell: new Simple(UNITS) }), () => layerSimpleRnn({ units: UNITS }), 3],
  [
    'a cell of tfjs’s kind',
    () => layerRnn({ cell: new TfjsSimple({}) }),
    () => layerSimpleRnn({ units: UNITS }),
    3,
  ],
  [
    'a cell of tfjs’s own',
    () => layerRnn({ cell: tf.layers.gruCell({ units: UNITS, recurrentActivation: 'sigmoid' }) }),
    () => layerGru({ units: UNITS, resetAfter: false }),
    3,
  ],
];

describe.each(pairs)('%s', (_, own, known, count) => {
  test('computes as the library’s cell', () => {
    const [ours, theirs] = [model(own()), model(known())];
    setWeights(ours, [...getWeights(theirs), ...getWeights(ours).slice(count)]);
    expect(distance(predictOnBatch(ours, x), predictOnBatch(theirs, x))).toBeLessThan(1e-6);
  });

  test.each(['eager', 'compiled'] as const)('trains as the library’s cell, %s', async (engine) => {
    setRandomSeed(1);
    const [ours, theirs] = [model(own()), model(known())];
    setWeights(ours, [...getWeights(theirs), ...getWeights(ours).slice(count)]);
    const y = waves([ROWS, ...(theirs.tf.outputs[0]?.shape.slice(1) as number[])], 0.2);
    for (const one of [ours, theirs]) {
      compile(one, { optimizer: 'sgd', loss: 'mse' });
      const history = await fit(one, x, y, { epochs: 2, batchSize: 3, shuffle: false, verbose: 0, engine });
      expect(history.params.engine).toBe(engine);
    }
    getWeights(theirs).forEach((weight, index) =>
      expect(distance(getWeights(ours)[index] as Tensor, weight)).toBeLessThan(1e-6),
    );
    expect(evaluate(ours, x, y, { verbose: 0 })).toEqual(expect.anything());
  });
});

test('how long a trace takes does not depend on the number of steps: it is one loop', async () => {
  const operations = async (steps: number): Promise<number> => {
    const long = pipe(kerasModelSequential({ inputShape: [steps, 1] }), layerRnn({ cell: lstm }));
    compile(long, { optimizer: 'sgd', loss: 'mse' });
    let calls = 0;
    const counted: RnnCell = { ...lstm, call: (...args) => (calls++, lstm.call(...args)) };
    const counting = pipe(kerasModelSequential({ inputShape: [steps, 1] }), layerRnn({ cell: counted }));
    compile(counting, { optimizer: 'sgd', loss: 'mse' });
    await fit(counting, tf.ones([4, steps, 1]), tf.ones([4, UNITS]), {
      epochs: 2,
      verbose: 0,
      engine: 'compiled',
    });
    return calls;
  };
  const [few, many] = [await operations(5), await operations(200)];
  expect(few).toBeGreaterThan(0);
  expect(many).toBe(few);
});

test('a cell may put out something else than its state', () => {
  const cell: RnnCell = {
    stateSize: 2,
    outputSize: 3,
    call: (x_, [h]) => [tf.concat([h, tf.sum(x_, 1, true)], 1), [tf.add(h, 1)]],
  };
  const counting = pipe(
    kerasModelSequential({ inputShape: [3, 2] }),
    layerRnn({ cell, returnSequences: true }),
  );
  const output = predictOnBatch(counting, [[[1, 2], [3, 4], [5, 6]]]).arraySync(); // prettier-ignore
  expect(output).toEqual([[[0, 0, 3], [1, 1, 7], [2, 2, 11]]]); // prettier-ignore
  const input = layerInput({ shape: [3, 2] });
  const [last, state] = layerRnn(input, { cell, returnState: true });
  expect([last.shape, state.shape]).toEqual([[null, 3], [null, 2]]); // prettier-ignore
});

test('each layer has weights of its own, and a stack those of its cells', () => {
  const cell = layerLstmCell({ units: 2 });
  const stack = layerStackedRnnCells([cell, cell, lstm]);
  const twice = pipe(
    kerasModelSequential({ inputShape: [3, 1] }),
    layerRnn({ cell: stack, returnSequences: true }),
    layerRnn({ cell: stack }),
  );
  expect(twice.tf.weights).toHaveLength(18);
  expect(new Set(twice.tf.weights.map(({ name }) => name)).size).toBe(18);
  expect(twice.tf.weights[0]?.originalName).toBe('rnn/lstm_cell/kernel');
  expect(twice.tf.weights[3]?.originalName).toBe('rnn/lstm_cell_1/kernel');
});

test('stateful: a stack of cells goes on where the batch before ended', () => {
  const cells = [layerLstmCell({ units: 2 }), lstm];
  const make = (steps: number, stateful: boolean) =>
    pipe(kerasModelSequential(), layerRnn({ cell: cells, stateful, batchInputShape: [2, steps, 1] }));
  const [long, short] = [make(6, false), make(3, true)];
  setWeights(short, getWeights(long));
  const all = waves([2, 6, 1], 0.3);
  const [first, second] = tf.split(all, 2, 1) as [Tensor, Tensor];
  predictOnBatch(short, first);
  expect(distance(predictOnBatch(short, second), predictOnBatch(long, all))).toBeLessThan(1e-6);
});

describe('mistakes', () => {
  const apply = (cell: unknown) => () =>
    predictOnBatch(pipe(kerasModelSequential({ inputShape: [3, 1] }), layerRnn({ cell: cell as RnnCell })), [
      [[1], [2], [3]],
    ]);
  test.each<[string, () => unknown, string]>([
    ['no cell', apply(undefined), 'layerRnn: the option `cell` is required.'],
    ['a layer that is no cell', apply(tf.layers.dense({ units: 2 })), 'layerRnn: `cell` must be a cell.'],
    ['a cell without a size', apply({ call: () => [] }), 'layerRnn: `cell` must be a cell.'],
    ['an empty stack', () => layerStackedRnnCells([]), 'layerStackedRnnCells: `cells` must be an array of one or more cells.'], // prettier-ignore
    ['something else in a stack', () => layerStackedRnnCells([lstm, 3 as never]), 'layerStackedRnnCells: `cells[1]` must be a cell.'], // prettier-ignore
    ['a cell that gives a tensor alone', apply({ stateSize: 1, call: (x_: Tensor) => x_ }), '`call` of the cell must give an array of the output and an array of the states after the step.'], // prettier-ignore
    ['a cell that gives too many states', apply({ stateSize: 1, call: (x_: Tensor) => [x_, [x_, x_]] }), '`call` of the cell must give 1 state, as `stateSize` says.'], // prettier-ignore
    ['a weight that is not there', apply({ ...lstm, build: undefined }), '`name` must be the name of a weight that `build` of the cell has added.'], // prettier-ignore
    ['a rate of 1', () => layerLstmCell({ units: 2, dropout: 1 }), 'layerLstmCell: `dropout` must be'],
    ['too many arguments', () => layerLstmCell({ units: 2 }, ...([3] as unknown as [])), 'layerLstmCell() takes one argument'], // prettier-ignore
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});

describe('states and steps that are matrices', () => {
  const [rows, columns] = [3, 2];
  /** `S' = S / 2 + x · W`, where x has a row for each row of the state. */
  const matrix: RnnCell = {
    stateSize: [[rows, columns], columns],
    build: ([, , features], addWeight) => addWeight('kernel', [features ?? 0, columns]),
    call: (input, [state, count], { weight }) => {
      const product = tf.reshape(tf.matMul(tf.reshape(input, [-1, FEATURES]), weight('kernel')), state.shape);
      const next = tf.add(tf.div(state, 2), product);
      return [next, [next, tf.add(count as Tensor, 1)]];
    },
  };
  /** The same as a layer. */
  class Matrix extends KerasLayer {
    readonly stateSize = [[rows, columns], columns];
    declare kernel: tf.Variable;
    override build(inputShape: (number | null)[]): void {
      this.kernel = this.addWeight({ name: 'kernel', shape: [inputShape.at(-1) ?? 0, columns] });
    }
    override call(inputs: Tensor[]): Tensor[] {
      const [input, state, count] = inputs as [Tensor, Tensor, Tensor];
      const product = tf.reshape(tf.matMul(tf.reshape(input, [-1, FEATURES]), this.kernel), state.shape);
      const next = tf.add(tf.div(state, 2), product);
      return [next, next, tf.add(count, 1)];
    }
  }
  const sources: [string, () => CellSource][] = [
    ['an object', () => matrix],
    ['a layer', () => new Matrix({})],
  ];
  const data = waves([4, STEPS, rows, FEATURES], 0.3);

  test.each(sources)('%s computes what its steps say', (_, cell) => {
    const input = layerInput({ shape: [STEPS, rows, FEATURES] });
    const [output, state, count] = layerRnn(input, {
      cell: cell(),
      returnState: true,
      returnSequences: true,
    });
    const one = kerasModel(input, [output, state, count as SymbolicTensor]);
    expect(outputShape(one)).toEqual([[null, STEPS, rows, columns], [null, rows, columns], [null, columns]]); // prettier-ignore
    const [all, last, counted] = predictOnBatch(one, data);
    const kernel = getWeights(one)[0] as Tensor;
    let expected: Tensor = tf.zeros([4, rows, columns]);
    for (let step = 0; step < STEPS; step++) {
      const slice = tf.reshape(data.slice([0, step, 0, 0], [4, 1, rows, FEATURES]), [-1, FEATURES]);
      expected = tf.add(tf.div(expected, 2), tf.reshape(tf.matMul(slice, kernel), expected.shape));
    }
    expect(distance(last, expected)).toBeLessThan(1e-6);
    expect(distance(all.slice([0, STEPS - 1, 0, 0], [4, 1, rows, columns]), expected)).toBeLessThan(1e-6);
    expect(distance(counted, Array<number>(4 * columns).fill(STEPS))).toBe(0);
  });

  test.each(sources)('%s trains alike in both engines', async (_, cell) => {
    const trained = async (engine: 'eager' | 'compiled'): Promise<Tensor> => {
      setRandomSeed(3);
      const one = pipe(
        kerasModelSequential({ inputShape: [STEPS, rows, FEATURES] }),
        layerRnn({ cell: cell() }),
      );
      compile(one, { optimizer: 'sgd', loss: 'mse' });
      const y = waves([4, rows, columns], 0.2);
      const options = { epochs: 3, batchSize: 2, shuffle: false, verbose: 0, engine } as const;
      expect((await fit(one, data, y, options)).params.engine).toBe(engine);
      return getWeights(one)[0] as Tensor;
    };
    expect(distance(await trained('compiled'), await trained('eager'))).toBeLessThan(1e-6);
  });

  test('of the library’s cells they are refused, and so are sizes that are none', () => {
    const input = layerInput({ shape: [STEPS, rows, FEATURES] });
    expect(() => layerRnn(input, { cell: layerLstmCell({ units: 2 }) })).toThrow(
      /needs input of 3 dimensions, the batch axis included/,
    );
    expect(() => layerRnn(layerInput({ shape: [3] }), { cell: matrix })).toThrow(
      /needs input of at least 3 dimensions/,
    );
    for (const stateSize of [[], [[]], [[2, 0]], [2, -1], 1.5, ['2']])
      expect(() => layerRnn({ cell: { ...matrix, stateSize: stateSize as number } })).toThrow(
        /`cell` must be a cell/,
      );
  });
});
