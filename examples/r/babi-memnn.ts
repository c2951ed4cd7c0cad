/**
 * Questions about stories, by a memory network (Sukhbaatar et al. 2015): the question is compared with each word of the story, and
 * what fits best is what the answer is made of.
 */
import {
  compile,
  evaluate,
  fit,
  kerasModel,
  layerActivation,
  layerAdd,
  layerConcatenate,
  layerDense,
  layerDot,
  layerDropout,
  layerEmbedding,
  layerInput,
  layerLstm,
  layerPermute,
  pipe,
} from 'keras-pipe';
import { babi, questionLength, vocabulary } from './babi';
import { example } from './support';

export const main = example(module, { epochs: 120, quick: 12 }, async ({ quick, epochs, verbose }) => {
  const [train, test] = [babi(quick ? 1500 : 10_000, 2), babi(500, 2)];
  const story = layerInput({ shape: [train.storyLength] });
  const question = layerInput({ shape: [questionLength] });
  const embedded = (outputDim: number) => (input: typeof story) =>
    pipe(input, layerEmbedding({ inputDim: vocabulary, outputDim }), layerDropout({ rate: 0.3 }));
  const asked = embedded(64)(question);
  const match = pipe(
    [embedded(64)(story), asked],
    layerDot({ axes: [2, 2] }),
    layerActivation({ activation: 'softmax' }),
  );
  const response = pipe([match, embedded(questionLength)(story)], layerAdd(), layerPermute({ dims: [2, 1] }));
  const answer = pipe(
    [response, asked],
    layerConcatenate(),
    layerLstm({ units: 32 }),
    layerDropout({ rate: 0.3 }),
    layerDense({ units: vocabulary, activation: 'softmax' }),
  );
  const model = pipe(
    kerasModel([story, question], answer),
    compile({ optimizer: 'rmsprop', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] }),
  );
  await fit(model, train.x, train.y, { epochs, batchSize: 32, validationData: [test.x, test.y], verbose });
  const { accuracy = NaN } = await evaluate(model, test.x, test.y, { verbose: 0 });
  console.log(`Answers that are right: ${accuracy.toFixed(3)}`);
  return { accuracy };
});
