import { dataFunction } from '../arrays/call-styles';
import { toTensor, type ArrayLike, type DataArray } from '../arrays/tensors';
import type { DataFunction } from '../base/call-styles';
import { argumentError, checkOptions, optional, type Check, type OptionChecks } from '../base/checks';
import { classNameOf, readClasses } from './internal/numbers';
import { names, pictureChecks, pixels, type PictureOptions } from './internal/options';
import { principalComponents, type Components } from './internal/pca';
import { scatterSvg } from './internal/scatter-svg';
import { shownPicture } from './internal/shown';
import { THEMES } from './internal/theme';
import type { Picture } from './picture';

/** Options of {@link plotEmbedding}. */
export interface PlotEmbeddingOptions extends PictureOptions {
  /** The class of each row, which its color and shape show: class numbers, or one-hot rows. */
  readonly labels?: ArrayLike | undefined;
  /** The names of the classes. By default their numbers. */
  readonly classNames?: readonly string[] | undefined;
  /** What each row is called: a word, for example. Names are drawn where there is room, the first ones first. */
  readonly names?: readonly string[] | undefined;
  /** Pixels. Default 640. */
  readonly width?: number | undefined;
  /** Pixels; more, if the classes need them. Default 480. */
  readonly height?: number | undefined;
}

const NAME = 'plotEmbedding';
/** The least width and height with room for points. */
const LEAST = 240;

const anything: Check<ArrayLike> = (value) => value as ArrayLike; // it is read, and then checked, when it is known how many rows there are
const checks = {
  labels: optional(anything),
  classNames: optional(names),
  names: optional(names),
  width: optional(pixels(LEAST), 640),
  height: optional(pixels(LEAST), 480),
  ...pictureChecks('Embedding'),
} satisfies OptionChecks<PlotEmbeddingOptions>;

/** The least share of how rows differ that is more than rounding. */
const LEAST_SHARE = 1e-10;

const componentsOf = (value: unknown): Components => {
  const place = { function: NAME, argument: 'x' };
  const { tensor, isNew } = toTensor(value, place);
  try {
    if (tensor.rank !== 2 || tensor.size === 0 || tensor.size === tensor.shape.at(-1)) {
      throw argumentError(
        place,
        'a matrix of two rows or more',
        value,
        'Give for example the weights of an embedding layer, getWeights(model)[0]',
      );
    }
    const wrong = tensor.dataSync().find((number) => !Number.isFinite(number));
    if (wrong !== undefined)
      throw argumentError(place, 'made of finite numbers', wrong, 'Remove or replace it');
    return principalComponents(tensor);
  } finally {
    if (isNew) tensor.dispose();
  }
};

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/**
 * Draws rows of many numbers, vectors of words or what an inner layer gives, as points in the plane: their first two principal components,
 * the directions in which they differ most. Rows that are alike are near each other.
 *
 * Takes `[rows, columns]`. Beside each axis is what share of all differences it shows. Classes are told apart by color and by shape. The
 * picture is SVG, and shows itself in a notebook.
 *
 * @throws KerasArgumentError if it is no matrix of finite numbers, or labels or names are not as many as rows.
 * @throws KerasFileError if the file cannot be written.
 * @example
 * const vectors = [[1, 0, 0.1], [0.9, 0.1, 0], [0, 1, 0.9], [0.1, 0.9, 1]]
 * plotEmbedding(vectors, { names: ['king', 'queen', 'apple', 'pear'], labels: [0, 0, 1, 1], file: 'words.svg' })
 * pipe(vectors, plotEmbedding({ theme: 'dark' }))
 * @see R `prcomp`; scikit-learn `PCA`
 */
export const plotEmbedding: DataFunction<DataArray, PlotEmbeddingOptions, Picture> = dataFunction('x', {
  name: NAME,
  optionNames: Object.keys(checks),
  checkOptions: (options) => checkOptions(NAME, options, checks),
  run: (x, _, { labels, classNames, names: rowNames, width, height, theme, title, ...how }) => {
    const { points: all, shares } = componentsOf(x);
    // Of rows on a line the second direction has nothing but the last digits of sums.
    const points = all.map(([across, up]) => [across, shares[1] < LEAST_SHARE ? 0 : up] as const);
    if (rowNames !== undefined && rowNames.length !== points.length) {
      throw argumentError(
        { function: NAME, argument: 'names' },
        `a list of ${points.length} names, one for each row`,
        rowNames,
      );
    }
    const classes =
      labels === undefined ? undefined : readClasses(NAME, 'labels', labels, points.length).numbers;
    const present = [...new Set(classes)].sort((a, b) => a - b);
    const description =
      `${points.length} rows in two dimensions, which show ${percent(shares[0] + shares[1])} of how they differ.` +
      (present.length === 0
        ? ''
        : ` Classes: ${present.map((each) => classNameOf(classNames, each)).join(', ')}.`);
    const svg = scatterSvg(
      points.map(([across, up], row) => ({
        x: across,
        y: up,
        group: classes === undefined ? undefined : present.indexOf(classes[row] ?? 0),
        name: rowNames?.[row],
      })),
      {
        theme: THEMES[theme],
        width,
        height,
        title,
        description,
        axisTitles: [`component 1 (${percent(shares[0])})`, `component 2 (${percent(shares[1])})`],
        groups: present.map((each) => classNameOf(classNames, each)),
      },
    );
    return shownPicture(title, svg, () => description, how);
  },
});
