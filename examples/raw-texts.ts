/**
 * Two classes of texts, from the texts as they are: is a review good or bad?
 *
 * The reviews are made up here, from parts of sentences. A layer learns the vocabulary from them, and is the first of the model: the model
 * takes raw texts when it trains, when it predicts, and when it comes back from its file.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  adapt,
  compile,
  evaluate,
  fit,
  getVocabulary,
  kerasModelSequential,
  layerDense,
  layerDropout,
  layerEmbedding,
  layerGlobalAveragePooling1d,
  layerTextVectorization,
  loadModel,
  optimizerAdam,
  pipe,
  predictOnBatch,
  saveModel,
  setRandomSeed,
} from 'keras-pipe';
import { runAsProgram, type ExampleOptions } from './support';

const THINGS = ['film', 'story', 'music', 'ending', 'cast', 'dialogue', 'picture', 'second half'];
const GOOD = ['wonderful', 'moving', 'clever', 'a joy', 'brilliant', 'full of life', 'worth every minute'];
const BAD = ['dull', 'a mess', 'far too long', 'lifeless', 'clumsy', 'a waste of time', 'painful to watch'];
const BEGINNINGS = [
  'I saw it yesterday:',
  'Well...',
  'My sister & I agree,',
  'To be honest,',
  'Last week, at last!',
  '',
];

/** Numbers in [0, 1), the same ones each time. */
const sequence = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
};

/** Reviews and what they are: 1 is good. Each says two things of its kind, and one of the other. */
const makeReviews = (count: number, seed: number) => {
  const random = sequence(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T; // below its length
  const labels = Array.from({ length: count }, () => (random() < 0.5 ? 1 : 0));
  const texts = labels.map((isGood) => {
    const [mostly, once] = isGood === 1 ? [GOOD, BAD] : [BAD, GOOD];
    const opinions = [pick(mostly), pick(mostly), pick(once)].sort(() => random() - 0.5);
    return `${pick(BEGINNINGS)} ${opinions.map((opinion) => `The ${pick(THINGS)} was ${opinion}.`).join(' ')}`;
  });
  return { texts, labels };
};

export const main = async ({
  quick = false,
  seed = 1,
  epochs = quick ? 10 : 20,
  verbose = 0,
}: ExampleOptions = {}) => {
  setRandomSeed(seed);
  const training = makeReviews(quick ? 1000 : 4000, 42);
  const test = makeReviews(500, 4242);
  console.log(`Reviews, made up by this program: ${JSON.stringify(training.texts[0])}`);

  const vectorize = layerTextVectorization({ maxTokens: 200, outputSequenceLength: 32 });
  await adapt(vectorize, training.texts);
  const vocabulary = getVocabulary(vectorize);
  console.log(`${vocabulary.length} words, the most frequent of them: ${vocabulary.slice(2, 8).join(', ')}`);

  const model = pipe(
    kerasModelSequential({ inputShape: [1] }),
    vectorize,
    layerEmbedding({ inputDim: 200, outputDim: 16 }),
    layerGlobalAveragePooling1d(),
    layerDropout({ rate: 0.2 }),
    layerDense({ units: 1, activation: 'sigmoid' }),
    compile({
      optimizer: optimizerAdam({ learningRate: 0.01 }),
      loss: 'binary_crossentropy',
      metrics: ['accuracy'],
    }),
  );
  const rows = (texts: readonly string[]): string[][] => texts.map((text) => [text]);
  await pipe(model, fit(rows(training.texts), training.labels, { epochs, verbose }));
  const { accuracy } = await pipe(model, evaluate(rows(test.texts), test.labels, { verbose: 0 }));
  console.log(`Right on 500 reviews that it has not seen: ${((accuracy ?? NaN) * 100).toFixed(1)} %`);

  // With the vocabulary, the file is all that a server needs.
  const folder = mkdtempSync(path.join(tmpdir(), 'raw-texts-'));
  const file = path.join(folder, 'reviews.keras');
  await pipe(model, saveModel(file));
  const server = await loadModel(file);
  rmSync(folder, { recursive: true });
  const asked = ['What a joy! Brilliant, moving, clever.', 'Dull, clumsy and far too long :('];
  const answers = predictOnBatch(server, rows(asked));
  const scores = [answers].flat().flatMap((answer) => Array.from(answer.dataSync()));
  asked.forEach((text, index) => console.log(`${(scores[index] ?? NaN).toFixed(2)}  ${text}`));

  for (const answer of [answers].flat()) answer.dispose();
  model.dispose();
  server.dispose();
  return { accuracy: accuracy ?? NaN, good: scores[0] ?? NaN, bad: scores[1] ?? NaN };
};

void runAsProgram(module, main);
