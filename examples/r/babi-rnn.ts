/** Questions about stories, by two recurrent networks: the question's last state is added to each word of the story, then that is read. */
import {
  compile,
  evaluate,
  fit,
  kerasModel,
  layerAdd,
  layerDense,
  layerDropout,
  layerEmbedding,
} from 'keras-pipe';
import { layerInput, layerLstm, layerRepeatVector, pipe } from 'keras-pipe';
import { babi, questionLength, vocabulary } from './babi';
import { example } from './support';

const UNITS = 50;

export const main = example(module, { epochs: 30, quick: 12 }, async ({ quick, epochs, verbose }) => {
  const [train, test] = [babi(quick ? 1500 : 10_000, 2), babi(500, 2)];
  const words = (input: ReturnType<typeof layerInput>) =>
    pipe(input, layerEmbedding({ inputDim: vocabulary, outputDim: UNITS }), layerDropout({ rate: 0.1 }));
  const story = layerInput({ shape: [train.storyLength] });
  const question = layerInput({ shape: [questionLength] });
  const asked = pipe(
    words(question),
    layerLstm({ units: UNITS }),
    layerRepeatVector({ n: train.storyLength }),
  );
  const answer = pipe(
    [words(story), asked],
    layerAdd(),
    layerLstm({ units: UNITS }),
    layerDropout({ rate: 0.1 }),
    layerDense({ units: vocabulary, activation: 'softmax' }),
  );
  const model = pipe(
    kerasModel([story, question], answer),
    compile({ optimizer: 'adam', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] }),
  );
  await fit(model, train.x, train.y, { epochs, batchSize: 32, validationSplit: 0.05, verbose });
  const { accuracy = NaN } = await evaluate(model, test.x, test.y, { batchSize: 32, verbose: 0 });
  console.log(`Answers that are right: ${accuracy.toFixed(3)}`);
  return { accuracy };
});
