/** Layers that prepare features: normalized, in bins, by vocabularies, as rows with a place for each category. */
import { bytesOf, textOf } from '../../../layers/internal/bytes';
import type { Normalization } from '../../../layers/internal/feature-layers';
import type { IntegerLookup, StringLookup } from '../../../layers/internal/lookup-layer';
import type { Layer } from '../../../layers/internal/target';
import type { Token } from '../../../layers/internal/vocabulary';
import { depthOf } from '../../../layers/internal/vocabulary-layer';
import type { Tensor } from '../../../tfjs/tensorflow';
import type { Emitter, Value } from './emitter';
import { refuse, weightOf, type LayerWriter, type LayerWriters } from './layer';

type Lookup = IntegerLookup | StringLookup;

const normalization: LayerWriter = ({ emit, layer }, x) => {
  const { mean, deviation } = (layer as Normalization).scales([...x.shape]); // by its class
  const constant = (name: string, tensor: Tensor): Value => {
    const values = tensor.dataSync<'float32'>().slice();
    const { shape } = tensor;
    tensor.dispose();
    return emit.numbers(name, { values, shape });
  };
  const [center, scale] = [constant('mean', mean), constant('deviation', deviation)];
  return (layer.getConfig() as { readonly invert?: boolean }).invert === true
    ? emit.add(emit.mul(x, scale), center)
    : emit.div(emit.sub(x, center), scale);
};

/** Categories as rows with a place for each of them, as `categorical-output` has it; none has a place that is not one. */
const asRows = (emit: Emitter, categories: Value, mode: string, depth: number, idf?: Value): Value => {
  const rank = categories.shape.length;
  const places = emit.numbers('places', {
    values: Int32Array.from({ length: depth }, (_, place) => place),
    shape: [depth],
  });
  const each = emit.unsqueeze(emit.cast(categories, 'int32'), rank);
  const hot = emit.cast(emit.binary('Equal', each, places, 'bool'), 'float32');
  // Each category is a sample of its own, or those of a row are one together.
  const isAlone = mode === 'one_hot' && categories.shape.at(-1) !== 1;
  const counts = isAlone ? hot : emit.reduce('ReduceSum', hot, [rank - 1]);
  const isBinary = mode === 'one_hot' || mode === 'multi_hot';
  const values = isBinary && !isAlone ? emit.binary('Min', counts, 1) : counts;
  return idf === undefined ? values : emit.mul(values, idf);
};

const discretization: LayerWriter = ({ emit, config }, x) => {
  const limits = (config['bin_boundaries'] ?? []) as readonly number[]; // those that were learned, too
  const mode = String(config['output_mode']);
  const all = emit.floats([...limits], [limits.length]);
  const each = emit.unsqueeze(x, x.shape.length);
  // What is no number is below none of them.
  const isAbove = emit.op('Not', [emit.binary('Less', each, all, 'bool')]);
  const bins = emit.reduce('ReduceSum', emit.cast(isAbove, 'int32'), [x.shape.length]);
  return mode === 'int' ? bins : asRows(emit, bins, mode, limits.length + 1);
};

const categoryEncoding: LayerWriter = ({ emit, config }, x) =>
  asRows(emit, x, String(config['output_mode']), Number(config['num_tokens']));

/** A value for each key, numbers or texts, and another for all that is none of them. */
interface Table {
  readonly entries: readonly (readonly [key: string | number, value: string | number])[];
  readonly otherwise: string | number;
}

/** Looks numbers of 64 bits or texts up, by ONNX's operator for features. */
const lookUp = (emit: Emitter, x: Value, { entries, otherwise }: Table): Value => {
  const keys = entries.map(([key]) => key) as string[] | number[]; // of one kind, as x
  const values = entries.map(([, value]) => value) as string[] | number[]; // of one kind, as the other
  const kind = x.dtype === 'string' ? 'strings' : 'int64s';
  const dtype = typeof otherwise === 'string' ? 'string' : 'int64';
  const attributes = {
    [`keys_${kind}`]: keys,
    [`values_${dtype}s`]: values,
    [`default_${dtype}`]: otherwise,
  };
  return emit.op('LabelEncoder', [x], attributes, { shape: x.shape, dtype });
};

