import { createRequire } from 'node:module';
import path from 'node:path';
import { inspect } from 'node:util';
import { messageOf } from '../base/causes';
import { argumentError, checkOptions, optional, positiveNumber, type OptionChecks } from '../base/checks';
import { describe, KerasFileError, KerasStateError } from '../base/errors';
import { asFunction, refuseSurplus } from '../base/function-name';
import { replaceFileSync } from '../files/replace-file';
import { jupyterDisplay } from './internal/jupyter';
import { escaped } from './internal/svg';

/** Options of {@link Picture.png}. */
export interface PngOptions {
  /** Pixels of the file for each of the picture's. Default 2, for screens of high density. */
  readonly scale?: number | undefined;
}

const FONT = path.join(__dirname, 'font', 'DejaVuSans.ttf');

interface Renderer {
  readonly Resvg: new (svg: string, options: object) => { render: () => { asPng: () => Uint8Array } };
}

const RENDERER = '@resvg/resvg-js';

/** Where packages are looked for: beside this one, and, where each has none but its own beside it, in the program's folder. */
const places = (): readonly string[] => [__filename, path.join(process.cwd(), 'package.json')];

const renderer = (): Renderer => {
  const failures: unknown[] = [];
  for (const place of places()) {
    try {
      return createRequire(place)(RENDERER) as Renderer; // which that package is
    } catch (error) {
      failures.push(error);
    }
  }
  const [cause] = failures;
  throw new KerasStateError({
    expected: `PNG files are drawn by the package ${RENDERER}, which is not among this package's own`,
    received: messageOf(cause).split('\n')[0] ?? '',
    advice: `Run \`npm install ${RENDERER}\`, or save the picture as .svg or .html, for which nothing is needed`,
    cause,
  });
};

/** Pixels of a PNG file for each of a picture's, if nothing is said. */
const DENSITY = 2;

const pngOf = (svg: string, scale: number): Uint8Array => {
  const { Resvg } = renderer();
  const font = { fontFiles: [FONT], loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' };
  return new Resvg(svg, { fitTo: { mode: 'zoom', value: scale }, font }).render().asPng();
};

/** Endings of files, and what is written under them. */
export type PictureFormats = Readonly<Record<string, () => string | Uint8Array>>;

/**
 * A picture: a plot, or a diagram of a model. It is SVG, which browsers and editors show; in a terminal, `console.log` shows what characters
 * can of it; in a notebook it shows itself.
 *
 * @example
 * const picture = plot({ loss: [0.9, 0.5, 0.4] })
 * assert.ok(picture.svg.startsWith('<svg'))
 * picture.save('history.svg')
 */
export class Picture {
  /** The picture as SVG. */
  readonly svg: string;
  /** What it is. */
  readonly title: string;
  readonly #text: (width: number) => string;

  constructor(title: string, svg: string, text: (width: number) => string) {
    this.title = title;
    this.svg = svg;
    this.#text = text;
  }

  /** A page with the picture in it. */
  get html(): string {
    const background = /<rect[^>]* fill="([^"]*)"/.exec(this.svg)?.[1] ?? '#ffffff';
    return [
      '<!doctype html>',
      '<html lang="en">',
      `<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(this.title)}</title>`,
      `<style>body { margin: 1rem; background: ${background} } svg { max-width: 100%; height: auto }`,
      // Heard, and not seen: the picture says it to the others.
      'h1 { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap }</style></head>',
      `<body><main><h1>${escaped(this.title)}</h1>${this.svg}</main></body>`,
      '</html>',
      '',
    ].join('\n');
  }

  /**
   * The picture as a PNG file's bytes. The package `@resvg/resvg-js` draws it, which is to be installed for that.
   *
   * @throws KerasStateError if that package is not installed.
   * @throws KerasArgumentError if the scale is no positive number.
   */
  png(options: PngOptions = {}, ...surplus: []): Uint8Array {
    refuseSurplus('Picture.png', ['options'], surplus);
    const { scale } = checkOptions('Picture.png', options, {
      scale: optional(positiveNumber, DENSITY),
    } satisfies OptionChecks<PngOptions>);
    return asFunction('Picture.png', () => pngOf(this.svg, scale));
  }

  /** @internal What {@link Picture.save} writes, by the endings of files. */
  protected formats(): PictureFormats {
    return { '.svg': () => this.svg, '.png': () => pngOf(this.svg, DENSITY), '.html': () => this.html };
  }

  /**
   * Writes the picture to a file whose name says what kind it is: `.svg`, `.png` or `.html`. Gives the picture.
   *
   * @throws KerasArgumentError if the name has another ending.
   * @throws KerasFileError if the file cannot be written.
   * @throws KerasStateError if a PNG is wanted, and what draws it is not installed.
   */
  save(file: string, ...surplus: []): this {
    refuseSurplus('Picture.save', ['file'], surplus);
    return asFunction('Picture.save', () => this.write(file));
  }

  /** @internal Writes it for a function that draws, whose name its errors have. */
  write(file: string): this {
    const place = { argument: 'file' };
    const ending = typeof file === 'string' ? path.extname(file).toLowerCase() : '';
    const formats = this.formats();
    const content = Object.hasOwn(formats, ending) ? formats[ending] : undefined;
    const endings = Object.keys(formats).join(', ');
    if (content === undefined) throw argumentError(place, `a file name that ends in one of ${endings}`, file);
    const bytes = content();
    try {
      replaceFileSync(file, bytes);
    } catch (cause) {
      throw new KerasFileError({
        ...place,
        expected: `${describe(file)} must be a file that can be written`,
        received: messageOf(cause),
        advice: 'Choose another place, or see that there is room and that you may write there',
        cause,
      });
    }
    return this;
  }

  /** The picture in characters, in lines of at most so many; 80, if nothing is said. */
  toText(width = 80): string {
    return this.#text(width);
  }

  toString(): string {
    return this.svg;
  }

  [jupyterDisplay](): Readonly<Record<string, string>> {
    return { 'image/svg+xml': this.svg, 'text/plain': this.toText() };
  }

  [inspect.custom](): string {
    return this.toText(process.stdout.columns);
  }
}
