import type { LayerVariable } from '@tensorflow/tfjs';
import { argumentError, boolean, oneOf, optional, positiveInteger } from '../base/checks';
import { InitializerBase } from '../tfjs/base-classes';
import { KerasLayer } from '../tfjs/keras-layer';
import { register, singleInput, type LayerConfig, type Shape } from '../tfjs/layer-classes';
import { tf, type Rank, type Tensor, type Tensor3D } from '../tfjs/tensorflow';
import { dataFormat, type DataFormat, type DataFormatName } from './internal/data-format';
import { defineOptionalLayer } from './internal/define-layer';
import type { LayerOptions } from './internal/options';
import { nameOrNull, windowCheck, windowOf, type SignalWindow } from './internal/signal-window';

const MODES = ['log', 'magnitude', 'psd', 'real', 'imag', 'angle', 'stft'] as const;
const SCALINGS = ['density', 'spectrum'] as const;
const PADDINGS = ['valid', 'same'] as const;

/** What a spectrogram says of each frequency. */
export type SpectrogramMode = (typeof MODES)[number];
type Scaling = (typeof SCALINGS)[number] | null;

interface StftFields {
  readonly mode: SpectrogramMode;
  readonly frameLength: number;
  readonly frameStep: number | null;
  readonly fftLength: number | null;
  readonly window: SignalWindow;
  readonly periodic: boolean;
  readonly scaling: Scaling;
  readonly padding: (typeof PADDINGS)[number];
  readonly expandDims: boolean;
  readonly dataFormat: DataFormat;
}

const DEFAULTS: StftFields = {
  mode: 'log',
  frameLength: 256,
  frameStep: null,
  fftLength: null,
  // Null is a choice, too: what is used by default comes with the options.
  window: null,
  periodic: false,
  scaling: null,
  padding: 'valid',
  expandDims: false,
  dataFormat: 'channelsLast',
};

/** Values below count as this, as in Keras. */
const EPSILON = 1e-7;

/** The kernels of a Fourier transform of frames: cosines, or sines, under a window. */
class FourierKernel extends InitializerBase {
  static readonly className: string = 'STFT';

  constructor(
    private readonly part: 'real' | 'imag',
    private readonly fields: StftFields,
  ) {
    super();
  }

  override apply(shape: number[]): Tensor {
    const [length = 0, , bins = 0] = shape;
    const { window, periodic, scaling } = this.fields;
    const weights = windowOf(window, length, periodic);
    const sum = (of: (weight: number) => number): number =>
      (weights ?? []).reduce((total, weight) => total + of(weight), 0);
    const norm =
      weights === undefined || scaling === null
        ? 1
        : scaling === 'density'
          ? Math.sqrt(sum((weight) => weight ** 2))
          : sum(Math.abs);
    const wave = this.part === 'real' ? Math.cos : Math.sin;
    const values = Float32Array.from({ length: length * bins }, (_, index) => {
      const [n, k] = [Math.floor(index / bins), index % bins];
      const angle = (-2 * Math.PI * n * k) / (2 * (bins - 1));
      return (wave(angle) * (weights?.[n] ?? 1)) / norm;
    });
    return tf.tensor(values, shape);
  }

  override getConfig(): LayerConfig {
    return {};
  }
}

class STFTSpectrogram extends KerasLayer<StftFields> {
  static readonly className: string = 'STFTSpectrogram';
  private real: LayerVariable | undefined;
  private imag: LayerVariable | undefined;

  constructor(args: object) {
    super(args, DEFAULTS);
    this.supportsMasking = false;
    this.inputSpec = [new tf.InputSpec({ ndim: 3 })];
  }

  private get bins(): number {
    const { fftLength, frameLength } = this.own;
    return Math.floor((fftLength ?? 2 ** Math.ceil(Math.log2(frameLength))) / 2) + 1;
  }

  private get step(): number {
    return this.own.frameStep ?? Math.max(1, Math.floor(this.own.frameLength / 2));
  }

