/** Attributes of an element; those that are undefined are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** What XML 1.0 has no way to write: control characters, and halves of surrogate pairs. */
const UNWRITABLE = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/gu;

/** A text that shows as it is, whatever markup it has in it. */
export const escaped = (text: string): string =>
  text
    .replaceAll(UNWRITABLE, '\uFFFD')
    .replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character);

/** A number with two decimals at most: a hundredth of a pixel is nothing to see. */
export const short = (value: string | number): string =>
  typeof value === 'number' ? String(Number(value.toFixed(2))) : escaped(value);

/** An element, with what is in it: elements that are made already. For a text see {@link textElement}. */
export const element = (name: string, attributes: Attributes, ...children: readonly string[]): string => {
  const given = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${short(value)}"`],
  );
  const start = `<${name}${given.join('')}`;
  return children.length === 0 ? `${start}/>` : `${start}>${children.join('')}</${name}>`;
};

/** An element with a text in it. */
export const textElement = (name: string, attributes: Attributes, text: string): string =>
  element(name, attributes, escaped(text));

/** Points as `points` of a polyline has them. */
export const pointList = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y]) => `${short(x)},${short(y)}`).join(' ');

/** The fonts of all pictures: the first is the one that the package brings for PNG. */
const FONTS = "'DejaVu Sans', Verdana, sans-serif";

/** What a picture has beside what is drawn. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  /** What it is, which programs read aloud. */
  readonly title: string;
  /** What it shows, in sentences. */
  readonly description: string;
  readonly background: string;
}

/** A whole SVG file of elements. */
export const svgFile = (
  { width, height, title, description, background }: Frame,
  elements: readonly string[],
): string =>
  `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'font-family': FONTS,
      'font-size': 11,
    },
    textElement('title', {}, title),
    textElement('desc', {}, description),
    element('rect', { width, height, fill: background }),
    ...elements,
  )}\n`;
