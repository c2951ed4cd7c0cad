import { CallbackList, type Callback } from './callback-list';
import { batchSizeFor, checkWholeBatches } from './batch-size';
import type { Always } from '../base/call-styles';
import {
  checkOptions,
  oneOf,
  optional,
  positiveInteger,
  type OptionChecks,
  type CheckedOptions,
} from '../base/checks';
import { modelFunction, type ModelTask } from '../models/call-styles';
import type { KerasModel } from '../models/model';
import { anyValue, namedArrays, prepareArrays } from './arrays';
import { compilationOf } from './outputs';
import { Tensors, type DataFor } from './data';
import { Guard } from './guard';
import { uploadLargeTensors } from './large-tensors';
import { verbosity, type Verbose } from './progress';
import { planFor } from './plan';
import type { Result } from '../step/plan';
import { runnerFor } from './choose-runner';
import type { Engine } from './step-runners';
import { runTest } from './test-loop';
import { EventLoopYielder } from '../step/event-loop';
import { withProgress } from './with-progress';

/** Options of {@link evaluate}. */
export interface EvaluateOptions {
  /** Rows in a batch; 32 by default. */
  batchSize?: number | undefined;
  /** 0 silent, 1 a bar, 2 a line; 'auto' by default: a bar on a terminal, a line elsewhere. */
  verbose?: Verbose | undefined;
  /** The weight of each row in the loss. */
  sampleWeight?: DataFor | undefined;
  /** Callbacks with test hooks. */
  callbacks?: Callback<KerasModel> | readonly Callback<KerasModel>[] | undefined;
  /** How steps run, as in `fit`: 'auto' by default. */
  engine?: Engine | 'auto' | undefined;
}

const EVALUATE_CHECKS = {
  batchSize: optional(positiveInteger),
  verbose: optional(verbosity),
  sampleWeight: anyValue,
  callbacks: anyValue,
  engine: optional(oneOf('auto', 'compiled', 'eager')),
} satisfies OptionChecks<EvaluateOptions>;

type CheckedEvaluate = CheckedOptions<typeof EVALUATE_CHECKS>;

const checkEvaluate = (options: unknown): CheckedEvaluate =>
  checkOptions('evaluate', options, EVALUATE_CHECKS);

const evaluateModel = async (
  model: KerasModel,
  x: DataFor,
  y: DataFor | null,
  checked: CheckedEvaluate,
): Promise<Result> => {
  const yielder = new EventLoopYielder();
  const compilation = compilationOf(model);
  const callbacks = new CallbackList<KerasModel>(checked.callbacks, { argument: 'callbacks' });
  const endRun = model.state.beginRun('evaluate');
  const tensors = new Tensors();
  try {
    return await withProgress(checked.verbose ?? 'auto', async (progress) => {
      const uploads = uploadLargeTensors([x, y, checked.sampleWeight], yielder);
      if (uploads !== undefined) await uploads;
      const arrays = prepareArrays(model, { x, y, sampleWeight: checked.sampleWeight }, tensors);
      const batchSize = batchSizeFor(model, checked.batchSize);
      checkWholeBatches(model, arrays.rows);
      const steps = Math.ceil(arrays.rows / batchSize);
      if (callbacks.showsProgress) progress.hide();
      callbacks.setModel(model);
      callbacks.setParams({ verbose: progress.verbose, epochs: 1, steps, samples: arrays.rows, batchSize });
      progress.begin(steps);
      const planned = { plan: planFor(model, arrays.y), arrays };
      const guard = new Guard(model, namedArrays(model, planned.plan.outputs, arrays));
      callbacks.checkAfterHooks(guard.check);
      const runner = await runnerFor(
        { functionName: 'evaluate', model, test: planned, batchSize, compilation },
        checked.engine ?? 'auto',
        steps,
        async () => {
          await yielder.yieldToEventLoop();
          guard.check();
        },
      );
      try {
        const logs = await runTest({ planned, batchSize, runner, callbacks, guard, progress });
        progress.finish(logs);
        return logs;
      } finally {
        runner.end();
      }
    });
  } finally {
    endRun();
    tensors.dispose();
  }
};

/**
 * The loss, penalties included, and the metrics on given data, by name: a promise of `{ loss, accuracy, … }`.
 *
 * The loss is the mean over the rows, weighted if `sampleWeight` is given; metrics are exact over batches of unequal
 * size.
 *
 * @throws KerasStateError if the model is not compiled.
 * @throws KerasShapeError if the data does not fit the model.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [2] }), compile({ loss: 'mse', metrics: ['mae'] }))
 * const result = await evaluate(model, [[1, 2], [3, 4]], [1, 2], { verbose: 0 })
 * assert.deepStrictEqual(Object.keys(result), ['loss', 'mae'])
 * @see R keras `evaluate`
 */
export const evaluate: ModelTask<
  [x: DataFor, y: DataFor | null, options?: EvaluateOptions],
  Always<Result>
> = modelFunction({
  name: 'evaluate',
  data: ['x', 'y'],
  optionNames: Object.keys(EVALUATE_CHECKS),
  checkOptions: checkEvaluate,
  run: (model, [x, y]: readonly [DataFor, DataFor | null], options) => evaluateModel(model, x, y, options),
  givesPromise: true,
});
