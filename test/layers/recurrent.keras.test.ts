/** Recurrent layers with dropout masks and padding, as Keras computes them: see test/reference/recurrent.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  compile,
  fit,
  getLayer,
  kerasModelSequential,
  layerGru,
  layerLstm,
  layerSimpleRnn,
  pipe,
  setRandomSeed,
  tf,
  trainOnBatch,
  type GruOptions,
  type Layer,
  type LayerStep,
  type RecurrentOptions,
  type Tensor,
} from '../../src/index';
import { MaskSeeds } from '../../src/layers/internal/recurrence';
import { apply } from './support';

type Kind = 'rnn' | 'lstm' | 'gru' | 'gru, reset before';

/** What test/reference/recurrent.py prints. */
interface Reference {
  readonly x: number[][][];
  readonly padding: number[][];
  readonly dropped: readonly {
    readonly kind: Kind;
    readonly dropout: number;
    readonly recurrentDropout: number;
    readonly goBackwards: boolean;
    readonly mask: number[][] | null;
    readonly weights: (number[] | number[][])[];
    /** One mask for each gate. */
    readonly ofInputs: number[][][];
    readonly ofStates: number[][][];
    readonly output: number[][][];
    readonly gradients: (number[] | number[][])[];
  }[];
  readonly stateful: readonly {
    readonly kind: Kind;
    readonly weights: (number[] | number[][])[];
    readonly first: number[][][];
    readonly second: number[][][];
  }[];
}

const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/recurrent.json'), 'utf8'),
) as Reference; // as its program prints it

const kinds: Readonly<Record<Kind, (options: RecurrentOptions & GruOptions) => LayerStep>> = {
  rnn: ({ recurrentActivation: _a, resetAfter: _r, ...options }) => layerSimpleRnn(options),
  lstm: ({ resetAfter: _r, ...options }) => layerLstm(options),
  gru: layerGru,
  'gru, reset before': (options) => layerGru({ ...options, resetAfter: false }),
};

const layerOf = (kind: Kind, options: Partial<RecurrentOptions>): Layer =>
  getLayer(pipe(kerasModelSequential(), kinds[kind]({ units: 2, returnSequences: true, ...options })), {
    index: 0,
  });

const flat = (values: unknown): number[] => [values].flat(Infinity) as number[];
const expectClose = (actual: Tensor | undefined, expected: unknown): void => {
  const numbers = flat(expected);
  expect(actual?.size).toBe(numbers.length);
  actual?.dataSync().forEach((value, index) => expect(value).toBeCloseTo(numbers[index] ?? NaN, 5));
};

afterEach(() => {
  jest.restoreAllMocks();
});

const cases = reference.dropped.map((one) => {
  const { kind, dropout, mask, goBackwards } = one;
  const about = [kind, dropout > 0 ? 'inputs, too' : 'the state only', ...(mask === null ? [] : ['with padding']), ...(goBackwards ? ['backwards'] : [])].join(', '); // prettier-ignore
  return [about, one] as const;
});

test.each(cases)('dropout of %s', (_, one) => {
  const { kind, dropout, recurrentDropout, goBackwards } = one;
  const drawn = {
    inputs: jest.spyOn(MaskSeeds.prototype, 'inputs').mockImplementation(() =>
      tf.expandDims(
        tf.concat(
          one.ofInputs.map((mask) => tf.tensor2d(mask)),
          1,
        ),
        1,
      ),
    ),
    states: jest.spyOn(MaskSeeds.prototype, 'state').mockImplementation(() =>
      tf.concat(
        one.ofStates.map((mask) => tf.tensor2d(mask)),
        1,
      ),
    ),
  };
  const layer = layerOf(kind, { dropout, recurrentDropout, goBackwards, inputShape: [4, 3] });
  layer.setWeights(one.weights.map((weight) => tf.tensor(weight)));
  const options = {
    training: true,
    ...(one.mask === null ? {} : { mask: tf.tensor2d(one.mask, undefined, 'bool') }),
  };
  const x = tf.tensor3d(reference.x);
  expectClose(apply(layer, x, options), one.output);
  const gates = one.ofStates.length;
  expect(drawn.states).toHaveBeenCalledWith(2, 2, recurrentDropout, gates);
  if (dropout > 0) expect(drawn.inputs).toHaveBeenCalledWith(expect.anything(), dropout, gates);
  const variables = layer.trainableWeights.map((weight) => weight.read() as ReturnType<typeof tf.variable>);
  const { grads } = tf.variableGrads(() => tf.sum(tf.square(apply(layer, x, options))), variables);
  variables.forEach(({ name }, index) => expectClose(grads[name], one.gradients[index]));
});

