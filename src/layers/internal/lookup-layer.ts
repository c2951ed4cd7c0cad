/** Tokens as their numbers in a vocabulary, and numbers as tokens. */
import { argumentError } from '../../base/checks';
import { describe, KerasArgumentError } from '../../base/errors';
import { hashBuckets } from '../../ops/hashing';
import { lowerBound } from '../../ops/lower-bound';
import { register, singleInput, type LayerConfig, type Shape } from '../../tfjs/layer-classes';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { inputTypesOf, noteOutputTypes } from '../../tfjs/text-types';
import { readTexts, textsTensor, type ByteText } from './bytes';
import { categoryShape, encoded, encodedRows, type CategoryMode } from './categorical-output';
import { vocabularyFor, type LookupFields } from './lookup-options';
import { unknownToken, type Token, type Vocabulary } from './vocabulary';
import { depthOf, VocabularyLayer } from './vocabulary-layer';

/** The numbers of tokens: 0 for the mask where numbers come out, −1 where it has no place. */
export const numbersOf = (layer: string, vocabulary: Vocabulary, tokens: readonly ByteText[]): Int32Array => {
  vocabulary.ready(layer);
  const { numbers, oovStart, rules } = vocabulary;
  const { maskToken, numOovIndices, outputMode } = rules;
  const result = new Int32Array(tokens.length);
  const unknown: number[] = [];
  tokens.forEach((token, index) => {
    const number = numbers.get(token);
    if (number !== undefined) result[index] = number;
    else if (token === maskToken) result[index] = outputMode === 'int' ? 0 : -1;
    else if (numOovIndices === 1) result[index] = oovStart;
    else unknown.push(index);
  });
  const [first] = unknown;
  if (first === undefined) return result;
  if (numOovIndices === 0) throw unknownToken(layer, vocabulary.shown(tokens[first] as Token)); // its index
  const texts = textsTensor(
    unknown.map((index) => tokens[index] as ByteText),
    [unknown.length],
  ); // their indices
  const buckets = hashBuckets(texts, numOovIndices);
  const places = buckets.dataSync();
  tf.dispose([texts, buckets]);
  unknown.forEach((index, position) => {
    result[index] = oovStart + (places[position] as number); // one for each
  });
  return result;
};

/** The error for numbers where texts are taken. */
const notTexts = (layer: string, received: string): KerasArgumentError =>
  new KerasArgumentError({
    layer,
    expected: `layer '${layer}' takes texts`,
    received,
    advice: "Give it texts, in a model by an input of them: layerInput({ shape: [1], dtype: 'string' })",
  });

/** Throws if numbers come where texts are taken. */
export const checkTexts = (layer: { readonly name: string }, x: Tensor): void => {
  if (x.dtype !== 'string') throw notTexts(layer.name, describe(x));
};

/** Throws if a layer that takes texts is put after one that gives numbers. */
export const checkTextInput = (layer: { readonly name: string }): void => {
  const [type] = inputTypesOf(layer) ?? [];
  if (type !== undefined && type !== 'string') throw notTexts(layer.name, 'numbers');
};

abstract class Lookup<Fields extends LookupFields> extends VocabularyLayer<Fields> {
  constructor(args: object, defaults: Fields, functionName: string) {
    super(args, defaults, () => vocabularyFor(functionName, args));
  }

  protected get mode(): CategoryMode {
    return this.vocabulary.rules.outputMode;
  }

  /** The type that Keras has it compute in: of numbers of tokens, whole ones. */
  get kerasDtype(): string {
    return this.mode === 'int' ? 'int64' : 'float32';
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const { mode } = this;
    const depth = mode === 'int' ? null : depthOf(this.name, this.vocabulary);
    return categoryShape(this.name, mode, inputShape as Shape, depth); // one input
  }

  override getConfig(): LayerConfig {
    const { vocabulary } = this.own;
    return {
      ...super.getConfig(),
      vocabulary: vocabulary === null ? null : [...vocabulary],
      vocabularySize: this.vocabulary.tokens === undefined ? null : this.vocabulary.size,
    };
  }
}

/** Texts as their numbers, or numbers as texts. */
export class StringLookup extends Lookup<LookupFields & { readonly encoding: string }> {
  static readonly className: string = 'StringLookup';

  constructor(args: object) {
    super(
      args,
      {
        maxTokens: null,
        numOovIndices: 1,
        maskToken: null,
        oovToken: '[UNK]',
        vocabulary: null,
        idfWeights: null,
        encoding: 'utf-8',
        invert: false,
        outputMode: 'int',
        sparse: false,
        padToMaxTokens: false,
      },
      'layerStringLookup',
    );
    if (this.own.invert) noteOutputTypes(this, ['string']);
  }

