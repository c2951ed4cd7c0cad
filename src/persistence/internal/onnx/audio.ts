/** Spectrograms: by convolutions with the kernels of a layer, or by ONNX's own transform. */
import { frameWindow, melMatrix, mirrored } from '../../../layers/internal/mel-bands';
import type { SignalWindow } from '../../../layers/internal/signal-window';
import type { Config } from '../../../models/config/forms';
import { convolve, type Window } from './convolution';
import { permuted, type Emitter, type Numbers, type Value } from './emitter';
import {
  ADVICE,
  neededWeight,
  numberIn,
  refuse,
  type LayerWriter,
  type LayerWriters,
  type Written,
} from './layer';

/** Values below count as this, as in the layer. */
const EPSILON = 1e-7;

/** A kernel `[frame, 1, bins]` as one for each channel, `[channels · bins, 1, frame]`. */
const ofChannels =
  (channels: number) =>
  (kernel: Numbers): Numbers => {
    const { values, shape } = permuted(kernel, [2, 1, 0]);
    const all = new Float32Array(channels * values.length);
    for (let channel = 0; channel < channels; channel++) all.set(values, channel * values.length);
    return { values: all, shape: [channels * (shape[0] ?? 1), ...shape.slice(1)] };
  };

/** The angle of points, by the arctangent of their slope. */
const angle = (emit: Emitter, y: Value, x: Value): Value => {
  const isLeft = emit.binary('Less', x, 0, 'bool');
  const isZero = emit.binary('Equal', x, 0, 'bool');
  const above = emit.binary('GreaterOrEqual', y, 0, 'bool');
  const half = emit.where(above, emit.scalar(Math.PI), emit.scalar(-Math.PI));
  const slope = emit.op('Atan', [emit.div(y, emit.where(isZero, emit.scalar(1), x))]);
  const turned = emit.where(isLeft, emit.add(slope, half), slope);
  // Straight up or down, or nowhere.
  const upright = emit.mul(emit.op('Sign', [y]), Math.PI / 2);
  return emit.where(isZero, { ...upright, shape: x.shape }, { ...turned, shape: x.shape });
};

/** What a mode says of the parts of a transform, `[batch, channels, bins, frames]`. */
const spectrum = (emit: Emitter, mode: string, part: (name: 'real' | 'imag') => Value): Value => {
  if (mode === 'real' || mode === 'imag') return part(mode);
  const [real, imag] = [part('real'), part('imag')];
  if (mode === 'angle') return angle(emit, imag, real);
  if (mode === 'stft') return emit.concat([real, imag], 2);
  const power = emit.add(emit.mul(real, real), emit.mul(imag, imag));
  if (mode === 'psd') {
    // All frequencies but the first and the last are there twice.
    const bins = Number(real.shape[2]);
    const times = Float32Array.from({ length: bins }, (_, bin) => (bin === 0 || bin === bins - 1 ? 1 : 2));
    return emit.mul(power, emit.numbers('times', { values: times, shape: [bins, 1] }));
  }
  const magnitude = emit.op('Sqrt', [emit.binary('Max', power, EPSILON)]);
  return mode === 'magnitude' ? magnitude : emit.op('Log', [emit.binary('Max', magnitude, EPSILON)]);
};

