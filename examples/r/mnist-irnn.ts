/**
 * Digits pixel by pixel: a simple recurrent network of rectified units begins as the identity, and so carries what it saw over hundreds
 * of steps (Le, Jaitly and Hinton 2015). Small steps and clipped gradients keep it from bursting.
 */
import {
  compile,
  evaluate,
  fit,
  initializerIdentity,
  initializerRandomNormal,
  kerasModelSequential,
  layerAveragePooling2d,
  layerDense,
  layerReshape,
  layerSimpleRnn,
  optimizerRmsprop,
  pipe,
} from 'keras-pipe';
import { digits, example } from './support';

export const main = example(module, { epochs: 200, quick: 16 }, async (settings) => {
  const { quick, epochs, verbose } = settings;
  const { train, test } = await digits(settings, 1000);
  const size = quick ? 7 : 1;
  const model = pipe(
    kerasModelSequential({ inputShape: [28, 28] }),
    layerReshape({ targetShape: [28, 28, 1] }),
    layerAveragePooling2d({ poolSize: size }),
    layerReshape({ targetShape: [-1, 1] }),
    layerSimpleRnn({
      units: 100,
      kernelInitializer: initializerRandomNormal({ stddev: 0.01 }),
      recurrentInitializer: initializerIdentity({ gain: 1 }),
      activation: 'relu',
    }),
    layerDense({ units: 10, activation: 'softmax' }),
    compile({
      optimizer: optimizerRmsprop({ learningRate: quick ? 1e-3 : 1e-6, clipnorm: 1 }),
      loss: 'sparse_categorical_crossentropy',
      metrics: ['accuracy'],
    }),
  );
  await fit(model, ...train, { epochs, batchSize: 32, validationData: test, verbose });
  const { loss, accuracy = NaN } = await evaluate(model, ...test, { verbose: 0 });
  console.log(`On the test digits: loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(4)}`);
  return { accuracy };
});
