import { sizeOf } from '../base/shapes';
import { tf, type Tensor } from '../tfjs/tensorflow';

/** The axes of two factors and of their product, a letter for each. */
export interface Contraction {
  readonly a: string;
  readonly b: string;
  readonly product: string;
}

/** The letters that are in all of some lists, or in none of the others. */
const lettersOf = (letters: string, isIn: readonly string[], isNotIn: readonly string[] = []): string[] =>
  letters
    .split('')
    .filter(
      (letter) =>
        isIn.every((list) => list.includes(letter)) && !isNotIn.some((list) => list.includes(letter)),
    );

/** A tensor with its axes in another order. */
const reordered = (x: Tensor, from: readonly string[], to: readonly string[]): Tensor =>
  from.join('') === to.join('') ? x : tf.transpose(x, to.map((letter) => from.indexOf(letter))); // prettier-ignore

/**
 * The sum of products over the letters that the product has not: `ab` and `bc` to `ac` is the product of matrices. One product of
 * matrices, which TensorFlow's own operation of this name is, too; that of tfjs has no gradient.
 */
export const contraction = (a: Tensor, b: Tensor, { a: ofA, b: ofB, product }: Contraction): Tensor =>
  tf.tidy(() => {
    const sizes = new Map(ofA.split('').map((letter, axis) => [letter, a.shape[axis] as number])); // one for each axis
    ofB.split('').forEach((letter, axis) => sizes.set(letter, b.shape[axis] as number)); // the same
    const count = (letters: readonly string[]): number =>
      sizeOf(letters.map((letter) => sizes.get(letter) as number)); // letters of either
    // What one of the factors alone has, and the product has not, is added up first.
    const summed = (x: Tensor, letters: string, other: string): [Tensor, string[]] => {
      const lone = lettersOf(letters, [], [other, product]);
      const kept = letters.split('').filter((letter) => !lone.includes(letter));
      return [lone.length === 0 ? x : tf.sum(x, lone.map((letter) => letters.indexOf(letter))), kept]; // prettier-ignore
    };
    const [left, inLeft] = summed(a, ofA, ofB);
    const [right, inRight] = summed(b, ofB, ofA);
    const common = lettersOf(ofA, [ofB, product]);
    const over = lettersOf(ofA, [ofB], [product]);
    const rows = lettersOf(ofA, [product], [ofB]);
    const columns = lettersOf(ofB, [product], [ofA]);
    const batch = common.length === 0 ? [] : [count(common)];
    const made = tf.matMul(
      tf.reshape(reordered(left, inLeft, [...common, ...rows, ...over]), [
        ...batch,
        count(rows),
        count(over),
      ]),
      tf.reshape(reordered(right, inRight, [...common, ...over, ...columns]), [...batch, count(over), count(columns)]), // prettier-ignore
    );
    const order = [...common, ...rows, ...columns];
    const spread = tf.reshape(made, order.map((letter) => sizes.get(letter) as number)); // prettier-ignore
    return reordered(spread, order, product.split(''));
  });
