/** Models and steps for loops by hand. */
import {
  callModel,
  compile,
  compiledStep,
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

/** A model with penalties, constraints, moving averages and dropout. */
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

/** A model of one layer, and a step of its mean squared error; `fit` does the same with it. */
export const linearStep = (engine: 'eager' | 'compiled') => {
  const optimizer = optimizerAdam({ learningRate: 0.01 });
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 1, inputShape: [3], weights: [grid([3, 1]), [0]] }),
    compile({ optimizer, loss: 'mse' }),
  );
  const step = compiledStep(
    (batch: Tensor, labels: Tensor) => {
      const gradients = gradientsOf(
        () => tf.mean(tf.squaredDifference(callModel(model, batch), labels)),
        model,
      );
      optimizer.apply(gradients);
      return gradients.loss;
    },
    { engine },
  );
  return { model, optimizer, step };
};

/** A step in which several optimizers make a step each, one after the other: the losses before each of them. */
export const stepOfSeveral = (
  model: SequentialModel,
  optimizers: readonly Optimizer[],
  engine: 'eager' | 'compiled',
) =>
  compiledStep(
    (batch: Tensor) => {
      const losses = optimizers.map((optimizer) => {
        const gradients = gradientsOf(
          () => tf.mean(tf.square(callModel(model, batch, { training: true }))),
          model,
        );
        optimizer.apply(gradients);
        return gradients.loss;
      });
      return tf.stack(losses);
    },
    { engine },
  );
