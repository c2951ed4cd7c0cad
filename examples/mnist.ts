/**
 * A first neural network: recognising handwritten digits.
 *
 * Each image of 28 × 28 gray values becomes a row of 784 numbers from 0 to 1. A dense layer of 512 units and one of 10
 * units turn it into ten probabilities, one for each digit. The real data gives an accuracy of about 0.98 on digits
 * that the network has not seen.
 */
import {
  arrayReshape,
  compile,
  datasetMnist,
  evaluate,
  fit,
  kerasModelSequential,
  layerDense,
  pipe,
  predictClasses,
  setRandomSeed,
  summary,
  tf,
  toCategorical,
  type Tensor,
} from 'keras-pipe';
import { runAsProgram, tellSource, type ExampleOptions } from './support';

/** Images as rows of numbers from 0 to 1. */
const asRows = (images: Tensor): Tensor => tf.tidy(() => tf.div(arrayReshape(images, [-1, 28 * 28]), 255));

export const main = async ({
  quick = false,
  seed = 1,
  epochs = quick ? 1 : 5,
  embedded = 'fallback',
  verbose = 'auto',
}: ExampleOptions = {}) => {
  setRandomSeed(seed);

  const mnist = await datasetMnist({ embedded });
  tellSource('MNIST', mnist);
  const [[trainImages, trainLabels], [testImages, testLabels]] = mnist;
  console.log(
    `Training images: ${trainImages.shape.join(' × ')}, test images: ${testImages.shape.join(' × ')}`,
  );

  const xTrain = asRows(trainImages);
  const yTrain = toCategorical(trainLabels, { numClasses: 10 });
  const xTest = asRows(testImages);
  const yTest = toCategorical(testLabels, { numClasses: 10 });

  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 512, activation: 'relu', inputShape: [28 * 28] }),
    layerDense({ units: 10, activation: 'softmax' }),
    compile({ optimizer: 'rmsprop', loss: 'categorical_crossentropy', metrics: ['accuracy'] }),
  );
  summary(model);

  const history = await pipe(model, fit(xTrain, yTrain, { epochs, batchSize: 128, verbose }));
  console.log(history);

  const { loss, accuracy = NaN } = await pipe(model, evaluate(xTest, yTest, { verbose: 0 }));
  console.log(`On the test images: loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(4)}`);

  const classes = await pipe(model, predictClasses(xTest));
  const predicted = [...classes.dataSync().slice(0, 10)];
  console.log(`The first ten test images are taken for ${predicted.join(' ')}`);
  console.log(`They are                                ${[...testLabels.dataSync().slice(0, 10)].join(' ')}`);

  // Tensors and models are TensorFlow's memory, which is freed by hand.
  tf.dispose([xTrain, yTrain, xTest, yTest, classes]);
  mnist.dispose();
  model.dispose();
  return { accuracy, loss, predicted, source: mnist.source };
};

void runAsProgram(module, main);
