/** The counterparts of the class and the function of the program's own in models that Keras saved: see test/reference/keras3/keras_zip.py. */
import { KerasLayer, tf, type Tensor } from '../../src/index';

/** `by · x + shift` */
export class Scaled extends KerasLayer<{ readonly by?: number }> {
  shift: Tensor | undefined;

  override build(inputShape: (number | null)[]): void {
    this.shift = this.addWeight({ name: 'shift', shape: [inputShape.at(-1) ?? 0] });
  }

  override call(x: Tensor): Tensor {
    return tf.add(tf.mul(x, this.options.by ?? 1), this.shift as Tensor); // it has been built
  }
}

export const wave = (x: Tensor): Tensor => tf.sin(x);
