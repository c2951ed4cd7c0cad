import { argumentError, boolean, oneOf, optional, positiveInteger, type Check } from '../base/checks';
import { categoryMode, notSparse } from './internal/categorical-output';
import { defineAdaptiveLayer, type VocabularyStep } from './internal/adaptive-layer';
import {
  checkLookup,
  encodingCheck,
  idfCheck,
  maxTokensCheck,
  vocabularyCheck,
  type VocabularySource,
} from './internal/lookup-options';
import type { LayerOptions } from './internal/options';
import { TextVectorization, textVocabularyFor } from './internal/text-vectorization-layer';
import type { Split, Standardize } from './internal/word-splitting';

/** Options of {@link layerTextVectorization}. */
export interface TextVectorizationOptions extends LayerOptions {
  /** How many numbers there may be, those of padding and of unknown words included; no limit by default. */
  maxTokens?: number | undefined;
  /**
   * How a text is made uniform: 'lower_and_strip_punctuation' by default, 'lower', 'strip_punctuation', null for as it is, or a function
   * of the text. Letters are those of ASCII, as in TensorFlow.
   */
  standardize?: Standardize | null | undefined;
  /** How a text is split: at 'whitespace', by default, into each 'character', not at all for null, or by a function of the text. */
  split?: Split | null | undefined;
  /** So many words next to each other, from one on, are tokens, too; or a list of how many. */
  ngrams?: number | readonly number[] | undefined;
  /** 'int', the numbers of the tokens, by default; or a row for each text: 'multi_hot', 'count' or 'tf_idf'. */
  outputMode?: 'int' | 'multi_hot' | 'count' | 'tf_idf' | undefined;
  /** With 'int', how many numbers each text has, padded with 0 or cut off; by default those of the longest text of the batch. */
  outputSequenceLength?: number | undefined;
  /** Whether rows have `maxTokens` places, however many tokens there are; false by default. */
  padToMaxTokens?: boolean | undefined;
  /** The tokens, or the path of a file with one in each line; else {@link adapt} learns them. */
  vocabulary?: VocabularySource | undefined;
  /** The weights of the tokens for 'tf_idf', one for each of `vocabulary`. */
  idfWeights?: readonly number[] | undefined;
  /** Sparse tensors are not given: false, the default. */
  sparse?: false | undefined;
  /** In which encoding {@link getVocabulary} shows tokens; 'utf-8' by default. */
  encoding?: string | undefined;
}

const functionOr =
  <T>(check: Check<T>): Check<T | ((text: string) => never) | null> =>
  (value, place) => {
    if (value === null) return null;
    return typeof value === 'function' ? (value as (text: string) => never) : check(value, place); // what it gives is looked at
  };

/** More tokens than that are not put together: texts have fewer. */
const MAX_NGRAMS = 10_000;

const ngrams: Check<number | readonly number[]> = (value, place) => {
  if (!Array.isArray(value)) {
    const most = positiveInteger(value, place);
    if (most <= MAX_NGRAMS) return most;
    throw argumentError(place, `at most ${MAX_NGRAMS}: how many tokens are put together`, value);
  }
  if (value.length === 0) throw argumentError(place, 'a positive integer, or a list of them', value);
  return value.map((width) => positiveInteger(width, place));
};

const checks = {
  maxTokens: optional(maxTokensCheck),
  standardize: optional(
    functionOr(oneOf('lower_and_strip_punctuation', 'lower', 'strip_punctuation')),
    'lower_and_strip_punctuation',
  ),
  split: optional(functionOr(oneOf('whitespace', 'character')), 'whitespace'),
  ngrams: optional(ngrams),
  outputMode: optional(categoryMode('int', 'multi_hot', 'count', 'tf_idf'), 'int'),
  outputSequenceLength: optional(positiveInteger),
  padToMaxTokens: optional(boolean, false),
  vocabulary: optional(vocabularyCheck('string')),
  idfWeights: optional(idfCheck),
  sparse: optional(notSparse, false),
  encoding: optional(encodingCheck, 'utf-8'),
};

/**
 * Texts as the numbers of their words: each text is made uniform, split into tokens, and these are looked up in a vocabulary, which
 * {@link adapt} learns, the most frequent first, or `vocabulary` gives. 0 is padding, 1 any token that is not in it.
 *
 * In texts `[batch]` or `[batch, 1]`, without `split` of any shape; out int32 `[batch, tokens]`, or float32 `[batch, size]` of the
 * other modes, in which column 0 is that of unknown tokens. All layers of one step have one vocabulary. In a model, texts become numbers
 * in front of the compiled steps; without `outputSequenceLength`, whose batches are as long as their longest text, steps run one by one.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if options do not fit each other, or tokens repeat.
 * @throws KerasShapeError if texts are to be split that are not one for each sample.
 * @throws KerasStateError if it is applied to texts without a vocabulary.
 * @example
 * const vectorize = layerTextVectorization({ outputSequenceLength: 4 })
 * await adapt(vectorize, ['The cat sat.', 'The dog sat, too!'])
 * assert.deepStrictEqual(getVocabulary(vectorize), ['', '[UNK]', 'the', 'sat', 'too', 'dog', 'cat'])
 * assert.deepStrictEqual(callLayer(vectorize, ['the bird sat']).arraySync(), [[2, 1, 3, 0]])
 * const model = pipe(kerasModelSequential({ inputShape: [1] }), vectorize, layerEmbedding({ inputDim: 7, outputDim: 2 }))
 * assert.deepStrictEqual(outputShape(model), [null, 4, 2])
 * @see R keras `layer_text_vectorization`
 */
export const layerTextVectorization = defineAdaptiveLayer<
  TextVectorizationOptions,
  typeof checks,
  VocabularyStep<string>
>('layerTextVectorization', (args: object) => new TextVectorization(args), {
  baseName: 'text_vectorization',
  options: checks,
  keepsTypes: true,
  texts: 'read',
  check: (options) => {
    checkLookup('layerTextVectorization', options);
    const { outputMode, outputSequenceLength } = options;
    if (outputMode !== 'int' && outputSequenceLength !== undefined)
      throw argumentError(
        { function: 'layerTextVectorization', argument: 'outputSequenceLength' },
        "left out where outputMode is not 'int'",
        outputSequenceLength,
        'Leave it out',
      );
  },
  learn: textVocabularyFor,
  inputType: () => 'string',
});
