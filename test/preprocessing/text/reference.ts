/** What Keras makes of texts: see test/reference/text.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { camelCase } from '../../support/r-keras';

interface Counts {
  readonly document_count: number;
  readonly word_counts: [string, number][];
  readonly word_docs: [string, number][];
  readonly index_docs: [number, number][];
  readonly word_index: [string, number][];
  readonly index_word: [number, string][];
}

type Options = Readonly<Record<string, unknown>>;
type Mode = 'binary' | 'count' | 'tfidf' | 'freq';

interface Reference {
  readonly texts: string[];
  readonly unseen: string[];
  readonly split_texts: string[];
  readonly words: { readonly options: Options; readonly sequences: string[][] }[];
  readonly tokenizers: {
    readonly options: Options;
    readonly fitted: Counts;
    readonly sequences: number[][];
    readonly matrices: Record<Mode, { shape: number[]; nonzeros: [number, number, number][] }>;
    readonly again: Counts;
    readonly again_sequences: number[][];
  }[];
  readonly saved: string;
  readonly hashing: { readonly n: number; readonly options: Options; readonly hashes: number[][] }[];
  readonly small: { readonly unicode: string; readonly characters: string; readonly lower: string };
}

export const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../../reference/text.json'), 'utf8'),
) as Reference;

/** Keras's options under their names here. */
export const camelOptions = (options: Options): Record<string, never> =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [camelCase(name), value])) as Record<
    string,
    never
  >; // of the types that the options have
