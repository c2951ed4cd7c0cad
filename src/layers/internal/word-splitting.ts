/** From a text to its tokens, with the numbers of TensorFlow's operations: on bytes, whose letters are those of ASCII. */
import { bytesOf, textOf, type ByteText } from './bytes';

/** How a text is made uniform before it is split; a function gets the text. */
export type Standardize =
  'lower_and_strip_punctuation' | 'lower' | 'strip_punctuation' | ((text: string) => string);

/** How a text is split into tokens; a function gets the text. */
export type Split = 'whitespace' | 'character' | ((text: string) => readonly string[]);

/** How texts become tokens. */
export interface Splitting {
  readonly standardize: Standardize | null;
  readonly split: Split | null;
  /** How many tokens are put together; null for one each. */
  readonly ngrams: readonly number[] | null;
}

const CAPITALS = /[A-Z]+/g;
const PUNCTUATION = /[!-/:-@[-`{-~]/g;
/** What TensorFlow takes for white space: what C does. */
const SPACES = /[\t-\r ]+/;

const lower = (text: ByteText): ByteText => text.replaceAll(CAPITALS, (letters) => letters.toLowerCase());
const withoutPunctuation = (text: ByteText): ByteText => text.replaceAll(PUNCTUATION, '');

const standardized = (text: ByteText, how: Standardize | null): ByteText => {
  if (how === null) return text;
  if (typeof how === 'function') return bytesOf(how(textOf(text)));
  const lowered = how === 'strip_punctuation' ? text : lower(text);
  return how === 'lower' ? lowered : withoutPunctuation(lowered);
};

const splitText = (text: ByteText, how: Split): readonly ByteText[] => {
  if (typeof how === 'function') return how(textOf(text)).map(bytesOf);
  if (how === 'character') return Array.from(textOf(text), bytesOf);
  return text.split(SPACES).filter((token) => token !== '');
};

/** Tokens put together, the widths one after the other. */
export const ngramsOf = (tokens: readonly ByteText[], widths: readonly number[]): ByteText[] =>
  widths.flatMap((width) =>
    Array.from({ length: Math.max(0, tokens.length - width + 1) }, (_, first) =>
      tokens.slice(first, first + width).join(' '),
    ),
  );

/** The tokens of each row: of a text, or, where nothing is split, of the texts along the last axis. */
export const tokensOf = (
  texts: readonly ByteText[],
  rows: number,
  { standardize, split, ngrams }: Splitting,
): (readonly ByteText[])[] => {
  const uniform = texts.map((text) => standardized(text, standardize));
  const width = rows === 0 ? 0 : uniform.length / rows;
  const tokens =
    split === null
      ? Array.from({ length: rows }, (_, row) => uniform.slice(row * width, (row + 1) * width))
      : uniform.map((text) => splitText(text, split));
  return ngrams === null ? tokens : tokens.map((row) => ngramsOf(row, ngrams));
};
