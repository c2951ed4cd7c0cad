/** Options of lookups: what is checked of them, and the vocabulary that comes of them. */
import { readFileSync } from 'node:fs';
import { argumentError, nonEmptyString, positiveInteger, type Check, type Place } from '../../base/checks';
import { messageOf } from '../../base/causes';
import { describe, KerasArgumentError } from '../../base/errors';
import { MalformedError } from '../../files/malformed';
import { utf8Of } from '../../files/text';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { bytesOf } from './bytes';
import type { CategoryMode } from './categorical-output';
import {
  LearnedVocabulary,
  Vocabulary,
  type GivenTokens,
  type Token,
  type VocabularyRules,
} from './vocabulary';

/** The options of a lookup, as its layer keeps them. */
export interface LookupFields {
  readonly maxTokens: number | null;
  readonly numOovIndices: number;
  readonly maskToken: string | number | null;
  readonly oovToken: string | number | null;
  readonly vocabulary: GivenTokens | null;
  readonly idfWeights: readonly number[] | null;
  readonly invert: boolean;
  readonly outputMode: CategoryMode;
  readonly sparse: false;
  readonly padToMaxTokens: boolean;
}

/** A vocabulary as the user gives it: tokens, a tensor of them, or the path of a file with one in each line. */
export type VocabularySource = GivenTokens | Tensor | string;

/** A number of tokens that leaves room for one besides the special ones. */
export const maxTokensCheck: Check<number> = (value, place) => {
  if (positiveInteger(value, place) > 1) return value as number; // as just checked
  throw argumentError(place, 'an integer of 2 or more', value);
};

/** A vocabulary of a file of lines. */
const readTokens = (file: string, type: VocabularyRules['type'], place: Place): GivenTokens => {
  let text: string;
  try {
    text = utf8Of(readFileSync(file));
  } catch (cause) {
    const isMalformed = cause instanceof MalformedError;
    throw new KerasArgumentError({
      function: place.function,
      argument: place.argument,
      expected: `\`${place.argument}\` must be a list of tokens, or the path of a file ${isMalformed ? 'of UTF-8' : 'that can be read'}`,
      received: isMalformed
        ? `${describe(file)}, of which ${cause.message}`
        : `${describe(file)}: ${messageOf(cause)}`,
      advice: isMalformed ? 'Save it as UTF-8, or give the tokens' : 'Correct the path, or give the tokens',
      cause,
    });
  }
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return type === 'string' ? lines : lines.map(Number);
};

/** The tokens of a vocabulary that a user gives. */
export const givenTokens = (source: unknown, type: VocabularyRules['type'], place: Place): GivenTokens => {
  if (typeof source === 'string') return readTokens(source, type, place);
  if (source instanceof tf.Tensor) return Array.from(source.dataSync<'string'>()); // texts, or numbers
  if (Array.isArray(source)) return source as GivenTokens; // each is checked
  if (ArrayBuffer.isView(source)) return Array.from(source as Int32Array, Number);
  throw argumentError(
    place,
    'a list of tokens, a tensor of them, or the path of a file with one in each line',
    source,
  );
};

/** The check of such a source; the tokens are read at once, and checked with the other options. */
export const vocabularyCheck =
  (type: VocabularyRules['type']): Check<GivenTokens | LearnedVocabulary> =>
  (value, place) =>
    value instanceof LearnedVocabulary ? value : givenTokens(value, type, place);

/** The check of weights of tokens. */
export const idfCheck: Check<readonly number[]> = (value, place) => {
  const list: unknown = value instanceof tf.Tensor || ArrayBuffer.isView(value) ? numbersIn(value) : value;
  if (Array.isArray(list) && list.every((weight) => typeof weight === 'number' && Number.isFinite(weight)))
    return list as number[]; // as just seen
  throw argumentError(place, 'a list of numbers, or a tensor of one axis', value);
};

