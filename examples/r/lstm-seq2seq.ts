/**
 * One sequence to another (Sutskever et al. 2014): an encoder reads a word, a decoder begins with the encoder's states and writes the word
 * backwards, a letter at a time.
 */
import {
  compile,
  fit,
  kerasModel,
  layerDense,
  layerInput,
  layerLstm,
  pipe,
  predict,
  shared,
  tf,
} from 'keras-pipe';
import { example, random } from './support';

const [LETTERS, LENGTH, UNITS] = [6, 5, 64];
/** Words that it is asked for, and has not learned from. */
const ASKED = 200;
/** Before the first letter. */
const START = LETTERS;

export const main = example(module, { epochs: 40, quick: 12 }, async ({ quick, epochs, verbose }) => {
  const words = Array.from({ length: ASKED + (quick ? 2000 : 5000) }, () => Array.from({ length: LENGTH }, () => Math.floor(random() * LETTERS))); // prettier-ignore
  const letters = (ids: number[][]) => tf.oneHot(tf.tensor2d(ids, undefined, 'int32'), LETTERS + 1, 1, 0, 'float32'); // prettier-ignore
  const written = words.map((word) => word.toReversed());

  const [source, target] = [LETTERS + 1, LETTERS + 1].map((size) => layerInput({ shape: [null, size] })) as [ReturnType<typeof layerInput>, ReturnType<typeof layerInput>]; // prettier-ignore
  const [, ...states] = pipe(source, layerLstm({ units: UNITS, returnState: true }));
  const decoder = shared(layerLstm({ units: UNITS, returnSequences: true, returnState: true }));
  const letter = shared(layerDense({ units: LETTERS + 1, activation: 'softmax' }));
  // While it learns, the decoder sees the letter that is right before each that it writes.
  const [decoded] = decoder(target, { initialState: states });
  const model = pipe(
    kerasModel([source, target], letter(decoded)),
    compile({ optimizer: 'adam', loss: 'categorical_crossentropy' }),
  );
  const seen = letters(written.slice(ASKED).map((word) => [START, ...word.slice(0, -1)]));
  await fit(model, [letters(words.slice(ASKED)), seen], letters(written.slice(ASKED)), {
    epochs,
    batchSize: 32,
    verbose,
  });

  // Then it sees what it has written itself, and goes on from its own states.
  const encoder = kerasModel(source, states);
  const [h, c] = [layerInput({ shape: [UNITS] }), layerInput({ shape: [UNITS] })];
  const [next, ...after] = decoder(target, { initialState: [h, c] });
  const writer = kerasModel([target, h, c], [letter(next), ...after]);
  const asked = words.slice(0, ASKED);
  let now: tf.Tensor[] = await predict(encoder, letters(asked));
  let last = letters(asked.map(() => [START]));
  const answers: number[][] = asked.map(() => []);
  for (let place = 0; place < LENGTH; place++) {
    const [probabilities, ...others] = (await predict(writer, [last, ...now])) as [tf.Tensor, ...tf.Tensor[]];
    const best = (await tf.argMax(probabilities, -1).array()) as number[][];
    best.forEach(([id = 0], row) => answers[row]?.push(id));
    last = letters(best);
    now = others;
  }
  const right = answers.flatMap((answer, row) => answer.map((id, place) => id === written[row]?.[place]));
  const accuracy = right.filter(Boolean).length / right.length;
  console.log(`Letters that are right: ${accuracy.toFixed(3)}`);
  return { accuracy };
});
