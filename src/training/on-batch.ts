import { checkOptions, type OptionChecks, type CheckedOptions } from '../base/checks';
import { KerasStateError } from '../base/errors';
import type { Always } from '../base/call-styles';
import { modelFunction, type ModelFunction } from '../models/call-styles';
import type { KerasModel } from '../models/model';
import { tf } from '../tfjs/tensorflow';
import { batchOf, StepSeeds } from '../step/batches';
import { checkOneBatch } from './batch-size';
import { classWeights } from './class-weight';
import { compilationOf, outputsOf } from './outputs';
import { Tensors, type DataFor } from './data';
import { anyValue, prepareArrays } from './arrays';
import { ownStep, withOwnSteps } from './own-steps';
import { checkTrains, planFor } from './plan';
import { runStep } from './step-error';
import { RunningSums, trainableOf, type Result } from '../step/plan';
import { testStep } from '../step/step';
import { applyTrainStep } from '../step/update';

/** Options of {@link trainOnBatch}. */
export interface TrainOnBatchOptions {
  /** The weight of each class in the loss. */
  classWeight?: Readonly<Record<number, number>> | undefined;
  /** The weight of each row in the loss. */
  sampleWeight?: DataFor | undefined;
}

/** Options of {@link testOnBatch}. */
export interface TestOnBatchOptions {
  /** The weight of each row in the loss. */
  sampleWeight?: DataFor | undefined;
}

const TRAIN_CHECKS = {
  classWeight: anyValue,
  sampleWeight: anyValue,
} satisfies OptionChecks<TrainOnBatchOptions>;
const TEST_CHECKS = { sampleWeight: anyValue } satisfies OptionChecks<TestOnBatchOptions>;

const trainBatch = (
  model: KerasModel,
  x: DataFor,
  y: DataFor,
  checked: CheckedOptions<typeof TRAIN_CHECKS>,
): Result => {
  const { optimizer } = compilationOf(model);
  if (model.state.runs.includes('fit')) {
    throw new KerasStateError({
      expected: 'a model can be trained by one call at a time',
      received: `the model '${model.name}', in the middle of fit()`,
      advice: 'Await the promise that fit() returned first',
    });
  }
  const tensors = new Tensors();
  try {
    const data = { x, y, sampleWeight: checked.sampleWeight };
    const plain = prepareArrays(model, data, tensors);
    checkOneBatch(model, plain.rows);
    const arrays = classWeights(model, outputsOf(model), plain, checked.classWeight, tensors);
    const plan = planFor(model, arrays.y);
    const own = withOwnSteps(model);
    if (own !== undefined)
      return ownStep(own, 'trainStep', plan, batchOf(arrays, 0, arrays.rows), arrays.rows);
    checkTrains(plan);
    const running = new RunningSums(plan, 'train');
    const seed = tensors.takeOver(tf.tensor1d(new StepSeeds().take(1), 'int32'));
    running.add(
      runStep({ place: 'the step', isTraining: true }, () =>
        tf.tidy(() =>
          applyTrainStep(plan, batchOf(arrays, 0, arrays.rows), seed, optimizer, trainableOf(plan)),
        ),
      ),
      arrays.rows,
    );
    return running.logs();
  } finally {
    tensors.dispose();
  }
};

const testBatch = (
  model: KerasModel,
  x: DataFor,
  y: DataFor,
  { sampleWeight }: CheckedOptions<typeof TEST_CHECKS>,
): Result => {
  compilationOf(model);
  const tensors = new Tensors();
  try {
    const arrays = prepareArrays(model, { x, y, sampleWeight }, tensors);
    checkOneBatch(model, arrays.rows);
    const plan = planFor(model, arrays.y);
    const own = withOwnSteps(model);
    if (own !== undefined)
      return ownStep(own, 'testStep', plan, batchOf(arrays, 0, arrays.rows), arrays.rows);
    const running = new RunningSums(plan, 'test');
    running.add(
      runStep({ place: 'the batch', isTraining: false }, () =>
        tf.tidy(() => testStep(plan, batchOf(arrays, 0, arrays.rows), new StepSeeds(true).next)),
      ),
      arrays.rows,
    );
    return running.logs();
  } finally {
    tensors.dispose();
  }
};

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
export const trainOnBatch: ModelFunction<
  [x: DataFor, y: DataFor, options?: TrainOnBatchOptions],
  Always<Result>
> = modelFunction({
  name: 'trainOnBatch',
  data: ['x', 'y'],
  optionNames: Object.keys(TRAIN_CHECKS),
  checkOptions: (options) => checkOptions('trainOnBatch', options, TRAIN_CHECKS),
  run: (model, [x, y]: readonly [DataFor, DataFor], options) => trainBatch(model, x, y, options),
});

/**
 * The loss and the metrics of one batch, at once, without training.
 *
 * @throws KerasStateError if the model is not compiled.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ loss: 'mse', metrics: ['mae'] }))
 * assert.deepStrictEqual(Object.keys(testOnBatch(model, [[1], [2]], [2, 4])), ['loss', 'mae'])
 * @see R keras `test_on_batch`
 */
export const testOnBatch: ModelFunction<
  [x: DataFor, y: DataFor, options?: TestOnBatchOptions],
  Always<Result>
> = modelFunction({
  name: 'testOnBatch',
  data: ['x', 'y'],
  optionNames: Object.keys(TEST_CHECKS),
  checkOptions: (options) => checkOptions('testOnBatch', options, TEST_CHECKS),
  run: (model, [x, y]: readonly [DataFor, DataFor], options) => testBatch(model, x, y, options),
});