const numbersIn = (value: unknown): number[] =>
  value instanceof tf.Tensor ? Array.from((value as Tensor).dataSync()) : Array.from(value as Float32Array); // a typed array

/** The check of the name of an encoding, as the platform knows it. */
export const encodingCheck: Check<string> = (value, place) => {
  const name = nonEmptyString(value, place);
  try {
    new TextDecoder(name);
    return name;
  } catch {
    throw argumentError(place, 'the name of an encoding', value, "Write encoding: 'utf-8', or 'latin1'");
  }
};

/** The options of all lookups that must fit each other. */
export const checkLookup = (
  functionName: string,
  options: Partial<Omit<LookupFields, 'vocabulary'>>,
): void => {
  const { invert, outputMode = 'int', padToMaxTokens, maxTokens } = options;
  const at = (argument: string): Place => ({ function: functionName, argument });
  if (padToMaxTokens === true && (maxTokens ?? null) === null)
    throw argumentError(
      at('maxTokens'),
      'given with padToMaxTokens: true',
      maxTokens,
      'Write maxTokens: 1000',
    );
  if (invert === true && outputMode !== 'int')
    throw argumentError(at('outputMode'), "'int' with invert: true", outputMode, "Write outputMode: 'int'");
};

/** The rules of a vocabulary, from the options of a layer. */
const rulesOf = (
  functionName: string,
  options: Partial<LookupFields> & { readonly encoding?: string },
): VocabularyRules => {
  const isOfIntegers = functionName === 'layerIntegerLookup';
  const token = (value: string | number | null | undefined): Token | null =>
    typeof value === 'string' ? bytesOf(value) : (value ?? null);
  return {
    functionName,
    type: isOfIntegers ? 'int32' : 'string',
    maxTokens: options.maxTokens ?? null,
    numOovIndices: options.numOovIndices ?? 1,
    maskToken: token(options.maskToken),
    oovToken: token(options.oovToken === undefined ? (isOfIntegers ? -1 : '[UNK]') : options.oovToken),
    invert: options.invert ?? false,
    outputMode: options.outputMode ?? 'int',
    padToMaxTokens: options.padToMaxTokens ?? false,
    encoding: options.encoding ?? 'utf-8',
  };
};

/** Whether a vocabulary in options was learned before they were written into a file. */
const wasLearned = ({ vocabulary, hasInputVocabulary }: Readonly<Record<string, unknown>>): boolean =>
  vocabulary instanceof LearnedVocabulary || hasInputVocabulary === false;

/** The options that the user gave: what was learned is none of them. */
export const givenOptions = (options: object): object =>
  wasLearned(options as Readonly<Record<string, unknown>>) // options by their names
    ? { ...options, vocabulary: null, idfWeights: null }
    : options;

/** The vocabulary of a layer of such options: the one that is given, or one that is still to be learned. */
export const vocabularyFor = (functionName: string, options: object): Vocabulary => {
  const given = options as Partial<LookupFields>; // checked, or as a layer wrote them
  const vocabulary = new Vocabulary(rulesOf(functionName, given));
  const source = given.vocabulary as GivenTokens | LearnedVocabulary | null | undefined;
  const place: Place = { function: functionName, argument: 'vocabulary' };
  const idf = given.idfWeights ?? undefined;
  const isLearned = wasLearned(options as Readonly<Record<string, unknown>>); // by their names
  if ((source ?? null) === null) {
    if (idf !== undefined)
      throw argumentError(
        { ...place, argument: 'idfWeights' },
        'given with a vocabulary',
        idf,
        'Give a vocabulary, too',
      );
    return vocabulary;
  }
  const tokens =
    source instanceof LearnedVocabulary ? (source.tokens as GivenTokens) : (source as GivenTokens); // each is checked
  vocabulary.set(place, tokens, idf, isLearned);
  if (!isLearned) vocabulary.close();
  return vocabulary;
};
