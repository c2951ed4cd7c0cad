/** Kinds of features: what each becomes, and what is checked of it. */
import {
  anyNumber,
  argumentError,
  checkOptions,
  isPlainObject,
  nonNegativeInteger,
  oneOf,
  optional,
  positiveInteger,
  required,
  type OptionChecks,
  type Place,
} from '../../base/checks';
import { learnedOf, isAdaptive, type Learned } from '../../layers/internal/learned';
import { Vocabulary } from '../../layers/internal/vocabulary';
import { inputType } from '../../layers/internal/options';
import type { LayerStep } from '../../layers/internal/target';
import { layerHashing } from '../../layers/preprocessing-categorical';
import { layerRescaling } from '../../layers/preprocessing-image';
import { layerIntegerLookup, layerStringLookup } from '../../layers/preprocessing-lookup';
import { layerDiscretization, layerNormalization } from '../../layers/preprocessing-numeric';

/** What comes of categories: a row with a place for each, or their numbers. */
type CategoryOutput = 'one_hot' | 'int';

interface HashedFeature {
  /** How many bins there are; `hashingDim` of the feature space by default. */
  readonly numBins?: number | undefined;
  /** 'one_hot' by default. */
  readonly outputMode?: CategoryOutput | undefined;
}

interface CategoricalFeature {
  /** How many numbers there may be, that of unknown values included; no limit by default. */
  readonly maxTokens?: number | undefined;
  /** Numbers for values that are not in the vocabulary; 1 by default. */
  readonly numOovIndices?: number | undefined;
  /** 'one_hot' by default. */
  readonly outputMode?: CategoryOutput | undefined;
}

/** A feature with options of its own. */
export type FeatureOptions =
  | { readonly type: 'float' | 'float_normalized' }
  | {
      readonly type: 'float_rescaled';
      readonly scale?: number | undefined;
      readonly offset?: number | undefined;
    }
  | {
      readonly type: 'float_discretized';
      /** How many bins; `numDiscretizationBins` of the feature space by default. */
      readonly numBins?: number | undefined;
      /** The limits between bins, instead of those that are learned. */
      readonly binBoundaries?: readonly number[] | undefined;
      /** 'one_hot' by default. */
      readonly outputMode?: CategoryOutput | undefined;
    }
  | ({ readonly type: 'integer_categorical' | 'string_categorical' } & CategoricalFeature)
  | ({ readonly type: 'integer_hashed' | 'string_hashed' } & HashedFeature)
  | {
      /** A layer of the user's. */
      readonly type: 'custom';
      readonly layer: LayerStep;
      /** The type of the column: 'float32' by default. */
      readonly dtype?: 'float32' | 'int32' | 'string' | undefined;
    };

/** A kind of feature, with the options that it has by default. */
export type FeatureType =
  | 'float'
  | 'float_normalized'
  | 'float_rescaled'
  | 'float_discretized'
  | 'integer_categorical'
  | 'string_categorical'
  | 'integer_hashed'
  | 'string_hashed';

/** A feature: its kind, or its kind with options. */
export type Feature = FeatureType | FeatureOptions;

/** Sizes for features that do not say theirs. */
export interface FeatureSizes {
  readonly hashingDim: number;
  readonly numDiscretizationBins: number;
}

/** A feature, and the layer that prepares it. */
export interface PreparedFeature {
  readonly name: string;
  readonly dtype: 'float32' | 'int32' | 'string';
  /** The layer; undefined where numbers are taken as they are. */
  readonly step: LayerStep | undefined;
  /** What the layer learns. */
  readonly learned: Learned | undefined;
  /** How many categories come out, where each is to have a place of its own; asked for once they are learned. */
  readonly categories: (() => number) | undefined;
}

const TYPES = [
  'float',
  'float_normalized',
  'float_rescaled',
  'float_discretized',
  'integer_categorical',
  'string_categorical',
  'integer_hashed',
  'string_hashed',
  'custom',
] as const;

type AnyType = (typeof TYPES)[number];

const type = required(oneOf(...TYPES));
const outputMode = optional(oneOf('one_hot', 'int'), 'one_hot');

