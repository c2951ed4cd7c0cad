/**
 * The next frame of a film: squares move over a field, one step each frame, in noise. Convolutional LSTMs see the frames so far, and
 * put out each frame's successor; fed with its own frames, the network goes on by itself.
 */
import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerBatchNormalization,
  layerConv3d,
} from 'keras-pipe';
import { layerConvLstm2d, pipe, predict, tf, type Tensor } from 'keras-pipe';
import { example, random } from './support';

/** Films of so many frames, and the same films one frame later, without the noise. */
const films = (count: number, frames: number, size: number): [noisy: Tensor, next: Tensor] => {
  const clean = tf.buffer([count, frames + 1, size, size, 1]);
  for (let film = 0; film < count; film++) {
    for (let square = 0; square < 3; square++) {
      const start = [0, 1].map(() => Math.floor(random() * size));
      const speed = [0, 1].map(() => Math.floor(random() * 3) - 1);
      for (let frame = 0; frame <= frames; frame++) {
        const [row = 0, column = 0] = start.map((at, axis) => at + frame * (speed[axis] ?? 0));
        for (let y = Math.max(0, row - 1); y <= Math.min(size - 1, row + 1); y++) {
          for (let x = Math.max(0, column - 1); x <= Math.min(size - 1, column + 1); x++)
            clean.set(1, film, frame, y, x, 0);
        }
      }
    }
  }
  const all = clean.toTensor();
  const [before, after] = [0, 1].map((first) =>
    tf.slice(all, [0, first, 0, 0, 0], [count, frames, size, size, 1]),
  ) as [Tensor, Tensor];
  return [tf.clipByValue(tf.add(before, tf.randomNormal(before.shape, 0, 0.05)), 0, 1), after];
};

export const main = example(module, { epochs: 30, quick: 8 }, async ({ quick, epochs, verbose }) => {
  const [count, frames, size, filters] = quick ? [48, 5, 12, 8] : [1000, 15, 40, 40];
  const seen = { filters, kernelSize: 3, padding: 'same', returnSequences: true } as const;
  const model = pipe(
    kerasModelSequential({ inputShape: [null, size, size, 1] }),
    layerConvLstm2d(seen),
    layerBatchNormalization({ momentum: 0.9 }),
    layerConvLstm2d(seen),
    layerBatchNormalization({ momentum: 0.9 }),
    layerConv3d({ filters: 1, kernelSize: 3, activation: 'sigmoid', padding: 'same' }),
    compile({ optimizer: 'adam', loss: 'binary_crossentropy' }),
  );
  const [test, expected] = films(16, frames, size);
  const before = await evaluate(model, test, expected, { batchSize: 8, verbose: 0 });
  const options = { batchSize: quick ? 8 : 10, epochs, validationSplit: 0.05, verbose };
  await fit(model, ...films(count, frames, size), options);
  const after = await evaluate(model, test, expected, { batchSize: 8, verbose: 0 });
  let film = test.slice([0, 0], [1, frames - 2]);
  for (let frame = 0; frame < 2; frame++) {
    const next = await predict(model, film);
    film = tf.concat([film, next.slice([0, (film.shape[1] ?? 0) - 1])], 1);
  }
  console.log(`The next frame: loss ${after.loss.toFixed(4)}, before training ${before.loss.toFixed(4)}`);
  return { before: before.loss, after: after.loss, film: film.shape };
});