/** Whole numbers of 32 bits, as the library has them, for a table of ONNX's. */
const wholeNumbers = (emit: Emitter, x: Value): Value => emit.cast(emit.cast(x, 'int32'), 'int64');

/** No number that a token may have: it stands for those that a hash says. */
const BY_HASH = -2;

/** How tokens become keys of a table, and which numbers those have that are in no vocabulary, where there are several for them. */
interface Keys {
  readonly keyOf: (token: Token) => string | number;
  readonly hashed: (first: number, count: number) => Value;
}

/** The numbers of tokens, or rows for them. */
const numbered = (emit: Emitter, layer: Lookup, x: Value, { keyOf, hashed }: Keys): Value => {
  const { vocabulary } = layer;
  const { oovStart, rules } = vocabulary;
  const { maskToken, numOovIndices, outputMode } = rules;
  const known = [...vocabulary.numbers].map(([token, number]) => [keyOf(token), number] as const);
  const ofMask = outputMode === 'int' ? 0 : -1;
  const entries = maskToken === null ? known : [[keyOf(maskToken), ofMask] as const, ...known];
  const otherwise = numOovIndices > 1 ? BY_HASH : numOovIndices === 1 ? oovStart : -1;
  let numbers = lookUp(emit, x, { entries, otherwise });
  if (numOovIndices > 1) {
    const isOther = emit.binary('Equal', numbers, emit.integers([BY_HASH]), 'bool');
    numbers = emit.where(isOther, hashed(oovStart, numOovIndices), numbers);
  }
  const whole = emit.cast(numbers, 'int32');
  if (outputMode === 'int') return whole;
  const idf = weightOf(layer, 'idf_weights');
  const depth = depthOf(layer.name, vocabulary);
  return idf === undefined
    ? asRows(emit, whole, outputMode, depth)
    : asRows(emit, whole, outputMode, depth, emit.weight(idf));
};

/** The tokens of numbers, and the one that stands for others. */
const inverted = (emit: Emitter, layer: Lookup, x: Value, { keyOf }: Keys, unknown: Token): Value => {
  const { numbers, rules } = layer.vocabulary;
  const { maskToken, oovToken } = rules;
  const known = [...numbers].map(([token, number]) => [number, keyOf(token)] as const);
  const entries = maskToken === null ? known : [[0, keyOf(maskToken)] as const, ...known];
  return lookUp(emit, wholeNumbers(emit, x), { entries, otherwise: keyOf(oovToken ?? unknown) });
};

const integerLookup: LayerWriter = ({ emit, layer }, x) => {
  const lookup = layer as IntegerLookup; // by its class
  lookup.vocabulary.ready(layer.name);
  const whole = wholeNumbers(emit, x);
  const keys: Keys = {
    keyOf: Number,
    hashed: (first, count) =>
      emit.add(emit.op('Mod', [whole, emit.integers([count])]), emit.integers([first])),
  };
  return lookup.vocabulary.rules.invert
    ? emit.cast(inverted(emit, lookup, x, keys, -1), 'int32')
    : numbered(emit, lookup, whole, keys);
};

/** A token as a text of a file, which has UTF-8 only. */
const textOfToken = (layer: Layer, token: Token): string => {
  const text = textOf(String(token));
  if (bytesOf(text) === String(token)) return text;
  return refuse(layer, 'its vocabulary has texts that are not in UTF-8', 'Give it a vocabulary in UTF-8');
};

const stringLookup: LayerWriter = ({ emit, layer }, x) => {
  const lookup = layer as StringLookup; // by its class
  lookup.vocabulary.ready(layer.name);
  const keys: Keys = {
    keyOf: (token) => textOfToken(layer, token),
    hashed: () =>
      refuse(
        layer,
        'texts that are not in its vocabulary get one of several numbers, by a hash that ONNX has not',
        'Build it with numOovIndices: 1',
      ),
  };
  return lookup.vocabulary.rules.invert
    ? inverted(emit, lookup, x, keys, '')
    : numbered(emit, lookup, x, keys);
};

export const featureWriters: LayerWriters = {
  Normalization: normalization,
  Discretization: discretization,
  CategoryEncoding: categoryEncoding,
  IntegerLookup: integerLookup,
  StringLookup: stringLookup,
};
