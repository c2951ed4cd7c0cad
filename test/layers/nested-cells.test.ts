/** Cells that take several arrays in a step, and put out several: Keras's numbers, of test/reference/nested_rnn.py. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  cloneModel,
  compile,
  createLayerWrapper,
  fit,
  getWeights,
  kerasModel,
  kerasModelSequential,
  KerasLayer,
  layerInput,
  layerLstmCell,
  layerMasking,
  layerRnn,
  loadModel,
  modelFromJson,
  modelToJson,
  optimizerSgd,
  predict,
  predictOnBatch,
  saveModel,
  setWeights,
  tf,
  trainOnBatch,
  withCustomObjectScope,
  type KerasModel,
  type NestedRnnCell,
  type NestedRnnOptions,
  type Tensor,
} from '../../src/index';
import { distance } from './support';

type Nested = number | readonly Nested[];

/** What test/reference/nested_rnn.py prints. */
interface Reference {
  readonly name: string;
  readonly options: Pick<NestedRnnOptions, 'returnSequences' | 'returnState' | 'goBackwards'>;
  readonly isMasked: boolean;
  readonly hasStates: boolean;
  readonly weights: readonly Nested[];
  readonly x: readonly Nested[];
  readonly y: readonly Nested[];
  readonly predicted: readonly Nested[];
  readonly losses: readonly number[];
  readonly trained: readonly Nested[];
}

const cases = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/nested_rnn.json'), 'utf8'),
) as readonly Reference[]; // as its program prints it

const [STEPS, I1, I2, I3, U1, U2, U3] = [5, 3, 2, 2, 4, 2, 3];
const SIZES = [U1, [U2, U3]] as const;
const tensors = (values: readonly Nested[]): Tensor[] => values.map((value) => tf.tensor(value as number[]));
const flat = (value: Nested): number[] => (typeof value === 'number' ? [value] : value.flatMap(flat));

type Pair = [Tensor, Tensor];

/** One step: the outputs, and the states after it. */
const step = ([a, b]: Pair, [s, t]: Pair, [kernel, tensor]: Pair): readonly [Pair, Pair] => {
  const first = tf.tanh(tf.add(tf.matMul(a, kernel), tf.mul(s, 0.5)));
  const product = tf.matMul(tf.reshape(b, [-1, I2 * I3]), tf.reshape(tensor, [I2 * I3, U2 * U3]));
  const second = tf.tanh(tf.add(tf.reshape(product, [-1, U2, U3]), tf.mul(t, 0.5)));
  const after: Pair = [
    tf.add(s, tf.mul(first, tf.reshape(tf.mean(second, [1, 2]), [-1, 1]))),
    tf.add(t, tf.mul(second, tf.reshape(tf.mean(first, 1), [-1, 1, 1]))),
  ];
  return [[first, second], after];
};

const asObject: NestedRnnCell = {
  stateSize: SIZES,
  outputSize: SIZES,
  build: ([ofA, ofB], addWeight) => {
    expect(ofA?.slice(1)).toEqual([I1]);
    expect(ofB?.slice(1)).toEqual([I2, I3]);
    addWeight('kernel', [I1, U1]);
    addWeight('tensor', [I2, I3, U2, U3]);
  },
  call: (inputs, states, { weight }) =>
    step(inputs as unknown as Pair, states as unknown as Pair, [weight('kernel'), weight('tensor')]), // two of each
};

class NestedCell extends KerasLayer {
  readonly stateSize = SIZES;
  readonly outputSize = SIZES;
  declare kernel: tf.Variable;
  declare tensor: tf.Variable;
  override build() {
    this.kernel = this.addWeight({ name: 'kernel', shape: [I1, U1] });
    this.tensor = this.addWeight({ name: 'tensor', shape: [I2, I3, U2, U3] });
  }
  override call(inputs: Tensor[]) {
    const [a, b, s, t] = inputs as [Tensor, Tensor, Tensor, Tensor];
    return step([a, b], [s, t], [this.kernel, this.tensor]).flat();
  }
}
const layerNestedCell = createLayerWrapper(NestedCell);

const makers: [string, () => NestedRnnOptions['cell']][] = [
  ['an object', () => asObject],
  ['a layer class of one’s own', () => layerNestedCell()],
];

