import { CallbackList, type Callback } from './callback-list';
import { batchSizeFor, checkWholeBatches } from './batch-size';
import type { Always } from '../base/call-styles';
import { checkOptions, oneOf, optional, positiveInteger, type OptionChecks } from '../base/checks';
import { modelFunction, type ModelTask } from '../models/call-styles';
import type { KerasModel } from '../models/model';
import { EventLoopYielder, StepSeeds, type Arrays } from '../step/batches';
import { compilationOf, outputsOf } from './compile';
import { named, prepareInputs, prepareSampleWeights, rowsOf, Tensors, type DataFor } from './data';
import { prepareTargets } from './labels';
import { verbosity, type Progress, type Verbose } from './progress';
import { checkAlive, planFor } from './run';
import { RunningSums, type Result, type StepPlan } from '../step/plan';
import { runnerFor } from './choose-runner';
import type { Engine } from './step-runners';
import { withProgress } from './with-progress';

/** Options of {@link evaluate}. */
export interface EvaluateOptions {
  /** Rows in a batch; 32 by default. */
  batchSize?: number;
  /** 0 silent, 1 a bar, 2 a line; 'auto' by default: a bar on a terminal, a line elsewhere. */
  verbose?: Verbose;
  /** The weight of each row in the loss. */
  sampleWeight?: DataFor;
  /** Callbacks with test hooks. */
  callbacks?: Callback<KerasModel> | readonly Callback<KerasModel>[];
  /** How steps run, as in `fit`: 'auto' by default. */
  engine?: Engine | 'auto';
}

/** A check that lets everything pass: the value is checked where it is used. */
export const anyValue = optional((value: unknown) => value);

/** What the caller's data is called in messages. */
interface ArgumentNames {
  readonly x: string;
  readonly y: string;
  readonly sampleWeight: string;
}

/** The arrays of one evaluation, ready to run. */
export const testArrays = (
  verb: string,
  model: KerasModel,
  data: { x: unknown; y: unknown; sampleWeight?: unknown },
  tensors: Tensors,
  names: ArgumentNames = { x: 'x', y: 'y', sampleWeight: 'sampleWeight' },
): Arrays => {
  const x = prepareInputs(verb, model, data.x, tensors, names.x);
  const outputs = outputsOf(verb, model);
  const y = prepareTargets(verb, outputs, data.y, tensors, names.y);
  const weights = prepareSampleWeights(verb, outputs, data.sampleWeight, tensors, names.sampleWeight);
  const outputNames = outputs.map(({ name }) => name);
  const rows = rowsOf(verb, [
    ...named(names.x, model.tf.inputNames, x),
    ...named(names.y, outputNames, y),
    ...named(names.sampleWeight, outputNames, weights),
  ]);
  return { x, y, weights, rows };
};

/** Runs test steps until all rows are through, and gives losses and metrics by name. */
export const runTest = async (
  verb: string,
  plan: StepPlan,
  steps: number,
  run: (step: number, most: number, running: RunningSums) => number,
  callbacks: CallbackList<KerasModel>,
  progress?: Progress,
): Promise<Result> => {
  const running = new RunningSums(plan);
  const yielder = new EventLoopYielder();
  await callbacks.onTestBegin();
  const single = callbacks.hasTestBatchHooks;
  for (let step = 0; step < steps;) {
    if (single) await callbacks.onTestBatchBegin(step);
    step += run(step, single ? 1 : steps - step, running);
    if (single) await callbacks.onTestBatchEnd(step - 1, running.logs());
    progress?.update(step, progress.isDue() ? running.logs() : {});
    if (yielder.isDue()) await yielder.yieldToEventLoop();
    checkAlive(verb, plan.model);
  }
  const logs = running.logs();
  await callbacks.onTestEnd(logs);
  return logs;
};

const EVALUATE_CHECKS: OptionChecks<EvaluateOptions> = {
  batchSize: optional(positiveInteger),
  verbose: optional(verbosity),
  sampleWeight: anyValue,
  callbacks: anyValue,
  engine: optional(oneOf('auto', 'compiled', 'eager')),
};

const checkEvaluate = (options: unknown): EvaluateOptions =>
  checkOptions('evaluate', options, EVALUATE_CHECKS) as EvaluateOptions; // `anyValue`'s are checked where they are used

const evaluateModel = async (
  model: KerasModel,
  x: DataFor,
  y: DataFor,
  checked: EvaluateOptions,
): Promise<Result> => {
  const compilation = compilationOf('evaluate', model);
  const callbacks = new CallbackList<KerasModel>(checked.callbacks, {
    function: 'evaluate',
    argument: 'callbacks',
  });
  const tensors = new Tensors();
  try {
    return await withProgress(checked.verbose ?? 'auto', async (progress) => {
      const arrays = testArrays('evaluate', model, { x, y, sampleWeight: checked.sampleWeight }, tensors);
      const batchSize = batchSizeFor('evaluate', model, checked.batchSize);
      checkWholeBatches('evaluate', model, arrays.rows);
      const steps = Math.ceil(arrays.rows / batchSize);
      callbacks.setModel(model);
      callbacks.setParams({ verbose: progress.verbose, epochs: 1, steps, samples: arrays.rows, batchSize });
      progress.begin(steps);
      const plan = planFor('evaluate', model, arrays.y);
      const runner = runnerFor(
        { verb: 'evaluate', model, test: { plan, arrays }, batchSize, compilation, seeds: new StepSeeds() },
        checked.engine ?? 'auto',
        steps,
      );
      try {
        const logs = await runTest('evaluate', plan, steps, runner.test.bind(runner), callbacks, progress);
        progress.finish(logs);
        return logs;
      } finally {
        runner.end();
      }
    });
  } finally {
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
  [x: DataFor, y: DataFor, options?: EvaluateOptions],
  Always<Result>
> = modelFunction({
  name: 'evaluate',
  data: ['x', 'y'],
  optionNames: Object.keys(EVALUATE_CHECKS),
  checkOptions: checkEvaluate,
  run: (model, [x, y]: readonly [DataFor, DataFor], options) => evaluateModel(model, x, y, options),
  givesPromise: true,
});
