/** What layers make of texts, as nodes of a graph: JavaScript reads texts where a model runs here, and TensorFlow where it is served. */
import type { SymbolicTensor } from '@tensorflow/tfjs';
import type { CategoryMode } from '../../layers/internal/categorical-output';
import { Hashing } from '../../layers/internal/feature-layers';
import { StringLookup } from '../../layers/internal/lookup-layer';
import type { Layer } from '../../layers/internal/target';
import { TextVectorization } from '../../layers/internal/text-vectorization-layer';
import type { Token, Vocabulary } from '../../layers/internal/vocabulary';
import { hashBuckets } from '../../ops/hashing';
import { TYPES } from '../../tfjs/binding';
import { tf } from '../../tfjs/tensorflow';
import { attr, textsAttribute, type AttrValue } from '../graph/attributes';
import type { GraphBuilder } from '../graph/builder';

/** Buckets by which tokens are looked for: as many as a whole number of 32 bits can tell apart. */
const BUCKETS = 2 ** 31 - 1;

const int = { T: attr.type(TYPES.int32) };
const long = { T: attr.type(TYPES.int64) };
const text = { T: attr.type(TYPES.string) };
const float = { T: attr.type(TYPES.float) };
const EVERYWHERE = { ellipsis_mask: 0, new_axis_mask: 0 };

/** Why texts that a layer reads cannot be read by TensorFlow; undefined if they can. */
export const reasonNotInGraph = (layer: Layer): string | undefined => {
  if (layer instanceof Hashing || (layer instanceof StringLookup && !layer.vocabulary.rules.invert))
    return undefined;
  if (!(layer instanceof TextVectorization))
    return 'it reads texts, which JavaScript does here, and no operation of TensorFlow';
  const { standardize, split, ngrams } = layer.vocabulary.splitting;
  if (typeof standardize === 'function' || typeof split === 'function')
    return 'its texts are read by a function of JavaScript';
  if (split === 'character') return 'it splits texts into characters, which no operation of TensorFlow does';
  return ngrams === null ? undefined : 'it puts tokens together, which no operation of TensorFlow 1 does';
};

/** A list of tokens in the order of their buckets, for a search. */
interface TokenTable {
  readonly tokens: readonly Buffer[];
  readonly numbers: readonly number[];
  readonly buckets: readonly number[];
  /** How many tokens have one bucket, at most. */
  readonly alike: number;
}

const tableOf = (vocabulary: Vocabulary): TokenTable => {
  const entries = [...vocabulary.numbers];
  const bytes = entries.map(([token]) => Buffer.from(String(token satisfies Token), 'latin1'));
  const found = tf.tidy(
    () =>
      entries.length === 0
        ? []
        : [...hashBuckets(tf.tensor1d(bytes as never[], 'string'), BUCKETS).dataSync()], // bytes are texts, too
  );
  const order = entries.map((_, index) => index).sort((a, b) => (found[a] as number) - (found[b] as number)); // indices
  const buckets = order.map((index) => found[index] as number); // and below
  const runs = new Map<number, number>();
  for (const bucket of buckets) runs.set(bucket, (runs.get(bucket) ?? 0) + 1);
  return {
    tokens: order.map((index) => bytes[index] as Buffer),
    numbers: order.map((index) => (entries[index] as [Token, number])[1]),
    buckets,
    alike: Math.max(0, ...runs.values()),
  };
};

/** Where a model's variables are, by the layer whose only one it is. */
export type VariableOf = (layer: Layer) => string | undefined;

/** Makes the nodes. */
export class TextGraph {
  private readonly made = new Map<SymbolicTensor, string>();
  private count = 0;

  constructor(
    private readonly graph: GraphBuilder,
    inputs: ReadonlyMap<SymbolicTensor, string>,
    private readonly variableOf: VariableOf,
  ) {
    for (const [tensor, node] of inputs) this.made.set(tensor, node);
  }

  /** The node of what a layer makes of texts, or of an input. */
  nodeOf(tensor: SymbolicTensor): string {
    const known = this.made.get(tensor);
    if (known !== undefined) return known;
    const { sourceLayer: layer } = tensor;
    const [input] = layer.inboundNodes[tensor.nodeIndex]?.inputTensors ?? [];
    const node = this.apply(
      layer,
      this.nodeOf(input as SymbolicTensor),
      (input as SymbolicTensor).shape.length,
    ); // each has one
    this.made.set(tensor, node);
    return node;
  }

