import {
  argumentError,
  checkOptions,
  isPlainObject,
  oneOf,
  optional,
  positiveInteger,
  positiveNumber,
  required,
  type Check,
  type OptionChecks,
} from '../../base/checks';
import { describe, KerasStateError } from '../../base/errors';
import { refuseSurplus } from '../../base/function-name';
import { isStream } from '../../base/streams';
import { didYouMean } from '../../base/suggestions';
import { layerInput } from '../../layers/core';
import { layerConcatenate } from '../../layers/merge';
import { layerCategoryEncoding, layerHashedCrossing } from '../../layers/preprocessing-categorical';
import { textOf } from '../../layers/internal/bytes';
import { kerasModel } from '../../models/functional';
import type { KerasModel, Prediction } from '../../models/model';
import { EventLoopYielder } from '../../step/event-loop';
import { tf, type SymbolicTensor, type Tensor } from '../../tfjs/tensorflow';
import { predictOnBatch } from '../../training/predict';
import type { DataStream } from '../../training/streams/types';
import { isTableLike, readData } from '../adapt/parts';
import { compareByCodePoints } from '../compare';
import type { TableLike } from '../tables/as-table';
import { toTable } from '../tables/to-table';
import { columnIn, eachBatch, isOpen, takeColumn, withoutRows } from './feature-columns';
import { prepareFeature, type Feature, type PreparedFeature } from './features';

/** Features that are taken together, as one of so many bins. */
export interface FeatureCross {
  /** The names of the features, two or more. */
  readonly featureNames: readonly string[];
  /** How many bins; `crossingDim` of the feature space by default. */
  readonly crossingDim?: number | undefined;
  /** 'one_hot', a row with a place for each bin, by default; or 'int'. */
  readonly outputMode?: 'one_hot' | 'int' | undefined;
}

/** Options of {@link featureSpace}. */
export interface FeatureSpaceOptions {
  /** The columns that are features, by their names, and what kind of feature each is. */
  readonly features: Readonly<Record<string, Feature>>;
  /** 'concat', one row of numbers with all features, by default; 'dict', each feature by its name. */
  readonly outputMode?: 'concat' | 'dict' | undefined;
  /** Features that are taken together: lists of their names, or objects with options. */
  readonly crosses?: readonly (readonly string[] | FeatureCross)[] | undefined;
  /** How many bins crosses have that do not say it; 32 by default. */
  readonly crossingDim?: number | undefined;
  /** How many bins hashed features have that do not say it; 32 by default. */
  readonly hashingDim?: number | undefined;
  /** How many bins discretized features have that do not say it; 32 by default. */
  readonly numDiscretizationBins?: number | undefined;
}

/** Columns by their names. */
export type FeatureColumns = TableLike | Readonly<Record<string, unknown>>;

const NAME = 'featureSpace';

const object: Check<Readonly<Record<string, unknown>>> = (value, place) => {
  if (isPlainObject(value) && Object.keys(value).length > 0) return value;
  throw argumentError(
    place,
    'an object of features by the names of columns',
    value,
    "Write { age: 'float_normalized' }",
  );
};

const crossList: Check<readonly unknown[]> = (value, place) => {
  if (Array.isArray(value)) return value;
  throw argumentError(place, 'a list of crosses', value, "Write crosses: [['city', 'job']]");
};

const checks = {
  features: required(object),
  outputMode: optional(oneOf('concat', 'dict'), 'concat'),
  crosses: optional(crossList, []),
  crossingDim: optional(positiveInteger, 32),
  hashingDim: optional(positiveInteger, 32),
  numDiscretizationBins: optional(positiveInteger, 32),
};

interface PreparedCross {
  readonly name: string;
  readonly featureNames: readonly string[];
  readonly bins: number;
  readonly isOneHot: boolean;
}

const nameList: Check<readonly string[]> = (value, place) => {
  if (Array.isArray(value) && value.length >= 2 && value.every((name) => typeof name === 'string'))
    return value;
  throw argumentError(place, 'a list of two names of features, or more', value);
};

const prepareCross = (
  given: unknown,
  index: number,
  known: readonly string[],
  dim: number,
): PreparedCross => {
  const argument = `crosses[${index}]`;
  const options = checkOptions(NAME, Array.isArray(given) ? { featureNames: given } : given, {
    featureNames: required(nameList),
    crossingDim: optional(positiveInteger, dim),
    outputMode: optional(oneOf('one_hot', 'int'), 'one_hot'),
  } satisfies OptionChecks<FeatureCross>);
  const unknown = options.featureNames.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw argumentError(
      { function: NAME, argument },
      'made of names of features',
      unknown,
      didYouMean(unknown, known),
    );
  return {
    name: options.featureNames.join('_X_'),
    featureNames: options.featureNames,
    bins: options.crossingDim,
    isOneHot: options.outputMode === 'one_hot',
  };
};

/** What comes out: one tensor, or tensors by the names of features. */
type Encoded<Mode, One> = Mode extends 'dict' ? Readonly<Record<string, One>> : One;

