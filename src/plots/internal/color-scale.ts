type Color = readonly [red: number, green: number, blue: number];

const parse = (color: string): Color => [
  parseInt(color.slice(1, 3), 16),
  parseInt(color.slice(3, 5), 16),
  parseInt(color.slice(5, 7), 16),
];

/** A color between others, from 0, the first, to 1, the last. */
export const between = (colors: readonly string[], share: number): Color => {
  const place = Math.min(1, Math.max(0, share)) * (colors.length - 1);
  const index = Math.min(colors.length - 2, Math.floor(place));
  const [from, to] = [parse(colors[index] ?? '#000000'), parse(colors[index + 1] ?? '#000000')];
  const part = (channel: 0 | 1 | 2): number =>
    Math.round(from[channel] + (to[channel] - from[channel]) * (place - index));
  return [part(0), part(1), part(2)];
};

export const hex = (color: Color): string =>
  `#${color.map((part) => part.toString(16).padStart(2, '0')).join('')}`;

/**
 * How light a color is.
 *
 * @see Web Content Accessibility Guidelines 2.2, relative luminance
 */
const luminance = (color: Color): number => {
  const [red = 0, green = 0, blue = 0] = color.map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

/** Black or white: what is read better on a color. */
export const readableOn = (color: Color): string => (luminance(color) > 0.179 ? '#000000' : '#ffffff');

/** From little to much, of what is right and of what is wrong: told apart by the color-blind, and by how light they are. */
export const SHADES = {
  light: { right: ['#f2f6fa', '#9cc3e2', '#08457e'], wrong: ['#faf5f0', '#f3b47d', '#a63603'] },
  dark: { right: ['#272b32', '#2f6690', '#8fd0fa'], wrong: ['#272b32', '#8a4b1a', '#ffb37a'] },
} as const;
/** From below zero, by zero, to above. */
export const AROUND_ZERO = ['#08457e', '#6aa6d6', '#f7f7f7', '#ee9a55', '#a63603'] as const;
