/** Colors of a picture. */
export interface Theme {
  readonly background: string;
  /** Behind points and lines. */
  readonly panel: string;
  readonly grid: string;
  /** Around a panel; undefined: no line. */
  readonly border: string | undefined;
  /** Of titles and names. */
  readonly text: string;
  /** Of numbers on axes. */
  readonly quiet: string;
  /** One after the other: told apart by the color-blind, and at least 3 to 1 against the panel. */
  readonly series: readonly string[];
}

/**
 * Orange and blue, then others: each as far from all before it as light panels allow, for those, too, whose eyes see no red, no green or no
 * blue.
 *
 * @see Machado, Oliveira, Fernandes 2009, A physiologically-based model for simulation of color vision deficiency
 */
const ON_LIGHT = ['#c24a00', '#0068a8', '#9000f0', '#600000', '#000078', '#a86060', '#300030'];
/** The same for dark panels. */
const ON_DARK = ['#ff9d5c', '#6cc3f2', '#f5e043', '#a878ff', '#1f9e77', '#ffffff', '#9fd89f'];

/** The themes, by name: ggplot2's gray one and its black and white one, and one for dark pages. */
export const THEMES = {
  gray: {
    background: '#ffffff',
    panel: '#ebebeb',
    grid: '#ffffff',
    border: undefined,
    text: '#1a1a1a',
    quiet: '#4d4d4d',
    series: ON_LIGHT,
  },
  bw: {
    background: '#ffffff',
    panel: '#ffffff',
    grid: '#ebebeb',
    border: '#333333',
    text: '#1a1a1a',
    quiet: '#4d4d4d',
    series: ON_LIGHT,
  },
  dark: {
    background: '#1b1e23',
    panel: '#272b32',
    grid: '#3a404a',
    border: undefined,
    text: '#f2f2f2',
    quiet: '#c3c8d0',
    series: ON_DARK,
  },
} as const satisfies Readonly<Record<string, Theme>>;

/** The name of a theme. */
export type ThemeName = keyof typeof THEMES;

/** The names of the themes. */
export const themeNames = Object.keys(THEMES) as readonly ThemeName[]; // its own keys
