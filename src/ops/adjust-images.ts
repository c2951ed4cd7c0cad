import { tf, type Tensor } from '../tfjs/tensorflow';

/** `(x − mean) · factor + mean`, with the mean of each channel of each image, `[batch, height, width, channels]`. */
export const adjustContrast = (images: Tensor, factor: Tensor): Tensor =>
  tf.tidy(() => {
    const mean = tf.mean(images, [1, 2], true);
    return tf.add(tf.mul(tf.sub(images, mean), factor), mean);
  });
