/**
 * A layer of one's own: the antirectifier. It centers and scales each sample and puts out both what is above zero and, in places of
 * their own, what is below, so that nothing is lost as with relu.
 */
import {
  activationRelu,
  compile,
  createLayerWrapper,
  evaluate,
  fit,
  KerasLayer,
  kerasModelSequential,
} from 'keras-pipe';
import { kL2Normalize, layerDense, layerDropout, layerFlatten, pipe, tf } from 'keras-pipe';
import { digits, example } from './support';

class Antirectifier extends KerasLayer {
  override call(x: tf.Tensor): tf.Tensor {
    const scaled = kL2Normalize(tf.sub(x, tf.mean(x, 1, true)), { axis: 1 });
    return tf.concat([activationRelu(scaled), activationRelu(tf.neg(scaled))], 1);
  }
}
const layerAntirectifier = createLayerWrapper(Antirectifier);

export const main = example(module, { epochs: 40, quick: 4 }, async (settings) => {
  const { train, test } = await digits(settings, 4000);
  const model = pipe(
    kerasModelSequential({ inputShape: [28, 28] }),
    layerFlatten(),
    layerDense({ units: 256 }),
    layerAntirectifier(),
    layerDropout({ rate: 0.1 }),
    layerDense({ units: 256 }),
    layerAntirectifier(),
    layerDropout({ rate: 0.1 }),
    layerDense({ units: 10, activation: 'softmax' }),
    compile({ optimizer: 'rmsprop', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] }),
  );
  const { epochs, verbose } = settings;
  await fit(model, ...train, { epochs, batchSize: 128, validationData: test, verbose });
  const { accuracy = NaN } = await evaluate(model, ...test, { verbose: 0 });
  console.log(`On the test digits: accuracy ${accuracy.toFixed(4)}`);
  return { accuracy };
});
