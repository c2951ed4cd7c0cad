/**
 * A recurrent network: reading a review word by word.
 *
 * An embedding turns each word into a vector of 32 numbers, learned with the rest; the LSTM reads the vectors in order and
 * keeps what matters. Of each review only the last 100 words are read. The real data gives an accuracy of about 0.84.
 */
import {
  compile,
  datasetImdb,
  evaluate,
  fit,
  kerasModelSequential,
  layerDense,
  layerEmbedding,
  layerLstm,
  padSequences,
  pipe,
  setRandomSeed,
  summary,
  tf,
} from 'keras-pipe';
import { runAsProgram, tellSource, type ExampleOptions } from './support';

const WORDS = 10_000;
const LENGTH = 100;

export const main = async ({
  quick = false,
  seed = 1,
  epochs = quick ? 1 : 3,
  embedded = 'fallback',
  verbose = 'auto',
}: ExampleOptions = {}) => {
  setRandomSeed(seed);

  const imdb = await datasetImdb({ numWords: WORDS, embedded });
  tellSource('IMDB', imdb);
  const [[trainReviews, trainLabels], [testReviews, testLabels]] = imdb;
  const rows = quick ? Math.min(5_000, trainReviews.length) : trainReviews.length;
  // Shorter reviews get zeros in front, longer ones lose their beginning.
  const xTrain = padSequences(trainReviews.slice(0, rows), { maxlen: LENGTH });
  const xTest = padSequences(testReviews.slice(0, rows), { maxlen: LENGTH });
  const yTrain = trainLabels.slice(0, xTrain.shape[0]);
  const yTest = testLabels.slice(0, xTest.shape[0]);
  console.log(`Word ids: ${xTrain.shape.join(' × ')} to train with, ${xTest.shape.join(' × ')} to test`);

  const model = pipe(
    kerasModelSequential(),
    layerEmbedding({ inputDim: WORDS, outputDim: 32, inputLength: LENGTH }),
    layerLstm({ units: 32 }),
    layerDense({ units: 1, activation: 'sigmoid' }),
    compile({ optimizer: 'rmsprop', loss: 'binary_crossentropy', metrics: ['accuracy'] }),
  );
  summary(model);

  await pipe(model, fit(xTrain, yTrain, { epochs, batchSize: 128, verbose }));

  const { loss, accuracy = NaN } = await pipe(model, evaluate(xTest, yTest, { batchSize: 128, verbose: 0 }));
  console.log(`On the test reviews: loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(4)}`);

  tf.dispose([xTrain, xTest, yTrain, yTest]);
  imdb.dispose();
  model.dispose();
  return { accuracy, loss, source: imdb.source };
};

void runAsProgram(module, main);
