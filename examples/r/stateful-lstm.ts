/** A fading wave, of which the network gets one value at a time: only its states, which are kept from batch to batch, know where it is. */
import {
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  layerLstm,
  pipe,
  predict,
  resetStates,
  tf,
} from 'keras-pipe';
import { example } from './support';

const BATCH = 25;

export const main = example(module, { epochs: 25, quick: 4 }, async ({ quick, epochs, verbose }) => {
  const points = quick ? 2500 : 50_000;
  const wave = Array.from({ length: points + 1 }, (_, time) => {
    const fading = Math.exp((-5 * time) / points);
    return 100 * Math.cos((100 * Math.PI * time) / points) * fading;
  });
  const x = tf.tensor3d(wave.slice(0, points), [points, 1, 1]);
  const y = tf.tensor2d(wave.slice(1), [points, 1]);
  const model = pipe(
    kerasModelSequential(),
    layerLstm({ units: 50, batchInputShape: [BATCH, 1, 1], returnSequences: true, stateful: true }),
    layerLstm({ units: 50, stateful: true }),
    layerDense({ units: 1 }),
    compile({ optimizer: 'rmsprop', loss: 'mse' }),
  );
  const losses: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const { metrics } = await fit(model, x, y, { epochs: 1, batchSize: BATCH, shuffle: false, verbose });
    losses.push(...metrics.loss);
    resetStates(model);
  }
  const predicted = await predict(model, x, { batchSize: BATCH });
  return { losses, predicted: predicted.shape };
});