describe('an untrained layer with recurrent dropout puts out bounded states', () => {
  const steps = 100;
  const bounded = (kind: Kind): void => {
    setRandomSeed(1);
    const layer = layerOf(kind, { units: 32, recurrentDropout: 0.5, inputShape: [steps, 8] });
    const output = apply(layer, tf.randomNormal([4, steps, 8], 0, 1, 'float32', 2), { training: true });
    // Each state is a mean of values of tanh, or their product with a gate.
    expect(Math.max(...output.dataSync().map(Math.abs))).toBeLessThanOrEqual(1);
  };
  test.each(Object.keys(kinds) as Kind[])('%s', bounded);

  test.each(['eager', 'compiled'] as const)('and its losses stay small in a fit, %s', async (engine) => {
    setRandomSeed(1);
    const model = pipe(
      kerasModelSequential(),
      layerGru({ units: 32, recurrentDropout: 0.5, inputShape: [steps, 2] }),
      compile({ loss: 'mse', optimizer: 'sgd' }),
    );
    const x = tf.randomNormal([8, steps, 2], 0, 1, 'float32', 2);
    const history = await fit(model, x, tf.zeros([8, 32]), { epochs: 2, batchSize: 4, verbose: 0, engine });
    for (const loss of history.metrics.loss) expect(loss).toBeLessThan(1);
  });
});

test('the masks are other ones for each gate, row and call, and the same in both engines', async () => {
  const run = async (engine: 'eager' | 'compiled') => {
    setRandomSeed(3);
    const model = pipe(
      kerasModelSequential(),
      layerGru({ units: 3, dropout: 0.3, recurrentDropout: 0.3, inputShape: [5, 2] }),
      compile({ loss: 'mse', optimizer: 'sgd' }),
    );
    const x = tf.randomNormal([6, 5, 2], 0, 1, 'float32', 2);
    return (await fit(model, x, tf.ones([6, 3]), { epochs: 3, batchSize: 4, verbose: 0, engine })).metrics
      .loss;
  };
  const [eager, compiled] = [await run('eager'), await run('compiled')];
  eager.forEach((loss, index) => expect(loss).toBeCloseTo(compiled[index] ?? NaN, 5));
  expect(new Set(eager).size).toBe(3);
  const masks = new MaskSeeds().state(50, 4, 0.5, 3);
  const [first, second, third] = tf.split(masks, 3, 1).map((mask) => [...mask.dataSync()].join()) as string[];
  expect(new Set([first, second, third]).size).toBe(3);
});

test.each(reference.stateful.map((one) => [one.kind, one] as const))(
  'stateful %s: before the first step that is there nothing is put out, and the state stays',
  (kind, { weights, first, second }) => {
    const layer = layerOf(kind, { stateful: true, batchInputShape: [2, 4, 3] } as Partial<RecurrentOptions>);
    layer.setWeights(weights.map((weight) => tf.tensor(weight)));
    const mask = () => tf.tensor2d(reference.padding, undefined, 'bool');
    expectClose(apply(layer, tf.tensor3d(reference.x), { mask: mask() }), first);
    expectClose(apply(layer, tf.tensor3d(reference.x), { mask: mask() }), second);
  },
);

test('a step of each kind with dropout of the state learns', () => {
  for (const kind of Object.keys(kinds) as Kind[]) {
    const model = pipe(
      kerasModelSequential(),
      kinds[kind]({ units: 2, recurrentDropout: 0.4, dropout: 0.2, inputShape: [4, 2] }),
      compile({ loss: 'mse', optimizer: 'sgd' }),
    );
    expect(trainOnBatch(model, tf.ones([2, 4, 2]), tf.ones([2, 2])).loss).toBeGreaterThan(0);
  }
});
