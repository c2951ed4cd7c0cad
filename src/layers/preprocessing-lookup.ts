import {
  argumentError,
  boolean,
  integer,
  nonNegativeInteger,
  oneOf,
  optional,
  type Check,
} from '../base/checks';
import { categoryMode, notSparse } from './internal/categorical-output';
import { defineAdaptiveLayer, type VocabularyStep } from './internal/adaptive-layer';
import { IntegerLookup, StringLookup } from './internal/lookup-layer';
import {
  checkLookup,
  encodingCheck,
  idfCheck,
  maxTokensCheck,
  vocabularyCheck,
  vocabularyFor,
  type VocabularySource,
} from './internal/lookup-options';
import type { LayerOptions } from './internal/options';

/** How numbers of categories come out: as they are, or as rows with a place for each of them. */
export type LookupMode = 'int' | 'one_hot' | 'multi_hot' | 'count' | 'tf_idf';

/** Options that lookups have in common. */
interface LookupOptions extends LayerOptions {
  /** How many numbers there may be, special ones included; no limit by default. */
  maxTokens?: number | undefined;
  /** Numbers for tokens that are not in the vocabulary: 1 by default; with more, a hash says which; with 0 such tokens are an error. */
  numOovIndices?: number | undefined;
  /** Whether numbers come in and tokens go out; false by default. */
  invert?: boolean | undefined;
  /**
   * What comes out: 'int', the numbers, by default; 'one_hot', a row for each token; 'multi_hot', 'count' or 'tf_idf', a row for each
   * sample, of ones where a token is there, of how often it is, or of that times the token's weight.
   */
  outputMode?: LookupMode | undefined;
  /** Sparse tensors are not given: false, the default. */
  sparse?: false | undefined;
  /** Whether rows have `maxTokens` places, however many tokens there are; false by default. */
  padToMaxTokens?: boolean | undefined;
  /** The weights of the tokens for 'tf_idf', one for each of `vocabulary`. */
  idfWeights?: readonly number[] | undefined;
}

/** Options of {@link layerStringLookup}. */
export interface StringLookupOptions extends LookupOptions {
  /** The token that has the number 0, and no place in rows; none by default. */
  maskToken?: string | undefined;
  /** The token for numbers that are none of the vocabulary's, with `invert`; '[UNK]' by default. */
  oovToken?: string | undefined;
  /** The tokens, or the path of a file with one in each line; else {@link adapt} learns them. */
  vocabulary?: VocabularySource | undefined;
  /** In which encoding {@link getVocabulary} shows tokens; 'utf-8' by default. */
  encoding?: string | undefined;
}

/** Options of {@link layerIntegerLookup}. */
export interface IntegerLookupOptions extends LookupOptions {
  /** The whole number that has the number 0, and no place in rows; none by default. */
  maskToken?: number | undefined;
  /** What comes for numbers that are none of the vocabulary's, with `invert`; −1 by default. */
  oovToken?: number | undefined;
  /** The whole numbers, or the path of a file with one in each line; else {@link adapt} learns them. */
  vocabulary?: VocabularySource | undefined;
  /** The type of the tokens in Keras's files; 'int64' by default. Here they have 32 bits. */
  vocabularyDtype?: 'int64' | 'int32' | undefined;
}

const lookupMode = categoryMode('int', 'one_hot', 'multi_hot', 'count', 'tf_idf');

const anyText: Check<string> = (value, place) => {
  if (typeof value === 'string') return value;
  throw argumentError(place, 'a text', value);
};

/** Numbers up to that are whole in float32, as vocabularies put them out. */
const MAX_INDEX = 2 ** 24;

const oovIndices: Check<number> = (value, place) => {
  const count = nonNegativeInteger(value, place);
  if (count <= MAX_INDEX) return count;
  throw argumentError(place, `at most ${MAX_INDEX}: larger numbers are not whole in float32`, value);
};

const lookupChecks = {
  maxTokens: optional(maxTokensCheck),
  numOovIndices: optional(oovIndices, 1),
  invert: optional(boolean, false),
  outputMode: optional(lookupMode, 'int'),
  sparse: optional(notSparse, false),
  padToMaxTokens: optional(boolean, false),
  idfWeights: optional(idfCheck),
};

