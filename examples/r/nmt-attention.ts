/**
 * A translation that looks where it reads (Bahdanau, Cho and Bengio 2015): dates as people write them, `7 march 2019`, into those of
 * computers, `2019-03-07`. For each character that it writes, the decoder weights all states of the encoder, and shows the weights.
 */
import {
  callModel,
  compiledStep,
  gradientsOf,
  kerasModel,
  layerAdditiveAttention,
  layerConcatenate,
  layerDense,
  layerEmbedding,
  layerGru,
  layerInput,
  lossSparseCategoricalCrossentropy,
  optimizerAdam,
  pipe,
  tf,
  type Tensor,
} from 'keras-pipe';
import { example, pick, random } from './support';

const MONTHS = 'january february march april may june july august september october november december'.split(
  ' ',
);
const CHARACTERS = '<>-0123456789 abcdefghijlmnoprstuvyz';
const [START, READ, WRITTEN, UNITS, SIZE] = ['<', 20, 10, 64, 16];

const date = (): { readonly source: string; readonly target: string } => {
  const [day, month, year] = [
    1 + Math.floor(random() * 28),
    Math.floor(random() * 12),
    1950 + Math.floor(random() * 80),
  ];
  const name = MONTHS[month] ?? '';
  const source = pick([
    `${day} ${name} ${year}`,
    `${name} ${day} ${year}`,
    `${day} ${name.slice(0, 3)} ${year}`,
  ]);
  return { source, target: `${year}-${String(month + 1).padStart(2, '0')}-${String(day).padStart(2, '0')}` };
};

/** Texts as numbers of their characters; 0 fills them up, and is masked. */
const encode = (texts: readonly string[], length: number): Tensor =>
  tf.tensor2d(
    texts.map((text) => Array.from({ length }, (_, place) => CHARACTERS.indexOf(text[place] ?? '\0') + 1)),
    undefined,
    'int32',
  );

export const main = example(module, { epochs: 12, quick: 8 }, async ({ quick, epochs, verbose }) => {
  const dates = Array.from({ length: quick ? 2000 : 10_000 }, date);
  const asked = dates.splice(0, 200);

  const read = layerInput({ shape: [READ], dtype: 'int32' });
  const embedded = layerEmbedding(read, { inputDim: CHARACTERS.length + 1, outputDim: SIZE, maskZero: true });
  const [states, last] = layerGru(embedded, { units: UNITS, returnSequences: true, returnState: true });
  const encoder = kerasModel(read, [states, last]);

  const written = layerInput({ shape: [null], dtype: 'int32' });
  const memory = layerInput({ shape: [READ, UNITS] });
  const before = layerInput({ shape: [UNITS] });
  const [sequence, after] = pipe(
    written,
    layerEmbedding({ inputDim: CHARACTERS.length + 1, outputDim: SIZE }),
    layerGru({ units: UNITS, returnSequences: true, returnState: true, initialState: before }),
  );
  const [context, weights] = layerAdditiveAttention([sequence, memory], { returnAttentionScores: true });
  const next = pipe([sequence, context], layerConcatenate(), layerDense({ units: CHARACTERS.length + 1 }));
  const decoder = kerasModel([written, memory, before], [next, after, weights]);

  const optimizer = optimizerAdam({ learningRate: 0.005 });
  const step = compiledStep((source: Tensor, seen: Tensor, target: Tensor) => {
    const gradients = gradientsOf(() => {
      const [outputs, state] = callModel(encoder, source, { training: true });
      const [logits] = callModel(decoder, [seen, outputs, state], { training: true });
      return tf.mean(lossSparseCategoricalCrossentropy(target, logits, { fromLogits: true }));
    }, [encoder, decoder]);
    optimizer.apply(gradients);
    return gradients.loss;
  });
  const losses: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    let sum = 0;
    for (let first = 0; first < dates.length; first += 50) {
      const batch = dates.slice(first, first + 50);
      const seen = batch.map(({ target }) => START + target.slice(0, -1));
      const targets = encode(batch.map(({ target }) => target), WRITTEN); // prettier-ignore
      sum += step(encode(batch.map(({ source }) => source), READ), encode(seen, WRITTEN), targets).arraySync(); // prettier-ignore
    }
    losses.push((50 * sum) / dates.length);
    if (verbose !== 0) console.log(`Epoch ${epoch + 1}: loss ${losses.at(-1)?.toFixed(4) ?? ''}`);
  }

  // Now it sees what it has written itself. The states come with the mask of what was read, of which predictions make plain tensors.
  const [outputs, first] = callModel(encoder, encode(asked.map(({ source }) => source), READ)); // prettier-ignore
  let state = first;
  const answers = asked.map(() => START);
  const looks: number[] = [];
  for (let place = 0; place < WRITTEN; place++) {
    const lastOnes = encode(answers.map((answer) => answer.at(-1) ?? ''), 1); // prettier-ignore
    const [logits, then, shown] = callModel(decoder, [lastOnes, outputs, state]);
    const best = (await tf.argMax(logits, -1).array()) as number[][];
    best.forEach(([id = 0], row) => (answers[row] = `${answers[row] ?? ''}${CHARACTERS[id - 1] ?? ' '}`));
    looks.push(((await tf.argMax(shown, -1).array()) as number[][])[0]?.[0] ?? 0);
    state = then;
  }
  const right = asked.filter(({ target }, row) => answers[row] === START + target).length / asked.length;
  const [{ source = '' } = {}, [answer = '']] = [asked[0], answers];
  console.log(`'${source}' becomes ${answer.slice(1)}, letter by letter from '${looks.map((place) => source[place] ?? ' ').join('')}'`); // prettier-ignore
  console.log(`Dates that are right: ${right.toFixed(3)}, by ${step.engine ?? ''} steps`);
  return { right, losses, engine: step.engine };
});
