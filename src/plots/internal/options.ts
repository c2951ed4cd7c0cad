import { boolean, checkThat, nonEmptyString, oneOf, optional } from '../../base/checks';
import { themeNames, type ThemeName } from './theme';

/** What all functions that draw take. */
export interface PictureOptions {
  /** `'dark'` for dark pages; the others are light. Default `'gray'`. */
  readonly theme?: ThemeName | undefined;
  /** A file to write it to, as {@link Picture.save} does: `.svg`, `.png` or `.html`. */
  readonly file?: string | undefined;
  /** Whether it is shown in the terminal, too, by `console.log`. Default false. */
  readonly terminal?: boolean | undefined;
  /** What it is, for those who hear it, and for a page's title. By default, what the function draws. */
  readonly title?: string | undefined;
}

const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');

/** A check of names, of classes or of rows. */
export const names = checkThat('a list of names', isNames);

/** The most pixels that a picture has in either direction: no page or viewer shows more. */
const MOST_PIXELS = 20_000;

/** A check of how wide or high a picture is. */
export const pixels = (least: number) =>
  checkThat(
    `a number of pixels, at least ${least} and at most ${MOST_PIXELS}`,
    (value): value is number => typeof value === 'number' && value >= least && value <= MOST_PIXELS,
  );

/** Checks of {@link PictureOptions}; the title that a picture has if none is given. */
export const pictureChecks = (title: string) => ({
  theme: optional(oneOf(...themeNames), 'gray'),
  file: optional(nonEmptyString),
  terminal: optional(boolean, false),
  title: optional(nonEmptyString, title),
});
