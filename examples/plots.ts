/**
 * Pictures of a training: the model, how it learned, what it learned, what it takes for what, and how it sees its inputs.
 *
 * A small convolutional network learns digits. Its pictures are written to a folder as SVG, which any browser shows.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  compile,
  confusionMatrix,
  datasetMnist,
  fit,
  getLayer,
  kerasModel,
  kerasModelSequential,
  layerConv2d,
  layerDense,
  layerFlatten,
  layerMaxPooling2d,
  pipe,
  plot,
  plotConfusion,
  plotEmbedding,
  plotImages,
  plotModel,
  plotWeights,
  predict,
  setRandomSeed,
  summary,
  tf,
} from 'keras-pipe';
import { runAsProgram, tellSource, type ExampleOptions } from './support';

export const main = async ({
  quick = false,
  seed = 1,
  epochs = 5,
  embedded = 'fallback',
  verbose = 'auto',
}: ExampleOptions = {}) => {
  setRandomSeed(seed);
  const digits = await datasetMnist({ embedded });
  tellSource('MNIST', digits);
  const [[trainImages, yTrain], [testImages, yTest]] = digits;
  const rows = quick ? 300 : Math.min(10_000, yTrain.shape[0]);
  const shown = Math.min(400, yTest.shape[0]);
  // One channel of numbers from 0 to 1.
  const scaled = (images: tf.Tensor, count: number) =>
    tf.tidy(() => tf.div(tf.expandDims(images.slice(0, count), -1), 255));
  const [xTrain, xTest] = [scaled(trainImages, rows), scaled(testImages, shown)];
  const [labels, expected] = [yTrain.slice(0, rows), yTest.slice(0, shown)];

  const model = pipe(
    kerasModelSequential({ name: 'digits', inputShape: [28, 28, 1] }),
    layerConv2d({ filters: 8, kernelSize: 5, activation: 'relu', name: 'strokes' }),
    layerMaxPooling2d(),
    layerFlatten(),
    layerDense({ units: 16, activation: 'relu', name: 'features' }),
    layerDense({ units: 10, activation: 'softmax' }),
    compile({ optimizer: 'adam', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] }),
  );
  pipe(model, summary({ style: 'keras3' }));
  const history = await pipe(model, fit(xTrain, labels, { epochs, validationSplit: 0.2, verbose }));

  const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-pictures-'));
  const file = (name: string): string => path.join(folder, `${name}.svg`);
  const predicted = await predict(model, xTest);
  const counts = confusionMatrix(expected, predicted);
  // What the layer before the last one makes of each digit.
  const inner = kerasModel(model.tf.inputs[0] as tf.SymbolicTensor, getLayer(model, 'features').output);
  const features = await predict(inner, xTest);

  plot(history, { file: file('history') });
  plotModel(model, { file: file('model'), showLayerActivations: true });
  plotWeights(model, { file: file('filters'), layer: 'strokes' });
  plotImages(xTest, { file: file('images'), labels: expected, predictions: predicted });
  const confusion = plotConfusion(counts, { file: file('confusion') });
  plotEmbedding(features, { file: file('embedding'), labels: expected });
  console.log(confusion.toText());
  console.log(`Pictures: ${folder}`);

  const accuracy = history.metrics['val_accuracy']?.at(-1) ?? NaN;
  tf.dispose([
    trainImages,
    yTrain,
    testImages,
    yTest,
    xTrain,
    xTest,
    labels,
    expected,
    predicted,
    counts,
    features,
  ]);
  inner.dispose();
  model.dispose();
  return { folder, accuracy };
};

void runAsProgram(module, main);
