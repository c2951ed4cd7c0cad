/** What a tokenizer knows, and how it comes to know it. */
import { inspect } from 'node:util';
import { argumentError, type Place } from '../../base/checks';
import { wordSplitter, type WordSplitter } from './word-splitter';

/** A text, or the list of its words. */
export type TextLike = string | readonly string[];

/** Texts to read one after the other: a list, or a generator for more than memory holds. One text alone is a list of one. */
export type Texts = string | Iterable<TextLike>;

/** How a tokenizer reads. */
export interface TokenizerSettings {
  readonly numWords: number | null;
  readonly filters: string;
  readonly lower: boolean;
  readonly split: string;
  readonly charLevel: boolean;
  readonly oovToken: string | null;
}

/** What a tokenizer has counted. */
export interface TokenizerCounts {
  documentCount: number;
  wordCounts: Map<string, number>;
  wordDocs: Map<string, number>;
  indexDocs: Map<number, number>;
  wordIndex: Map<string, number>;
}

const addTo = <Key>(counts: Map<Key, number>, key: Key, more: number): void => {
  counts.set(key, (counts.get(key) ?? 0) + more);
};

/** How often a word came, in how many texts, and the last of them: one look-up a word. */
interface WordCount {
  count: number;
  documents: number;
  last: number;
}

const ADVICE = 'Give a list of strings, or of lists of words';

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  Symbol.iterator in value &&
  typeof value[Symbol.iterator] === 'function';

/** Texts, as something to go through. */
export const textsIn = (value: unknown, place: Place): Iterable<unknown> => {
  if (typeof value === 'string') return [value];
  if (isIterable(value) && !(value instanceof Map) && !ArrayBuffer.isView(value)) return value;
  const isAsync = typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
  throw argumentError(
    place,
    'texts: a list of strings, or a generator of them',
    value,
    isAsync ? 'Gather what comes later first: `for await (const text of texts) list.push(text)`' : ADVICE,
  );
};

/** Whether a value can be texts. A string that stands alone can be a mode as well. */
export const areTexts = (value: unknown): boolean => isIterable(value) && !ArrayBuffer.isView(value);

/**
 * Cuts texts into tokens, and knows their ids: Keras's `Tokenizer`. {@link textTokenizer} makes one.
 *
 * @example
 * const tokenizer = fitTextTokenizer(textTokenizer(), ['the cat', 'the dog'])
 * assert.strictEqual(String(tokenizer), 'TextTokenizer: 3 words of 2 texts')
 * assert.deepStrictEqual([...tokenizer.wordDocs], [['the', 2], ['cat', 1], ['dog', 1]])
 */
export class TextTokenizer implements TokenizerSettings {
  /** The number of words that are used, and one: those of ids below it. Null: all. */
  readonly numWords: number | null;
  /** The characters that are no part of words. */
  readonly filters: string;
  /** Whether letters are made small. */
  readonly lower: boolean;
  /** What stands between words. */
  readonly split: string;
  /** Whether each character is a token. */
  readonly charLevel: boolean;
  /** What stands for words that are not known. */
  readonly oovToken: string | null;

  readonly #split: WordSplitter;
  #counts: TokenizerCounts;

  constructor(settings: TokenizerSettings, counts: TokenizerCounts) {
    this.numWords = settings.numWords;
    this.filters = settings.filters;
    this.lower = settings.lower;
    this.split = settings.split;
    this.charLevel = settings.charLevel;
    this.oovToken = settings.oovToken;
    this.#split = wordSplitter(settings);
    this.#counts = counts;
  }

  /** How many texts it was fitted to. */
  get documentCount(): number {
    return this.#counts.documentCount;
  }

  /** How often each word came, in the order in which they came first. */
  get wordCounts(): ReadonlyMap<string, number> {
    return this.#counts.wordCounts;
  }

  /** In how many texts each word came. */
  get wordDocs(): ReadonlyMap<string, number> {
    return this.#counts.wordDocs;
  }

  /** In how many texts the word of each id came. */
  get indexDocs(): ReadonlyMap<number, number> {
    return this.#counts.indexDocs;
  }

  /** The id of each word, from 1: the more often a word came, the smaller. */
  get wordIndex(): ReadonlyMap<string, number> {
    return this.#counts.wordIndex;
  }

  /** The word of each id. */
  get indexWord(): ReadonlyMap<number, string> {
    return new Map(Array.from(this.wordIndex, ([word, id]) => [id, word]));
  }

  /** @internal The tokens of a text. */
  tokensOf(text: unknown, place: Place): readonly string[] {
    if (typeof text === 'string') {
      if (!this.charLevel) return this.#split(text);
      return Array.from(this.lower ? text.toLowerCase() : text);
    }
    if (!Array.isArray(text)) throw argumentError(place, 'a string, or a list of words', text, ADVICE);
    return Array.from(text as readonly unknown[], (word, position) => {
      if (typeof word !== 'string') {
        const at = { function: place.function, argument: `${place.argument}[${position}]` };
        throw argumentError(at, 'a word: a string', word, ADVICE);
      }
      return this.lower ? word.toLowerCase() : word;
    });
  }

  /** @internal Counts the words of texts. Nothing is changed before all of them were read. */
  fit(texts: Iterable<unknown>, place: Place): void {
    const words = new Map<string, WordCount>();
    let documents = 0;
    for (const text of texts) {
      const at = { function: place.function, argument: `${place.argument}[${documents}]` };
      for (const token of this.tokensOf(text, at)) {
        const word = words.get(token);
        if (word === undefined) {
          words.set(token, { count: 1, documents: 1, last: documents });
          continue;
        }
        word.count++;
        if (word.last !== documents) word.documents++;
        word.last = documents;
      }
      documents++;
    }
    const counts = this.#counts;
    for (const [word, { count, documents: found }] of words) {
      addTo(counts.wordCounts, word, count);
      addTo(counts.wordDocs, word, found);
    }
    counts.documentCount += documents;
    this.#rank();
  }

  /** Gives the words their ids: those of equal counts in the order in which they came first. */
  #rank(): void {
    const counts = this.#counts;
    const ranked = [...counts.wordCounts].sort(([, left], [, right]) => right - left);
    const { oovToken } = this;
    const words = [...(oovToken === null ? [] : [oovToken]), ...ranked.map(([word]) => word)];
    // If the token for unknown words came as a word, its id is that of the word, as in Keras.
    counts.wordIndex = new Map(words.map((word, rank) => [word, rank + 1]));
    for (const [word, documents] of counts.wordDocs) {
      const id = counts.wordIndex.get(word);
      if (id !== undefined) counts.indexDocs.set(id, documents);
    }
  }

  toString(): string {
    const { documentCount } = this;
    const what = this.charLevel ? 'characters' : 'words';
    return documentCount === 0
      ? 'TextTokenizer, which has read nothing yet'
      : `TextTokenizer: ${this.wordIndex.size} ${what} of ${documentCount} texts`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
