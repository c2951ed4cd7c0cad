/**
 * Sums by reading and writing: an LSTM reads `535+61` a character at a time, from its end, and another writes `596`. Nobody tells them
 * what a digit is (Zaremba and Sutskever 2014).
 */
import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerDense,
  layerLstm,
  layerRepeatVector,
  pipe,
  predict,
  tf,
  timeDistributed,
  type Tensor,
} from 'keras-pipe';
import { example, random } from './support';

const CHARACTERS = '0123456789+ ';
const [DIGITS, UNITS] = [2, 128];
const [READ, WRITTEN] = [2 * DIGITS + 1, DIGITS + 1];

/** `[texts, length, characters]`, with 1 where the character stands. */
const encode = (texts: readonly string[]): Tensor => {
  const ids = texts.map((text) => Array.from(text, (character) => CHARACTERS.indexOf(character)));
  return tf.oneHot(tf.tensor2d(ids, undefined, 'int32'), CHARACTERS.length, 1, 0, 'float32');
};

const decode = async (x: Tensor): Promise<string[]> => {
  const ids = (await tf.argMax(x, -1).array()) as number[][];
  return ids.map((text) => text.map((id) => CHARACTERS[id]).join(''));
};

export const main = example(module, { epochs: 70, quick: 30 }, async ({ quick, epochs, verbose }) => {
  const number = (): number => 1 + Math.floor(random() * (10 ** DIGITS - 1));
  const sums = Array.from({ length: quick ? 4000 : 50_000 }, () => [number(), number()] as const);
  const questions = sums.map(([a, b]) => `${a}+${b}`.padEnd(READ));
  const x = encode(questions.map((question) => Array.from(question).reverse().join('')));
  const y = encode(sums.map(([a, b]) => String(a + b).padStart(WRITTEN)));
  const held = Math.floor(sums.length / 10);
  const part = (data: Tensor, from: number, count: number): Tensor => data.slice(from, count);

  const model = pipe(
    kerasModelSequential(),
    layerLstm({ units: UNITS, inputShape: [READ, CHARACTERS.length] }),
    layerRepeatVector({ n: WRITTEN }),
    layerLstm({ units: UNITS, returnSequences: true }),
    timeDistributed(layerDense({ units: CHARACTERS.length, activation: 'softmax' })),
    compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['accuracy'] }),
  );
  const test = [part(x, 0, held), part(y, 0, held)] as const;
  await fit(model, part(x, held, -1), part(y, held, -1), { epochs, batchSize: quick ? 64 : 128, validationData: [...test], verbose }); // prettier-ignore
  const { accuracy = NaN } = await evaluate(model, ...test, { verbose: 0 });
  const [answer = ''] = await decode(await predict(model, part(x, 0, 1)));
  console.log(`${questions[0] ?? ''} is ${answer}; characters that are right: ${accuracy.toFixed(3)}`);
  return { accuracy, answer };
});
