import { argumentError, integer, optional, positiveInteger, required, type Check } from '../base/checks';
import { categoryMode, notSparse } from './internal/categorical-output';
import { HashedCrossing } from './internal/crossing-layer';
import { defineLayer, defineListLayer } from './internal/define-layer';
import { CategoryEncoding, Hashing } from './internal/feature-layers';
import type { LayerOptions } from './internal/options';

/** Options of {@link layerCategoryEncoding}. */
export interface CategoryEncodingOptions extends LayerOptions {
  /** How many categories there are: numbers from 0 to one less. */
  numTokens: number;
  /** 'multi_hot', a row of ones for each sample, by default; 'one_hot', a row for each number; 'count', how often a category is in a sample. */
  outputMode?: 'one_hot' | 'multi_hot' | 'count' | undefined;
  /** Sparse tensors are not given: false, the default. */
  sparse?: false | undefined;
}

/** Options of {@link layerHashing}. */
export interface HashingOptions extends LayerOptions {
  /** How many bins there are. */
  numBins: number;
  /** The value that has bin 0 for itself; none by default. */
  maskValue?: string | number | undefined;
  /** A key, of one number or two, of SipHash; without it the hash is FarmHash's. */
  salt?: number | readonly [number, number] | undefined;
  /** 'int', the number of the bin, by default; 'one_hot', a row for each value; 'multi_hot' or 'count', a row for each sample. */
  outputMode?: 'int' | 'one_hot' | 'multi_hot' | 'count' | undefined;
  /** Sparse tensors are not given: false, the default. */
  sparse?: false | undefined;
}

const encodingChecks = {
  numTokens: required(positiveInteger),
  outputMode: optional(categoryMode('one_hot', 'multi_hot', 'count'), 'multi_hot'),
  sparse: optional(notSparse, false),
};

/**
 * Whole numbers, each of them a category, as rows with a place for each category.
 *
 * In `[batch, samples]` or `[batch]`, out float32 `[batch, numTokens]`; of 'one_hot' `[batch, numTokens]` for one number each. No weights.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `numTokens` is missing.
 * @throws KerasShapeError if more than two axes would come out.
 * @throws KerasNativeError if a number is not in 0 to `numTokens − 1`.
 * @example
 * const encode = layerCategoryEncoding({ numTokens: 4 })
 * assert.deepStrictEqual(callLayer(encode, [[0, 1], [3, 3]]).arraySync(), [[1, 1, 0, 0], [0, 0, 0, 1]])
 * const count = layerCategoryEncoding({ numTokens: 4, outputMode: 'count' })
 * assert.deepStrictEqual(callLayer(count, [[3, 3]]).arraySync(), [[0, 0, 0, 2]])
 * @see R keras `layer_category_encoding`
 */
export const layerCategoryEncoding = defineLayer<CategoryEncodingOptions, typeof encodingChecks>(
  'layerCategoryEncoding',
  (args: object) => new CategoryEncoding(args),
  { baseName: 'category_encoding', options: encodingChecks, keepsTypes: true },
);

const maskValue: Check<string | number> = (value, place) =>
  typeof value === 'string' ? value : integer(value, place);

const salt: Check<readonly [number, number]> = (value, place) => {
  if (!Array.isArray(value)) {
    const key = integer(value, place);
    return [key, key];
  }
  const [first, second] = value.map((key) => integer(key, place));
  if (value.length === 2 && first !== undefined && second !== undefined) return [first, second];
  throw argumentError(place, 'an integer, or two of them', value);
};

const hashingChecks = {
  numBins: required(positiveInteger),
  maskValue: optional(maskValue),
  salt: optional(salt),
  outputMode: optional(categoryMode('int', 'one_hot', 'multi_hot', 'count'), 'int'),
  sparse: optional(notSparse, false),
};

/**
 * Texts or whole numbers as so many bins, by a hash of each, as TensorFlow hashes texts: FarmHash's fingerprint, or SipHash with a `salt`.
 *
 * In `[batch, …]`, out int32 of the same shape, or float32 rows with a place for each bin. Two values may have one bin. With a `maskValue`,
 * others have bins from 1 on. No weights, and nothing to learn.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `numBins` is missing, or `maskValue` is not of the type of the input.
 * @example
 * const hash = layerHashing({ numBins: 3 })
 * assert.deepStrictEqual(callLayer(hash, [['A'], ['B'], ['C'], ['D'], ['E']]).arraySync(), [[1], [0], [1], [1], [2]])
 * const masked = layerHashing({ numBins: 3, maskValue: '' })
 * assert.deepStrictEqual(callLayer(masked, [['A'], ['B'], [''], ['C'], ['D']]).arraySync(), [[1], [1], [0], [2], [2]])
 * @see R keras `layer_hashing`
 */
export const layerHashing = defineLayer<HashingOptions, typeof hashingChecks>(
  'layerHashing',
  (args: object) => new Hashing(args),
  { baseName: 'hashing', options: hashingChecks, keepsTypes: true, texts: 'read' },
);

/** Options of {@link layerHashedCrossing}. */
export interface HashedCrossingOptions extends LayerOptions {
  /** How many bins there are. */
  numBins: number;
  /** 'int', the number of the bin, by default; 'one_hot', a row with a place for each bin. */
  outputMode?: 'int' | 'one_hot' | undefined;
  /** Sparse tensors are not given: false, the default. */
  sparse?: false | undefined;
}

const crossingChecks = {
  numBins: required(positiveInteger),
  outputMode: optional(categoryMode('int', 'one_hot'), 'int'),
  sparse: optional(notSparse, false),
};

/**
 * Several columns of categories as one, so many bins by a hash of what stands together in a row: a city and a job for example.
 *
 * In a list of columns of texts or whole numbers, `[batch, 1]` or `[batch]`, out int32 of the same shape, or float32 `[batch, numBins]`.
 * No weights.
 *
 * @throws KerasArgumentError if `numBins` is missing.
 * @throws KerasShapeError if the columns are of other shapes.
 * @example
 * const city = layerInput({ shape: [1], dtype: 'string' })
 * const floor = layerInput({ shape: [1], dtype: 'int32' })
 * const model = kerasModel([city, floor], layerHashedCrossing([city, floor], { numBins: 5 }))
 * const floors = tf.tensor2d([[101], [101], [102]], [3, 1], 'int32')
 * assert.deepStrictEqual(predictOnBatch(model, [[['A'], ['B'], ['B']], floors]).arraySync(), [[1], [4], [1]])
 * @see Keras `HashedCrossing`; R has it in `layer_feature_space` of keras3
 */
export const layerHashedCrossing = defineListLayer<HashedCrossingOptions, typeof crossingChecks>(
  'layerHashedCrossing',
  (args: object) => new HashedCrossing(args),
  { baseName: 'hashed_crossing', options: crossingChecks, keepsTypes: true, texts: 'read' },
);
