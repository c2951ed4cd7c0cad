/** How categories come out of preprocessing layers: as numbers, or as rows with a place for each category. */
import { argumentError, type Check } from '../../base/checks';
import { describeShape, KerasShapeError } from '../../base/errors';
import { didYouMean } from '../../base/suggestions';
import type { Shape } from '../../tfjs/layer-classes';
import { tf, type Tensor } from '../../tfjs/tensorflow';

/** The forms in which categories come out, as Keras calls them. */
export type CategoryMode = 'int' | 'one_hot' | 'multi_hot' | 'count' | 'tf_idf';

/** tfjs's spelling of them. */
const CAMEL: Readonly<Record<string, CategoryMode>> = {
  oneHot: 'one_hot',
  multiHot: 'multi_hot',
  tfIdf: 'tf_idf',
  // What Keras called them before version 2.6, which its files still have.
  binary: 'multi_hot',
  'tf-idf': 'tf_idf',
};

/** The check of such a form: one of those that a layer has. */
export const categoryMode =
  <Mode extends CategoryMode>(...modes: readonly Mode[]): Check<Mode> =>
  (value, place) => {
    const name = typeof value === 'string' && Object.hasOwn(CAMEL, value) ? CAMEL[value] : value;
    const found = modes.find((mode) => mode === name);
    if (found !== undefined) return found;
    throw argumentError(
      place,
      `one of ${modes.map((mode) => `'${mode}'`).join(', ')}`,
      value,
      typeof value === 'string' ? didYouMean(value, modes) : undefined,
    );
  };

/** Sparse tensors, of which Keras has some, are no inputs of layers here. */
export const notSparse: Check<false> = (value, place) => {
  if (value === false) return value;
  throw argumentError(
    place,
    'false: layers here give and take dense tensors',
    value,
    "Leave it out, or take outputMode: 'int' and layerEmbedding, which need no place for each category",
  );
};

/** The last axis of rows of categories is that of the samples; each of one alone is a sample of its own. */
const appends = (mode: CategoryMode, shape: Shape): boolean =>
  shape.length === 0 || (mode === 'one_hot' && shape.at(-1) !== 1);

/** The shape of what comes out for categories of a shape. */
export const categoryShape = (
  layer: string,
  mode: CategoryMode,
  shape: Shape,
  depth: number | null,
): Shape => {
  if (mode === 'int') return [...shape];
  const output = appends(mode, shape) ? [...shape, depth] : [...shape.slice(0, -1), depth];
  if (output.length <= 2) return output;
  throw new KerasShapeError({
    layer,
    expected: `layer '${layer}' with outputMode: '${mode}' must give two axes at most, as in Keras`,
    received: `input of shape ${describeShape(shape)}`,
    advice: "Give it samples of one axis, or write outputMode: 'int'",
  });
};

/** So many numbers of a row for each of its categories are made at once; for more, numbers are put to their places. */
const MAX_ONE_HOT = 2 ** 14;

/** How often each category is in a row, or, with weights, how much: those outside of 0 to `depth` do not count. */
const counted = (categories: Tensor, depth: number, weights: Tensor | undefined): Tensor => {
  const [rows, samples] = categories.shape as [number, number];
  if (samples * depth <= MAX_ONE_HOT) {
    const hot: Tensor = tf.oneHot(tf.cast(categories, 'int32'), depth);
    const weighted = weights === undefined ? hot : tf.mul(hot, tf.expandDims(weights, -1));
    return tf.sum(tf.cast(weighted, 'float32'), 1);
  }
  const isThere = tf.logicalAnd(tf.greaterEqual(categories, 0), tf.less(categories, depth));
  const present = tf.cast(isThere, 'float32');
  const values = weights === undefined ? present : tf.mul(present, weights);
  const place = tf.clipByValue(tf.cast(categories, 'float32'), 0, depth - 1);
  const row = tf.tile(tf.expandDims(tf.range(0, rows, 1, 'int32'), 1), [1, samples]);
  const places = tf.stack([tf.reshape(row, [-1]), tf.reshape(tf.cast(place, 'int32'), [-1])], 1);
  return tf.scatterND(places, tf.reshape(values, [-1]), [rows, depth]);
};

/** Rows of places for categories, which are whole numbers in a tensor. */
export const encoded = (
  categories: Tensor,
  mode: Exclude<CategoryMode, 'int'>,
  depth: number,
  { idf, weights }: { readonly idf?: Tensor | undefined; readonly weights?: Tensor | undefined } = {},
): Tensor => {
  const { shape } = categories;
  const alone = appends(mode, shape);
  const samples = alone ? 1 : (shape.at(-1) ?? 1);
  const flat = (tensor: Tensor): Tensor => tf.reshape(tensor, [-1, samples]);
  const counts = counted(flat(categories), depth, weights === undefined ? undefined : flat(weights));
  const isBinary = mode === 'one_hot' || mode === 'multi_hot';
  const values = isBinary ? tf.minimum(counts, 1) : counts;
  const scaled = idf === undefined ? values : tf.mul(values, idf);
  return tf.reshape(scaled, alone ? [...shape, depth] : [...shape.slice(0, -1), depth]);
};

/** The same of rows of numbers in arrays, of any length each. */
export const encodedRows = (
  rows: readonly ArrayLike<number>[],
  mode: Exclude<CategoryMode, 'int'>,
  depth: number,
): Tensor => {
  const values = new Float32Array(rows.length * depth);
  rows.forEach((row, index) => {
    for (let sample = 0; sample < row.length; sample++) {
      const category = row[sample] as number; // within its length
      if (category < 0 || category >= depth) continue;
      const place = index * depth + category;
      values[place] = mode === 'count' || mode === 'tf_idf' ? (values[place] as number) + 1 : 1;
    }
  });
  return tf.tensor(values, [rows.length, depth], 'float32');
};
