import type { Always } from '../base/call-styles';
import {
  argumentError,
  checkOptions,
  nonEmptyString,
  oneOf,
  optional,
  positiveInteger,
  type OptionChecks,
} from '../base/checks';
import { KerasArgumentError, KerasStateError } from '../base/errors';
import { didYouMean } from '../base/suggestions';
import { modelFunction, type ModelStep } from '../models/call-styles';
import { builtModel, type KerasModel, type Layer } from '../models/model';
import { thousands } from './internal/diagram-box';
import { filtersSvg, type Kernel } from './internal/filters-svg';
import { histogramOf, histogramsSvg, type Histogram } from './internal/histogram-svg';
import { pictureChecks, type PictureOptions } from './internal/options';
import { shownPicture } from './internal/shown';
import { THEMES, type Theme } from './internal/theme';
import type { Picture } from './picture';

/** Options of {@link plotWeights}. */
export interface PlotWeightsOptions extends PictureOptions {
  /** The layer whose weights are shown; all by default. */
  readonly layer?: string | undefined;
  /** `'filters'` of a convolution, which need a `layer`; or `'histograms'`. By default filters, if the layer is a convolution. */
  readonly kind?: 'filters' | 'histograms' | undefined;
  /** How many filters are shown, from the first. Default 64. */
  readonly count?: number | undefined;
  /** How many channels of each filter, from the first, where it has neither one nor three. Default 8. */
  readonly channels?: number | undefined;
  /** Filters in a row, or histograms. Default 8 and 3. */
  readonly columns?: number | undefined;
}

const NAME = 'plotWeights';
const checks = {
  layer: optional(nonEmptyString),
  kind: optional(oneOf('filters', 'histograms')),
  count: optional(positiveInteger, 64),
  channels: optional(positiveInteger, 8),
  columns: optional(positiveInteger),
  ...pictureChecks('Weights'),
} satisfies OptionChecks<PlotWeightsOptions>;

const layerOf = ({ layers }: KerasModel, name: string): Layer => {
  const found = layers.find((layer) => layer.name === name);
  if (found !== undefined) return found;
  const place = { function: NAME, argument: 'layer' };
  throw argumentError(
    place,
    'the name of a layer',
    name,
    didYouMean(
      name,
      layers.map((layer) => layer.name),
    ),
  );
};

/** The kernel of a convolution in one or two dimensions, filters last; undefined of other layers. */
const kernelOf = (layer: Layer): Kernel | undefined => {
  const kernel = /Conv/.test(layer.getClassName()) ? layer.weights[0] : undefined;
  const [a = 0, b = 0, c = 0, d = 0] = kernel?.shape.map((size) => size ?? 0) ?? [];
  const values = (): ArrayLike<number> => kernel?.read().dataSync() ?? [];
  if (kernel?.shape.length === 4) return { values: values(), shape: [a, b, c, d] };
  if (kernel?.shape.length === 3) return { values: values(), shape: [1, a, b, c] };
  return undefined;
};

/** Three digits of a number, with a power of ten where it is small. */
const short = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(3)));

const noteOf = (finite: number, mean: number, deviation: number): string =>
  `${thousands(finite)} numbers, mean ${short(mean)}, deviation ${short(deviation)}`;

const filtersPicture = (
  layer: Layer,
  kernel: Kernel,
  theme: Theme,
  title: string,
  options: { readonly count: number; readonly channels: number; readonly columns: number | undefined },
) => {
  const [height, width, all, filters] = kernel.shape;
  const [count, channels] = [Math.min(options.count, filters), Math.min(options.channels, all)];
  const isOne = all === 1 || all === 3;
  const which = isOne || channels === all ? '' : `, ${channels} of their ${all} channels`;
  const description = `${layer.name}: ${count} of ${filters} filters of ${height} × ${width}${which}.`;
  const look = { theme, title, description, filters: count, channels, columns: options.columns ?? 8 };
  return { svg: filtersSvg(kernel, look), description };
};

