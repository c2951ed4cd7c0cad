/** Attention. */
import type { Layer } from '../../../layers/internal/target';
import { reshaped, type Emitter, type Value } from './emitter';
import {
  ADVICE,
  axesOf,
  neededWeight,
  numberIn,
  refuse,
  weightOf,
  type LayerWriter,
  type LayerWriters,
  type Written,
} from './layer';

/** What is added to the scores of what is not to be seen. */
const UNSEEN = -1e9;

const both = (emit: Emitter, a: Value | undefined, b: Value | undefined): Value | undefined =>
  a === undefined || b === undefined ? (a ?? b) : emit.mul(a, b);

/** The mask of an input as numbers, with one more axis. */
const maskOf = ({ emit }: Written, x: Value | undefined, axis: number): Value | undefined => {
  const mask = x?.mask;
  return mask === undefined ? undefined : emit.unsqueeze(emit.cast(mask, 'float32'), axis);
};

/** Ones where a query may see a key, up to its own position. */
const causal = (emit: Emitter, query: Value, key: Value): Value => {
  const sizes = emit.concat([emit.shapeOf(query, 1, 2), emit.shapeOf(key, 1, 2)], 0);
  const shape = [query.shape[1] ?? null, key.shape[1] ?? null];
  const zeros = emit.op('ConstantOfShape', [sizes], {}, { shape, dtype: 'float32' });
  return emit.unsqueeze(emit.op('Trilu', [emit.add(zeros, 1)], { upper: 0 }), 0);
};

const attend = (emit: Emitter, scores: Value, seen: Value | undefined): Value => {
  const rest =
    seen === undefined
      ? scores
      : emit.add(
          scores,
          emit.mul(
            emit.op('Sub', [emit.scalar(1), seen], {}, { shape: seen.shape, dtype: 'float32' }),
            UNSEEN,
          ),
        );
  return emit.op('Softmax', [rest], { axis: rest.shape.length - 1 });
};

const swapped = (emit: Emitter, x: Value): Value => {
  const rank = x.shape.length;
  return emit.transpose(x, [...Array.from({ length: rank - 2 }, (_, axis) => axis), rank - 1, rank - 2]);
};

/** The scores of two attentions without heads. */
type Scores = (written: Written, query: Value, key: Value) => Value;

const sums = (emit: Emitter, query: Value, key: Value): Value =>
  emit.add(emit.unsqueeze(query, 2), emit.unsqueeze(key, 1));

const products: Scores = ({ emit, layer, config }, query, key) => {
  const scale = weightOf(layer, 'scale');
  const scaled = (x: Value): Value => (scale === undefined ? x : emit.mul(x, emit.weight(scale)));
  if (config['score_mode'] !== 'concat') return scaled(emit.matMul(query, swapped(emit, key)));
  const bent = emit.op('Tanh', [scaled(sums(emit, query, key))]);
  return emit.mul(
    emit.reduce('ReduceSum', bent, [3]),
    emit.weight(neededWeight(layer, 'concat_score_weight')),
  );
};

const additive: Scores = ({ emit, layer }, query, key) => {
  const scale = weightOf(layer, 'scale');
  const bent = emit.op('Tanh', [sums(emit, query, key)]);
  return emit.reduce('ReduceSum', scale === undefined ? bent : emit.mul(bent, emit.weight(scale)), [3]);
};

const dense =
  (scoresOf: Scores): LayerWriter =>
  (written, ...inputs) => {
    const { emit, config, call } = written;
    const [query, value, key = value] = inputs as unknown as [Value, Value, Value?]; // as the layer has checked
    const isCausal = config['causal'] === true || call['use_causal_mask'] === true;
    const seen = both(emit, maskOf(written, value, 1), isCausal ? causal(emit, query, key) : undefined);
    const distribution = attend(emit, scoresOf(written, query, key), seen);
    const sum = emit.matMul(distribution, value);
    const ofQuery = maskOf(written, query, 2);
    const output = ofQuery === undefined ? sum : emit.mul(sum, ofQuery);
    return call['return_attention_scores'] === true ? [output, distribution] : output;
  };

/** The product of the last axes of a value with a kernel, plus a bias: `[…, in]` becomes `[…, out]`. */
const project = (emit: Emitter, layer: Layer, name: string, x: Value, axes = 1): Value => {
  const kernel = neededWeight(layer, `${name}/kernel`);
  const bias = weightOf(layer, `${name}/bias`);
  const shape = kernel.shape as number[]; // weights have no open sizes
  const [given, made] = [shape.slice(0, axes), shape.slice(axes)];
  const size = (sizes: readonly number[]): number => sizes.reduce((product, one) => product * one, 1);
  const matrix = emit.weight(kernel, 'matrix', (numbers) => reshaped(numbers, [size(given), size(made)]));
  const outer = x.shape.slice(0, x.shape.length - axes);
  const same = outer.map(() => 0);
  const flat = axes === 1 ? x : emit.reshape(x, [...same, size(given)], [...outer, size(given)]);
  const product = emit.matMul(flat, matrix);
  const row =
    bias === undefined ? undefined : emit.weight(bias, 'row', (numbers) => reshaped(numbers, [size(made)]));
  const sum = row === undefined ? product : emit.add(product, row);
  return made.length === 1 ? sum : emit.reshape(sum, [...same, ...made], [...outer, ...made]);
};