  override build(inputShape: Shape | Shape[]): void {
    const { mode, frameLength } = this.own;
    const kernel = (part: 'real' | 'imag'): LayerVariable =>
      this.addWeight(
        `${part}_kernel`,
        [frameLength, 1, this.bins],
        'float32',
        new FourierKernel(part, this.own),
      );
    if (mode !== 'imag') this.real = kernel('real');
    if (mode !== 'real') this.imag = kernel('imag');
    super.build(inputShape);
  }

  /** The products of all frames with a kernel, `[batch, channels, frames, bins]`. */
  private framed(x: Tensor, kernel: LayerVariable): Tensor {
    const { dataFormat: format, padding } = this.own;
    const ordered = format === 'channelsLast' ? tf.transpose(x, [0, 2, 1]) : x;
    const [batch = 0, channels = 0, length = 0] = ordered.shape;
    const signals = tf.reshape<Rank.R3>(ordered, [batch * channels, length, 1]);
    const products = tf.conv1d(signals, kernel.read() as Tensor3D, this.step, padding);
    return tf.reshape(products, [batch, channels, ...products.shape.slice(1)]);
  }

  private spectrum(x: Tensor): Tensor {
    const { mode } = this.own;
    const part = (kernel: LayerVariable | undefined): Tensor => this.framed(x, kernel as LayerVariable); // the mode has it
    if (mode === 'real') return part(this.real);
    if (mode === 'imag') return part(this.imag);
    const [real, imag] = [part(this.real), part(this.imag)];
    if (mode === 'angle') return tf.atan2(imag, real);
    if (mode === 'stft') return tf.concat([real, imag], 3);
    const power = tf.add(tf.square(real), tf.square(imag));
    if (mode === 'psd') {
      // All frequencies but the first and the last are there twice.
      const twice = tf.slice(power, [0, 0, 0, 1], [-1, -1, -1, this.bins - 2]);
      return tf.add(power, tf.pad(twice, [[0, 0], [0, 0], [0, 0], [1, 1]])); // prettier-ignore
    }
    const magnitude = tf.sqrt(tf.maximum(power, EPSILON));
    return mode === 'magnitude' ? magnitude : tf.log(tf.maximum(magnitude, EPSILON));
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const { dataFormat: format, expandDims } = this.own;
      const spectrum = this.spectrum(singleInput(inputs));
      const [batch = 0, channels = 0, frames = 0, bins = 0] = spectrum.shape;
      const isLast = format === 'channelsLast';
      if (expandDims) return isLast ? tf.transpose(spectrum, [0, 2, 3, 1]) : spectrum;
      return isLast
        ? tf.reshape(tf.transpose(spectrum, [0, 2, 1, 3]), [batch, frames, channels * bins])
        : tf.reshape(tf.transpose(spectrum, [0, 1, 3, 2]), [batch, channels * bins, frames]);
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const { dataFormat: format, expandDims, mode, frameLength, padding } = this.own;
    const isLast = format === 'channelsLast';
    const [batch = null, second = null, third = null] = inputShape as Shape; // one input
    const [length, channels] = isLast ? [second, third] : [third, second];
    const starts = length === null ? null : padding === 'same' ? length : length - frameLength + 1;
    const frames = starts === null ? null : Math.ceil(starts / this.step);
    const bins = this.bins * (mode === 'stft' ? 2 : 1);
    if (expandDims) return isLast ? [batch, frames, bins, channels] : [batch, channels, frames, bins];
    const joined = channels === null ? null : channels * bins;
    return isLast ? [batch, frames, joined] : [batch, joined, frames];
  }
}
register(STFTSpectrogram);

