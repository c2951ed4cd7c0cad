/** Spectrograms of signals, compared with Keras 3's: see test/reference/keras3/spectrograms.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  compile,
  fit,
  getConfig,
  getLayer,
  getWeights,
  kerasModelSequential,
  layerDense,
  layerGlobalAveragePooling1d,
  layerInput,
  layerStftSpectrogram,
  modelFromJson,
  modelToJson,
  outputShape,
  pipe,
  predictOnBatch,
  tf,
  type StftSpectrogramOptions,
  type Tensor,
} from '../../src/index';
import { grid } from '../support/own-parts';
import { distance, wave } from './signals';

interface Case {
  readonly options: StftSpectrogramOptions;
  readonly input: number[];
  readonly shape: number[];
  readonly output: number[];
  readonly kernels: number[][];
  readonly weightGradients: number[][];
  readonly inputGradient: number[];
}
const { cases } = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/keras3/spectrograms.json'), 'utf8'),
) as { cases: Case[] }; // as spectrograms.py prints it

test.each(cases.map((one) => [JSON.stringify(one.options), one] as const))('%s', (_, expected) => {
  const { options, input } = expected;
  const model = pipe(kerasModelSequential({ inputShape: input }), layerStftSpectrogram(options));
  const x = wave([2, ...input]);
  expect(outputShape(model)).toEqual([null, ...expected.shape.slice(1)]);
  const output = predictOnBatch(model, x);
  expect(output.shape).toEqual(expected.shape);
  if (options.mode === 'angle') {
    // An angle of π and one of −π are the same, and of frequencies whose imaginary part is 0 it is a matter of rounding.
    expect(distance(tf.cos(output), expected.output.map(Math.cos))).toBeLessThan(2e-5);
    expect(distance(tf.sin(output), expected.output.map(Math.sin))).toBeLessThan(2e-5);
  } else expect(distance(output, expected.output)).toBeLessThan(2e-5);
  const kernels = getWeights(model);
  expect(kernels).toHaveLength(expected.kernels.length);
  kernels.forEach((kernel, index) => expect(distance(kernel, expected.kernels[index])).toBeLessThan(1e-5));
  // The gradient of a logarithm divides by magnitudes near 0, of which Keras's kernels of float32 have a ten-thousandth wrong.
  const tolerance = (options.mode ?? 'log') === 'log' ? 5e-4 : 2e-5;
  const layer = getLayer(model, { index: 0 });
  const total = (): tf.Scalar =>
    tf.sum(tf.mul(layer.apply(x) as Tensor, wave(expected.shape, 0.5))) as tf.Scalar;
  const weights = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const { grads } = tf.variableGrads(total, weights);
  weights.forEach((weight, index) =>
    expect(distance(grads[weight.name], expected.weightGradients[index])).toBeLessThan(tolerance),
  );
  const ofInput = tf.grad((given: Tensor) =>
    tf.sum(tf.mul(layer.apply(given) as Tensor, wave(expected.shape, 0.5))),
  )(x);
  expect(distance(ofInput, expected.inputGradient)).toBeLessThan(tolerance);
});

test('by default: frames of 256 samples, half of which the next has, too', () => {
  const model = pipe(kerasModelSequential({ inputShape: [1000, 1] }), layerStftSpectrogram());
  expect(outputShape(model)).toEqual([null, 6, 129]);
  expect(getConfig(getLayer(model, { index: 0 }))).toMatchObject({
    mode: 'log', frame_length: 256, frame_step: null, fft_length: null, window: 'hann', periodic: false,
    scaling: 'density', padding: 'valid', expand_dims: false, data_format: 'channels_last',
  }); // prettier-ignore
  const open = pipe(layerInput({ shape: [null, 2] }), layerStftSpectrogram({ frameLength: 8 }));
  expect(open.shape).toEqual([null, null, 10]);
});

test.each(['eager', 'compiled'] as const)('its kernels are trained, or are not, %s', async (engine) => {
  for (const trainable of [true, false]) {
    const model = pipe(
      kerasModelSequential({ inputShape: [40, 1] }),
      layerStftSpectrogram({ frameLength: 8, trainable }),
      layerGlobalAveragePooling1d(),
      layerDense({ units: 1, kernelInitializer: 'zeros' }), // the loss is 1 at first
      compile({ optimizer: 'sgd', loss: 'mse' }),
    );
    const before = getWeights(model)[0]?.arraySync();
    const options = { epochs: 12, batchSize: 4, verbose: 0, engine } as const;
    const { metrics, params } = await fit(model, grid([8, 40, 1]), tf.ones([8, 1]), options);
    expect(params.engine).toBe(engine);
    expect(metrics.loss.at(-1)).toBeLessThan(metrics.loss[0] as number);
    if (trainable) expect(getWeights(model)[0]?.arraySync()).not.toEqual(before);
    else expect(getWeights(model)[0]?.arraySync()).toEqual(before);
    const read = modelFromJson(modelToJson(model));
    expect(getWeights(read)[0]?.arraySync()).toEqual(before);
  }
});

test('a tone is where its frequency is', () => {
  const rate = 64;
  const tone = tf.tensor3d(
    Float32Array.from({ length: 256 }, (_, n) => Math.sin((2 * Math.PI * 10 * n) / rate)),
    [1, 256, 1],
  );
  const model = pipe(
    kerasModelSequential({ inputShape: [256, 1] }),
    layerStftSpectrogram({ frameLength: 64, mode: 'magnitude' }),
  );
  const loudest = [...tf.argMax(predictOnBatch(model, tone), 2).dataSync()];
  expect(new Set(loudest)).toEqual(new Set([10]));
});

test.each<[string, () => unknown, RegExp]>([
  [
    'a step longer than a frame',
    () => layerStftSpectrogram({ frameLength: 4, frameStep: 5 }),
    /`frameStep` must be at most 4/,
  ],
  [
    'a transform shorter than a frame',
    () => layerStftSpectrogram({ frameLength: 4, fftLength: 2 }),
    /`fftLength` must be at least 4/,
  ],
  [
    'a window of another length',
    () => layerStftSpectrogram({ frameLength: 4, window: [1, 2] }),
    /`window` must be of 4 numbers/,
  ],
  [
    'a window of texts',
    () => layerStftSpectrogram({ window: ['a'] as never }),
    /'hann', 'hamming', numbers, or null/,
  ],
  ['an unknown window', () => layerStftSpectrogram({ window: 'han' as never }), /Did you mean 'hann'/],
  ['an unknown mode', () => layerStftSpectrogram({ mode: 'power' as never }), /`mode` must be one of 'log'/],
  [
    'a signal without a channel',
    () => layerStftSpectrogram(layerInput({ shape: [100] })),
    /needs input of 3 dimensions/,
  ],
  [
    'a signal shorter than a frame',
    () => layerStftSpectrogram(layerInput({ shape: [100, 1] })),
    /no elements/,
  ],
])('%s', (_, run, message) => {
  // prettier-ignore
  expect(run).toThrow(message);
});