const stringChecks = {
  ...lookupChecks,
  maskToken: optional(anyText),
  oovToken: optional(anyText, '[UNK]'),
  vocabulary: optional(vocabularyCheck('string')),
  encoding: optional(encodingCheck, 'utf-8'),
};

const integerChecks = {
  ...lookupChecks,
  maskToken: optional(integer),
  oovToken: optional(integer, -1),
  vocabulary: optional(vocabularyCheck('int32')),
  vocabularyDtype: optional(oneOf('int64', 'int32'), 'int64'),
};

/**
 * Texts as their numbers in a vocabulary, which {@link adapt} learns, the most frequent first, or `vocabulary` gives; with `invert`,
 * numbers as texts.
 *
 * With outputMode 'int', numbers in order: the mask's, 0, if there is a `maskToken`; `numOovIndices` for texts that are not in the
 * vocabulary; then the vocabulary's. In texts `[batch, …]`, out int32 of the same shape; in the other modes float32 `[batch, size]`, of
 * 'one_hot' `[batch, samples, size]` where there are several, at most two axes. All layers of one step have one vocabulary. In a model,
 * texts become numbers in front of the compiled steps.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if options do not fit each other, tokens repeat, or a text is not in the vocabulary and `numOovIndices` is 0.
 * @throws KerasStateError if it is applied to texts without a vocabulary.
 * @example
 * const lookup = layerStringLookup({ vocabulary: ['red', 'green'] })
 * assert.deepStrictEqual(callLayer(lookup, [['green', 'red'], ['red', 'gold']]).arraySync(), [[2, 1], [1, 0]])
 * const learned = await adapt(layerStringLookup({ outputMode: 'one_hot' }), [['b'], ['a'], ['b']])
 * assert.deepStrictEqual(getVocabulary(learned), ['[UNK]', 'b', 'a'])
 * assert.deepStrictEqual(callLayer(learned, [['a']]).arraySync(), [[0, 0, 1]])
 * @see R keras `layer_string_lookup`
 */
export const layerStringLookup = defineAdaptiveLayer<
  StringLookupOptions,
  typeof stringChecks,
  VocabularyStep<string>
>('layerStringLookup', (args: object) => new StringLookup(args), {
  baseName: 'string_lookup',
  options: stringChecks,
  keepsTypes: true,
  texts: 'read',
  check: (options) => checkLookup('layerStringLookup', options),
  learn: (options) => vocabularyFor('layerStringLookup', options),
  refine: (layer, { invert }) => (invert ? { ...layer, texts: undefined } : layer),
  inputType: ({ invert }) => (invert ? 'float32' : 'string'),
});

/**
 * Whole numbers as their numbers in a vocabulary, which {@link adapt} learns, the most frequent first, or `vocabulary` gives; with
 * `invert`, the way back. What comes in as floats is cut off to whole numbers.
 *
 * Modes, shapes and special numbers are those of {@link layerStringLookup}. All layers of one step have one vocabulary. Steps with it are
 * compiled, but with `numOovIndices: 0`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if options do not fit each other, tokens repeat, or a number is not in the vocabulary and `numOovIndices` is 0.
 * @throws KerasStateError if it is applied to numbers without a vocabulary.
 * @example
 * const lookup = await adapt(layerIntegerLookup(), [[70], [12], [70], [-5]])
 * assert.deepStrictEqual(getVocabulary(lookup), [-1, 70, 12, -5])
 * assert.deepStrictEqual(callLayer(lookup, [[12], [70], [1]]).arraySync(), [[2], [1], [0]])
 * @see R keras `layer_integer_lookup`
 */
export const layerIntegerLookup = defineAdaptiveLayer<
  IntegerLookupOptions,
  typeof integerChecks,
  VocabularyStep<number>
>('layerIntegerLookup', (args: object) => new IntegerLookup(args), {
  baseName: 'integer_lookup',
  options: integerChecks,
  keepsTypes: true,
  check: (options) => checkLookup('layerIntegerLookup', options),
  learn: (options) => vocabularyFor('layerIntegerLookup', options),
});
