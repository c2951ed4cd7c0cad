/**
 * A forger and an expert: the one draws digits that are asked for out of noise, the other tells what is real, and which digit it is.
 * Each is trained against what the other has become.
 */
import { callModel, compiledStep, gradientsOf, kerasModel, layerConcatenate } from 'keras-pipe';
import {
  layerConv2d,
  layerDense,
  layerDropout,
  layerEmbedding,
  layerFlatten,
  layerInput,
  layerReshape,
} from 'keras-pipe';
import {
  layerUpsampling2d,
  lossBinaryCrossentropy,
  lossSparseCategoricalCrossentropy,
  optimizerAdam,
  pipe,
  tf,
} from 'keras-pipe';
import { digits, example } from './support';

const LATENT = 20;

const makeGenerator = () => {
  const [noise, digit] = [layerInput({ shape: [LATENT] }), layerInput({ shape: [1] })];
  const wanted = pipe(digit, layerEmbedding({ inputDim: 10, outputDim: LATENT }), layerFlatten());
  const image = pipe(
    [noise, wanted] as const,
    layerConcatenate(),
    layerDense({ units: 7 * 7 * 8, activation: 'relu' }),
    layerReshape({ targetShape: [7, 7, 8] }),
    layerUpsampling2d(),
    layerConv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
    layerUpsampling2d(),
    layerConv2d({ filters: 1, kernelSize: 3, padding: 'same', activation: 'sigmoid' }),
  );
  return kerasModel([noise, digit], image);
};

const makeDiscriminator = () => {
  const image = layerInput({ shape: [28, 28, 1] });
  const features = pipe(
    image,
    layerConv2d({ filters: 8, kernelSize: 3, strides: 2, activation: 'leaky_relu' }),
    layerDropout({ rate: 0.3 }),
    layerConv2d({ filters: 16, kernelSize: 3, strides: 2, activation: 'leaky_relu' }),
    layerFlatten(),
  );
  const [isReal, digit] = [layerDense(features, { units: 1 }), layerDense(features, { units: 10 })];
  return kerasModel(image, [isReal, digit]);
};

export const main = example(module, { epochs: 20, quick: 3 }, async (settings) => {
  const { train } = await digits(settings, 600);
  const [generator, discriminator] = [makeGenerator(), makeDiscriminator()];
  const [ofGenerator, ofDiscriminator] = [0, 1].map(() => optimizerAdam({ learningRate: 0.002, beta1: 0.5 })) as [ReturnType<typeof optimizerAdam>, ReturnType<typeof optimizerAdam>]; // prettier-ignore
  /** What the expert says of images, against what is to be said. */
  const loss = (images: tf.Tensor, real: tf.Tensor, digit: tf.Tensor): tf.Tensor => {
    const [isReal, classes] = callModel(discriminator, images, { training: true });
    const ofReal = tf.mean(lossBinaryCrossentropy(real, isReal, { fromLogits: true }));
    return tf.add(ofReal, tf.mean(lossSparseCategoricalCrossentropy(digit, classes, { fromLogits: true })));
  };
  const step = compiledStep((images: tf.Tensor, digit: tf.Tensor, noise: tf.Tensor, wanted: tf.Tensor) => {
    const [rows = 0] = images.shape;
    const drawn = (): tf.Tensor => callModel(generator, [noise, wanted], { training: true });
    const labels = tf.concat([tf.fill([rows, 1], 0.95), tf.zeros([rows, 1])]);
    const first = gradientsOf(
      () => loss(tf.concat([images, drawn()]), labels, tf.concat([digit, wanted])),
      discriminator,
    );
    ofDiscriminator.apply(first);
    const second = gradientsOf(() => loss(drawn(), tf.ones([rows, 1]), wanted), generator);
    ofGenerator.apply(second);
    return [first.loss, second.loss];
  });
  const [x, y] = [tf.expandDims(train[0], -1), tf.expandDims(train[1], -1)];
  const [count, batch] = [train[1].size, 50];
  const losses: number[][] = [];
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    for (let from = 0; from + batch <= count; from += batch) {
      const wanted = tf.cast(tf.randomUniform([batch, 1], 0, 10, 'int32'), 'float32');
      const made = step(x.slice(from, batch), y.slice(from, batch), tf.randomNormal([batch, LATENT]), wanted);
      losses.push(made.map((one) => one.dataSync()[0] ?? NaN));
    }
    console.log(
      `Epoch ${epoch + 1}: discriminator ${losses.at(-1)?.[0]?.toFixed(3)}, generator ${losses.at(-1)?.[1]?.toFixed(3)}`,
    );
  }
  const drawn = callModel(generator, [tf.randomNormal([10, LATENT]), tf.range(0, 10).expandDims(-1)]);
  // Which digits the expert sees in what was drawn.
  const seen = tf.argMax(callModel(discriminator, drawn)[1], -1).dataSync();
  return { losses, engine: step.engine, drawn: drawn.shape, seen: [...seen] };
});
