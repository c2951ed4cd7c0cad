import { nextSeed, permutation, PlacedStream } from '../base/random';
import type { Compilation } from '../models/compilation';
import type { KerasModel } from '../models/model';
import { StepSeeds } from '../step/batches';
import { EventLoopYielder } from '../step/event-loop';
import { RunningSums } from '../step/plan';
import {
  namedArrays,
  prepareArrays,
  VALIDATION_NAMES,
  withValidation,
  type ValidationOptions,
} from './arrays';
import { batchSizeFor, checkWholeBatches } from './batch-size';
import type { CallbackList, Logs } from './callback-list';
import { runnerFor } from './choose-runner';
import { classWeights } from './class-weight';
import { outputsOf } from './outputs';
import type { Tensors } from './data';
import { FitBackup, type Position } from './fit-backup';
import type { KeptFit } from './fit-state';
import { Guard } from './guard';
import { uploadLargeTensors } from './large-tensors';
import { History, type HistoryParams } from './history';
import { withOwnSteps } from './own-steps';
import { checkTrains, planFor } from './plan';
import type { Progress } from './progress';
import type { Engine, Planned, StepRunner, TrainingPlan } from './step-runners';
import { runTest } from './test-loop';
import type { Interruption } from './with-progress';

/** The options of a fit that its loop goes by. */
export interface FitSettings extends ValidationOptions {
  readonly batchSize?: number | undefined;
  readonly epochs?: number | undefined;
  readonly initialEpoch?: number | undefined;
  readonly shuffle?: boolean | undefined;
  readonly validationFreq?: number | readonly number[] | undefined;
  readonly sampleWeight?: unknown;
  readonly classWeight?: unknown;
  readonly engine?: Engine | 'auto' | undefined;
  readonly checkNumerics?: boolean | undefined;
}

/** One call of `fit`. */
export interface FitCall {
  readonly model: KerasModel;
  readonly data: { readonly x: unknown; readonly y: unknown };
  readonly settings: FitSettings;
  readonly compilation: Compilation;
  readonly callbacks: CallbackList<KerasModel>;
  readonly progress: Progress;
  readonly interruption: Interruption;
  /** What the call made, which is freed after it. */
  readonly tensors: Tensors;
}

/** What a fit runs on. */
interface Prepared {
  readonly batchSize: number;
  readonly training: TrainingPlan;
  readonly validation: Planned | undefined;
  readonly guard: Guard;
  /** What the orders of the rows are drawn from: its own, so that another fit at the same time changes nothing. */
  readonly shuffling: PlacedStream;
}

/** The data of a fit, checked and as tensors. */
const prepare = ({ model, data, settings, tensors }: FitCall): Prepared => {
  const { sampleWeight, classWeight, checkNumerics = false } = settings;
  const whole = prepareArrays(model, { ...data, sampleWeight }, tensors);
  const { training: unweighted, validation } = withValidation(model, whole, settings, tensors);
  const batchSize = batchSizeFor(model, settings.batchSize);
  checkWholeBatches(model, unweighted.rows, 'the training data');
  if (validation !== undefined) checkWholeBatches(model, validation.rows, 'the validation data');
  const outputs = outputsOf(model);
  // As in Keras, the classes' weights are for training only.
  const training = classWeights(model, outputs, unweighted, classWeight, tensors);
  const plan = planFor(model, training.y);
  if (withOwnSteps(model) === undefined) checkTrains(plan);
  return {
    batchSize,
    training: {
      plan: { ...plan, checkNumerics },
      arrays: training,
      seeds: new StepSeeds(),
    },
    shuffling: new PlacedStream(nextSeed()),
    validation:
      validation === undefined ? undefined : { plan: planFor(model, validation.y), arrays: validation },
    guard: new Guard(model, [
      ...namedArrays(model, outputs, training),
      ...(validation === undefined ? [] : namedArrays(model, outputs, validation, VALIDATION_NAMES)),
    ]),
  };
};

/** How many steps an epoch has. */
const stepsOf = ({ arrays }: Planned, batchSize: number): number => Math.ceil(arrays.rows / batchSize);

const paramsOf = (
  { settings, progress }: FitCall,
  { batchSize, training, validation }: Prepared,
): Omit<HistoryParams, 'engine'> => {
  return {
    verbose: progress.verbose,
    epochs: settings.epochs ?? 10,
    steps: stepsOf(training, batchSize),
    samples: training.arrays.rows,
    ...(validation === undefined ? {} : { validationSamples: validation.arrays.rows }),
    batchSize,
    doValidation: validation !== undefined,
    metrics: training.plan.names,
  };
};

/** One call of `fit` whose steps are about to run. */
class FitLoop {
  private readonly backup: FitBackup | undefined;
  private readonly steps: number;

  constructor(
    private readonly call: FitCall,
    private readonly prepared: Prepared,
    private readonly runner: StepRunner,
    private readonly yielder: EventLoopYielder,
    private readonly history: History,
  ) {
    const { model, callbacks } = call;
    const { training, batchSize, shuffling } = prepared;
    this.steps = stepsOf(training, batchSize);
    const kept = { model, callbacks, runner, shuffling, history, batchSize };
    this.backup =
      callbacks.keeper &&
      new FitBackup(callbacks.keeper, { ...kept, seeds: training.seeds, steps: this.steps });
  }