  /** Why a step with it cannot be compiled: texts that are read become numbers before the steps, and those that are given do not. */
  get reasonNotTraceable(): string | undefined {
    return this.own.invert ? `the layer '${this.name}' gives texts` : undefined;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    if (!this.own.invert) checkTextInput(this);
    return super.computeOutputShape(inputShape);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const x = singleInput(inputs);
      return this.own.invert ? this.inverted(x) : this.numbered(x);
    });
  }

  private numbered(x: Tensor): Tensor {
    checkTexts(this, x);
    const numbers = numbersOf(this.name, this.vocabulary, readTexts(x));
    const { mode } = this;
    if (mode === 'int') return tf.tensor(numbers, x.shape, 'int32');
    const shape = this.computeOutputShape(x.shape) as number[]; // of values
    const depth = shape.at(-1) as number; // it has the axis of categories
    const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
    const samples = rows === 0 ? 0 : numbers.length / rows;
    const parts = Array.from({ length: rows }, (_, row) =>
      numbers.subarray(row * samples, (row + 1) * samples),
    );
    const values = tf.reshape(encodedRows(parts, mode, depth), shape);
    const idf = this.idf.value;
    return idf === undefined ? values : tf.mul(values, idf);
  }

  private inverted(x: Tensor): Tensor {
    if (x.dtype === 'string') throw argumentError({ argument: 'x' }, 'numbers of tokens', x);
    this.vocabulary.ready(this.name);
    const { maskToken, oovToken } = this.vocabulary.rules;
    const tokens = this.vocabulary.list(true);
    const first = this.vocabulary.tokenStart;
    const unknown = String(oovToken ?? '');
    const texts = Array.from(x.dataSync(), (number) => {
      if (number === 0 && maskToken !== null) return String(maskToken);
      return number >= first ? String(tokens[Math.trunc(number)] ?? unknown) : unknown;
    });
    return textsTensor(texts, x.shape);
  }
}
register(StringLookup);

/** Whole numbers as their numbers in a vocabulary, or back: by operations that can be compiled. */
export class IntegerLookup extends Lookup<LookupFields & { readonly vocabularyDtype: string }> {
  static readonly className: string = 'IntegerLookup';

  constructor(args: object) {
    super(
      args,
      {
        maxTokens: null,
        numOovIndices: 1,
        maskToken: null,
        oovToken: -1,
        vocabulary: null,
        vocabularyDtype: 'int64',
        idfWeights: null,
        invert: false,
        outputMode: 'int',
        sparse: false,
        padToMaxTokens: false,
      },
      'layerIntegerLookup',
    );
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const x = singleInput(inputs);
      if (x.dtype === 'string') throw argumentError({ argument: 'x' }, 'whole numbers', x);
      this.vocabulary.ready(this.name);
      const numbers = tf.cast<Tensor>(x, 'int32');
      if (this.own.invert) return this.inverted(numbers);
      const found = this.found(numbers);
      const { mode } = this;
      return mode === 'int'
        ? found
        : encoded(found, mode, depthOf(this.name, this.vocabulary), { idf: this.idf.value });
    });
  }

  private found(x: Tensor): Tensor {
    const { oovStart, rules } = this.vocabulary;
    const { maskToken, numOovIndices, outputMode } = rules;
    const unknown =
      numOovIndices > 1
        ? tf.add(tf.mod(x, tf.scalar(numOovIndices, 'int32')), tf.scalar(oovStart, 'int32'))
        : tf.scalar(numOovIndices === 0 ? -1 : oovStart, 'int32');
    const found = lookUp(x, this.vocabulary.sorted, unknown);
    if (numOovIndices === 0) this.checkKnown(x, found);
    if (maskToken === null) return found;
    const masked = tf.scalar(outputMode === 'int' ? 0 : -1, 'int32');
    return tf.where(tf.equal(x, tf.scalar(Number(maskToken), 'int32')), masked, found);
  }

  /** Throws for numbers that are not in the vocabulary: what is left for them is −1. */
  private checkKnown(x: Tensor, found: Tensor): void {
    const numbers = found.dataSync();
    const { maskToken } = this.vocabulary.rules;
    const wrong = x.dataSync().find((value, index) => numbers[index] === -1 && value !== maskToken);
    if (wrong !== undefined) throw unknownToken(this.name, wrong);
  }

  private inverted(x: Tensor): Tensor {
    const { maskToken, oovToken } = this.vocabulary.rules;
    const { keys, values } = this.vocabulary.sorted;
    const order = values
      .map((_, index) => index)
      .sort((one, other) => (values[one] as number) - (values[other] as number)); // indices
    const table = {
      keys: Int32Array.from(order, (index) => values[index] as number), // and so here
      values: Int32Array.from(order, (index) => keys[index] as number),
    };
    const tokens = lookUp(x, table, tf.scalar(Number(oovToken ?? -1), 'int32'));
    if (maskToken === null) return tokens;
    return tf.where(tf.equal(x, tf.scalar(0, 'int32')), tf.scalar(Number(maskToken), 'int32'), tokens);
  }
}
register(IntegerLookup);

/** A table by keys in ascending order. */
interface SortedTable {
  readonly keys: Int32Array;
  readonly values: Int32Array;
}

/** What a table has for some keys; something else for those that are not in it. */
const lookUp = (x: Tensor, { keys, values }: SortedTable, otherwise: Tensor): Tensor => {
  if (keys.length === 0) return tf.add(tf.zerosLike(x), otherwise);
  const sorted = tf.tensor1d(keys, 'int32');
  const place = tf.minimum(lowerBound(sorted, x), tf.scalar(keys.length - 1, 'int32'));
  const isThere = tf.equal(tf.gather(sorted, place as tf.Tensor1D), x);
  return tf.where(isThere, tf.gather(tf.tensor1d(values, 'int32'), place as tf.Tensor1D), otherwise);
};
