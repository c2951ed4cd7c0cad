import { tf, type Tensor } from '../tfjs/tensorflow';

/** A complex number for each place, in two tensors. */
export interface Complex {
  readonly real: Tensor;
  readonly imag: Tensor;
}

/** The largest divisor of a number up to its root. */
const divisorOf = (size: number): number => {
  let divisor = Math.floor(Math.sqrt(size));
  while (size % divisor !== 0) divisor--;
  return divisor;
};

/** `e^(−2πi · a · b / period)` for `a` and `b` from 0. */
const waves = (rows: number, columns: number, period: number): Complex => {
  const table = (part: (angle: number) => number): Tensor =>
    tf.tensor2d(
      Float32Array.from({ length: rows * columns }, (_, index) => {
        // Whole turns are left out, since angles are exact only where they are small.
        const turns = (Math.floor(index / columns) * (index % columns)) % period;
        return part((-2 * Math.PI * turns) / period);
      }),
      [rows, columns],
    );
  return { real: table(Math.cos), imag: table(Math.sin) };
};

/**
 * The discrete Fourier transform of real numbers along the last axis, `X[k] = Σₙ x[n] · e^(−2πi·n·k/N)` for `k` from 0 to `N / 2`. In
 * `[rows, N]`, out `[rows, ⌊N / 2⌋ + 1]`.
 *
 * With `N = A · B`, `n = B · a + b` and `k = c + A · d`, it is a transform over `a`, a turn of each number, and a transform over `b`
 * (Cooley and Tukey, 1965): products with matrices of A and B rows, which have gradients, and take part in a graph.
 */
export const realFourier = (x: Tensor): Complex =>
  tf.tidy(() => {
    const [rows = 0, size = 1] = x.shape;
    const first = divisorOf(size);
    const second = size / first;
    const bins = Math.floor(size / 2) + 1;
    // As many of the last transform's results as have frequencies among the bins.
    const kept = Math.ceil(bins / first);
    // [rows, a, b] → [a, rows · b]
    const columns = tf.reshape(tf.transpose(tf.reshape(x, [rows, first, second]), [1, 0, 2]), [first, rows * second]); // prettier-ignore
    const overA = waves(first, first, first);
    const part = (table: Tensor): Tensor => tf.reshape(tf.matMul(table, columns), [first, rows, second]);
    const [real, imag] = [part(overA.real), part(overA.imag)];
    const turns = waves(first, second, size);
    const [cosine, sine] = [tf.expandDims(turns.real, 1), tf.expandDims(turns.imag, 1)];
    const turned = [
      tf.sub(tf.mul(real, cosine), tf.mul(imag, sine)),
      tf.add(tf.mul(real, sine), tf.mul(imag, cosine)),
    ].map((one) => tf.reshape(one, [first * rows, second])) as [Tensor, Tensor];
    const overB = waves(second, kept, second);
    const product = (one: Tensor, table: Tensor): Tensor => tf.matMul(one, table);
    // [c, rows, d] → [rows, d, c], which is the order of the frequencies
    const ordered = (one: Tensor): Tensor => {
      const frequencies = tf.transpose(tf.reshape(one, [first, rows, kept]), [1, 2, 0]);
      return tf.slice(tf.reshape(frequencies, [rows, kept * first]), [0, 0], [rows, bins]);
    };
    return {
      real: ordered(tf.sub(product(turned[0], overB.real), product(turned[1], overB.imag))),
      imag: ordered(tf.add(product(turned[0], overB.imag), product(turned[1], overB.real))),
    };
  });
