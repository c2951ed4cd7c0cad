/**
 * Small forms of the programs in examples/r, trained from given weights for some steps: losses, metrics and weights are Keras 2.13's, of
 * test/reference/r_programs.py.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  callModel,
  compile,
  compiledStep,
  createLayerWrapper,
  CustomModel,
  fit,
  getWeights,
  gradientsOf,
  kerasModel,
  kerasModelSequential,
  KerasLayer,
  layerAdd,
  layerAdditiveAttention,
  layerBatchNormalization,
  layerConcatenate,
  layerConv2d,
  layerDense,
  layerDot,
  layerEmbedding,
  layerFlatten,
  layerGlobalAveragePooling1d,
  layerGru,
  layerInput,
  layerLayerNormalization,
  layerLstm,
  layerModel,
  layerMultiHeadAttention,
  layerRepeatVector,
  layerReshape,
  layerUpsampling2d,
  lossBinaryCrossentropy,
  lossesOf,
  lossHuber,
  lossSparseCategoricalCrossentropy,
  metricAuc,
  optimizerAdam,
  optimizerRmsprop,
  optimizerSgd,
  pipe,
  predict,
  regularizerL2,
  resetStates,
  setWeights,
  tf,
  timeDistributed,
  type AnyModel,
  type StepData,
  type Tensor,
} from '../../src/index';
import { distance } from '../layers/support';

type Nested = number | readonly Nested[];
type Weights = readonly Nested[];
type History = Readonly<Record<string, readonly number[]>>;

/** What test/reference/r_programs.py prints. */
interface Reference {
  readonly adversaries: {
    readonly weights: readonly Weights[];
    readonly images: Nested;
    readonly digit: Nested;
    readonly noises: readonly Nested[];
    readonly losses: readonly (readonly number[])[];
    readonly trained: readonly Weights[];
  };
  readonly variational: { readonly weights: readonly Weights[]; readonly x: Nested; readonly history: History; readonly trained: readonly Weights[] };
  readonly siamese: { readonly weights: readonly Weights[]; readonly x: readonly Nested[]; readonly y: Nested; readonly history: History; readonly trained: readonly Weights[] };
  readonly stateful: { readonly weights: readonly Weights[]; readonly x: Nested; readonly y: Nested; readonly losses: readonly number[]; readonly predicted: Nested; readonly trained: readonly Weights[] };
  readonly translation: {
    readonly weights: readonly Weights[];
    readonly x: Nested;
    readonly shown: Nested;
    readonly target: Nested;
    readonly losses: readonly number[];
    readonly predicted: readonly Nested[];
    readonly trained: readonly Weights[];
  };
  readonly addition: { readonly weights: readonly Weights[]; readonly x: Nested; readonly y: Nested; readonly history: History; readonly predicted: Nested; readonly trained: readonly Weights[] };
  readonly transformer: Reference['addition'];
  readonly own_step: Omit<Reference['addition'], 'weights' | 'trained'> & { readonly weights: Weights; readonly trained: Weights };
} // prettier-ignore

const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/r_programs.json'), 'utf8'),
) as Reference; // as its program prints it

const tensor = (values: Nested): Tensor => tf.tensor(values as number[]); // a nested array
const flat = (values: Nested): number[] => (typeof values === 'number' ? [values] : values.flatMap(flat));

/** Half a dozen to a dozen steps of an optimizer, over which float32 rounding adds up: Adam's divides by roots of tiny numbers. */
const TOLERANCE = 1e-4;

const give = (models: readonly AnyModel[], weights: readonly Weights[]): void =>
  models.forEach((model, index) => setWeights(model, (weights[index] ?? []).map(tensor)));

const expectWeights = (models: readonly AnyModel[], trained: readonly Weights[]): void =>
  models.forEach((model, index) => {
    const own = getWeights(model);
    expect(own).toHaveLength(trained[index]?.length ?? 0);
    own.forEach((weight, place) =>
      expect(distance(weight, flat(trained[index]?.[place] ?? []))).toBeLessThan(TOLERANCE),
    );
  });

const expectNumbers = (own: readonly number[] | undefined, expected: readonly number[] | undefined): void => {
  expect(own).toHaveLength(expected?.length ?? 0);
  expected?.forEach((value, index) =>
    expect(Math.abs((own?.[index] ?? NaN) - value)).toBeLessThan(TOLERANCE),
  );
};

const expectHistory = (own: object, expected: History): void => {
  const metrics = own as Record<string, readonly number[]>; // of the names that Keras's has, too
  expect(Object.keys(metrics).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, values] of Object.entries(expected)) expectNumbers(metrics[name], values);
};

const engines = ['eager', 'compiled'] as const;
const quiet = { verbose: 0, shuffle: false } as const;