describe.each(cases.map((one) => [one.name, one] as const))('%s', (_, reference) => {
  const { options, isMasked, hasStates, weights, x, y, predicted, losses, trained } = reference;
  const make = (cell: NestedRnnOptions['cell']): KerasModel<Tensor[]> => {
    const a = layerInput({ shape: [STEPS, I1], name: 'a' });
    const b = layerInput({ shape: [STEPS, I2, I3], name: 'b' });
    const states = hasStates
      ? [layerInput({ shape: U1, name: 's' }), layerInput({ shape: [U2, U3], name: 't' })]
      : [];
    const initial = hasStates ? { initialState: states } : {};
    const outputs = layerRnn([isMasked ? layerMasking(a, { maskValue: 9 }) : a, b], {
      cell,
      ...options,
      ...initial,
    });
    const model = kerasModel([a, b, ...states], outputs) as KerasModel<Tensor[]>; // of several outputs
    setWeights(model, tensors(weights));
    return model;
  };
  const isAsPredicted = (model: KerasModel<Tensor[]>): void => {
    const outputs = [predictOnBatch(model, tensors(x))].flat();
    expect(outputs).toHaveLength(predicted.length);
    outputs.forEach((output, index) =>
      expect(distance(output, flat(predicted[index] ?? []))).toBeLessThan(1e-5),
    );
  };
  const compiled = (model: KerasModel<Tensor[]>): KerasModel<Tensor[]> =>
    compile(model, { optimizer: optimizerSgd({ learningRate: 0.125 }), loss: 'mse' });
  const isTrained = (model: KerasModel<Tensor[]>): void =>
    getWeights(model).forEach((weight, index) =>
      expect(distance(weight, flat(trained[index] ?? []))).toBeLessThan(1e-5),
    );

  test.each(makers)('%s computes and trains as in Keras', (_how, cell) => {
    const model = make(cell());
    isAsPredicted(model);
    compiled(model);
    for (const loss of losses) expect(trainOnBatch(model, tensors(x), tensors(y)).loss).toBeCloseTo(loss, 5);
    isTrained(model);
    model.dispose();
  });

  test.each(['eager', 'compiled'] as const)('fits as in Keras, %s', async (engine) => {
    const model = compiled(make(asObject));
    const { metrics, params } = await fit(model, tensors(x), tensors(y), {
      ...{ epochs: losses.length, batchSize: 4, verbose: 0, shuffle: false, engine },
    });
    expect(params.engine).toBe(engine);
    losses.forEach((loss, epoch) => expect(metrics.loss[epoch]).toBeCloseTo(loss, 5));
    isTrained(model);
    model.dispose();
  });

  test('comes back out of its configuration, and as a copy', () => {
    withCustomObjectScope({ NestedCell }, () => {
      const model = make(layerNestedCell());
      for (const copy of [modelFromJson(modelToJson(model)), cloneModel(model)]) {
        setWeights(copy, tensors(weights));
        isAsPredicted(copy as KerasModel<Tensor[]>);
      }
    });
  });
});

describe('files', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-nested-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(['model.keras', 'model.h5'])('%s', async (name) => {
    const [a, b] = [layerInput({ shape: [STEPS, I1] }), layerInput({ shape: [STEPS, I2, I3] })];
    const model = kerasModel([a, b], layerRnn([a, b], { cell: layerNestedCell(), returnState: true }));
    const file = path.join(folder, name);
    await saveModel(model, file);
    const again = await loadModel(file, { customObjects: { NestedCell } });
    const x = [tf.randomNormal([2, STEPS, I1]), tf.randomNormal([2, STEPS, I2, I3])];
    const [before, after] = [await predict(model, x), await predict(again, x)].map(
      (one) => [one].flat() as Tensor[],
    );
    expect(after).toHaveLength(4);
    before?.forEach((output, index) => expect(distance(output, after?.[index] as Tensor)).toBeLessThan(1e-6));
  });
});

test('mistakes', () => {
  const [a, b] = [layerInput({ shape: [STEPS, I1] }), layerInput({ shape: [STEPS, I2, I3] })];
  const shorter = layerInput({ shape: [STEPS - 1, I2, I3] });
  expect(() => layerRnn([a, b], { cell: layerLstmCell({ units: 2 }) })).toThrow(
    /^layerRnn: the cell of layer 'rnn' must take several arrays in a step, since the layer takes 2 sequences\. Received: a cell that takes one\./,
  );
  expect(() => layerRnn([a, shorter], { cell: asObject })).toThrow(
    /^layerRnn: a list of sequences must be of as many steps each, \[batch, steps, …\]\. Received: \[null, 5, 3\] and \[null, 4, 2, 2\]\./,
  );
  const twoOutputs: NestedRnnCell = { ...asObject, call: (inputs, states) => [inputs[0] as Tensor, states] };
  const model = kerasModel([a, b], layerRnn([a, b], { cell: twoOutputs }));
  expect(() => predictOnBatch(model, [tf.ones([1, STEPS, I1]), tf.ones([1, STEPS, I2, I3])])).toThrow(
    /`call` of the cell must give an array of an array of the 2 outputs and an array of the states/,
  );
  const single = { stateSize: 3, outputSize: [3, [2]], call: () => [tf.ones([1]), [tf.ones([1])]] } as never;
  expect(() => layerRnn(a, { cell: single })).toThrow(
    /^layerRnn: a layer whose cell has several outputs must be applied to a list of sequences\. Received: a cell with 2 outputs, and one tensor\. Write const \[a, b\] = layerRnn\(\[tensor\]/,
  );
  expect(() => layerRnn(kerasModelSequential({ inputShape: [STEPS, I1] }), { cell: single })).toThrow(
    /layerRnn: /,
  );
  expect(() => layerRnn([] as never, { cell: asObject })).toThrow(/^layerRnn: a layer is added to/);
});
