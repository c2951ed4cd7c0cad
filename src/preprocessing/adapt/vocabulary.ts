import { callable, type TypeFunction, type Itself } from '../../base/call-styles';
import { boolean, checkOptions, optional, type OptionChecks } from '../../base/checks';
import type { VocabularyStep } from '../../layers/internal/adaptive-layer';
import { givenTokens, idfCheck, type VocabularySource } from '../../layers/internal/lookup-options';
import type { ModelFunction, ModelStep } from '../../models/call-styles';
import { tf } from '../../tfjs/tensorflow';
import { vocabularyOf, withVocabulary, type Adaptable } from './subject';

/** Options of {@link getVocabulary}. */
export interface GetVocabularyOptions {
  /** Whether the mask and the token for unknown ones are in it, so that a token stands at the place of its number; true by default. */
  readonly includeSpecialTokens?: boolean | undefined;
}

/** The result is tokens, of the type that the step has. */
export interface TokensOf extends TypeFunction {
  readonly result: this['subject'] extends VocabularyStep<infer Token> ? Token[] : (string | number)[];
}

const getChecks = {
  includeSpecialTokens: optional(boolean, true),
} satisfies OptionChecks<GetVocabularyOptions>;

/**
 * The vocabulary of {@link layerTextVectorization}, {@link layerStringLookup} or {@link layerIntegerLookup}: the tokens in the order of
 * their numbers.
 *
 * `layer` is the step that makes the layer, or a layer of a model.
 *
 * @throws KerasArgumentError if the layer has no vocabulary.
 * @example
 * const lookup = layerStringLookup({ vocabulary: ['red', 'green'], maskToken: '' })
 * assert.deepStrictEqual(getVocabulary(lookup), ['', '[UNK]', 'red', 'green'])
 * assert.deepStrictEqual(getVocabulary(lookup, { includeSpecialTokens: false }), ['red', 'green'])
 * @see R keras `get_vocabulary`
 */
export const getVocabulary: ModelStep<GetVocabularyOptions, TokensOf, Adaptable> = callable({
  name: 'getVocabulary',
  subject: withVocabulary,
  optionNames: Object.keys(getChecks),
  checkOptions: (options) => checkOptions('getVocabulary', options, getChecks),
  run: (layer, _, { includeSpecialTokens }) => {
    const vocabulary = vocabularyOf(layer);
    return vocabulary.list(includeSpecialTokens).map((token) => vocabulary.shown(token));
  },
}) as unknown as typeof getVocabulary; // the call styles are told apart by the arguments

/** Options of {@link setVocabulary}. */
export interface SetVocabularyOptions {
  /** The weights of the tokens, one for each, of a layer with outputMode: 'tf_idf'. */
  readonly idfWeights?: readonly number[] | undefined;
}

const setChecks = { idfWeights: optional(idfCheck) } satisfies OptionChecks<SetVocabularyOptions>;

/**
 * Gives a layer a vocabulary in place of the one that it has: a list of tokens, with or without the special ones at its beginning, a
 * tensor of them, or the path of a file with one in each line.
 *
 * `layer` is the step that makes the layer, or a layer of a model; all layers of a step have one vocabulary. Changes the layer in place
 * and returns it.
 *
 * @throws KerasArgumentError if tokens repeat, special ones stand elsewhere, they are too many, or weights are missing or too many.
 * @throws KerasStateError if a model of it has rows of another size.
 * @example
 * const lookup = layerIntegerLookup()
 * setVocabulary(lookup, [100, 200])
 * assert.deepStrictEqual(callLayer(lookup, [[200, 7]]).arraySync(), [[2, 0]])
 * @see R keras `set_vocabulary`
 */
export const setVocabulary: ModelFunction<
  [vocabulary: VocabularySource, options?: SetVocabularyOptions],
  Itself,
  Adaptable
> = callable({
  name: 'setVocabulary',
  subject: withVocabulary,
  data: ['vocabulary'],
  isData: (value) => Array.isArray(value) || typeof value === 'string' || value instanceof tf.Tensor,
  optionNames: Object.keys(setChecks),
  checkOptions: (options) => checkOptions('setVocabulary', options, setChecks),
  givesSubject: true,
  run: (layer, [source]: readonly [unknown], { idfWeights }) => {
    const vocabulary = vocabularyOf(layer);
    const place = { function: 'setVocabulary', argument: 'vocabulary' };
    vocabulary.set(place, givenTokens(source, vocabulary.rules.type, place), idfWeights);
  },
}) as unknown as typeof setVocabulary; // the call styles are told apart by the arguments