test.each(engines)('two adversaries, %s', (engine) => {
  const { weights, images, digit, noises, losses, trained } = reference.adversaries;
  const generator = pipe(
    kerasModelSequential({ inputShape: [3] }),
    layerDense({ units: 8, activation: 'relu' }),
    layerReshape({ targetShape: [2, 2, 2] }),
    layerUpsampling2d(),
    layerConv2d({ filters: 1, kernelSize: 3, padding: 'same', activation: 'sigmoid' }),
  );
  const image = layerInput({ shape: [4, 4, 1] });
  const features = pipe(
    image,
    layerConv2d({ filters: 3, kernelSize: 3, strides: 2, activation: (x: Tensor) => tf.leakyRelu(x, 0.2) }),
    layerFlatten(),
  );
  const discriminator = kerasModel(image, [
    layerDense(features, { units: 1 }),
    layerDense(features, { units: 2 }),
  ]);
  give([generator, discriminator], weights);
  const optimizer = () => optimizerAdam({ learningRate: 0.01, beta1: 0.5 });
  const [ofDiscriminator, ofGenerator] = [optimizer(), optimizer()];
  const judged = (x: Tensor, real: Tensor, labels: Tensor): Tensor => {
    const [isReal, classes] = callModel(discriminator, x, { training: true }) as [Tensor, Tensor];
    const ofReal = tf.mean(lossBinaryCrossentropy(real, isReal, { fromLogits: true }));
    return tf.add(ofReal, tf.mean(lossSparseCategoricalCrossentropy(labels, classes, { fromLogits: true })));
  };
  const step = compiledStep(
    (x: Tensor, labels: Tensor, noise: Tensor) => {
      const drawn = (): Tensor => callModel(generator, noise, { training: true });
      const real = tf.concat([tf.fill([6, 1], 0.95), tf.zeros([6, 1])]);
      const first = gradientsOf(
        () => judged(tf.concat([x, drawn()]), real, tf.concat([labels, labels])),
        discriminator,
      );
      ofDiscriminator.apply(first);
      const second = gradientsOf(() => judged(drawn(), tf.ones([6, 1]), labels), generator);
      ofGenerator.apply(second);
      return [first.loss, second.loss] as const;
    },
    { engine },
  );
  noises.forEach((noise, index) => {
    const made = step(tensor(images), tensor(digit), tensor(noise)).map((loss) => loss.arraySync() as number);
    expectNumbers(made, losses[index]);
  });
  expect(step.engine).toBe(engine);
  expectWeights([generator, discriminator], trained);
});

test.each(engines)('a variational autoencoder, %s', async (engine) => {
  const { weights, x, history, trained } = reference.variational;
  const network = (inputs: number, outputs: number, activation: 'linear' | 'sigmoid') =>
    pipe(
      kerasModelSequential({ inputShape: [inputs] }),
      layerDense({ units: 5, activation: 'relu' }),
      layerDense({ units: outputs, activation }),
    );
  const [encoder, decoder] = [network(6, 4, 'linear'), network(2, 6, 'sigmoid')];
  class Vae extends CustomModel {
    encode = this.addLayer(encoder);
    decode = this.addLayer(decoder);
    override call(inputs: Tensor) {
      const [mean] = tf.split(this.encode(tf.slice(inputs, [0, 0], [-1, 6])), 2, 1);
      return this.decode(mean as Tensor);
    }
    override trainStep({ x: all }: StepData) {
      const gradients = gradientsOf(() => {
        const [image, noise] = tf.split(all, [6, 2], 1) as [Tensor, Tensor];
        const [mean, logVariance] = tf.split(this.encode(image), 2, 1) as [Tensor, Tensor];
        const output = this.decode(tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise)));
        const repair = tf.mul(tf.mean(lossBinaryCrossentropy(image, output)), 6);
        const spread = tf.sub(tf.add(logVariance, 1), tf.add(tf.square(mean), tf.exp(logVariance)));
        const divergence = tf.mul(tf.mean(tf.sum(spread, 1)), -0.5);
        return { loss: tf.add(repair, divergence), repair, divergence };
      }, this);
      this.optimizer.apply(gradients);
      return gradients.values;
    }
  }
  const model = compile(new Vae(), { optimizer: optimizerAdam({ learningRate: 0.01 }), loss: null });
  give([encoder, decoder], weights);
  const fitted = await fit(model, tensor(x), null, { ...quiet, epochs: 6, batchSize: 8, engine });
  expect(fitted.params.engine).toBe(engine);
  expectHistory(fitted.metrics, history);
  expectWeights([encoder, decoder], trained);
});

