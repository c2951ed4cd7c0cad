import { CallbackList, type Callback } from './callback-list';
import { batchSizeFor, checkWholeBatches } from './batch-size';
import type { Always } from '../base/call-styles';
import {
  checkOptions,
  nonNegativeInteger,
  oneOf,
  optional,
  positiveInteger,
  positiveNumber,
  type OptionChecks,
  type CheckedOptions,
} from '../base/checks';
import { modelFunction, type StreamTask } from '../models/call-styles';
import type { KerasModel } from '../models/model';
import { isStream } from '../base/streams';
import { anyValue, ARGUMENT_NAMES, namedArrays, prepareArrays } from './arrays';
import { compilationOf, outputsOf } from './outputs';
import { Tensors, type DataFor } from './data';
import { checkBatchSize, checkStreamOptions, outputParts, stepsOfArrays } from './fit-data';
import { Guard } from './guard';
import { prepareLargeData } from './large-data';
import { ArrayTest } from './passes';
import { verbosity, type Progress, type Verbose } from './progress';
import { planFor } from './plan';
import type { Result } from '../step/plan';
import { runnerFor } from './choose-runner';
import type { Engine } from './step-runners';
import { runTest } from './test-loop';
import { StepSeeds } from '../step/batches';
import { EventLoopYielder } from '../step/event-loop';
import { StreamPass } from './streams/stream-pass';
import type { DataStream, StreamOptions } from './streams/types';
import { tellOf } from './tell-of';
import { withProgress, type Interruption } from './with-progress';

/** Options of {@link evaluate}. */
export interface EvaluateOptions extends StreamOptions {
  /** Rows in a batch; 32 by default. */
  batchSize?: number | undefined;
  /** 0 silent, 1 a bar, 2 a line; 'auto' by default: a bar on a terminal, a line elsewhere. */
  verbose?: Verbose | undefined;
  /** The weight of each row in the loss. */
  sampleWeight?: DataFor | undefined;
  /** How many batches to evaluate, the first of them; all by default. A stream that has no end needs it. */
  steps?: number | undefined;
  /** Callbacks with test hooks. */
  callbacks?: Callback<KerasModel> | readonly Callback<KerasModel>[] | undefined;
  /** How steps run, as in `fit`: 'auto' by default. */
  engine?: Engine | 'auto' | undefined;
}

const EVALUATE_CHECKS = {
  batchSize: optional(positiveInteger),
  verbose: optional(verbosity),
  sampleWeight: anyValue,
  steps: optional(positiveInteger),
  callbacks: anyValue,
  engine: optional(oneOf('auto', 'compiled', 'eager')),
  maxQueueSize: optional(nonNegativeInteger),
  batchTimeout: optional(positiveNumber),
} satisfies OptionChecks<EvaluateOptions>;

type CheckedEvaluate = CheckedOptions<typeof EVALUATE_CHECKS>;

const checkEvaluate = (options: unknown): CheckedEvaluate =>
  checkOptions('evaluate', options, EVALUATE_CHECKS);

/** One evaluation. */
interface EvaluateCall {
  readonly model: KerasModel;
  readonly data: { readonly x: unknown; readonly y: unknown };
  readonly checked: CheckedEvaluate;
  readonly callbacks: CallbackList<KerasModel>;
  readonly tensors: Tensors;
  readonly yielder: EventLoopYielder;
  readonly progress: Progress;
  readonly interruption: Interruption;
}