const stft: LayerWriter = (written, x) => {
  const { emit, layer, config } = written;
  const isLast = config['data_format'] !== 'channels_first';
  const signals = isLast ? emit.transpose(x, [0, 2, 1]) : x;
  const [batch = null, channels = null] = signals.shape;
  if (channels === null) return refuse(layer, 'how many channels there are is not known', ADVICE);
  const frame = numberIn(config, 'frame_length');
  const step =
    config['frame_step'] === null ? Math.max(1, Math.floor(frame / 2)) : numberIn(config, 'frame_step');
  const window: Window = {
    sizes: [frame],
    strides: [step],
    dilations: [1],
    padding: String(config['padding']),
  };
  const part = (name: 'real' | 'imag'): Value => {
    const variable = neededWeight(layer, `${name}_kernel`);
    const kernel = emit.weight(variable, `of ${channels} channels`, ofChannels(channels));
    const made = convolve(emit, signals, kernel, undefined, window, channels);
    const bins = Number(variable.shape[2]);
    return emit.reshape(made, [0, channels, bins, -1], [batch, channels, bins, made.shape[2] ?? null]);
  };
  const made = spectrum(emit, String(config['mode']), part);
  if (config['expand_dims'] === true) return emit.transpose(made, isLast ? [0, 3, 2, 1] : [0, 1, 3, 2]);
  const [, , bins, frames = null] = made.shape;
  const joined = emit.reshape(
    made,
    [0, channels * Number(bins), -1],
    [batch, channels * Number(bins), frames],
  );
  return isLast ? emit.transpose(joined, [0, 2, 1]) : joined;
};

/** Signals with their mirror images around them, so many samples on both sides. */
const withMirrors = ({ emit }: Written, x: Value, around: number): Value => {
  const [batch = null, samples = null] = x.shape;
  if (samples === null) {
    const pads = emit.integers([0, around, 0, around]);
    return emit.op('Pad', [x, pads], { mode: 'reflect' }, { shape: [batch, null] });
  }
  const length = samples + 2 * around;
  const places = Array.from({ length }, (_, index) => mirrored(index - around, samples));
  return emit.op('Gather', [x, emit.integers(places)], { axis: 1 }, { shape: [batch, length] });
};

const decibels = (emit: Emitter, power: Value, config: Readonly<Config>): Value => {
  const [least, reference] = [numberIn(config, 'min_power'), Math.abs(numberIn(config, 'ref_power'))];
  const logarithm = emit.mul(emit.op('Log', [emit.binary('Max', power, least)]), 10 / Math.LN10);
  const level = emit.sub(logarithm, (10 * Math.log(Math.max(reference, least))) / Math.LN10);
  // Of all signals in the batch.
  const loudest = emit.reduce('ReduceMax', level, [0, 1, 2], true);
  return emit.binary('Max', level, emit.sub(loudest, numberIn(config, 'top_db')));
};

const mel: LayerWriter = (written, x) => {
  const { emit, config } = written;
  const number = (key: string): number => numberIn(config, key);
  const numberOrNull = (key: string): number | null => (config[key] === null ? null : number(key));
  const [fftLength, step, bands] = [number('fft_length'), number('sequence_stride'), number('num_mel_bins')];
  const window = frameWindow({
    fftLength,
    window: config['window'] as SignalWindow, // as the layer has checked
    sequenceLength: numberOrNull('sequence_length'),
  });
  const signals = withMirrors(written, x, Math.floor(fftLength / 2));
  const [batch = null, length = null] = signals.shape;
  const frames = length === null ? null : Math.floor((length - fftLength) / step) + 1;
  const bins = Math.floor(fftLength / 2) + 1;
  const weights = window ?? new Float32Array(fftLength).fill(1);
  const transformed = emit.op(
    'STFT',
    [
      emit.unsqueeze(signals, 2),
      emit.squeeze(emit.integers([step]), 0),
      emit.numbers('window', { values: weights, shape: [fftLength] }),
    ],
    { onesided: 1 },
    { shape: [batch, frames, bins, 2] },
  );
  const power = emit.reduce('ReduceSum', emit.mul(transformed, transformed), [3]);
  const exponent = number('mag_exp') / 2;
  const raised = exponent === 1 ? power : emit.binary('Pow', power, exponent);
  const matrix = melMatrix(bins, {
    ...{ samplingRate: number('sampling_rate'), numMelBins: bands },
    ...{ minFreq: number('min_freq'), maxFreq: numberOrNull('max_freq') },
  });
  const heard = emit.matMul(raised, emit.numbers('bands', { values: matrix, shape: [bins, bands] }));
  return emit.transpose(config['power_to_db'] === true ? decibels(emit, heard, config) : heard, [0, 2, 1]);
};

export const audioWriters: LayerWriters = { STFTSpectrogram: stft, MelSpectrogram: mel };