/** What each query may see of the keys, `[batch, queries, keys]`. */
const seenBy = (written: Written, inputs: readonly Value[]): Value | undefined => {
  const { emit, call } = written;
  const [query, value, key = value, pairs] = inputs as readonly [Value, Value, Value?, Value?]; // as the layer has checked
  return [
    maskOf(written, query, 2),
    maskOf(written, value, 1),
    key === value ? undefined : maskOf(written, key, 1),
    call['use_causal_mask'] === true ? causal(emit, query, key) : undefined,
    pairs === undefined ? undefined : emit.cast(pairs, 'float32'),
  ].reduce((sum, one) => both(emit, sum, one), undefined);
};

const multiHead: LayerWriter = (written, ...inputs) => {
  const { emit, layer, config, call } = written;
  const [query, value, key = value] = inputs as unknown as [Value, Value, Value?]; // as the layer has checked
  const rank = query.shape.length;
  const axes =
    (config['attention_axes'] ?? null) === null
      ? Array.from({ length: rank - 2 }, (_, index) => index + 1)
      : axesOf(config['attention_axes'], rank);
  const isMasked =
    inputs.length > 3 || inputs.some(({ mask }) => mask !== undefined) || call['use_causal_mask'] === true;
  if (isMasked && (axes.length > 1 || rank > 3))
    return refuse(
      layer,
      'it is masked, over other axes than one of steps',
      'Use one axis of steps, [batch, steps, features]',
    );
  const others = Array.from({ length: rank - 1 }, (_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...others, rank - 1, ...axes, rank];
  const outer = [...others, rank - 1].map(() => 0);
  /** `[others, heads, steps, size]` */
  const flat = (x: Value): Value => {
    const moved = emit.transpose(x, order);
    if (axes.length === 1) return moved;
    const size = moved.shape.at(-1) ?? null;
    const shape = [...moved.shape.slice(0, outer.length), null, size];
    return emit.reshape(moved, [...outer, -1, Number(size)], shape);
  };
  const scaled = emit.mul(project(emit, layer, 'query', query), 1 / Math.sqrt(numberIn(config, 'key_dim')));
  const scores = emit.matMul(flat(scaled), swapped(emit, flat(project(emit, layer, 'key', key))));
  const seen = seenBy(written, inputs);
  const distribution = attend(emit, scores, seen === undefined ? undefined : emit.unsqueeze(seen, 1));
  const sum = emit.matMul(distribution, flat(project(emit, layer, 'value', value)));
  const sizes = axes.map((axis) => query.shape[axis] ?? null);
  if (sizes.length > 1 && sizes.filter((size) => size === null).length > 1)
    return refuse(layer, 'more than one size that it attends over is not known', ADVICE);
  const last = sum.shape.at(-1) ?? null;
  const shape = [...sum.shape.slice(0, outer.length), ...sizes, last];
  const spread =
    axes.length === 1
      ? sum
      : emit.reshape(sum, [...outer, ...sizes.map((size) => size ?? -1), Number(last)], shape);
  const back = order.map((_, axis) => order.indexOf(axis));
  const output = project(emit, layer, 'attention_output', emit.transpose(spread, back), 2);
  if (call['return_attention_scores'] !== true) return output;
  const all = [...sizes, ...axes.map((axis) => key.shape[axis] ?? null)];
  const whole = [...distribution.shape.slice(0, outer.length), ...all];
  if (axes.length > 1 && all.includes(null))
    return refuse(layer, 'sizes that it attends over are not known', ADVICE);
  return [
    output,
    axes.length === 1 ? distribution : emit.reshape(distribution, [...outer, ...all.map(Number)], whole),
  ];
};

const groupQuery: LayerWriter = (written, ...inputs) => {
  const { emit, layer, config, call } = written;
  const [query, value, key = value] = inputs as unknown as [Value, Value, Value?]; // as the layer has checked
  const [size, heads, pairs] = ['head_dim', 'num_query_heads', 'num_key_value_heads'].map((option) =>
    numberIn(config, option),
  ) as [number, number, number];
  const [batch = null, queries = null] = query.shape;
  const keys = key.shape[1] ?? null;
  const forward = (x: Value): Value => emit.transpose(x, [0, 2, 1, 3]);
  const scaled = emit.mul(project(emit, layer, 'query', query), 1 / Math.sqrt(size));
  // The queries of the heads of a group are rows of one matrix.
  const rows = emit.reshape(forward(scaled), [0, pairs, -1, size], [batch, pairs, null, size]);
  const scores = emit.matMul(rows, swapped(emit, forward(project(emit, layer, 'key', key))));
  const apart = emit.reshape(scores, [0, heads, -1, 0], [batch, heads, queries, keys]);
  const all = seenBy(written, inputs);
  const seen = all === undefined ? undefined : emit.unsqueeze(all, 1);
  const attended = attend(emit, apart, seen);
  // What sees nothing attends to nothing.
  const distribution = seen === undefined ? attended : emit.mul(attended, seen);
  const together = emit.reshape(distribution, [0, pairs, -1, 0], [batch, pairs, null, keys]);
  const sum = emit.matMul(together, forward(project(emit, layer, 'value', value)));
  const ofHeads = emit.reshape(sum, [0, heads, -1, size], [batch, heads, queries, size]);
  const output = project(emit, layer, 'attention_output', forward(ofHeads), 2);
  return call['return_attention_scores'] === true ? [output, distribution] : output;
};

export const attentionWriters: LayerWriters = {
  Attention: dense(products),
  AdditiveAttention: dense(additive),
  MultiHeadAttention: multiHead,
  GroupQueryAttention: groupQuery,
};