const evaluateArrays = async (call: EvaluateCall): Promise<Result> => {
  const { model, data, checked, callbacks, tensors, yielder, progress } = call;
  const compilation = compilationOf(model);
  const given = { model, inputs: [data.x], outputs: [data.y, checked.sampleWeight] };
  const preparation = prepareLargeData(given, tensors, yielder);
  if (preparation !== undefined) await preparation;
  const arrays = prepareArrays(model, { ...data, sampleWeight: checked.sampleWeight }, tensors);
  const batchSize = batchSizeFor(model, checked.batchSize);
  checkWholeBatches(model, arrays.rows);
  const steps = stepsOfArrays(arrays.rows, batchSize, checked.steps, 'steps');
  const test = { plan: planFor(model, arrays.y), arrays, seeds: new StepSeeds(true) };
  const guard = new Guard(model, namedArrays(model, test.plan.outputs, arrays));
  tellOf(call, guard, { steps, samples: arrays.rows, batchSize });
  const runner = await runnerFor(
    { functionName: 'evaluate', model, test, batchSize, compilation },
    checked.engine ?? 'auto',
    steps,
    async () => {
      await yielder.yieldToEventLoop();
      guard.check();
    },
  );
  try {
    const pass = new ArrayTest(test, { runner, batchSize, steps }, false);
    return await runTest({ pass, callbacks, guard, progress });
  } finally {
    runner.end();
  }
};

const evaluateStream = async (call: EvaluateCall): Promise<Result> => {
  const { model, data, checked, callbacks, yielder, progress, interruption } = call;
  checkStreamOptions(data, checked);
  let guard: Guard | undefined;
  const check = (): void => (guard ??= new Guard(model, [])).check();
  const pass = new StreamPass({
    model,
    compilation: compilationOf(model),
    stream: data.x,
    isTraining: false,
    argument: 'x',
    argumentNames: ARGUMENT_NAMES,
    steps: checked.steps,
    stepsOption: 'steps',
    passes: 1,
    engine: checked.engine ?? 'auto',
    batchSize: model.built ? batchSizeFor(model, checked.batchSize) : checked.batchSize,
    maxQueueSize: checked.maxQueueSize,
    batchTimeout: checked.batchTimeout,
    outputs: () => outputParts(outputsOf(model)),
    prepare: (item, tensors) => prepareArrays(model, item, tensors),
    planFor: (arrays) => planFor(model, arrays.y),
    pause: async () => {
      await yielder.yieldToEventLoop();
      check();
    },
  });
  interruption.closeBeforeExit(() => pass.close());
  try {
    await pass.open();
    checkBatchSize(pass.reader, checked.batchSize);
    guard = new Guard(model, []);
    tellOf(call, guard, { steps: checked.steps ?? Infinity, batchSize: pass.batchSize });
    return await runTest({ pass, callbacks, guard, progress });
  } finally {
    pass.end();
    await pass.close();
  }
};

const evaluateModel = async (
  model: KerasModel,
  x: unknown,
  y: unknown,
  checked: CheckedEvaluate,
): Promise<Result> => {
  const yielder = new EventLoopYielder();
  compilationOf(model);
  const callbacks = new CallbackList<KerasModel>(checked.callbacks, { argument: 'callbacks' });
  const endRun = model.state.beginRun('evaluate');
  const tensors = new Tensors();
  try {
    return await withProgress(checked.verbose ?? 'auto', async (progress, interruption) => {
      const data = { x, y };
      const call = { model, data, checked, callbacks, tensors, yielder, progress, interruption };
      const logs = await (isStream(x) ? evaluateStream : evaluateArrays)(call);
      progress.finish(logs);
      return logs;
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
 * size. Arrays of more than half a million numbers must not change until the promise is fulfilled.
 *
 * @throws KerasStateError if the model is not compiled.
 * @throws KerasShapeError if the data does not fit the model.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [2] }), compile({ loss: 'mse', metrics: ['mae'] }))
 * const result = await evaluate(model, [[1, 2], [3, 4]], [1, 2], { verbose: 0 })
 * assert.deepStrictEqual(Object.keys(result), ['loss', 'mae'])
 * @see R keras `evaluate`
 */
export const evaluate: StreamTask<
  DataFor,
  [y: DataFor | null, options?: EvaluateOptions],
  DataStream,
  [options?: EvaluateOptions],
  Always<Result>
> = modelFunction({
  name: 'evaluate',
  data: ['x', 'y'],
  isStream,
  optionNames: Object.keys(EVALUATE_CHECKS),
  checkOptions: checkEvaluate,
  run: (model, [x, y]: readonly [unknown, unknown], options) => evaluateModel(model, x, y, options),
  givesPromise: true,
});