/** The checks of the options of each kind. */
const CHECKS = {
  float: { type },
  float_normalized: { type },
  float_rescaled: { type, scale: optional(anyNumber, 1), offset: optional(anyNumber, 0) },
  float_discretized: {
    type,
    numBins: optional(positiveInteger),
    binBoundaries: optional((value: unknown) => value),
    outputMode,
  },
  integer_categorical: {
    type,
    maxTokens: optional(positiveInteger),
    numOovIndices: optional(nonNegativeInteger, 1),
    outputMode,
  },
  string_categorical: {
    type,
    maxTokens: optional(positiveInteger),
    numOovIndices: optional(nonNegativeInteger, 1),
    outputMode,
  },
  integer_hashed: { type, numBins: optional(positiveInteger), outputMode },
  string_hashed: { type, numBins: optional(positiveInteger), outputMode },
  custom: { type, layer: required((value: unknown) => value), dtype: optional(inputType, 'float32') },
} satisfies Record<AnyType, OptionChecks>;

/** What options of any kind may be. */
interface Options {
  readonly type: AnyType;
  readonly scale?: number;
  readonly offset?: number;
  readonly numBins?: number;
  readonly binBoundaries?: readonly number[];
  readonly outputMode?: CategoryOutput;
  readonly maxTokens?: number;
  readonly numOovIndices?: number;
  readonly layer?: LayerStep;
  readonly dtype?: 'float32' | 'int32' | 'string';
}

const stepOf = (options: Options, name: string, sizes: FeatureSizes): LayerStep | undefined => {
  const { maxTokens, numOovIndices, binBoundaries, layer } = options;
  const hashing = { numBins: options.numBins ?? sizes.hashingDim, name };
  switch (options.type) {
    case 'float':
      return undefined;
    case 'float_normalized':
      return layerNormalization({ name });
    case 'float_rescaled':
      return layerRescaling({ scale: options.scale ?? 1, offset: options.offset ?? 0, name });
    case 'float_discretized':
      return layerDiscretization(
        binBoundaries === undefined
          ? { numBins: options.numBins ?? sizes.numDiscretizationBins, name }
          : { binBoundaries, name },
      );
    case 'integer_categorical':
      return layerIntegerLookup({ maxTokens, numOovIndices, name });
    case 'string_categorical':
      return layerStringLookup({ maxTokens, numOovIndices, name });
    case 'integer_hashed':
    case 'string_hashed':
      return layerHashing(hashing);
    case 'custom':
      return layer;
  }
};

/** How many categories a layer gives. */
const categoriesOf = (
  options: Options,
  learned: Learned | undefined,
  sizes: FeatureSizes,
): (() => number) | undefined => {
  if (options.outputMode !== 'one_hot') return undefined;
  if (learned instanceof Vocabulary) return () => learned.size;
  const { binBoundaries, numBins } = options;
  if (binBoundaries !== undefined) return () => binBoundaries.length + 1;
  const byDefault = options.type === 'float_discretized' ? sizes.numDiscretizationBins : sizes.hashingDim;
  return () => numBins ?? byDefault;
};

const dtypeOf = ({ type: kind, dtype }: Options): PreparedFeature['dtype'] =>
  dtype ?? (kind.startsWith('float') ? 'float32' : kind.startsWith('integer') ? 'int32' : 'string');

/** A feature as the user describes it, with its layer. */
export const prepareFeature = (
  name: string,
  feature: unknown,
  sizes: FeatureSizes,
  place: Place,
): PreparedFeature => {
  const given = typeof feature === 'string' ? { type: feature } : feature;
  if (!isPlainObject(given))
    throw argumentError(
      place,
      `a kind of feature, or an object with its \`type\``,
      feature,
      "Write 'float_normalized', or { type: 'float_discretized', numBins: 4 }",
    );
  const kind = type.check(given['type'], place);
  const options = checkOptions(
    place.function ?? 'featureSpace',
    given,
    CHECKS[kind] as OptionChecks,
  ) as unknown as Options; // of one of those kinds
  const step = stepOf(options, `${name}_preprocessor`, sizes);
  const adaptive: unknown = step;
  const learned = isAdaptive(adaptive) ? adaptive[learnedOf] : undefined;
  return { name, dtype: dtypeOf(options), step, learned, categories: categoriesOf(options, learned, sizes) };
};
