/** Mel spectrograms of signals, compared with Keras 3's: see test/reference/keras3/mel_spectrograms.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  compile,
  fit,
  getConfig,
  getLayer,
  kerasModelSequential,
  KerasShapeError,
  layerDense,
  layerFlatten,
  layerInput,
  layerMelSpectrogram,
  modelFromJson,
  modelToJson,
  outputShape,
  pipe,
  predictOnBatch,
  tf,
  type MelSpectrogramOptions,
  type Tensor,
} from '../../src/index';
import { realFourier } from '../../src/ops/fourier';
import { grid } from '../support/own-parts';
import { distance, wave } from './signals';

interface Case {
  readonly options: MelSpectrogramOptions;
  readonly samples: number;
  readonly shape: number[];
  readonly output: number[];
  readonly inputGradient: number[];
}
const { cases } = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/keras3/mel_spectrograms.json'), 'utf8'),
) as { cases: Case[] }; // as mel_spectrograms.py prints it

test.each(cases.map((one) => [JSON.stringify(one.options), one] as const))('%s', (_, expected) => {
  const { options, samples, shape } = expected;
  const model = pipe(kerasModelSequential({ inputShape: [samples] }), layerMelSpectrogram(options));
  const x = wave([2, samples]);
  expect(outputShape(model)).toEqual([null, ...shape.slice(1)]);
  const output = predictOnBatch(model, x);
  expect(output.shape).toEqual(shape);
  expect(distance(output, expected.output)).toBeLessThan(2e-5);
  const layer = getLayer(model, { index: 0 });
  const ofInput = tf.grad((given: Tensor) => tf.sum(tf.mul(layer.apply(given) as Tensor, wave(shape, 0.5))))(
    x,
  );
  // In decibels it divides by power, which is small where it has few digits.
  expect(distance(ofInput, expected.inputGradient)).toBeLessThan(options.powerToDb === false ? 2e-5 : 1e-3);
});

// The definition: X[k] = Σ x[n] · e^(−2πi·n·k/N).
test.each([1, 2, 3, 7, 8, 12, 30, 64, 101, 512])('the transform of %d numbers', (size) => {
  const x = wave([3, size], 0.3);
  const values = x.arraySync() as number[][];
  const bins = Math.floor(size / 2) + 1;
  const { real, imag } = realFourier(x);
  expect([real.shape, imag.shape]).toEqual([
    [3, bins],
    [3, bins],
  ]);
  const sums = (part: (angle: number) => number): number[] =>
    values.flatMap((row) =>
      Array.from({ length: bins }, (_, k) =>
        row.reduce((sum, value, n) => sum + value * part((-2 * Math.PI * n * k) / size), 0),
      ),
    );
  expect(distance(real, sums(Math.cos))).toBeLessThan(1e-5);
  expect(distance(imag, sums(Math.sin))).toBeLessThan(1e-5);
});

test('by default as Keras has it, in its configuration, too', () => {
  const model = pipe(kerasModelSequential({ inputShape: [16000] }), layerMelSpectrogram());
  expect(outputShape(model)).toEqual([null, 128, 32]);
  expect(getConfig(getLayer(model, { index: 0 }))).toMatchObject({
    fft_length: 2048, sequence_stride: 512, sequence_length: null, window: 'hann', sampling_rate: 16000,
    num_mel_bins: 128, min_freq: 20, max_freq: null, power_to_db: true, top_db: 80, mag_exp: 2,
    min_power: 1e-10, ref_power: 1,
  }); // prettier-ignore
  const open = pipe(layerInput({ shape: [null] }), layerMelSpectrogram({ numMelBins: 5 }));
  expect(open.shape).toEqual([null, 5, null]);
});

test('a tone is in the band of its frequency', () => {
  const rate = 8000;
  const tone = (hertz: number): Tensor =>
    tf.tensor2d(
      Float32Array.from({ length: 4000 }, (_, n) => Math.sin((2 * Math.PI * hertz * n) / rate)),
      [1, 4000],
    );
  const model = pipe(
    kerasModelSequential({ inputShape: [4000] }),
    layerMelSpectrogram({
      fftLength: 512,
      sequenceStride: 256,
      samplingRate: rate,
      numMelBins: 20,
      minFreq: 0,
    }),
  );
  // 1000 hertz are 999.99 mels of 2146.1, in 21 equal parts: the triangle of the tenth of them is the one whose top is nearest.
  for (const [hertz, band] of [
    [1000, 9],
    [300, 3],
    [3000, 17],
  ] as const) {
    const loudest = [...tf.argMax(predictOnBatch(model, tone(hertz)), 1).dataSync()].slice(1, -1);
    expect(new Set(loudest)).toEqual(new Set([band]));
  }
});

test.each(['eager', 'compiled'] as const)('a model trains through it, and comes back, %s', async (engine) => {
  const model = pipe(
    kerasModelSequential({ inputShape: [8] }),
    layerDense({ units: 40 }),
    layerMelSpectrogram({ fftLength: 16, sequenceStride: 8, numMelBins: 3 }),
    layerFlatten(),
    layerDense({ units: 1, kernelInitializer: 'zeros' }), // the loss is 1 at first
    compile({ optimizer: 'adam', loss: 'mse' }),
  );
  const options = { epochs: 12, batchSize: 4, verbose: 0, engine } as const;
  const x = grid([8, 8]);
  const { metrics, params } = await fit(model, x, tf.ones([8, 1]), options);
  expect(params.engine).toBe(engine);
  expect(metrics.loss.at(-1)).toBeLessThan(metrics.loss[0] as number);
  const again = modelFromJson(modelToJson(model));
  expect(outputShape(again)).toEqual([null, 1]);
});

test.each<[string, () => unknown, RegExp]>([
  [
    'a window longer than the transform',
    () => layerMelSpectrogram({ fftLength: 8, sequenceLength: 9 }),
    /`sequenceLength` must be at most 8/,
  ],
  [
    'a window of another length',
    () => layerMelSpectrogram({ fftLength: 4, window: [1, 2] }),
    /`window` must be of 4 numbers/,
  ],
  ['an unknown window', () => layerMelSpectrogram({ window: 'han' as never }), /Did you mean 'hann'/],
  [
    'bands upside down',
    () => layerMelSpectrogram({ minFreq: 100, maxFreq: 50 }),
    /`maxFreq` must be above 100/,
  ],
  [
    'bands beyond what half of the rate has',
    () => layerMelSpectrogram({ minFreq: 100, samplingRate: 150 }),
    /`maxFreq` must be above 100.*Received: 75/s,
  ],
  [
    'a signal with channels',
    () => layerMelSpectrogram(layerInput({ shape: [100, 1] })),
    /needs input of 2 dimensions/,
  ],
])('%s', (_, run, message) => {
  expect(run).toThrow(message);
});

test('a signal of one sample', () => {
  const model = pipe(kerasModelSequential({ inputShape: [1] }), layerMelSpectrogram({ fftLength: 4 }));
  expect(() => predictOnBatch(model, [[1]])).toThrow(KerasShapeError);
});
