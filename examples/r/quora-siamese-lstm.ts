/**
 * Whether two questions ask the same: one LSTM reads both, and how near its two vectors are says it. The questions are of this
 * program's own making, from topics and ways to ask.
 */
import {
  compile,
  evaluate,
  fit,
  kerasModel,
  layerDense,
  layerDot,
  layerEmbedding,
  layerInput,
  layerLstm,
} from 'keras-pipe';
import {
  optimizerAdam,
  kerasModelSequential,
  layerModel,
  padSequences,
  pipe,
  initializerRandomNormal,
  tf,
} from 'keras-pipe';
import { example, pick, random } from './support';

const TOPICS = [
  ['learn the piano', 'play piano well', 'become good at the piano'],
  ['lose weight', 'become slim', 'weigh less'],
  ['cook rice', 'prepare rice', 'boil rice properly'],
  ['sleep better', 'have a good night', 'fall asleep quickly'],
  ['find a flat', 'rent an apartment', 'get a place to live'],
  ['train a network', 'fit a neural network', 'teach a deep model'],
  ['repair a bicycle', 'mend my bike', 'fix a broken bike'],
  ['grow tomatoes', 'plant tomatoes at home', 'raise tomatoes in pots'],
];
const WAYS = [
  'how can i',
  'what is the best way to',
  'how do people',
  'is there an easy way to',
  'tell me how to',
];

const words = [...new Set([...TOPICS.flat(), ...WAYS].join(' ').split(' '))];
const numbersOf = (question: string): number[] => question.split(' ').map((word) => words.indexOf(word) + 1);
const ask = (topic: readonly string[]): number[] => numbersOf(`${pick(WAYS)} ${pick(topic)}`);

/** Pairs of questions, half of which ask the same, and whether they do. */
const pairs = (count: number) => {
  const isSame = Array.from({ length: count }, () => (random() < 0.5 ? 1 : 0));
  const both = isSame.map((same) => {
    const topic = pick(TOPICS);
    return [ask(topic), ask(same === 1 ? topic : pick(TOPICS.filter((other) => other !== topic)))] as const;
  });
  const side = (index: 0 | 1) =>
    padSequences(
      both.map((pair) => pair[index]),
      { maxlen: 12 },
    );
  return { x: [side(0), side(1)] as const, y: tf.tensor1d(isSame) };
};

export const main = example(module, { epochs: 20, quick: 2 }, async ({ quick, epochs, verbose }) => {
  const [train, test] = [pairs(quick ? 1000 : 6000), pairs(500)];
  const reader = pipe(
    kerasModelSequential({ inputShape: [12] }),
    layerEmbedding({
      inputDim: words.length + 1,
      outputDim: 24,
      maskZero: true,
      embeddingsInitializer: initializerRandomNormal({ stddev: 1 }),
    }),
    layerLstm({ units: 32 }),
  );
  const [left, right] = [layerInput({ shape: [12] }), layerInput({ shape: [12] })];
  // The nearer, the more it is the same question.
  const nearness = layerDot([layerModel(left, reader), layerModel(right, reader)], { axes: 1 });
  const model = pipe(
    kerasModel(
      [left, right],
      layerDense(nearness, { units: 1, activation: 'sigmoid', kernelInitializer: 'ones' }),
    ),
    compile({
      optimizer: optimizerAdam({ learningRate: 0.01 }),
      loss: 'binary_crossentropy',
      metrics: ['accuracy'],
    }),
  );
  await fit(model, train.x, train.y, { epochs, batchSize: 32, validationData: [test.x, test.y], verbose });
  const { accuracy = NaN } = await evaluate(model, test.x, test.y, { verbose: 0 });
  console.log(`Of ${test.y.size} pairs, ${(100 * accuracy).toFixed(1)} % are told right`);
  return { accuracy };
});
