import { native } from '../../ops/native';
import { tf, type Tensor, type Tensor2D } from '../../tfjs/tensorflow';

/** Rows in the two directions in which they differ most. */
export interface Components {
  readonly points: readonly (readonly [number, number])[];
  /** What share of how rows differ each direction has. */
  readonly shares: readonly [number, number];
}

/** The two last of a matrix's columns, the last one first. */
const lastTwo = (vectors: Tensor): Tensor => {
  const size = vectors.shape[1] ?? 0;
  return size < 2
    ? tf.pad(vectors as Tensor2D, [
        [0, 0],
        [0, 1],
      ])
    : tf.reverse(tf.slice(vectors, [0, size - 2]), 1);
};

/**
 * Principal components: rows less their mean, along the two eigenvectors of their covariance that have the largest eigenvalues. Where there are
 * fewer rows than columns, by way of the products of rows, of which there are fewer.
 *
 * Each direction is such that its largest number, by size, is positive, as scikit-learn has it: its sign would be any.
 *
 * @see Jolliffe 2002, Principal Component Analysis
 */
export const principalComponents = (rows: Tensor): Components => {
  let points: (readonly [number, number])[] = [];
  let shares: [number, number] = [0, 0];
  tf.tidy(() => {
    const [count = 0, columns = 0] = rows.shape;
    const centered = tf.sub<Tensor2D>(tf.cast(rows, 'float32'), tf.mean(rows, 0, true));
    const isWide = columns > count;
    const products = isWide
      ? tf.matMul(centered, centered, false, true)
      : tf.matMul(centered, centered, true);
    const [values, vectors] = native.selfAdjointEig(products);
    const two = lastTwo(vectors);
    // Of rows' products the eigenvectors are the points, but for their size.
    const directions = isWide ? tf.matMul(centered, two, true) : two;
    const length = tf.norm(directions, 2, 0, true);
    const unit = tf.divNoNan(directions, length);
    const largest = tf.gather(tf.transpose(unit), tf.argMax(tf.abs(unit), 0), 1);
    const signs = tf.sign(tf.sum(tf.mul(largest, tf.eye(2)), 0));
    points = tf.mul(tf.matMul(centered, unit), signs).arraySync() as [number, number][]; // two columns
    const eigenvalues = [...values.dataSync()].map((value) => Math.max(0, value));
    const all = eigenvalues.reduce((sum, value) => sum + value, 0);
    const share = (from: number): number => (all === 0 ? 0 : (eigenvalues.at(-from) ?? 0) / all);
    shares = [share(1), share(2)];
  });
  return { points, shares };
};