  /** Runs the epochs, from where a fit was kept if it was; `model.stopTraining` ends them early. */
  async run(kept: KeptFit | undefined): Promise<void> {
    const { model, settings, callbacks, progress } = this.call;
    const { epochs = 10, initialEpoch = 0, shuffle = true } = settings;
    const { training, guard, shuffling } = this.prepared;
    await callbacks.onTrainBegin();
    let start = kept === undefined ? undefined : await this.backup?.resume(kept, () => this.newSums());
    let logs: Logs = start === undefined ? {} : this.history.last();
    for (let epoch = start?.epoch ?? initialEpoch; epoch < epochs && !model.stopTraining; epoch++) {
      const at = { epoch, step: 0, shuffling: shuffling.place, running: undefined, ...start };
      progress.beginEpoch(epoch, epochs, this.steps);
      await callbacks.onEpochBegin(epoch, at.step > 0);
      this.runner.begin(epoch, shuffle ? permutation(training.arrays.rows, shuffling.next) : undefined);
      start = undefined;
      const passed = await this.epoch(at);
      logs = passed.logs;
      if (this.isValidated(epoch)) await this.validate(logs);
      progress.finish(logs);
      const wasStopped = model.stopTraining;
      await callbacks.onEpochEnd(epoch, logs);
      this.backup?.noteEnd(wasStopped);
      this.history.add(logs);
      // Of an epoch that was cut short nothing is kept: it would be done as a whole another time.
      if (passed.isWhole) await this.backup?.afterEpoch(epoch);
      await this.yielder.yieldToEventLoop();
      guard.check();
    }
    this.runner.finalize();
    await callbacks.onTrainEnd(logs);
    await this.backup?.finish();
  }

  private newSums(): RunningSums {
    const { plan } = this.prepared.training;
    return this.runner.newSums?.(plan) ?? new RunningSums(plan, 'train');
  }

  /** One pass over the training data, or what is left of it. Gives the logs, and whether it came to its end. */
  private async epoch(at: Position): Promise<{ readonly logs: Logs; readonly isWhole: boolean }> {
    const { model, callbacks, progress } = this.call;
    const { steps, backup } = this;
    const running = at.running ?? this.newSums();
    const single = callbacks.hasTrainBatchHooks;
    let { step } = at;
    // As in Keras, an epoch that has begun has one step at least.
    while (step < steps && (step === at.step || !model.stopTraining)) {
      if (single) await callbacks.onTrainBatchBegin(step);
      const most = Math.min(steps - step, backup?.maxSteps ?? steps);
      const before = step;
      const done = this.runner.train(step, single || model.stopTraining ? 1 : most, running);
      step += typeof done === 'number' ? done : await done;
      const wasStopped = model.stopTraining;
      if (single) await callbacks.onTrainBatchEnd(step - 1, running.logs());
      backup?.noteEnd(wasStopped);
      await backup?.afterSteps(step - before, { ...at, step, running });
      progress.update(step, progress.isDue() ? running.logs() : {});
      if (this.yielder.isDue()) await this.yielder.yieldToEventLoop();
      this.prepared.guard.check();
    }
    return { logs: running.logs(), isWhole: step === steps };
  }

  /** Whether there is validation after an epoch, counted from 0. */
  private isValidated(epoch: number): boolean {
    const { validationFreq = 1 } = this.call.settings;
    return typeof validationFreq === 'number'
      ? (epoch + 1) % validationFreq === 0
      : validationFreq.includes(epoch + 1);
  }

  /** Adds the values of the validation data to the logs of an epoch. */
  private async validate(logs: Logs): Promise<void> {
    const { validation: planned, guard, batchSize } = this.prepared;
    if (planned === undefined) return;
    const { runner } = this;
    const { callbacks } = this.call;
    const result = await runTest({ planned, batchSize, runner, callbacks, guard });
    guard.check();
    for (const [name, value] of Object.entries(result)) logs[`val_${name}`] = value;
  }
}

/** Prepares the data, chooses how the steps run, and runs them. */
export const runFit = async (call: FitCall): Promise<History> => {
  const yielder = new EventLoopYielder();
  const { model, settings, compilation, callbacks, interruption } = call;
  const { epochs = 10, initialEpoch = 0, engine = 'auto' } = settings;
  interruption.listen();
  const { x, y } = call.data;
  const data = [x, y, settings.sampleWeight, ...(settings.validationData ?? [])];
  const uploads = uploadLargeTensors(data, yielder);
  if (uploads !== undefined) await uploads;
  const prepared = prepare(call);
  const { batchSize, training, validation: test, guard } = prepared;
  callbacks.checkAfterHooks(guard.check);
  const params = paramsOf(call, prepared);
  // Data may take long to prepare, and steps to compile.
  if (yielder.isDue()) await yielder.yieldToEventLoop();
  guard.check();
  const kept = await callbacks.keeper?.open();
  const runner = await runnerFor(
    { functionName: 'fit', model, training, test, batchSize, compilation },
    // The numbers go on as they were; how steps of a model's own run is no matter of time.
    engine === 'auto' && withOwnSteps(model) === undefined ? (kept?.state.engine ?? engine) : engine,
    params.steps * (epochs - initialEpoch),
    async () => {
      await yielder.yieldToEventLoop();
      guard.check();
    },
  );
  try {
    if (yielder.isDue()) await yielder.yieldToEventLoop();
    guard.check();
    if (callbacks.showsProgress) call.progress.hide();
    callbacks.setModel(model);
    callbacks.setParams(params);
    const history = new History(
      {
        ...params,
        engine: runner.engine,
        ...(runner.compiler === undefined ? {} : { compiler: runner.compiler }),
      },
      kept?.state.history,
    );
    await new FitLoop(call, prepared, runner, yielder, history).run(kept);
    return history;
  } finally {
    runner.end();
  }
};
