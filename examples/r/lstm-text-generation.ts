/** An LSTM learns to write letter by letter: after each epoch it goes on with a piece of the text, more or less daring. */
import {
  callbackLambda,
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  layerLstm,
  optimizerRmsprop,
  pipe,
  predictOnBatch,
  tf,
} from 'keras-pipe';
import { example, pick } from './support';

const LENGTH = 40;

const SUBJECTS = ['the old sailor', 'a young fox', 'the quiet river', 'her brother', 'the last train'];
const VERBS = ['follows', 'forgets', 'carries', 'waits for', 'dreams of'];
const OBJECTS = [
  'the morning light',
  'a broken clock',
  'the red house',
  'some distant song',
  'nobody at all',
];

/** A letter's number, drawn by what the model finds likely; the lower the temperature, the more surely the likeliest. */
const draw = (probabilities: tf.Tensor, temperature: number): number =>
  tf.multinomial(tf.div<tf.Tensor1D>(tf.log(tf.squeeze(probabilities)), temperature), 1).dataSync()[0] ?? 0;

export const main = example(module, { epochs: 20, quick: 6 }, async ({ quick, epochs, verbose }) => {
  const sentences = Array.from({ length: quick ? 200 : 4000 }, () =>
    [pick(SUBJECTS), pick(VERBS), pick(OBJECTS)].join(' '),
  );
  const text = `${sentences.join('. ')}.`;
  const letters = [...new Set(text)].sort();
  const ids = Array.from(text, (letter) => letters.indexOf(letter));
  const oneHot = (rows: readonly number[][]): tf.Tensor =>
    tf.oneHot(tf.tensor2d([...rows], undefined, 'int32'), letters.length);
  const starts = Array.from({ length: Math.floor((ids.length - LENGTH - 1) / 3) }, (_, index) => 3 * index);
  const x = oneHot(starts.map((start) => ids.slice(start, start + LENGTH)));
  const y = tf.tensor1d(starts.map((start) => ids[start + LENGTH] ?? 0));
  const model = pipe(
    kerasModelSequential(),
    layerLstm({ units: quick ? 64 : 128, inputShape: [LENGTH, letters.length] }),
    layerDense({ units: letters.length, activation: 'softmax' }),
    compile({ optimizer: optimizerRmsprop({ learningRate: 0.01 }), loss: 'sparse_categorical_crossentropy' }),
  );
  const write = (temperature: number, count: number): string => {
    const window = ids.slice(0, LENGTH);
    for (let index = 0; index < count; index++) {
      const next = tf.tidy(() => draw(predictOnBatch(model, oneHot([window.slice(-LENGTH)])), temperature));
      window.push(next);
    }
    return window
      .slice(LENGTH)
      .map((id) => letters[id])
      .join('');
  };
  const onEpochEnd = (epoch: number): void => {
    for (const temperature of quick ? [0.2] : [0.2, 0.5, 1, 1.2])
      console.log(`Epoch ${epoch + 1}, temperature ${temperature}: ${write(temperature, quick ? 60 : 400)}`);
  };
  const history = await fit(model, x, y, {
    epochs,
    batchSize: 128,
    verbose,
    callbacks: callbackLambda({ onEpochEnd }),
  });
  return { losses: history.metrics.loss, letters: letters.length, written: write(0.2, 60) };
});
