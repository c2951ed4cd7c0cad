/** Texts as the numbers of their words. */
import { describeShape, KerasShapeError } from '../../base/errors';
import { register, singleInput, type LayerConfig, type Shape } from '../../tfjs/layer-classes';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { readTexts } from './bytes';
import { categoryShape, encodedRows } from './categorical-output';
import type { LearningBatch } from './learned';
import { checkTextInput, checkTexts, numbersOf } from './lookup-layer';
import { vocabularyFor, type LookupFields } from './lookup-options';
import { Vocabulary } from './vocabulary';
import { depthOf, VocabularyLayer } from './vocabulary-layer';
import { tokensOf, type Split, type Splitting, type Standardize } from './word-splitting';

/** What a layer of texts learns: the vocabulary of their tokens. */
export class TextVocabulary extends Vocabulary {
  constructor(
    vocabulary: Vocabulary,
    readonly splitting: Splitting,
  ) {
    super(vocabulary.rules);
    this.adopt(vocabulary);
  }

  override take({ values, shape }: LearningBatch): void {
    const texts = values as readonly string[]; // of the type of this vocabulary
    this.takeRows(tokensOf(texts, rowsOf(shape, this.splitting), this.splitting));
  }
}

/** How many rows of tokens come of texts of a shape: one of each text, or, where none is split, one for all along the last axis. */
const rowsOf = (shape: readonly number[], { split }: Splitting): number => {
  const rows = split === null ? shape.slice(0, Math.max(shape.length - 1, 0)) : shape;
  return rows.reduce((product, size) => product * size, 1);
};

/** How many tokens are put together: `n` is all from one to so many. */
const ngramWidths = (ngrams: number | readonly number[] | null): readonly number[] | null =>
  typeof ngrams === 'number' ? Array.from({ length: ngrams }, (_, index) => index + 1) : ngrams;

/** The options of the layer, as it keeps them. */
interface TextFields extends Pick<
  LookupFields,
  'maxTokens' | 'vocabulary' | 'idfWeights' | 'padToMaxTokens' | 'sparse'
> {
  readonly standardize: Standardize | null;
  readonly split: Split | null;
  readonly ngrams: number | readonly number[] | null;
  readonly outputMode: 'int' | 'multi_hot' | 'count' | 'tf_idf';
  readonly outputSequenceLength: number | null;
  readonly ragged: boolean;
  readonly encoding: string;
}

const TEXT_DEFAULTS: TextFields = {
  maxTokens: null,
  standardize: 'lower_and_strip_punctuation',
  split: 'whitespace',
  ngrams: null,
  outputMode: 'int',
  outputSequenceLength: null,
  padToMaxTokens: false,
  sparse: false,
  ragged: false,
  vocabulary: null,
  idfWeights: null,
  encoding: 'utf-8',
};

/** The option of a name; null counts as given. */
const given = <T>(options: object, name: string, byDefault: T): T => {
  const value = (options as Readonly<Record<string, unknown>>)[name]; // options by their names
  return value === undefined ? byDefault : (value as T); // checked, or as a layer wrote it
};

/** The vocabulary of a layer of such options. */
export const textVocabularyFor = (options: object): TextVocabulary =>
  new TextVocabulary(vocabularyFor('layerTextVectorization', { ...options, maskToken: '' }), {
    standardize: given<Standardize | null>(options, 'standardize', 'lower_and_strip_punctuation'),
    split: given<Split | null>(options, 'split', 'whitespace'),
    ngrams: ngramWidths(given<number | readonly number[] | null>(options, 'ngrams', null)),
  });

export class TextVectorization extends VocabularyLayer<TextFields, TextVocabulary> {
  static readonly className: string = 'TextVectorization';
  readonly kerasDtype = 'string';

  constructor(args: object) {
    super(args, TEXT_DEFAULTS, () => textVocabularyFor(args));
  }

  get outputMode(): TextFields['outputMode'] {
    return this.own.outputMode;
  }

  get outputSequenceLength(): number | null {
    return this.own.outputSequenceLength;
  }

  /** The shape of tokens, whose number is not known where texts are split or put together. */
  private tokenShape(shape: Shape): Shape {
    const { split, ngrams } = this.vocabulary.splitting;
    if (split === null) return ngrams === null ? shape : [...shape.slice(0, -1), null];
    if (shape.length === 1) return [...shape, null];
    if (shape.length > 1 && shape.at(-1) === 1) return [...shape.slice(0, -1), null];
    throw new KerasShapeError({
      layer: this.name,
      expected: `layer '${this.name}', which splits texts, needs one text for each sample: shape [batch] or [batch, 1]`,
      received: describeShape(shape),
      advice: 'Give it an input of shape: [1], or write split: null where the texts are tokens already',
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    checkTextInput(this);
    const shape = this.tokenShape(inputShape as Shape); // one input
    const { outputMode, outputSequenceLength } = this.own;
    if (outputMode !== 'int')
      return categoryShape(this.name, outputMode, shape, depthOf(this.name, this.vocabulary));
    return outputSequenceLength === null ? shape : [...shape.slice(0, -1), outputSequenceLength];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const x = singleInput(inputs);
      checkTexts(this, x);
      const leading = this.tokenShape(x.shape).slice(0, -1) as number[]; // of values
      const { vocabulary } = this;
      const tokens = tokensOf(readTexts(x), rowsOf(x.shape, vocabulary.splitting), vocabulary.splitting);
      const numbers = tokens.map((row) => numbersOf(this.name, vocabulary, row));
      const { outputMode } = this.own;
      return outputMode === 'int' ? this.padded(numbers, leading) : this.counted(numbers, leading);
    });
  }

  /** Numbers of tokens, with zeros behind those of rows with fewer. */
  private padded(rows: readonly Int32Array[], leading: readonly number[]): Tensor {
    const longest = rows.reduce((length, row) => Math.max(length, row.length), 0);
    const length = this.own.outputSequenceLength ?? longest;
    const values = new Int32Array(rows.length * length);
    rows.forEach((row, index) => values.set(row.subarray(0, length), index * length));
    return tf.tensor(values, [...leading, length], 'int32');
  }

  private counted(rows: readonly Int32Array[], leading: readonly number[]): Tensor {
    const depth = depthOf(this.name, this.vocabulary);
    const mode = this.own.outputMode as 'multi_hot' | 'count' | 'tf_idf'; // the others
    const values = tf.reshape(encodedRows(rows, mode, depth), [...leading, depth]);
    const idf = this.idf.value;
    return idf === undefined ? values : tf.mul(values, idf);
  }

  override getConfig(): LayerConfig {
    const { vocabulary, idfWeights } = this.own;
    const { standardize, split } = this.vocabulary.splitting;
    return {
      ...super.getConfig(),
      standardize: standardize as string, // null or a function, too: what reads configurations knows
      split: split as string, // and here
      vocabulary: vocabulary === null ? null : [...vocabulary],
      idfWeights: idfWeights === null ? null : [...idfWeights],
      vocabularySize: this.vocabulary.size,
    };
  }
}
register(TextVectorization);
