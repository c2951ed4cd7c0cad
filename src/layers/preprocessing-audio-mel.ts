import { argumentError, boolean, checkThat, optional, positiveInteger, positiveNumber } from '../base/checks';
import { KerasShapeError } from '../base/errors';
import { realFourier } from '../ops/fourier';
import { KerasLayer } from '../tfjs/keras-layer';
import { register, singleInput, type Shape } from '../tfjs/layer-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineOptionalLayer } from './internal/define-layer';
import type { LayerOptions } from './internal/options';
import { frameWindow, melMatrix, mirrored } from './internal/mel-bands';
import { windowCheck, type SignalWindow } from './internal/signal-window';

interface MelFields {
  readonly fftLength: number;
  readonly sequenceStride: number;
  readonly sequenceLength: number | null;
  readonly window: SignalWindow;
  readonly samplingRate: number;
  readonly numMelBins: number;
  readonly minFreq: number;
  readonly maxFreq: number | null;
  readonly powerToDb: boolean;
  readonly topDb: number;
  readonly magExp: number;
  readonly minPower: number;
  readonly refPower: number;
}

const DEFAULTS: MelFields = {
  fftLength: 2048,
  sequenceStride: 512,
  sequenceLength: null,
  // Null is a choice, too: what is used by default comes with the options.
  window: null,
  samplingRate: 16000,
  numMelBins: 128,
  minFreq: 20,
  maxFreq: null,
  powerToDb: true,
  topDb: 80,
  magExp: 2,
  minPower: 1e-10,
  refPower: 1,
};

const decibels = (power: Tensor | number): Tensor => tf.mul(tf.log(power), 10 / Math.LN10);

class MelSpectrogram extends KerasLayer<MelFields> {
  static readonly className: string = 'MelSpectrogram';

  constructor(args: object) {
    super(args, DEFAULTS);
    this.supportsMasking = false;
    this.inputSpec = [new tf.InputSpec({ ndim: 2 })];
  }

  private framesOf(samples: number): number {
    const { fftLength, sequenceStride } = this.own;
    return Math.floor((samples + 2 * Math.floor(fftLength / 2) - fftLength) / sequenceStride) + 1;
  }

  private windowed(frames: Tensor): Tensor {
    const weights = frameWindow(this.own);
    return weights === undefined ? frames : tf.mul(frames, tf.tensor1d(weights));
  }

  /** The samples of all frames, `[batch · frames, fftLength]`, with the signal's mirror images around it. */
  private framed(x: Tensor): Tensor {
    const { fftLength, sequenceStride } = this.own;
    const [batch = 0, samples = 0] = x.shape;
    if (samples < 2) {
      throw new KerasShapeError({
        expected: `the layer '${this.name}' needs signals of at least 2 samples, which it mirrors at their ends`,
        received: `${samples}`,
        advice: 'Give [batch, samples]',
      });
    }
    const frames = this.framesOf(samples);
    const before = Math.floor(fftLength / 2);
    const places = Int32Array.from({ length: frames * fftLength }, (_, index) =>
      mirrored(Math.floor(index / fftLength) * sequenceStride + (index % fftLength) - before, samples),
    );
    const gathered = tf.gather(x, tf.tensor1d(places, 'int32'), 1);
    return this.windowed(tf.reshape(gathered, [batch * frames, fftLength]));
  }

  private inDecibels(power: Tensor): Tensor {
    const { minPower, refPower, topDb } = this.own;
    const reference = (10 * Math.log(Math.max(Math.abs(refPower), minPower))) / Math.LN10;
    const level = tf.sub(decibels(tf.maximum(power, minPower)), reference);
    // Of all signals in the batch.
    return tf.maximum(level, tf.sub(tf.max(level), topDb));
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const x = singleInput(inputs);
      const [batch = 0, samples = 0] = x.shape;
      const { magExp, numMelBins, powerToDb } = this.own;
      const { real, imag } = realFourier(this.framed(x));
      const squares = tf.add(tf.square(real), tf.square(imag));
      const power = magExp === 2 ? squares : tf.pow(squares, magExp / 2);
      const bins = real.shape[1] ?? 1;
      const bands = tf.matMul(power, tf.tensor2d(melMatrix(bins, this.own), [bins, numMelBins]));
      const frames = tf.reshape(bands, [batch, this.framesOf(samples), numMelBins]);
      return tf.transpose(powerToDb ? this.inDecibels(frames) : frames, [0, 2, 1]);
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [batch = null, samples = null] = inputShape as Shape; // one input
    return [batch, this.own.numMelBins, samples === null ? null : this.framesOf(samples)];
  }
}
register(MelSpectrogram);

