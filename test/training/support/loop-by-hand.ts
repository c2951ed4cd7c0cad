/** A model with penalties, constraints, moving averages and dropout, for loops by hand. */
import {
  callModel,
  constraintNonneg,
  gradientsOf,
  kerasModelSequential,
  layerBatchNormalization,
  layerDense,
  layerDropout,
  learningRateScheduleExponentialDecay,
  lossesOf,
  optimizerAdam,
  optimizerRmsprop,
  optimizerSgd,
  pipe,
  regularizerL2,
  setRandomSeed,
  setWeights,
  tf,
  type Optimizer,
  type SequentialModel,
  type Tensor,
} from '../../../src/index';
import { grid } from '../../support/own-parts';

export const modelWithMuch = (): SequentialModel => {
  setRandomSeed(7);
  const model = pipe(
    kerasModelSequential({ inputShape: [3] }),
    layerDense({
      units: 4,
      activation: 'tanh',
      kernelRegularizer: regularizerL2(0.1),
      kernelConstraint: constraintNonneg(),
    }),
    layerBatchNormalization(),
    layerDropout({ rate: 0.3 }),
    layerDense({ units: 1 }),
  );
  setWeights(model, [tf.abs(grid([3, 4])), grid([4]), tf.ones([4]), tf.zeros([4]), tf.zeros([4]), tf.ones([4]), grid([4, 1], 1), grid([1])]); // prettier-ignore
  return model;
};

/** The gradients of its loss on a batch, and its output. */
export const gradientsWithMuch = (model: SequentialModel, batch: { x: Tensor; y: Tensor }, scale: number) =>
  gradientsOf(() => {
    const output = callModel(model, batch.x, { training: true });
    const error = tf.mul(tf.mean(tf.squaredDifference(output, batch.y)), scale);
    return { loss: lossesOf(model).reduce<Tensor>((sum, loss) => tf.add(sum, loss), error), output };
  }, model);

/** Optimizers that clip, follow a schedule and keep averages. */
export const optimizersWithMuch: readonly [string, () => Optimizer][] = [
  ['sgd', () => optimizerSgd({ learningRate: 0.05, momentum: 0.9, clipnorm: 0.5 })],
  ['adam, of a schedule', () => optimizerAdam({ learningRate: learningRateScheduleExponentialDecay({ initialLearningRate: 0.05, decaySteps: 2, decayRate: 0.5 }) })], // prettier-ignore
  ['all together clipped, with averages', () => optimizerRmsprop({ globalClipnorm: 0.3, useEma: true })],
];
