/**
 * Training to be looked at: a page in the browser with curves as they come, the time that is left, and buttons.
 *
 * `view: true` opens it, on this machine only, and prints its address. Press Pause, and nothing is lost; halve the learning rate, and
 * the curves become calmer; press Stop, and the program goes on with what has been learned.
 */
import {
  arrayReshape,
  compile,
  datasetMnist,
  fit,
  kerasModelSequential,
  layerDense,
  layerDropout,
  optimizerSgd,
  pipe,
  plot,
  setRandomSeed,
  tf,
  toCategorical,
} from 'keras-pipe';
import { runAsProgram, tellSource, type ExampleOptions } from './support';

export const main = async ({
  quick = false,
  seed = 1,
  epochs = quick ? 3 : 30,
  embedded = true,
  verbose = 'auto',
}: ExampleOptions = {}) => {
  setRandomSeed(seed);
  const mnist = await datasetMnist({ embedded });
  tellSource('MNIST', mnist);
  const { x: images, y: labels } = mnist.train;
  const x = tf.tidy(() => tf.div(arrayReshape(images, [-1, 784]), 255));
  const y = toCategorical(labels, { numClasses: 10 });

  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 256, activation: 'relu', inputShape: [784] }),
    layerDropout({ rate: 0.2 }),
    layerDense({ units: 10, activation: 'softmax' }),
    compile({
      optimizer: optimizerSgd({ learningRate: 0.1, momentum: 0.9 }),
      loss: 'categorical_crossentropy',
      metrics: ['accuracy'],
    }),
  );
  let address = '';
  const history = await pipe(
    model,
    fit(x, y, {
      epochs,
      batchSize: 128,
      validationSplit: 0.2,
      verbose,
      view: {
        onAddress: (one) => {
          address = one;
          console.log(`Look at ${address} while it trains.`);
        },
      },
    }),
  );
  // What was on the page, once more.
  console.log(plot(history, { metrics: ['accuracy'] }).toText(72));

  const { accuracy: accuracies = [], val_accuracy: validation = [] } = history.metrics;
  tf.dispose([x, y]);
  mnist.dispose();
  model.dispose();
  return {
    address,
    epochs: accuracies.length,
    accuracy: validation.at(-1) ?? NaN,
    source: mnist.source,
  };
};

void runAsProgram(module, main);
