/**
 * What a message is about, by the words in it. The messages are generated: each of 46 topics has words of its own, which are rare among
 * those that all messages share; and some topics have ten times the messages of others, as in Reuters' newswires.
 */
import { compile, evaluate, fit, kerasModelSequential, layerDense, layerDropout, pipe, tf } from 'keras-pipe';
import { vectorizeSequences } from 'keras-pipe';
import { example, random } from './support';

const WORDS = 1000;
const TOPICS = 46;
const OWN = 15;

/** A whole number below a limit, the smaller ones more often. */
const below = (limit: number): number => Math.floor(limit * random() ** 2);

const messages = (count: number) => {
  const topics = Array.from({ length: count }, () => below(TOPICS));
  const words = topics.map((topic) =>
    Array.from({ length: 40 }, () => (random() < 0.2 ? topic * OWN + below(OWN) : below(WORDS))),
  );
  return { x: vectorizeSequences(words, { dimension: WORDS }), y: tf.tensor1d(topics) };
};

export const main = example(module, { epochs: 5, quick: 5 }, async ({ quick, epochs, verbose }) => {
  const [train, test] = [messages(quick ? 2500 : 9000), messages(1000)];
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 512, activation: 'relu', inputShape: [WORDS] }),
    layerDropout({ rate: 0.5 }),
    layerDense({ units: TOPICS, activation: 'softmax' }),
    compile({ optimizer: 'adam', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] }),
  );
  const history = await fit(model, train.x, train.y, {
    epochs,
    batchSize: 32,
    validationSplit: 0.1,
    verbose,
  });
  const { loss, accuracy = NaN } = await evaluate(model, test.x, test.y, { batchSize: 32, verbose: 0 });
  console.log(String(history));
  console.log(`On the test messages: loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(4)}`);
  return { accuracy };
});
