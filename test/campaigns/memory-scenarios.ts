import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerDense,
  pipe,
  predict,
  predictOnBatch,
  trainOnBatch,
  tf,
  type Engine,
  type KerasModel,
  type Tensor,
} from '../../src/index';

/** Whether what comes of a call is left to be found, or freed by hand. */
export type Style = 'forget' | 'dispose';

/** One call, or a few that belong together, as a program makes them. */
type Work = (index: number) => Promise<void> | undefined;

export interface Scenario {
  /** How often it is done: in a whole campaign, and in a quick one. */
  readonly cases: number;
  readonly quick: number;
  /** What one is. */
  readonly unit: string;
  prepare(style: Style): Work;
}

const FEATURES = 13;
const ROWS = 64;

const smallModel = (): KerasModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 32, activation: 'relu', inputShape: [FEATURES] }),
    layerDense({ units: 10, activation: 'softmax' }),
    compile({ optimizer: 'rmsprop', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] }),
  );

const numbers = Float32Array.from({ length: 4096 * FEATURES }, (_, at) => ((at * 7919) % 1000) / 1000);
const classes = Float32Array.from({ length: ROWS }, (_, at) => at % 10);

const rowsOf = (count: number, index = 0): Tensor => {
  const start = (index % 31) * FEATURES;
  return tf.tensor2d(numbers.subarray(start, start + count * FEATURES), [count, FEATURES]);
};

const free = (style: Style, ...tensors: readonly Tensor[]): void => {
  if (style === 'dispose') for (const tensor of tensors) tensor.dispose();
};

/** Predictions of a data set of one batch, whose result and input nobody frees. */
const predictions = (style: Style): Work => {
  const model = smallModel();
  return async (index) => {
    const x = rowsOf(ROWS, index);
    const output = await predict(model, x);
    free(style, x, output);
  };
};

/** Predictions in a loop that awaits nothing. */
const predictionsOnBatch = (style: Style): Work => {
  const model = smallModel();
  return (index) => {
    const x = rowsOf(ROWS, index);
    free(style, predictOnBatch(model, x), x);
    return undefined;
  };
};

const fits =
  (engine: Engine | 'auto', epochs = 1) =>
  (style: Style): Work => {
    const model = smallModel();
    return async (index) => {
      const [x, y] = [rowsOf(ROWS, index), tf.tensor1d(classes)];
      await fit(model, x, y, { epochs, verbose: 0, engine });
      free(style, x, y);
    };
  };

const evaluations = (style: Style): Work => {
  const model = smallModel();
  return async (index) => {
    const [x, y] = [rowsOf(ROWS, index), tf.tensor1d(classes)];
    await evaluate(model, x, y, { verbose: 0 });
    free(style, x, y);
  };
};

/** One fit after the other in which the epochs are many: what grows with them shows. */
const epochs = (style: Style): Work => fits('compiled', 10)(style);

/** Models that are made, trained, used and dropped. */
const models =
  (engine: Engine | 'auto') =>
  (style: Style): Work =>
  async (index) => {
    const model = smallModel();
    const [x, y] = [rowsOf(ROWS, index), tf.tensor1d(classes)];
    await fit(model, x, y, { verbose: 0, engine });
    free(style, x, y, await predict(model, x));
    if (style === 'dispose') model.dispose();
  };

const PIXELS = 784;
const BATCH = 128;

/** Batches prepared with operations of tf, each of which leaves a tensor behind, and trained on. */
const batches = (style: Style): Work => {
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 10, activation: 'softmax', inputShape: [PIXELS] }),
    compile({ optimizer: 'sgd', loss: 'categorical_crossentropy' }),
  );
  const images = Int32Array.from({ length: BATCH * PIXELS }, (_, at) => (at * 31) % 256);
  const labels = Int32Array.from({ length: BATCH }, (_, at) => at % 10);
  const work = (): void => {
    const raw = tf.tensor2d(images, [BATCH, PIXELS], 'int32');
    const scaled = tf.div(tf.cast(raw, 'float32'), 255);
    const { mean, variance } = tf.moments(scaled, 0);
    const x = tf.div(tf.sub(scaled, mean), tf.sqrt(tf.add(variance, 1e-3)));
    const y = tf.oneHot(tf.tensor1d(labels, 'int32'), 10);
    trainOnBatch(model, x, y);
  };
  return () => {
    if (style === 'dispose') tf.tidy(work);
    else work();
    return undefined;
  };
};

/** What the campaign does, by name. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  predictions: { cases: 100_000, quick: 3000, unit: 'predictions', prepare: predictions },
  'predictions on batch': { cases: 100_000, quick: 5000, unit: 'predictions', prepare: predictionsOnBatch },
  fits: { cases: 10_000, quick: 400, unit: 'fits', prepare: fits('auto') },
  'eager fits': { cases: 10_000, quick: 200, unit: 'fits', prepare: fits('eager') },
  'compiled fits': { cases: 10_000, quick: 400, unit: 'fits', prepare: fits('compiled') },
  epochs: { cases: 2000, quick: 100, unit: 'fits of 10 epochs', prepare: epochs },
  evaluations: { cases: 10_000, quick: 400, unit: 'evaluations', prepare: evaluations },
  models: { cases: 2000, quick: 100, unit: 'models', prepare: models('auto') },
  'eager models': { cases: 2000, quick: 50, unit: 'models', prepare: models('eager') },
  'compiled models': { cases: 500, quick: 30, unit: 'models', prepare: models('compiled') },
  batches: { cases: 10_000, quick: 300, unit: 'batches', prepare: batches },
};
