import { checkAllocation } from '../../arrays/allocate';
import { tensorOfRows } from '../../arrays/rows-tensor';
import { checkSequences, type NumberSequence } from '../../arrays/sequences';
import { argumentError, checkOptions, oneOf, optional, type OptionChecks } from '../../base/checks';
import { KerasStateError } from '../../base/errors';
import type { Tensor2D } from '../../tfjs/tensorflow';
import { tokenizerFunction, type TokenizerFunction } from './call-styles';
import { sequencesIn } from './text-sequences';
import { areTexts, type TextTokenizer, type Texts } from './tokenizer-state';

/** What stands in a row at the id of a word: whether it came, how often, how often weighted, or its fraction of the row's words. */
export type MatrixMode = 'binary' | 'count' | 'tfidf' | 'freq';

/** Options of {@link textsToMatrix} and {@link sequencesToMatrix}. */
export interface MatrixOptions {
  /** What stands in a row at the id of a word; `'binary'` by default. */
  mode?: MatrixMode | undefined;
}

const MODES = ['binary', 'count', 'tfidf', 'freq'] as const;

const checks = { mode: optional(oneOf(...MODES), 'binary') } satisfies OptionChecks<MatrixOptions>;

const stateError = (functionName: string, expected: string, received: string, advice: string) =>
  new KerasStateError({ function: functionName, argument: 'tokenizer', expected, received, advice });

/** The columns: the ids that are used, and 0. */
const columnsOf = (functionName: string, { numWords, wordIndex }: TextTokenizer): number => {
  if (numWords !== null) return numWords;
  if (wordIndex.size > 0) return wordIndex.size + 1;
  throw stateError(
    functionName,
    'the number of columns must be known',
    'a tokenizer that knows no words, and has no numWords',
    'Write fitTextTokenizer(tokenizer, texts) first, or textTokenizer({ numWords: 1000 })',
  );
};

/** How often each id that has a column is in a sequence. */
const countIds = (
  functionName: string,
  sequence: NumberSequence,
  row: number,
  columns: number,
): ReadonlyMap<number, number> => {
  const counts = new Map<number, number>();
  for (let position = 0; position < sequence.length; position++) {
    const id = sequence[position];
    if (id === undefined || !Number.isInteger(id) || id < 0) {
      const place = { function: functionName, argument: `sequences[${row}][${position}]` };
      throw argumentError(place, 'an id: a whole number of 0 or more', id, 'Give what textsToSequences gave');
    }
    if (id < columns) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
};

/** What stands at an id that is in a sequence `count` times. */
const valueFor = (mode: MatrixMode, { documentCount, indexDocs }: TextTokenizer) => {
  const value: Record<MatrixMode, (count: number, id: number, length: number) => number> = {
    binary: () => 1,
    count: (count) => count,
    freq: (count, _, length) => count / length,
    tfidf: (count, id) =>
      (1 + Math.log(count)) * Math.log(1 + documentCount / (1 + (indexDocs.get(id) ?? 0))),
  };
  return value[mode];
};

const matrixOf = (
  functionName: string,
  tokenizer: TextTokenizer,
  sequences: readonly NumberSequence[],
  mode: MatrixMode,
): Tensor2D => {
  const columns = columnsOf(functionName, tokenizer);
  if (mode === 'tfidf' && tokenizer.documentCount === 0) {
    throw stateError(
      functionName,
      "`mode: 'tfidf'` needs a tokenizer that has read texts",
      'one that has read none',
      'Write fitTextTokenizer(tokenizer, texts) first, or give another mode',
    );
  }
  checkAllocation(
    { function: functionName, argument: 'tokenizer' },
    sequences.length * columns,
    `${sequences.length} rows of ${columns} columns`,
    'Give numWords to textTokenizer, or make the rows in parts',
  );
  const value = valueFor(mode, tokenizer);
  return tensorOfRows(sequences.length, columns, (into, row) => {
    const sequence = sequences[row] ?? [];
    for (const [id, count] of countIds(functionName, sequence, row, columns))
      into[id] = value(count, id, sequence.length);
  });
};

const bare = { name: 'mode', is: (value: unknown) => typeof value === 'string' };

/**
 * Lists of ids as the rows of a matrix, with a column for each id below `numWords` (or for all that the tokenizer knows). With
 * `c` for how often an id is in a list of length `l`, `N` for the texts that the tokenizer has read and `n` for those that have the
 * word:
 *
 * - `'binary'`: 1 where `c > 0`
 * - `'count'`: `c`
 * - `'freq'`: `c / l`
 * - `'tfidf'`: `(1 + ln c) · ln(1 + N / (1 + n))`
 *
 * `mode`, the only option, may be given bare. Out float32 `[lists, columns]`, a new tensor, yours to dispose.
 *
 * @throws KerasStateError if the tokenizer has read nothing, and that is needed.
 * @throws KerasArgumentError if something in a list is no id.
 * @example
 * const tokenizer = textTokenizer({ numWords: 4 })
 * assert.deepStrictEqual(sequencesToMatrix(tokenizer, [[1, 3, 3, 9]], 'count').arraySync(), [[0, 1, 0, 2]])
 * assert.deepStrictEqual(pipe(tokenizer, sequencesToMatrix([[1, 3, 3, 9]], { mode: 'freq' })).arraySync(), [[0, 0.25, 0, 0.5]])
 * @see R keras `sequences_to_matrix`
 */
export const sequencesToMatrix: TokenizerFunction<
  [sequences: readonly NumberSequence[], options?: MatrixMode | MatrixOptions],
  Tensor2D
> = tokenizerFunction({
  name: 'sequencesToMatrix',
  data: ['sequences'],
  isData: (value) => Array.isArray(value),
  optionNames: Object.keys(checks),
  bare,
  checkOptions: (options) => checkOptions('sequencesToMatrix', options, checks),
  run: (tokenizer, [sequences]: readonly [unknown], { mode }) => {
    const place = { function: 'sequencesToMatrix', argument: 'sequences' };
    return matrixOf('sequencesToMatrix', tokenizer, checkSequences(sequences, place), mode);
  },
});

/**
 * Texts as the rows of a matrix, with a column for each word: {@link textsToSequences}, and of that {@link sequencesToMatrix}, which has the
 * formulas.
 *
 * `mode`, the only option, may be given bare. Out float32 `[texts, columns]`, a new tensor, yours to dispose.
 *
 * @throws KerasStateError if the tokenizer has read nothing.
 * @throws KerasArgumentError if something among the texts is no text.
 * @example
 * const tokenizer = fitTextTokenizer(textTokenizer(), ['the cat sat', 'the dog'])
 * const x = textsToMatrix(tokenizer, ['the cat and the dog'], 'count')
 * assert.deepStrictEqual(x.arraySync(), [[0, 2, 1, 0, 1]])
 * @see R keras `texts_to_matrix`
 */
export const textsToMatrix: TokenizerFunction<
  [texts: Texts, options?: MatrixMode | MatrixOptions],
  Tensor2D
> = tokenizerFunction({
  name: 'textsToMatrix',
  data: ['texts'],
  isData: areTexts,
  optionNames: Object.keys(checks),
  bare,
  checkOptions: (options) => checkOptions('textsToMatrix', options, checks),
  run: (tokenizer, [texts]: readonly [unknown], { mode }) =>
    matrixOf('textsToMatrix', tokenizer, sequencesIn('textsToMatrix', tokenizer, texts), mode),
});