  private apply(layer: Layer, x: string, rank: number): string {
    if (layer instanceof StringLookup) return this.lookedUp(layer, x, rank);
    if (layer instanceof TextVectorization) return this.vectorized(layer, x, rank);
    return this.hashed(layer as Hashing, x, rank); // the others are refused
  }

  private node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttrValue>> = {},
  ): string {
    return this.graph.node(`texts/${op}${this.count++}`, op, inputs, attributes);
  }

  private texts(value: string | readonly Uint8Array[]): string {
    return this.node('Const', [], { dtype: attr.type(TYPES.string), value: textsAttribute(value) });
  }

  private cast(x: string, from: number, to: number): string {
    return this.node('Cast', [x], { SrcT: attr.type(from), DstT: attr.type(to) });
  }

  private bucketsOf(x: string, buckets: number): string {
    const wide = this.node('StringToHashBucketFast', [x], { num_buckets: attr.int(buckets) });
    return this.cast(wide, TYPES.int64, TYPES.int32);
  }

  /** The same number in the place of each text. */
  private everywhere(x: string, value: number): string {
    const shape = this.node('Shape', [x], { ...text, out_type: attr.type(TYPES.int32) });
    return this.node('Fill', [shape, this.graph.ints(value)], { ...int, index_type: attr.type(TYPES.int32) });
  }

  private gather(list: string, at: string, dtype: number): string {
    return this.node('GatherV2', [list, at, this.graph.ints(0)], {
      Tparams: attr.type(dtype),
      Tindices: attr.type(TYPES.int32),
      Taxis: attr.type(TYPES.int32),
    });
  }

  private select(condition: string, one: string, other: string): string {
    return this.node('Select', [condition, one, other], int);
  }

  private equalTexts(one: string, other: string): string {
    return this.node('Equal', [one, other], text);
  }

  private reshape(x: string, shape: readonly number[], dtype: number): string {
    return this.node('Reshape', [x, this.graph.ints(shape)], {
      T: attr.type(dtype),
      Tshape: attr.type(TYPES.int32),
    });
  }

  /** The numbers of tokens: what {@link numbersOf} gives. */
  private numbersOf(layer: Layer, vocabulary: Vocabulary, tokens: string): string {
    const { oovStart, rules } = vocabulary;
    const { maskToken, numOovIndices, outputMode } = rules;
    const table = tableOf(vocabulary);
    let numbers =
      numOovIndices > 1
        ? this.node('Add', [this.bucketsOf(tokens, numOovIndices), this.graph.ints(oovStart)], int)
        : this.everywhere(tokens, numOovIndices === 0 ? -1 : oovStart);
    if (table.alike > 0) {
      const list = this.texts(table.tokens);
      const known = this.graph.constant({
        dtype: TYPES.int32,
        shape: [1, table.buckets.length],
        values: table.buckets,
      });
      const wanted = this.reshape(this.bucketsOf(tokens, BUCKETS), [1, -1], TYPES.int32);
      const found = this.node('LowerBound', [known, wanted], { ...int, out_type: attr.type(TYPES.int32) });
      const shape = this.node('Shape', [tokens], { ...text, out_type: attr.type(TYPES.int32) });
      const first = this.node('Reshape', [found, shape], { ...int, Tshape: attr.type(TYPES.int32) });
      for (let step = 0; step < table.alike; step++) {
        const next = this.node('Add', [first, this.graph.ints(step)], int);
        const at = this.node('Minimum', [next, this.graph.ints(table.tokens.length - 1)], int);
        const isThere = this.equalTexts(this.gather(list, at, TYPES.string), tokens);
        numbers = this.select(isThere, this.gather(this.graph.ints(table.numbers), at, TYPES.int32), numbers);
      }
    }
    if (numOovIndices === 0) numbers = this.checked(layer, numbers, tokens, maskToken);
    if (maskToken === null) return numbers;
    const isMasked = this.equalTexts(tokens, this.texts([Buffer.from(String(maskToken), 'latin1')]));
    return this.select(isMasked, this.everywhere(tokens, outputMode === 'int' ? 0 : -1), numbers);
  }

  /** Numbers, or an error where there is a token that has none. */
  private checked(layer: Layer, numbers: string, tokens: string, maskToken: Token | null): string {
    const isKnown = this.node('GreaterEqual', [numbers, this.graph.ints(0)], int);
    const isMasked = this.equalTexts(tokens, this.texts([Buffer.from(String(maskToken ?? ''), 'latin1')]));
    const isGood = maskToken === null ? isKnown : this.node('LogicalOr', [isKnown, isMasked]);
    const zero = this.graph.constant({ dtype: TYPES.float, shape: [], values: [0] });
    const values = this.cast(isGood, TYPES.bool, TYPES.float);
    const checked = this.node('CheckNumerics', [this.node('RealDiv', [zero, values], float)], {
      ...float,
      message: attr.text(`layer '${layer.name}': a token that is not in its vocabulary`),
    });
    return this.node('Add', [numbers, this.cast(checked, TYPES.float, TYPES.int32)], int);
  }

  /** How many rows a tensor has. */
  private rowsOf(x: string, dtype: number): string {
    const shape = this.node('Shape', [x], { T: attr.type(dtype), out_type: attr.type(TYPES.int64) });
    return this.strided(shape, TYPES.int64, [0], [1]);
  }

  /** A number of a list, or, of a table, one of its columns. */
  private strided(
    x: string,
    dtype: number,
    begin: readonly number[],
    end: readonly number[],
    masked = 0,
  ): string {
    const bits = {
      begin_mask: masked,
      end_mask: masked,
      shrink_axis_mask: 1 << (begin.length - 1),
      ...EVERYWHERE,
    };
    return this.node(
      'StridedSlice',
      [x, this.graph.ints(begin), this.graph.ints(end), this.graph.ints(begin.map(() => 1))],
      {
        T: attr.type(dtype),
        Index: attr.type(TYPES.int32),
        ...Object.fromEntries(Object.entries(bits).map(([key, value]) => [key, attr.int(value)])),
      },
    );
  }

  private pack(values: readonly string[], axis: number): string {
    return this.node('Pack', values, { ...long, N: attr.int(values.length), axis: attr.int(axis) });
  }

  /** A row of places for the categories of each row, of which there are the numbers with their rows. */
  private counted(
    rows: string,
    numbers: string,
    rowCount: string,
    layer: Layer,
    mode: CategoryMode,
    depth: number,
  ): string {
    const places = this.pack([rows, this.cast(numbers, TYPES.int32, TYPES.int64)], 1);
    const ones = this.cast(this.node('Equal', [numbers, numbers], int), TYPES.bool, TYPES.float);
    const depthNode = this.graph.constant({ dtype: TYPES.int64, shape: [], values: [depth] });
    const shape = this.pack([rowCount, depthNode], 0);
    const counts = this.node('ScatterNd', [places, ones, shape], {
      ...float,
      Tindices: attr.type(TYPES.int64),
    });
    const one = this.graph.constant({ dtype: TYPES.float, shape: [], values: [1] });
    const isBinary = mode === 'one_hot' || mode === 'multi_hot';
    const values = isBinary ? this.node('Minimum', [counts, one], float) : counts;
    const weights = mode === 'tf_idf' ? this.variableOf(layer) : undefined;
    return weights === undefined ? values : this.node('Mul', [values, weights], float);
  }

  /** The same of numbers of categories in a tensor, of which those below 0 do not count. */
  private encoded(numbers: string, rank: number, layer: Layer, mode: CategoryMode, depth: number): string {
    const table = rank < 2 ? this.reshape(numbers, [-1, 1], TYPES.int32) : numbers;
    const isThere = this.node('GreaterEqual', [table, this.graph.ints(0)], int);
    const isSmall = this.node('Less', [table, this.graph.ints(depth)], int);
    const places = this.node('Where', [this.node('LogicalAnd', [isThere, isSmall])], {
      T: attr.type(TYPES.bool),
    });
    const found = this.node('GatherNd', [table, places], {
      Tparams: attr.type(TYPES.int32),
      Tindices: attr.type(TYPES.int64),
    });
    const rows = this.strided(places, TYPES.int64, [0, 0], [0, 1], 1);
    return this.counted(rows, found, this.rowsOf(table, TYPES.int32), layer, mode, depth);
  }

  private lookedUp(layer: StringLookup, x: string, rank: number): string {
    const { vocabulary } = layer;
    vocabulary.ready(layer.name);
    const numbers = this.numbersOf(layer, vocabulary, x);
    const { outputMode } = vocabulary.rules;
    return outputMode === 'int'
      ? numbers
      : this.encoded(numbers, rank, layer, outputMode, vocabulary.depth ?? 0);
  }

  private hashed(layer: Hashing, x: string, rank: number): string {
    const { numBins, maskValue, salt, outputMode } = layer.hashing;
    const isMasked = maskValue !== null && numBins > 1;
    const buckets = isMasked ? numBins - 1 : numBins;
    const wide =
      salt === null
        ? this.node('StringToHashBucketFast', [x], { num_buckets: attr.int(buckets) })
        : this.node('StringToHashBucketStrong', [x], {
            num_buckets: attr.int(buckets),
            key: attr.ints(salt),
          });
    let bins = this.cast(wide, TYPES.int64, TYPES.int32);
    if (isMasked) {
      const mask = this.equalTexts(x, this.texts([Buffer.from(String(maskValue), 'utf8')]));
      bins = this.select(mask, this.everywhere(x, 0), this.node('Add', [bins, this.graph.ints(1)], int));
    }
    return outputMode === 'int' ? bins : this.encoded(bins, rank, layer, outputMode, numBins);
  }

  private standardized(x: string, { vocabulary }: TextVectorization): string {
    const { standardize } = vocabulary.splitting;
    if (standardize === null) return x;
    const lower =
      standardize === 'strip_punctuation' ? x : this.node('StringLower', [x], { encoding: attr.text('') });
    if (standardize === 'lower') return lower;
    return this.node('StaticRegexReplace', [lower], {
      pattern: attr.text('[!-/:-@\\[-`{-~]'),
      rewrite: attr.text(''),
      replace_global: attr.bool(true),
    });
  }

  private vectorized(layer: TextVectorization, x: string, rank: number): string {
    const { vocabulary, outputMode, outputSequenceLength } = layer;
    vocabulary.ready(layer.name);
    const uniform = this.standardized(x, layer);
    if (vocabulary.splitting.split === null) {
      const numbers = this.numbersOf(layer, vocabulary, uniform);
      return outputMode === 'int'
        ? this.cut(numbers, outputSequenceLength)
        : this.encoded(numbers, rank, layer, outputMode, vocabulary.depth ?? 0);
    }
    const flat = this.reshape(uniform, [-1], TYPES.string);
    const split = this.node('StringSplitV2', [flat, this.texts('')], { maxsplit: attr.int(-1) });
    const numbers = this.numbersOf(layer, vocabulary, `${split}:1`);
    const rowCount = this.rowsOf(flat, TYPES.string);
    if (outputMode !== 'int') {
      const rows = this.strided(split, TYPES.int64, [0, 0], [0, 1], 1);
      return this.counted(rows, numbers, rowCount, layer, outputMode, vocabulary.depth ?? 0);
    }
    const length = this.graph.constant({
      dtype: TYPES.int64,
      shape: [],
      values: [outputSequenceLength ?? 0],
    });
    const columns = this.strided(split, TYPES.int64, [0, 1], [0, 2], 1);
    const isWithin = this.node('Less', [columns, length], long);
    const kept = this.node('Where', [isWithin], { T: attr.type(TYPES.bool) });
    const gathered = (values: string, dtype: number): string =>
      this.node('GatherNd', [values, kept], { Tparams: attr.type(dtype), Tindices: attr.type(TYPES.int64) });
    return this.node(
      'SparseToDense',
      [
        gathered(split, TYPES.int64),
        this.pack([rowCount, length], 0),
        gathered(numbers, TYPES.int32),
        this.graph.ints(0),
      ],
      { ...int, Tindices: attr.type(TYPES.int64), validate_indices: attr.bool(true) },
    );
  }

  /** Rows of one length, cut off or with zeros behind. */
  private cut(numbers: string, length: number | null): string {
    if (length === null) return numbers;
    const paddings = this.graph.constant({ dtype: TYPES.int32, shape: [2, 2], values: [0, 0, 0, length] });
    const padded = this.node('Pad', [numbers, paddings], { ...int, Tpaddings: attr.type(TYPES.int32) });
    return this.node('Slice', [padded, this.graph.ints([0, 0]), this.graph.ints([-1, length])], {
      ...int,
      Index: attr.type(TYPES.int32),
    });
  }
}