/** Options of {@link layerStftSpectrogram}. */
export interface StftSpectrogramOptions extends LayerOptions {
  /**
   * What is put out for each frequency: the logarithm of the magnitude by default; 'magnitude'; 'psd', the density of power; 'real' and
   * 'imag', the parts of the transform; 'stft', both; 'angle', the phase.
   */
  mode?: SpectrogramMode | undefined;
  /** Samples of a frame; 256 by default. */
  frameLength?: number | undefined;
  /** Samples from one frame to the next, at most those of a frame; half of them by default. */
  frameStep?: number | undefined;
  /** The length of the transform, at least a frame's; the next power of two by default. */
  fftLength?: number | undefined;
  /** What a frame is multiplied with: 'hann' by default, 'hamming', as many numbers as a frame has samples, or null for nothing. */
  window?: SignalWindow | undefined;
  /** Whether the window's period is its length, and not one sample less; false by default. */
  periodic?: boolean | undefined;
  /** By what the window is divided: the root of the sum of its squares, 'density', by default, its sum, 'spectrum', or null for nothing. */
  scaling?: (typeof SCALINGS)[number] | null | undefined;
  /** 'valid' by default: whole frames only; 'same': as many as there are steps. */
  padding?: (typeof PADDINGS)[number] | undefined;
  /** Whether the frequencies have an axis of their own, beside the channels; false by default. */
  expandDims?: boolean | undefined;
  /** Where the channels are; 'channels_last' by default. */
  dataFormat?: DataFormatName | undefined;
}

const checks = {
  mode: optional(oneOf(...MODES), 'log'),
  frameLength: optional(positiveInteger, 256),
  frameStep: optional(positiveInteger),
  fftLength: optional(positiveInteger),
  window: optional(windowCheck, 'hann'),
  periodic: optional(boolean, false),
  scaling: optional(nameOrNull(...SCALINGS), 'density'),
  padding: optional(oneOf(...PADDINGS), 'valid'),
  expandDims: optional(boolean, false),
  dataFormat: optional(dataFormat, 'channels_last'),
};

/**
 * The spectrogram of signals: of each frame of samples the Fourier transform, `Σₙ w[n] · x[n] · e^(−2πi·n·k/N)` for `k` from 0 to `N/2`, by
 * kernels that are weights, and trained, unless `trainable` is false.
 *
 * In `[batch, samples, channels]`, out `[batch, frames, channels · (fftLength / 2 + 1)]`, of mode 'stft' twice as many; with `expandDims`
 * `[batch, frames, fftLength / 2 + 1, channels]`. Weights: `real_kernel` and `imag_kernel`, `[frameLength, 1, fftLength / 2 + 1]`, those that the mode takes.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if a frame is shorter than the step, or longer than the transform, or the window is of another length.
 * @throws KerasShapeError if the input has other than three dimensions, or is shorter than a frame.
 * @example
 * const model = pipe(
 *   kerasModelSequential({ inputShape: [16000, 1] }),
 *   layerStftSpectrogram({ frameLength: 256, frameStep: 128, fftLength: 512, trainable: false }),
 * )
 * assert.deepStrictEqual(outputShape(model), [null, 124, 257])
 * @see Keras 3 `STFTSpectrogram`
 */
export const layerStftSpectrogram = defineOptionalLayer<StftSpectrogramOptions, typeof checks>(
  'layerStftSpectrogram',
  (args: object) => new STFTSpectrogram(args),
  {
    baseName: 'stft_spectrogram',
    options: checks,
    rank: { minNDim: 3, maxNDim: 3, advice: 'Give signals a channel: inputShape: [16000, 1]' },
    check: ({ frameLength, frameStep, fftLength, window }) => {
      const wrong = (argument: string, expected: string, value: unknown): never => {
        throw argumentError({ function: 'layerStftSpectrogram', argument }, expected, value);
      };
      if (frameStep !== undefined && frameStep > frameLength)
        wrong('frameStep', `at most ${frameLength}, the length of a frame`, frameStep);
      if (fftLength !== undefined && fftLength < frameLength)
        wrong('fftLength', `at least ${frameLength}, the length of a frame`, fftLength);
      if (Array.isArray(window) && window.length !== frameLength)
        wrong('window', `of ${frameLength} numbers, as a frame has samples`, window);
    },
  },
);
