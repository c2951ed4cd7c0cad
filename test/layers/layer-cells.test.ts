/** Layer classes of one's own as cells of recurrent layers. */
import {
  bidirectional,
  cloneModel,
  compile,
  countParams,
  createLayerWrapper,
  fit,
  getConfig,
  getWeights,
  kerasModelSequential,
  KerasLayer,
  layerDense,
  layerLstmCell,
  layerMasking,
  layerRnn,
  layerSimpleRnn,
  loadModelHdf5,
  modelFromJson,
  modelToJson,
  newLayerClass,
  pipe,
  predictOnBatch,
  saveModelHdf5,
  setWeights,
  tf,
  type CallArguments,
  type CellSource,
  type KerasModel,
  type LayerStep,
  type RnnCell,
  type Tensor,
} from '../../src/index';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { distance, maskedWaves, waves } from './support';

const [ROWS, STEPS, FEATURES, UNITS] = [6, 5, 3, 2];

/** A simple cell, whose weights are its own. */
class Minimal extends KerasLayer<{ units: number }> {
  readonly stateSize = this.options.units;
  declare kernel: tf.Variable;
  declare recurrent: tf.Variable;
  declare bias: tf.Variable;
  override build(inputShape: (number | null)[]) {
    const { units } = this.options;
    this.kernel = this.addWeight({ name: 'kernel', shape: [inputShape.at(-1) ?? 0, units] });
    this.recurrent = this.addWeight({ name: 'recurrent', shape: [units, units] });
    this.bias = this.addWeight({ name: 'bias', shape: units, initializer: 'zeros' });
  }
  override call(inputs: Tensor[]) {
    const [x, h] = inputs as [Tensor, Tensor];
    const sum = tf.add(tf.matMul(x, this.kernel), tf.matMul(h, this.recurrent));
    const output = tf.tanh(tf.add(sum, this.bias));
    return [output, output];
  }
}
const layerMinimal = createLayerWrapper(Minimal);

/** The same of layers inside it. */
class Composed extends KerasLayer<{ units: number }> {
  readonly stateSize = this.options.units;
  onInput = this.addLayer(layerDense({ units: this.options.units, useBias: false }));
  onState = this.addLayer(layerDense({ units: this.options.units }));
  override call(inputs: Tensor[]) {
    const [x, h] = inputs as [Tensor, Tensor];
    const output = tf.tanh(tf.add(this.onInput(x), this.onState(h)));
    return [output, output];
  }
}

/** The same of methods. */
const layerOfMethods = newLayerClass({
  classname: 'OfMethods',
  initialize: ({ units }: { units: number }) => ({ stateSize: units }),
  build(inputShape) {
    const units = this.stateSize;
    return {
      kernel: this.addWeight({ name: 'kernel', shape: [inputShape.at(-1) ?? 0, units] }),
      recurrent: this.addWeight({ name: 'recurrent', shape: [units, units] }),
      bias: this.addWeight({ name: 'bias', shape: units, initializer: 'zeros' }),
    };
  },
  call(inputs: Tensor[]): Tensor[] {
    const [x, h] = inputs as [Tensor, Tensor];
    const sum = tf.add(tf.matMul(x, this.kernel), tf.matMul(h, this.recurrent));
    const output = tf.tanh(tf.add(sum, this.bias));
    return [output, output];
  },
});

const model = (step: LayerStep): KerasModel =>
  pipe(kerasModelSequential({ inputShape: [STEPS, FEATURES] }), layerMasking({ maskValue: 9 }), step);
const x = maskedWaves([ROWS, STEPS, FEATURES], [0, 3, 4], 9);

const cells: [string, () => CellSource][] = [
  ['an instance of a class', () => new Minimal({ units: UNITS })],
  ['the function of a class', () => layerMinimal({ units: UNITS })],
  ['a class with layers inside', () => new Composed({ units: UNITS })],
  ['a class of methods', () => layerOfMethods({ units: UNITS })],
];

