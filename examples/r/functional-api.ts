/**
 * Two inputs, two outputs: will a headline be shared? Its words go through an LSTM, the hour of the day comes in later; a second output
 * judges by the words alone, and makes the LSTM learn well. The headlines are generated.
 */
import {
  compile,
  fit,
  kerasModel,
  layerConcatenate,
  layerDense,
  layerEmbedding,
  layerInput,
} from 'keras-pipe';
import { layerLstm, pipe, summary, tf } from 'keras-pipe';
import { example, random } from './support';

export const main = example(module, { epochs: 50, quick: 8 }, async ({ quick, epochs, verbose }) => {
  const [rows, length] = [quick ? 1000 : 10_000, 20];
  const words = Array.from({ length: rows }, () => Array.from({ length }, () => Math.floor(random() * 100)));
  const hours = words.map(() => random());
  const catching = words.map((row) => row.filter((word) => word < 10).length);
  const shared = tf.tensor1d(catching.map((count, row) => Number(count + 4 * (hours[row] ?? 0) > 4)));

  const headline = layerInput({ shape: [length], name: 'headline' });
  const read = pipe(headline, layerEmbedding({ inputDim: 100, outputDim: 32 }), layerLstm({ units: 32 }));
  const early = layerDense(read, { units: 1, activation: 'sigmoid', name: 'by_words' });
  const hour = layerInput({ shape: [1], name: 'hour' });
  const late = pipe(
    [read, hour],
    layerConcatenate(),
    layerDense({ units: 64, activation: 'relu' }),
    layerDense({ units: 64, activation: 'relu' }),
    layerDense({ units: 1, activation: 'sigmoid', name: 'by_all' }),
  );
  const model = pipe(
    kerasModel([headline, hour], [late, early]),
    compile({
      optimizer: 'rmsprop',
      loss: { by_all: 'binary_crossentropy', by_words: 'binary_crossentropy' },
      lossWeights: { by_all: 1, by_words: 0.2 },
      metrics: { by_all: ['accuracy'] },
    }),
    summary,
  );
  const x = { headline: words, hour: tf.tensor2d(hours, [rows, 1]) };
  const y = { by_all: shared, by_words: shared };
  const { metrics } = await fit(model, x, y, { epochs, batchSize: 32, verbose });
  return { accuracy: metrics['by_all_accuracy']?.at(-1) ?? NaN, names: Object.keys(metrics) };
});