/** All numbers of a layer's weights, in one list. */
const numbersOf = (layer: Layer): Float32Array => {
  const parts = [...new Set(layer.weights)].map((weight) => weight.read().dataSync());
  const numbers = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((place, part) => {
    numbers.set(part, place);
    return place + part.length;
  }, 0);
  return numbers;
};

const histogramsPicture = (
  histograms: readonly Histogram[],
  theme: Theme,
  title: string,
  columns: number,
) => {
  const description = histograms.map(({ name, note }) => `${name}: ${note}.`).join(' ');
  return { svg: histogramsSvg(histograms, { columns, theme, title, description }), description };
};

/** A histogram for each layer with weights; of one layer, one for each of its weights. */
const histogramsOf = (model: KerasModel, layer: Layer | undefined): readonly Histogram[] => {
  if (layer !== undefined) {
    return layer.weights.map((weight) =>
      histogramOf(weight.originalName.split('/').at(-1) ?? '', weight.read().dataSync(), noteOf),
    );
  }
  return model.layers
    .filter(({ weights }) => weights.length > 0)
    .map((each) => histogramOf(each.name, numbersOf(each), noteOf));
};

/**
 * Draws what a model has learned: a histogram of each layer's weights; or, of a `layer`, one of each of its weights, or the filters of a
 * convolution. Filters of three channels are in their colors, others from blue, below zero, to orange, above.
 *
 * The picture is SVG, and shows itself in a notebook; in the terminal there are means and deviations.
 *
 * @throws KerasStateError if the model has no weights yet.
 * @throws KerasArgumentError if there is no such layer, or it has no filters, or no weights.
 * @throws KerasFileError if the file cannot be written.
 * @example
 * const model = pipe(
 *   kerasModelSequential({ inputShape: [28, 28, 1] }),
 *   layerConv2d({ filters: 8, kernelSize: 3, name: 'edges' }),
 *   layerFlatten(),
 *   layerDense({ units: 10 }),
 * )
 * plotWeights(model, { file: 'weights.svg' })
 * pipe(model, plotWeights({ layer: 'edges' }))
 */
export const plotWeights: ModelStep<PlotWeightsOptions, Always<Picture>> = modelFunction({
  name: NAME,
  optionNames: Object.keys(checks),
  checkOptions: (options) => checkOptions(NAME, options, checks),
  run: (model, _, { layer: name, kind, theme, title, columns, count, channels, ...how }) => {
    const built = builtModel(model);
    const layer = name === undefined ? undefined : layerOf(built, name);
    const kernel = layer === undefined || kind === 'histograms' ? undefined : kernelOf(layer);
    if (kind === 'filters' && kernel === undefined) {
      throw new KerasArgumentError({
        argument: 'layer',
        expected: '`layer` must be the name of a convolution in one or two dimensions, which has filters',
        received: layer === undefined ? 'none' : `'${layer.name}', a layer of class ${layer.getClassName()}`,
        advice: "Name such a layer, or leave `kind` out, or write kind: 'histograms'",
      });
    }
    if (layer !== undefined && kernel !== undefined) {
      const { svg, description } = filtersPicture(layer, kernel, THEMES[theme], title, {
        count,
        channels,
        columns,
      });
      return shownPicture(title, svg, () => description, how);
    }
    const histograms = histogramsOf(built, layer);
    if (histograms.length === 0) {
      throw new KerasStateError({
        expected: `${layer === undefined ? 'a layer of the model' : 'the layer'} must have weights`,
        received: `${layer === undefined ? `the model '${built.name}'` : `'${layer.name}'`}, without any`,
        advice: 'Name another layer, or leave `layer` out',
      });
    }
    const { svg, description } = histogramsPicture(histograms, THEMES[theme], title, columns ?? 3);
    return shownPicture(title, svg, () => description.replaceAll('. ', '.\n'), how);
  },
});
