import { dataFunction } from '../arrays/call-styles';
import type { DataArray } from '../arrays/tensors';
import type { DataFunction } from '../base/call-styles';
import { argumentError, checkOptions, oneOf, optional, type OptionChecks } from '../base/checks';
import { confusionSvg, type Confusion } from './internal/confusion-svg';
import { confusionText } from './internal/confusion-text';
import { readNumbers } from './internal/numbers';
import { shownPicture } from './internal/shown';
import { names, pictureChecks, type PictureOptions } from './internal/options';
import { THEMES } from './internal/theme';
import type { Picture } from './picture';

/** Options of {@link plotConfusion}. */
export interface PlotConfusionOptions extends PictureOptions {
  /** The names of the classes. By default their numbers. */
  readonly classNames?: readonly string[] | undefined;
  /**
   * Shares in the place of counts: of what is of a class, `'true'`, of what was taken for it, `'predicted'`, or of all, `'all'`. By
   * default, counts.
   */
  readonly normalize?: 'true' | 'predicted' | 'all' | undefined;
}

const NAME = 'plotConfusion';
const checks = {
  classNames: optional(names),
  normalize: optional(oneOf('true', 'predicted', 'all')),
  ...pictureChecks('Confusion matrix'),
} satisfies OptionChecks<PlotConfusionOptions>;

const confusionOf = (value: unknown, given: readonly string[] | undefined): Confusion => {
  const { values, shape } = readNumbers(NAME, 'matrix', value);
  const place = { function: NAME, argument: 'matrix' };
  const [size = 0, columns] = shape;
  if (shape.length !== 2 || size !== columns || size === 0) {
    throw argumentError(
      place,
      'a matrix with a row and a column for each class',
      value,
      'Write plotConfusion(confusionMatrix(labels, predictions))',
    );
  }
  const wrong = Array.from(values).find((count) => !(count >= 0) || !Number.isFinite(count));
  if (wrong !== undefined) throw argumentError(place, 'made of counts', wrong);
  if (given !== undefined && given.length !== size) {
    throw argumentError(
      { function: NAME, argument: 'classNames' },
      `a list of ${size} names, one for each class`,
      given,
    );
  }
  const indices = Array.from({ length: size }, (_, index) => index);
  return {
    names: given ?? indices.map(String),
    counts: indices.map((row) => indices.map((column) => values[row * size + column] ?? 0)),
  };
};

/**
 * Draws a confusion matrix, as `confusionMatrix` makes it: a row for each class, and in it how often it was taken for which. What is right is
 * blue, what is wrong is orange, the darker, the larger its share of the row; recall is beside the rows, precision below the columns.
 *
 * Takes `[classes, classes]`. The picture is SVG, and shows itself in a notebook and by `console.log`.
 *
 * @throws KerasArgumentError if it is no square of counts, or there are not as many names as classes.
 * @throws KerasFileError if the file cannot be written.
 * @example
 * const matrix = confusionMatrix([0, 1, 2, 1], [0, 2, 2, 1])
 * plotConfusion(matrix, { classNames: ['cat', 'dog', 'fox'], file: 'confusion.svg' })
 * pipe(matrix, plotConfusion({ normalize: 'true' }))
 * @see scikit-learn `ConfusionMatrixDisplay`
 */
export const plotConfusion: DataFunction<DataArray, PlotConfusionOptions, Picture> = dataFunction('matrix', {
  name: NAME,
  optionNames: Object.keys(checks),
  checkOptions: (options) => checkOptions(NAME, options, checks),
  run: (matrix, _, { classNames, normalize, theme, title, ...how }) => {
    const confusion = confusionOf(matrix, classNames);
    const svg = confusionSvg(confusion, normalize, title, THEMES[theme]);
    return shownPicture(title, svg, (width) => confusionText(confusion, normalize, width), how);
  },
});