test.each(engines)('siamese readers, %s', async (engine) => {
  const { weights, x, y, history, trained } = reference.siamese;
  const reader = pipe(
    kerasModelSequential({ inputShape: [5] }),
    layerEmbedding({ inputDim: 7, outputDim: 4, maskZero: true }),
    layerLstm({ units: 3 }),
  );
  const [left, right] = [layerInput({ shape: [5] }), layerInput({ shape: [5] })];
  const near = layerDot([layerModel(left, reader), layerModel(right, reader)], { axes: 1 });
  const model = pipe(
    kerasModel([left, right], layerDense(near, { units: 1, activation: 'sigmoid' })),
    compile({
      optimizer: optimizerAdam({ learningRate: 0.01 }),
      loss: 'binary_crossentropy',
      metrics: ['accuracy'],
    }),
  );
  give([model], weights);
  const data = [x.map(tensor), tensor(y)] as const;
  const fitted = await fit(model, ...data, {
    ...{ ...quiet, epochs: 4, batchSize: 4, engine },
    validationData: [...data],
  });
  expect(fitted.params.engine).toBe(engine);
  expectHistory(fitted.metrics, history);
  expectWeights([model], trained);
});

test.each(engines)('a layer that keeps its states, %s', async (engine) => {
  const { weights, x, y, losses, predicted, trained } = reference.stateful;
  const model = pipe(
    kerasModelSequential(),
    layerLstm({ units: 3, batchInputShape: [2, 1, 1], returnSequences: true, stateful: true }),
    layerLstm({ units: 2, stateful: true }),
    layerDense({ units: 1 }),
    compile({ optimizer: optimizerRmsprop({ learningRate: 0.01 }), loss: 'mse' }),
  );
  give([model], weights);
  const own: number[] = [];
  for (let epoch = 0; epoch < 3; epoch++) {
    const { metrics } = await fit(model, tensor(x), tensor(y), { ...quiet, epochs: 1, batchSize: 2, engine });
    own.push(...metrics.loss);
    resetStates(model);
  }
  expectNumbers(own, losses);
  expectWeights([model], trained);
  expect(distance(await predict(model, tensor(x), { batchSize: 2 }), flat(predicted))).toBeLessThan(
    TOLERANCE,
  );
});

test.each(engines)('an encoder and a decoder that looks at it, %s', (engine) => {
  const { weights, x, shown, target, losses, predicted, trained } = reference.translation;
  const [units, size, words, read] = [4, 3, 6, 5];
  const source = layerInput({ shape: [read] });
  const embedded = layerEmbedding(source, { inputDim: words, outputDim: size, maskZero: true });
  const encoder = kerasModel(source, [
    ...layerGru(embedded, { units, returnSequences: true, returnState: true }),
  ]);
  const seen = layerInput({ shape: [null] });
  const [memory, before] = [layerInput({ shape: [read, units] }), layerInput({ shape: [units] })];
  const [sequence, after] = pipe(
    seen,
    layerEmbedding({ inputDim: words, outputDim: size }),
    layerGru({ units, returnSequences: true, returnState: true, initialState: before }),
  );
  const [context, looks] = layerAdditiveAttention([sequence, memory], { returnAttentionScores: true });
  const next = pipe([sequence, context], layerConcatenate(), layerDense({ units: words }));
  const decoder = kerasModel([seen, memory, before], [next, after, looks]);
  give([encoder, decoder], weights);
  const optimizer = optimizerAdam({ learningRate: 0.01 });
  const step = compiledStep(
    (from: Tensor, given: Tensor, wanted: Tensor) => {
      const gradients = gradientsOf(() => {
        const [outputs, state] = callModel(encoder, from, { training: true }) as [Tensor, Tensor];
        const [logits] = callModel(decoder, [given, outputs, state], { training: true });
        return tf.mean(lossSparseCategoricalCrossentropy(wanted, logits, { fromLogits: true }));
      }, [encoder, decoder]);
      optimizer.apply(gradients);
      return gradients.loss;
    },
    { engine },
  );
  const own = losses.map(() => step(tensor(x), tensor(shown), tensor(target)).arraySync() as number);
  expect(step.engine).toBe(engine);
  expectNumbers(own, losses);
  expectWeights([encoder, decoder], trained);
  // Which steps are masked goes from the one to the other.
  const [outputs, state] = callModel(encoder, tensor(x)) as [Tensor, Tensor];
  const made = callModel(decoder, [tensor(shown), outputs, state]);
  made.forEach((output, index) =>
    expect(distance(output, flat(predicted[index] ?? []))).toBeLessThan(TOLERANCE),
  );
});

