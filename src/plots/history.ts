import { callable, type DataFunction, type SubjectKind } from '../base/call-styles';
import { boolean, checkOptions, nonEmptyString, oneOf, optional, type OptionChecks } from '../base/checks';
import { historyText } from './internal/braille';
import { historySvg } from './internal/history-svg';
import { pixels } from './internal/options';
import { isHistories, metricNames, panelsOf, type Histories } from './internal/series';
import { shownPicture } from './internal/shown';
import { themeNames, THEMES, type ThemeName } from './internal/theme';
import type { Picture } from './picture';

/** Options of {@link plot}. */
export interface PlotOptions {
  /** The metrics to show, without `val_`: all of the history by default. */
  readonly metrics?: readonly string[] | undefined;
  /** Whether lines are smooth, from ten epochs on. Default true; false: from point to point. */
  readonly smooth?: boolean | undefined;
  /** `'gray'` and `'bw'` as ggplot2's of these names, `'dark'` for dark pages. Default `'gray'`. */
  readonly theme?: ThemeName | undefined;
  /** A file to write it to, as {@link Picture.save} does: `.svg`, `.png` or `.html`. */
  readonly file?: string | undefined;
  /** Whether it is drawn in the terminal, too, by `console.log`. Default false. */
  readonly terminal?: boolean | undefined;
  /** Pixels. Default 640. */
  readonly width?: number | undefined;
  /** Pixels; by default as many as the panels need. */
  readonly height?: number | undefined;
  /** What it is, for those who hear it, and for a page's title. Default `'Training history'`. */
  readonly title?: string | undefined;
}

/** The least width with room for numbers, a panel and a legend. */
const LEAST_WIDTH = 320;
const LEAST_HEIGHT = 120;

const checks = {
  metrics: optional(metricNames),
  smooth: optional(boolean, true),
  theme: optional(oneOf(...themeNames), 'gray'),
  file: optional(nonEmptyString),
  terminal: optional(boolean, false),
  width: optional(pixels(LEAST_WIDTH), 640),
  height: optional(pixels(LEAST_HEIGHT)),
  title: optional(nonEmptyString, 'Training history'),
} satisfies OptionChecks<PlotOptions>;

const histories: SubjectKind<unknown> = {
  argument: 'history',
  is: isHistories,
  // What is wrong with it is said where it is read.
  check: (_, value) => value,
};

/**
 * Draws how a model was trained: a panel for each metric, a point for each epoch, training and validation, and a smooth line through them as
 * R's ggplot2 has it: local quadratics, `loess` of span 0.75, from ten epochs on. Several histories are drawn in one plot, by the names that
 * they are given.
 *
 * The picture is SVG. `file` writes it, `console.log(plot(history))` or `terminal: true` draws it in the terminal, and in a notebook it
 * shows itself, as a history does.
 *
 * @throws KerasArgumentError if it is no history, or one without epochs, or if a metric is not in it.
 * @throws KerasFileError if the file cannot be written.
 * @throws KerasStateError if the file is a PNG, and `@resvg/resvg-js` is not installed.
 * @example
 * const history = { loss: [0.9, 0.5, 0.4], val_loss: [1, 0.7, 0.6] }
 * plot(history, { file: 'history.svg' })
 * plot({ small: history, large: { loss: [0.7, 0.4, 0.2] } }, { theme: 'dark' })
 * pipe(history, plot({ smooth: false }))
 * @see R keras `plot.keras_training_history`
 */
export const plot: DataFunction<Histories, PlotOptions, Picture> = callable({
  name: 'plot',
  subject: histories,
  optionNames: Object.keys(checks),
  checkOptions: (options) => checkOptions('plot', options, checks),
  run: (shown, _, { metrics, smooth, theme, file, terminal, width, height, title }) => {
    const panels = panelsOf(shown, metrics);
    const svg = historySvg(panels, { theme: THEMES[theme], smooth, width, height, title });
    return shownPicture(title, svg, (columns) => historyText(panels, columns), { file, terminal });
  },
}) as unknown as typeof plot; // the call styles are told apart by the arguments
