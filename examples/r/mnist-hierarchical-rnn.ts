/** Digits line by line: one LSTM reads the pixels of each line, another the lines (Li, Luong and Jurafsky 2015). */
import {
  compile,
  evaluate,
  fit,
  kerasModel,
  layerDense,
  layerInput,
  layerLstm,
  layerReshape,
} from 'keras-pipe';
import { pipe, timeDistributed } from 'keras-pipe';
import { digits, example } from './support';

export const main = example(module, { epochs: 5, quick: 3 }, async (settings) => {
  const { quick, epochs, verbose } = settings;
  const { train, test } = await digits(settings, 1500);
  const units = quick ? 32 : 128;
  const image = layerInput({ shape: [28, 28] });
  const prediction = pipe(
    image,
    layerReshape({ targetShape: [28, 28, 1] }),
    timeDistributed({ layer: layerLstm({ units }) }),
    layerLstm({ units }),
    layerDense({ units: 10, activation: 'softmax' }),
  );
  const model = pipe(
    kerasModel(image, prediction),
    compile({ optimizer: 'adam', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] }),
  );
  await fit(model, ...train, { epochs, batchSize: 32, validationData: test, verbose });
  const { loss, accuracy = NaN } = await evaluate(model, ...test, { verbose: 0 });
  console.log(`On the test digits: loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(4)}`);
  return { accuracy };
});