test.each(engines)('sums, character by character, %s', async (engine) => {
  const { weights, x, y, history, predicted, trained } = reference.addition;
  const model = pipe(
    kerasModelSequential({ inputShape: [4, 5] }),
    layerLstm({ units: 4 }),
    layerRepeatVector({ n: 3 }),
    layerLstm({ units: 4, returnSequences: true }),
    timeDistributed(layerDense({ units: 5, activation: 'softmax' })),
    compile({
      optimizer: optimizerAdam({ learningRate: 0.01 }),
      loss: 'categorical_crossentropy',
      metrics: ['accuracy'],
    }),
  );
  give([model], weights);
  const fitted = await fit(model, tensor(x), tensor(y), {
    ...{ ...quiet, epochs: 4, batchSize: 4, engine },
    validationData: [tensor(x), tensor(y)],
  });
  expect(fitted.params.engine).toBe(engine);
  expectHistory(fitted.metrics, history);
  expectWeights([model], trained);
  expect(distance(await predict(model, tensor(x)), flat(predicted))).toBeLessThan(TOLERANCE);
});

test.each(engines)('a transformer of texts, %s', async (engine) => {
  const { weights, x, y, history, predicted, trained } = reference.transformer;
  class Places extends KerasLayer {
    declare places: tf.Variable;
    override build([, steps, size]: (number | null)[]): void {
      this.places = this.addWeight({ name: 'places', shape: [steps ?? 0, size ?? 0] });
    }
    override call(inputs: Tensor): Tensor {
      return tf.add(inputs, this.places);
    }
  }
  const words = layerInput({ shape: [4] });
  const embedded = pipe(words, layerEmbedding({ inputDim: 9, outputDim: 6 }), createLayerWrapper(Places)());
  const looked = layerMultiHeadAttention([embedded, embedded], { numHeads: 2, keyDim: 3 });
  const attended = pipe([embedded, looked], layerAdd(), layerLayerNormalization({ epsilon: 1e-6 }));
  const thought = pipe(attended, layerDense({ units: 8, activation: 'relu' }), layerDense({ units: 6 }));
  const output = pipe(
    [attended, thought],
    layerAdd(),
    layerLayerNormalization({ epsilon: 1e-6 }),
    layerGlobalAveragePooling1d(),
    layerDense({ units: 5, activation: 'relu' }),
    layerDense({ units: 1, activation: 'sigmoid' }),
  );
  const model = compile(kerasModel(words, output), {
    optimizer: optimizerAdam({ learningRate: 0.01 }),
    loss: 'binary_crossentropy',
    metrics: ['accuracy', metricAuc()],
  });
  give([model], weights);
  const fitted = await fit(model, tensor(x), tensor(y), { ...quiet, epochs: 4, batchSize: 4, engine });
  expect(fitted.params.engine).toBe(engine);
  expectHistory(fitted.metrics, history);
  expectWeights([model], trained);
  expect(distance(await predict(model, tensor(x)), flat(predicted))).toBeLessThan(TOLERANCE);
});

test.each(engines)('a trainStep of one’s own, %s', async (engine) => {
  const { weights, x, y, history, predicted, trained } = reference.own_step;
  class Own extends CustomModel {
    hidden = this.addLayer(
      layerDense({ units: 4, activation: 'tanh', kernelRegularizer: regularizerL2(0.05) }),
    );
    norm = this.addLayer(layerBatchNormalization({ momentum: 0.5 }));
    out = this.addLayer(layerDense({ units: 1 }));
    override call(inputs: Tensor) {
      return this.out(this.norm(this.hidden(inputs)));
    }
    all({ x: inputs, y: labels }: StepData, training: boolean) {
      const output = callModel(this, inputs, { training });
      const own = tf.add(tf.mean(lossHuber(labels, output)), tf.mul(tf.mean(tf.square(output)), 0.1));
      const loss = lossesOf(this).reduce<Tensor>((sum, penalty) => tf.add(sum, penalty), own);
      return { loss, mae: tf.mean(tf.abs(tf.sub(labels, output))) };
    }
    override trainStep(data: StepData) {
      const gradients = gradientsOf(() => this.all(data, true), this);
      this.optimizer.apply(gradients);
      return gradients.values;
    }
    override testStep(data: StepData) {
      return this.all(data, false);
    }
  }
  const optimizer = optimizerSgd({ learningRate: 0.125, momentum: 0.9, globalClipnorm: 0.5 });
  const model = compile(new Own(), { optimizer, loss: null });
  model.buildFor([null, 3]);
  give([model], [weights]);
  const fitted = await fit(model, tensor(x), tensor(y), {
    ...{ ...quiet, epochs: 4, batchSize: 4, engine },
    validationData: [tensor(x), tensor(y)],
  });
  expect(fitted.params.engine).toBe(engine);
  expectHistory(fitted.metrics, history);
  expectWeights([model], [trained]);
  expect(distance(await predict(model, tensor(x)), flat(predicted))).toBeLessThan(TOLERANCE);
});