describe.each(cells)('%s', (_, cell) => {
  test('computes as the library’s cell', () => {
    const [ours, theirs] = [model(layerRnn({ cell: cell() })), model(layerSimpleRnn({ units: UNITS }))];
    setWeights(ours, getWeights(theirs));
    expect(countParams(ours)).toBe(FEATURES * UNITS + UNITS * UNITS + UNITS);
    expect(distance(predictOnBatch(ours, x), predictOnBatch(theirs, x))).toBeLessThan(1e-6);
  });

  test.each(['eager', 'compiled'] as const)('trains as the library’s cell, %s', async (engine) => {
    const [ours, theirs] = [
      model(layerRnn({ cell: cell(), returnSequences: true })),
      model(layerSimpleRnn({ units: UNITS, returnSequences: true })),
    ];
    setWeights(ours, getWeights(theirs));
    const y = waves([ROWS, STEPS, UNITS], 0.2);
    for (const one of [ours, theirs]) {
      compile(one, { optimizer: 'sgd', loss: 'mse' });
      const history = await fit(one, x, y, { epochs: 3, batchSize: 3, shuffle: false, verbose: 0, engine });
      expect(history.params.engine).toBe(engine);
    }
    getWeights(theirs).forEach((weight, index) =>
      expect(distance(getWeights(ours)[index] as Tensor, weight)).toBeLessThan(1e-6),
    );
  });
});

test('in a stack, both ways, and with dropout’s flag in training', async () => {
  class Noting extends Minimal {
    static readonly seen = new Set<boolean>();
    override call(inputs: Tensor[], options?: Partial<CallArguments>) {
      Noting.seen.add(options?.training ?? false);
      return super.call(inputs);
    }
  }
  const ours = model(
    bidirectional(layerRnn({ cell: [layerLstmCell({ units: 3 }), new Noting({ units: UNITS })] })),
  );
  compile(ours, { optimizer: 'sgd', loss: 'mse' });
  const y = waves([ROWS, 2 * UNITS], 0.2);
  const { metrics } = await fit(ours, x, y, { epochs: 4, verbose: 0, engine: 'compiled' });
  expect(metrics.loss.at(-1)).toBeLessThan(metrics.loss[0] as number);
  expect(Noting.seen).toEqual(new Set([true, false]));
});