interface Graph {
  readonly inputs: readonly SymbolicTensor[];
  readonly names: readonly string[];
  readonly outputs: readonly SymbolicTensor[];
}

/**
 * Columns of a table as inputs of a model. Made by {@link featureSpace}.
 *
 * @example
 * const space = featureSpace({ features: { age: 'float', city: { type: 'string_hashed', numBins: 4 } } })
 * assert.strictEqual(space instanceof FeatureSpace, true)
 * assert.deepStrictEqual(space.names, ['age', 'city'])
 * assert.deepStrictEqual(space.encode({ age: [41], city: ['Rome'] }).shape, [1, 5])
 * @see Keras `FeatureSpace`
 */
export class FeatureSpace<Mode extends 'concat' | 'dict' = 'concat'> {
  readonly #features: readonly PreparedFeature[];
  readonly #crosses: readonly PreparedCross[];
  readonly #mode: 'concat' | 'dict';
  #isLearned = false;
  #graph: Graph | undefined;
  #model: KerasModel<Prediction> | undefined;

  /** @internal */
  constructor(options: unknown) {
    const { features, outputMode, crosses, crossingDim, ...sizes } = checkOptions(NAME, options, checks);
    const names = Object.keys(features);
    this.#mode = outputMode;
    this.#features = names.map((name) =>
      prepareFeature(name, features[name], sizes, { function: NAME, argument: `features.${name}` }),
    );
    this.#crosses = crosses.map((cross, index) => prepareCross(cross, index, names, crossingDim));
  }

  /** The names of the features, in the order in which they were given. */
  get names(): readonly string[] {
    return this.#features.map(({ name }) => name);
  }

  /** The inputs of a model, one of shape [1] for each feature, under its name. */
  get inputs(): readonly SymbolicTensor[] {
    return this.#built().inputs;
  }

  /** The features as a model gets them: one tensor, or, of outputMode 'dict', tensors by name. */
  get encodedFeatures(): Encoded<Mode, SymbolicTensor> {
    const { names, outputs } = this.#built();
    return this.#named(names, outputs);
  }

  /**
   * Lets the features learn from data, in one pass: a table in any form that {@link asTable} takes, or a stream of batches, each of them
   * columns by their names. Before the inputs are asked for. `batchTimeout` says how many milliseconds a stream is waited for, at most.
   */
  async adapt(
    data: FeatureColumns | DataStream<unknown>,
    options?: { readonly batchTimeout?: number | undefined },
  ): Promise<this> {
    const { batchTimeout } = checkOptions(`${NAME}.adapt`, options, {
      batchTimeout: optional(positiveNumber),
    });
    if (this.#graph !== undefined) {
      throw new KerasStateError({
        function: `${NAME}.adapt`,
        expected: 'a feature space must learn before its inputs are used',
        received: 'one whose inputs are in use',
        advice: 'Make a new one',
      });
    }
    const learning = this.#features.filter(({ learned }) => learned !== undefined && isOpen(learned));
    for (const { learned } of learning) learned?.begin();
    const yielder = new EventLoopYielder();
    let rows = 0;
    const take = async (columns: Readonly<Record<string, unknown>>): Promise<void> => {
      let taken = 0;
      for (const feature of learning) {
        taken = takeColumn(feature, columns, rows);
        if (yielder.isDue()) await yielder.yieldToEventLoop();
      }
      rows += taken;
    };
    if (!isTableLike(data) && isStream(data)) await eachBatch(data, batchTimeout, take);
    else await take(this.#columns(data, 'adapt'));
    if (learning.length > 0 && rows === 0) {
      throw withoutRows({ function: `${NAME}.adapt`, argument: 'data' }, describe(data));
    }
    for (const { learned } of learning) learned?.end();
    this.#isLearned = true;
    return this;
  }

  /**
   * The columns of a table that are features, as `fit` and its sisters take them for a model with these inputs: `[rows, 1]` each, by name.
   * New tensors, yours to dispose.
   */
  columns(data: FeatureColumns): Record<string, Tensor> {
    const columns = this.#columns(data, 'columns');
    return Object.fromEntries(
      this.#features.map(({ name, dtype }) => {
        const place = { function: `${NAME}.columns`, argument: `data.${name}` };
        const { values } = readData(columnIn(name, columns, place), dtype, place);
        const list = dtype === 'string' ? Array.from(values as readonly string[], textOf) : values; // as its type says
        return [name, tf.tensor(list, [values.length, 1], dtype)];
      }),
    );
  }

  /** The encoded features of a table's rows, without a model. New tensors, yours to dispose. */
  encode(data: FeatureColumns): Encoded<Mode, Tensor> {
    const { inputs, names, outputs } = this.#built();
    this.#model ??= kerasModel([...inputs], [...outputs]) as KerasModel<Prediction>; // of one output, or several
    const columns = this.columns(data);
    try {
      const encoded = [predictOnBatch(this.#model, columns)].flat() as Tensor[];
      return this.#named(names, encoded);
    } finally {
      tf.dispose(columns);
    }
  }

  #named<One>(names: readonly string[], outputs: readonly One[]): Encoded<Mode, One> {
    const result =
      this.#mode === 'concat'
        ? outputs[0]
        : Object.fromEntries(names.map((name, index) => [name, outputs[index]]));
    return result as Encoded<Mode, One>; // as the mode says
  }

  #columns(data: unknown, method: string): Readonly<Record<string, unknown>> {
    const tensors =
      isPlainObject(data) &&
      Object.values(data).some(
        (value) => value instanceof tf.Tensor || Array.isArray((value as unknown[] | undefined)?.[0]),
      );
    if (tensors) return data;
    const place = { function: `${NAME}.${method}`, argument: 'data' };
    const table = toTable(place.function, data);
    // Of columns without values nobody knows what they would hold.
    if (table.rows === 0) throw withoutRows(place, String(table));
    return Object.fromEntries(table.names.map((name) => [name, table.column(name)]));
  }

  #built(): Graph {
    this.#graph ??= this.#build();
    return this.#graph;
  }

  #build(): Graph {
    const waiting = this.#features.filter(({ learned }) => learned !== undefined && isOpen(learned));
    if (!this.#isLearned && waiting.length > 0) {
      throw new KerasStateError({
        function: NAME,
        expected: 'a feature space must have learned from data before its inputs are used',
        received: `features that have not: ${waiting.map(({ name }) => `'${name}'`).join(', ')}`,
        advice: 'Write await space.adapt(table) first',
      });
    }
    const inputs = this.#features.map(({ name, dtype }) => layerInput({ shape: [1], dtype, name }));
    const prepared = new Map(
      this.#features.map(({ name, step }, index) => {
        const input = inputs[index] as SymbolicTensor; // one for each
        return [name, step === undefined ? input : step(input)];
      }),
    );
    const encode = (tensor: SymbolicTensor, categories: number | undefined): SymbolicTensor =>
      categories === undefined ? tensor : layerCategoryEncoding(tensor, { numTokens: categories });
    const byName = <Part extends { readonly name: string }>(parts: readonly Part[]): Part[] =>
      [...parts].sort((one, other) => compareByCodePoints(one.name, other.name));
    const features = byName(this.#features).map(({ name, categories }) => ({
      name,
      output: encode(prepared.get(name) as SymbolicTensor, categories?.()), // each is there
    }));
    const crosses = byName(this.#crosses).map(({ name, featureNames, bins, isOneHot }) => {
      const tensors = featureNames.map((feature) => prepared.get(feature) as SymbolicTensor); // names are checked
      const crossed = layerHashedCrossing(tensors, { numBins: bins, name });
      return { name, output: encode(crossed, isOneHot ? bins : undefined) };
    });
    const all = [...features, ...crosses];
    const [first] = all;
    const together = all.length === 1 ? first?.output : layerConcatenate(all.map(({ output }) => output));
    return {
      inputs,
      names: all.map(({ name }) => name),
      outputs: this.#mode === 'dict' ? all.map(({ output }) => output) : [together as SymbolicTensor], // there is one feature or more
    };
  }
}

