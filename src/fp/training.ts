import { chain, type Either } from 'fp-ts/Either';
import { pipe } from 'fp-ts/function';
import type { TaskEither } from 'fp-ts/TaskEither';
import type { Tensor1D } from '@tensorflow/tfjs';
import type { KerasError } from '../base/errors';
import * as keras from '../index';
import { either, eitherStep, taskEither, taskEitherStep } from './either';

/**
 * Says how a model is trained.
 *
 * @example
 * const model = pipe(
 *   kerasModelSequential(),
 *   E.chain(layerDense({ units: 1, inputShape: [3] })),
 *   E.chain(compile({ optimizer: 'sgd', loss: 'mse' })),
 * )
 * assert.ok(E.isRight(model))
 * @see {@link keras.compile}
 */
export const compile = (
  options: keras.CompileOptions,
): (<Model extends keras.KerasModel>(model: Model) => Either<KerasError, Model>) => {
  const step = either(() => keras.compile(options));
  return (model) =>
    pipe(
      step,
      chain((apply) => either(() => apply(model))),
    );
};

/** A compiled model's optimizer. @see {@link keras.optimizerOf} */
export const optimizerOf = (model: keras.KerasModel): Either<KerasError, keras.Optimizer> =>
  either(() => keras.optimizerOf(model));

/**
 * Trains a model in place, when the task is run.
 *
 * @example
 * const training = pipe(
 *   kerasModelSequential(),
 *   E.chain(layerDense({ units: 1, inputShape: [1] })),
 *   E.chain(compile({ optimizer: 'sgd', loss: 'mse' })),
 *   TE.fromEither,
 *   TE.chain(fit([[1], [2], [3], [4]], [2, 4, 6, 8], { epochs: 3, verbose: 0 })),
 *   TE.map((history) => history.metrics.loss.length),
 * )
 * assert.deepStrictEqual(await training(), E.right(3))
 * @see {@link keras.fit}
 */
export const fit = (
  x: keras.DataFor,
  y: keras.DataFor,
  options?: keras.FitOptions,
): ((model: keras.KerasModel) => TaskEither<KerasError, keras.History>) =>
  taskEitherStep(() => keras.fit(x, y, options));

/** The loss and the metrics on given data. @see {@link keras.evaluate} */
export const evaluate = (
  x: keras.DataFor,
  y: keras.DataFor,
  options?: keras.EvaluateOptions,
): ((model: keras.KerasModel) => TaskEither<KerasError, keras.Result>) =>
  taskEitherStep(() => keras.evaluate(x, y, options));

/** The model's output for given data. @see {@link keras.predict} */
export const predict =
  (x: keras.DataFor, options?: keras.PredictOptions) =>
  <Model extends keras.AnyModel>(model: Model): TaskEither<KerasError, keras.PredictionOf<Model>> =>
    taskEither(() => keras.predict(model, x, options));

/** The class that the model finds most likely for each row. @see {@link keras.predictClasses} */
export const predictClasses = (
  x: keras.DataFor,
  options?: keras.PredictOptions,
): ((model: keras.KerasModel) => TaskEither<KerasError, Tensor1D>) =>
  taskEitherStep(() => keras.predictClasses(x, options));

/** The probabilities that a model with a softmax or sigmoid output gives. @see {@link keras.predictProba} */
export const predictProba =
  (x: keras.DataFor, options?: keras.PredictOptions) =>
  <Model extends keras.AnyModel>(model: Model): TaskEither<KerasError, keras.PredictionOf<Model>> =>
    taskEither(() => keras.predictProba(model, x, options));

/** One training step on one batch, at once. @see {@link keras.trainOnBatch} */
export const trainOnBatch = (
  x: keras.DataFor,
  y: keras.DataFor,
  options?: keras.TrainOnBatchOptions,
): ((model: keras.KerasModel) => Either<KerasError, keras.Result>) =>
  eitherStep(() => keras.trainOnBatch(x, y, options));

/** The loss and the metrics of one batch, at once. @see {@link keras.testOnBatch} */
export const testOnBatch = (
  x: keras.DataFor,
  y: keras.DataFor,
  options?: keras.TestOnBatchOptions,
): ((model: keras.KerasModel) => Either<KerasError, keras.Result>) =>
  eitherStep(() => keras.testOnBatch(x, y, options));

/** The model's output for one batch, at once. @see {@link keras.predictOnBatch} */
export const predictOnBatch =
  (x: keras.DataFor) =>
  <Model extends keras.AnyModel>(model: Model): Either<KerasError, keras.PredictionOf<Model>> =>
    either(() => keras.predictOnBatch(model, x));