describe('configurations', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cells-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A cell that is no layer, whose configuration is its fields. */
  class Plain implements RnnCell {
    readonly stateSize: number;
    constructor({ stateSize }: { stateSize: number }) {
      this.stateSize = stateSize;
    }
    build(
      [, features]: readonly (number | null)[],
      addWeight: Parameters<NonNullable<RnnCell['build']>>[1],
    ): void {
      addWeight('kernel', [features ?? 0, this.stateSize]);
    }
    call(...[input, [h], { weight }]: Parameters<RnnCell['call']>): ReturnType<RnnCell['call']> {
      const output = tf.add(h, tf.tanh(tf.matMul(input, weight('kernel'))));
      return [output, [output]];
    }
  }
  const literal: RnnCell = {
    stateSize: UNITS,
    build: ([, features], addWeight) => addWeight('kernel', [features ?? 0, UNITS]),
    call: (input, [h], { weight }) => {
      const output = tf.add(h, tf.tanh(tf.matMul(input, weight('kernel'))));
      return [output, [output]];
    },
  };

  test.each<[string, () => CellSource | readonly CellSource[], Record<string, unknown>, unknown]>([
    [
      'a layer class',
      () => new Minimal({ units: UNITS }),
      { Minimal },
      { class_name: 'Minimal', registered_name: 'Minimal', config: { units: UNITS } },
    ],
    ['a class of methods', () => layerOfMethods({ units: UNITS }), {}, { class_name: 'OfMethods' }],
    [
      'a cell that is no layer',
      () => new Plain({ stateSize: UNITS }),
      { Plain },
      { class_name: 'Plain', registered_name: 'Plain', config: { stateSize: UNITS } },
    ],
    [
      'a stack',
      () => [layerLstmCell({ units: 3 }), new Minimal({ units: UNITS })],
      { Minimal },
      {
        class_name: 'StackedRNNCells',
        config: { cells: [{ class_name: 'LSTMCell' }, { class_name: 'Minimal' }] },
      },
    ],
  ])('%s is read back', async (_, cell, customObjects, expected) => {
    // prettier-ignore
    const ours = model(layerRnn({ cell: cell() as CellSource }));
    const before = predictOnBatch(ours, x);
    const objects = customObjects as Record<string, new () => object>;
    expect(getConfig(ours)['layers']).toMatchObject([{}, {}, { config: { cell: expected } }]);
    const read = modelFromJson(modelToJson(ours), { customObjects: objects });
    setWeights(read, getWeights(ours));
    expect(distance(predictOnBatch(read, x), before)).toBe(0);
    const file = path.join(folder, 'cell.h5');
    await saveModelHdf5(ours, file);
    expect(distance(predictOnBatch(await loadModelHdf5(file, { customObjects: objects }), x), before)).toBe(
      0,
    );
    const copy = cloneModel(ours);
    setWeights(copy, getWeights(ours));
    expect(distance(predictOnBatch(copy, x), before)).toBe(0);
  });

  test('an object without a class: of a function under the name of one, and in a copy', () => {
    const ours = model(layerRnn({ cell: literal }));
    const before = predictOnBatch(ours, x);
    const copy = cloneModel(ours);
    setWeights(copy, getWeights(ours));
    expect(distance(predictOnBatch(copy, x), before)).toBe(0);
    const read = modelFromJson(modelToJson(ours), { customObjects: { OwnCell: () => literal } });
    setWeights(read, getWeights(ours));
    expect(distance(predictOnBatch(read, x), before)).toBe(0);
    expect(() => modelFromJson(modelToJson(ours))).toThrow(/OwnCell|cell/);
  });

  test('without its class a cell is not made', () => {
    const json = modelToJson(model(layerRnn({ cell: new Plain({ stateSize: 2 }) })));
    expect(() => modelFromJson(json)).toThrow(/the class 'Plain'.*customObjects/);
  });
});

describe('errors', () => {
  const failing = (call: (inputs: Tensor[], layer: KerasLayer) => Tensor[]) => () => {
    class Failing extends KerasLayer {
      readonly stateSize = UNITS;
      override call(inputs: Tensor[]) {
        return call(inputs, this);
      }
    }
    const step = layerRnn({ cell: new Failing({}) });
    return predictOnBatch(
      pipe(kerasModelSequential({ inputShape: [STEPS, UNITS] }), step),
      tf.ones([2, STEPS, UNITS]),
    );
  };
  test.each<[string, () => unknown, RegExp]>([
    [
      'no states',
      failing(([input]) => [input as Tensor]),
      /must give the output and 1 state, as `stateSize` says\. Received: 0 states/,
    ],
    ['too many states', failing(([input, h]) => [input, h, h] as Tensor[]), /Received: 2 states/],
    [
      'a loss',
      failing(([input, h], layer) => {
        layer.addLoss(tf.scalar(1));
        return [input, h] as Tensor[];
      }),
      /the cell '.*' must only compute/,
    ],
    [
      'a metric',
      failing(([input, h], layer) => {
        layer.addMetric(tf.scalar(1), 'one');
        return [input, h] as Tensor[];
      }),
      /the cell '.*' must only compute/,
    ],
    [
      'a layer without a stateSize',
      () =>
        layerRnn({ cell: layerDense({ units: 2 }) as never })(kerasModelSequential({ inputShape: [2, 2] })),
      /cell/,
    ],
  ])('%s', (_, run, message) => {
    // prettier-ignore
    expect(run).toThrow(message);
  });
});