/** Options of {@link layerMelSpectrogram}. */
export interface MelSpectrogramOptions extends LayerOptions {
  /** The length of the Fourier transform, in samples; 2048 by default. */
  fftLength?: number | undefined;
  /** Samples from one frame to the next; 512 by default. */
  sequenceStride?: number | undefined;
  /** Samples of the window, which is in the middle of a frame: as long as the transform by default. */
  sequenceLength?: number | undefined;
  /** What a frame is multiplied with: 'hann' by default, 'hamming', as many numbers as `sequenceLength`, or null for nothing. */
  window?: SignalWindow | undefined;
  /** Samples in a second; 16000 by default. */
  samplingRate?: number | undefined;
  /** How many bands there are; 128 by default. */
  numMelBins?: number | undefined;
  /** Where the lowest band begins, in hertz; 20 by default. */
  minFreq?: number | undefined;
  /** Where the highest band ends, in hertz; half of `samplingRate` by default. */
  maxFreq?: number | undefined;
  /** Whether power is put out in decibels; true by default. */
  powerToDb?: boolean | undefined;
  /** In decibels: what is weaker than the strongest of the batch by more than this counts as weaker by this; 80 by default. */
  topDb?: number | undefined;
  /** 1 for magnitudes, 2 for power, which is the default. */
  magExp?: number | undefined;
  /** The least that power counts as; 1e-10 by default. */
  minPower?: number | undefined;
  /** The power that is 0 decibels; 1 by default. */
  refPower?: number | undefined;
}

const frequency = checkThat(
  'a number of hertz, at least 0',
  (value): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0,
);

const checks = {
  fftLength: optional(positiveInteger, 2048),
  sequenceStride: optional(positiveInteger, 512),
  sequenceLength: optional(positiveInteger),
  window: optional(windowCheck, 'hann'),
  samplingRate: optional(positiveInteger, 16000),
  numMelBins: optional(positiveInteger, 128),
  minFreq: optional(frequency, 20),
  maxFreq: optional(positiveNumber),
  powerToDb: optional(boolean, true),
  topDb: optional(positiveNumber, 80),
  magExp: optional(positiveNumber, 2),
  minPower: optional(positiveNumber, 1e-10),
  refPower: optional(positiveNumber, 1),
};

/**
 * The spectrogram of signals in bands as wide as the ear hears them: of each frame of samples the power of its frequencies, added up
 * between frequencies that are equally far apart in mels, `1127 · ln(1 + hertz / 700)`, in decibels. Frames go beyond the ends of a signal
 * by half of their length, where it is mirrored.
 *
 * In `[batch, samples]`, out `[batch, numMelBins, ⌊samples / sequenceStride⌋ + 1]`, for an even `fftLength`. It has no weights. Adds the
 * layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if the window is longer than the transform, or of another length, or `maxFreq` is not above `minFreq`.
 * @throws KerasShapeError if the input has other than two dimensions.
 * @example
 * const model = pipe(
 *   kerasModelSequential({ inputShape: [16000] }),
 *   layerMelSpectrogram({ numMelBins: 64, samplingRate: 8000, sequenceStride: 256 }),
 * )
 * assert.deepStrictEqual(outputShape(model), [null, 64, 63])
 * @see Keras 3 `MelSpectrogram`
 */
export const layerMelSpectrogram = defineOptionalLayer<MelSpectrogramOptions, typeof checks>(
  'layerMelSpectrogram',
  (args: object) => new MelSpectrogram(args),
  {
    baseName: 'mel_spectrogram',
    options: checks,
    rank: { minNDim: 2, maxNDim: 2, advice: 'Give signals without channels: inputShape: [16000]' },
    check: ({ fftLength, sequenceLength = fftLength, window, samplingRate, minFreq, maxFreq }) => {
      const wrong = (argument: string, expected: string, value: unknown): never => {
        throw argumentError({ function: 'layerMelSpectrogram', argument }, expected, value);
      };
      if (sequenceLength > fftLength)
        wrong('sequenceLength', `at most ${fftLength}, the length of the transform`, sequenceLength);
      if (Array.isArray(window) && window.length !== sequenceLength)
        wrong('window', `of ${sequenceLength} numbers, as a frame has samples`, window);
      const highest = maxFreq ?? Math.floor(samplingRate / 2);
      if (highest <= minFreq) wrong('maxFreq', `above ${minFreq}, where the lowest band begins`, highest);
    },
  },
);
