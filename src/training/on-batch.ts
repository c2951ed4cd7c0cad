import { checkOptions } from '../base/checks';
import { KerasStateError } from '../base/errors';
import { usableModel, type KerasModel } from '../models/model';
import { tf } from '../tfjs/tensorflow';
import { batchOf, StepSeeds } from '../step/batches';
import { checkOneBatch } from './batch-size';
import { classWeights } from './class-weight';
import { compilationOf, outputsOf } from './compile';
import { Tensors, type DataFor } from './data';
import { anyValue, testArrays } from './evaluate';
import { planFor } from './run';
import { bothStyles } from './call-styles';
import { RunningSums, trainableOf, type Result } from '../step/plan';
import { testStep } from '../step/step';
import { applyTrainStep } from '../step/update';

/** Options of {@link trainOnBatch}. */
export interface TrainOnBatchOptions {
  /** The weight of each class in the loss. */
  classWeight?: Readonly<Record<number, number>>;
  /** The weight of each row in the loss. */
  sampleWeight?: DataFor;
}

/** Options of {@link testOnBatch}. */
export interface TestOnBatchOptions {
  /** The weight of each row in the loss. */
  sampleWeight?: DataFor;
}

const checkTrain = (options: unknown): TrainOnBatchOptions =>
  checkOptions<TrainOnBatchOptions>('trainOnBatch', options, {
    classWeight: anyValue,
    sampleWeight: anyValue,
  });

const checkTest = (options: unknown): TestOnBatchOptions =>
  checkOptions<TestOnBatchOptions>('testOnBatch', options, { sampleWeight: anyValue });

const trainBatch = (model: KerasModel, x: DataFor, y: DataFor, options: unknown): Result => {
  usableModel('trainOnBatch', model);
  const { optimizer } = compilationOf('trainOnBatch', model);
  if (model.state.runs.includes('fit')) {
    throw new KerasStateError({
      function: 'trainOnBatch',
      expected: 'a model can be trained by one call at a time',
      received: `the model '${model.name}', in the middle of fit()`,
      advice: 'Await the promise that fit() returned first',
    });
  }
  const checked = checkTrain(options);
  const tensors = new Tensors();
  try {
    const data = { x, y, sampleWeight: checked.sampleWeight };
    const plain = testArrays('trainOnBatch', model, data, tensors);
    checkOneBatch('trainOnBatch', model, plain.rows);
    const arrays = classWeights(
      'trainOnBatch',
      model,
      outputsOf('trainOnBatch', model),
      plain,
      checked.classWeight,
      tensors,
    );
    const plan = planFor('trainOnBatch', model, arrays.y);
    const running = new RunningSums(plan);
    const seed = tensors.own(tf.tensor1d(new StepSeeds().take(1), 'int32'));
    running.add(
      tf.tidy(() =>
        applyTrainStep(plan, batchOf(arrays, 0, arrays.rows), seed, optimizer, trainableOf(model)),
      ),
      arrays.rows,
    );
    return running.logs();
  } finally {
    tensors.dispose();
  }
};

const testBatch = (model: KerasModel, x: DataFor, y: DataFor, options: unknown): Result => {
  usableModel('testOnBatch', model);
  compilationOf('testOnBatch', model);
  const { sampleWeight } = checkTest(options);
  const tensors = new Tensors();
  try {
    const arrays = testArrays('testOnBatch', model, { x, y, sampleWeight }, tensors);
    checkOneBatch('testOnBatch', model, arrays.rows);
    const plan = planFor('testOnBatch', model, arrays.y);
    const running = new RunningSums(plan);
    running.add(
      tf.tidy(() => testStep(plan, batchOf(arrays, 0, arrays.rows))),
      arrays.rows,
    );
    return running.logs();
  } finally {
    tensors.dispose();
  }
};

/** A function of a model and one batch: piped or plain. */
interface OnBatch<Options> {
  (model: KerasModel, x: DataFor, y: DataFor, options?: Options): Result;
  (x: DataFor, y: DataFor, options?: Options): (model: KerasModel) => Result;
}

/**
 * One training step on one batch, at once. Changes the weights **in place**; gives the loss and the metrics of the batch,
 * as they were before the update.
 *
 * @throws KerasStateError if the model is not compiled, or is being fitted.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ optimizer: 'sgd', loss: 'mse' }))
 * const { loss } = trainOnBatch(model, [[1], [2]], [2, 4])
 * assert.ok(testOnBatch(model, [[1], [2]], [2, 4]).loss < loss)
 * @see R keras `train_on_batch`
 */
export const trainOnBatch = bothStyles({
  name: 'trainOnBatch',
  data: ['x', 'y'],
  checkOptions: checkTrain,
  run: (model, x, y, options) => trainBatch(model, x as DataFor, y as DataFor, options), // checked there
}) as OnBatch<TrainOnBatchOptions>; // the two call styles are told apart by the arguments

/**
 * The loss and the metrics of one batch, at once, without training.
 *
 * @throws KerasStateError if the model is not compiled.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ loss: 'mse', metrics: ['mae'] }))
 * assert.deepStrictEqual(Object.keys(testOnBatch(model, [[1], [2]], [2, 4])), ['loss', 'mae'])
 * @see R keras `test_on_batch`
 */
export const testOnBatch = bothStyles({
  name: 'testOnBatch',
  data: ['x', 'y'],
  checkOptions: checkTest,
  run: (model, x, y, options) => testBatch(model, x as DataFor, y as DataFor, options), // checked there
}) as OnBatch<TestOnBatchOptions>; // as in trainOnBatch