/**
 * Columns of a table as inputs of a model, and what makes numbers of them: says of each column what kind of feature it is, learns from
 * data what there is to learn, and gives the inputs and the encoded features.
 *
 * - `'float'` as it is; `'float_rescaled'` times `scale` plus `offset`; `'float_normalized'` by mean and variance; `'float_discretized'` in
 *   bins;
 * - `'integer_categorical'`, `'string_categorical'` by a vocabulary; `'integer_hashed'`, `'string_hashed'` by a hash;
 * - `{ type: 'custom', layer }` by a layer of your own.
 *
 * Categories have a place each (`outputMode: 'one_hot'`) or are numbers (`'int'`). The features stand in the order of their names, crosses
 * after them: float32 `[batch, size]`, or tensors by name of `outputMode: 'dict'`. The layers are part of the model that is made of them,
 * and are saved with it.
 *
 * @throws KerasArgumentError if a kind, a name or an option is not known.
 * @throws KerasStateError if inputs are asked for before `adapt`.
 * @example
 * const people = { age: [20, 40, 60], city: ['Rome', 'Oslo', 'Rome'] }
 * const space = await featureSpace({ features: { age: 'float_normalized', city: 'string_categorical' } }).adapt(people)
 * assert.deepStrictEqual(space.encode(people).shape, [3, 4])
 * const output = pipe(space.encodedFeatures, layerDense({ units: 1 }))
 * const model = kerasModel(space.inputs, output)
 * assert.deepStrictEqual((await predict(model, space.columns(people))).shape, [3, 1])
 * @see Keras `FeatureSpace`; R keras3 `layer_feature_space`
 */
export const featureSpace = <const Mode extends 'concat' | 'dict' = 'concat'>(
  options: FeatureSpaceOptions & { readonly outputMode?: Mode | undefined },
  ...surplus: []
): FeatureSpace<Mode> => {
  refuseSurplus(NAME, ['options'], surplus);
  return new FeatureSpace<Mode>(options);
};
