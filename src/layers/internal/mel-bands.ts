/** Frames of signals, and bands as wide as the ear hears them. */
import { windowOf, type SignalWindow } from './signal-window';

/** How the frequencies of a signal are added up. */
export interface MelBands {
  readonly samplingRate: number;
  readonly numMelBins: number;
  readonly minFreq: number;
  /** Half of the sampling rate, if null. */
  readonly maxFreq: number | null;
}

/** Hertz as mels, as the Hidden Markov Model Toolkit has them. */
const melOf = (hertz: number): number => 1127 * Math.log(1 + hertz / 700);

/** How much of each frequency is in each band, `[bins, bands]`: triangles between the middles of the bands beside it, of height 1. */
export const melMatrix = (
  bins: number,
  { samplingRate, numMelBins, minFreq, maxFreq }: MelBands,
): Float32Array => {
  const [low, high] = [melOf(minFreq), melOf(maxFreq ?? Math.floor(samplingRate / 2))];
  const edge = (band: number): number => low + ((high - low) * band) / (numMelBins + 1);
  const values = new Float32Array(bins * numMelBins);
  // The first frequency, 0, is in no band.
  for (let bin = 1; bin < bins; bin++) {
    const mel = melOf((samplingRate / 2 / (bins - 1)) * bin);
    for (let band = 0; band < numMelBins; band++) {
      const [lower, center, upper] = [edge(band), edge(band + 1), edge(band + 2)];
      const slope = Math.min((mel - lower) / (center - lower), (upper - mel) / (upper - center));
      values[bin * numMelBins + band] = Math.max(0, slope);
    }
  }
  return values;
};

/** A place beyond either end of so many samples, mirrored at the first and the last. */
export const mirrored = (place: number, length: number): number => {
  const period = 2 * (length - 1);
  const within = ((place % period) + period) % period;
  return Math.min(within, period - within);
};

/** The window in the middle of a frame, which may be longer than it; undefined for none. */
export const frameWindow = ({
  fftLength,
  window,
  sequenceLength,
}: {
  readonly fftLength: number;
  readonly window: SignalWindow;
  readonly sequenceLength: number | null;
}): Float32Array | undefined => {
  if (window === null) return undefined;
  const length = sequenceLength ?? fftLength;
  const weights = new Float32Array(fftLength);
  weights.set(windowOf(window, length, true) ?? [], Math.floor((fftLength - length) / 2));
  return weights;
};
