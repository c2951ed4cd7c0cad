import { KerasArgumentError } from '../base/errors';
import type { Compilation } from '../models/compilation';
import type { KerasModel } from '../models/model';
import { EventLoopYielder } from '../step/event-loop';
import type { CallbackList, Logs } from './callback-list';
import type { Tensors } from './data';
import { FitBackup, type Position } from './fit-backup';
import { makeFitData, type DataSettings, type FitData } from './fit-data';
import type { KeptFit } from './fit-state';
import { prepareLargeData, type GivenData } from './large-data';
import { History, type HistoryParams } from './history';
import { withOwnSteps } from './own-steps';
import type { Progress } from './progress';
import type { StreamPass } from './streams/stream-pass';
import { isStream } from '../base/streams';
import { runTest } from './test-loop';
import type { FitView } from './fit-view';
import type { Interruption } from './with-progress';

/** The options of a fit that its loop goes by. */
export interface FitSettings extends DataSettings {
  readonly validationFreq?: number | readonly number[] | undefined;
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
  /** The page on which it is watched, if it is. */
  readonly view: FitView | undefined;
  /** What the call made, which is freed after it. */
  readonly tensors: Tensors;
}

/** One call of `fit` whose steps are about to run. */
class FitLoop {
  private readonly params: HistoryParams;
  readonly history: History;
  private readonly backup: FitBackup | undefined;

  constructor(
    private readonly call: FitCall,
    private readonly data: FitData,
    private readonly yielder: EventLoopYielder,
    private readonly kept: KeptFit | undefined,
  ) {
    const { model, callbacks } = call;
    const { training } = data;
    const { seeds, shuffling, batchSize } = training;
    this.params = this.paramsNow();
    this.history = new History(this.params, kept?.state.history);
    const steps = training.pass.steps ?? 0;
    if (isStream(call.data.x) && (callbacks.keeper?.saveFreq ?? 'epoch') !== 'epoch') {
      throw new KerasArgumentError({
        argument: 'callbacks',
        expected:
          'a fit on a stream must be kept after whole epochs, since a stream cannot go on in the middle',
        received: `saveFreq: ${callbacks.keeper?.saveFreq ?? ''}`,
        advice: "Write callbackBackupAndRestore(…, { saveFreq: 'epoch' })",
      });
    }
    const testSeeds = data.validation?.seeds;
    const parts = { model, callbacks, seeds, testSeeds, shuffling, batchSize, steps, history: this.history };
    this.backup =
      callbacks.keeper && new FitBackup(callbacks.keeper, { ...parts, runner: training.runner() });
  }

  /** What callbacks are told of the fit. */
  tellCallbacks(): void {
    const { model, settings, callbacks, progress } = this.call;
    const { training, validation } = this.data;
    const { steps = Infinity } = training.pass;
    callbacks.setModel(model);
    callbacks.setParams({
      verbose: progress.verbose,
      epochs: settings.epochs ?? 10,
      steps,
      ...(isStream(this.call.data.x) ? {} : { samples: training.counts().rows }),
      ...(validation === undefined || isStream(settings.validationData)
        ? {}
        : { validationSamples: validation.rows() }),
      batchSize: training.batchSize,
      doValidation: validation !== undefined,
      metrics: training.pass.plan.names,
    });
  }

  /** Runs the epochs, from where a fit was kept if it was; `model.stopTraining` ends them early. */
  async run(): Promise<void> {
    const { model, settings, callbacks, progress, view } = this.call;
    const { epochs = 10, initialEpoch = 0 } = settings;
    const { training, guard } = this.data;
    const { pass, shuffling } = training;
    await callbacks.onTrainBegin();
    const { batchSize, planned } = training;
    const source = planned && { planned, batchSize };
    await view?.begin({ epochs, initialEpoch, steps: pass.steps ?? null, batchSize }, source);
    const { kept } = this;
    let start = kept === undefined ? undefined : await this.backup?.resume(kept, () => pass.newSums());
    let logs: Logs = start === undefined ? {} : this.history.last();
    for (let epoch = start?.epoch ?? initialEpoch; epoch < epochs && !model.stopTraining; epoch++) {
      const at = { epoch, step: 0, shuffling: shuffling.place, running: undefined, ...start };
      start = undefined;
      progress.beginEpoch(epoch, epochs, pass.steps ?? Infinity);
      view?.beginEpoch(epoch, at.step);
      await this.waitIfPaused();
      await callbacks.onEpochBegin(epoch, at.step > 0);
      const beginning = pass.begin(epoch);
      if (beginning !== undefined) await beginning;
      const passed = await this.epoch(at);
      logs = passed.logs;
      if (this.isValidated(epoch)) await this.validate(epoch, logs);
      progress.finish(logs);
      const wasStopped = model.stopTraining;
      await callbacks.onEpochEnd(epoch, logs);
      this.backup?.noteEnd(wasStopped);
      this.history.add(logs);
      const looking = view?.endEpoch(logs);
      if (looking !== undefined) await looking;
      // Of an epoch that was cut short nothing is kept: it would be done as a whole another time.
      if (passed.isWhole) await this.backup?.afterEpoch(epoch);
      await this.yielder.yieldToEventLoop();
      guard.check();
    }
    training.finalize();
    await callbacks.onTrainEnd(logs);
    await this.backup?.finish();
    // What streams say at their end.
    Object.assign(this.params, this.paramsNow());
  }

  /** One pass over the training data, or what is left of it. Gives the logs, and whether it came to its end. */
  private async epoch(at: Position): Promise<{ readonly logs: Logs; readonly isWhole: boolean }> {
    const { model, callbacks, progress, view } = this.call;
    const { training, guard } = this.data;
    const { pass } = training;
    const { backup } = this;
    const running = at.running ?? pass.newSums();
    const single = callbacks.hasTrainBatchHooks;
    let { step } = at;
    let isOver = false;
    // As in Keras, an epoch that has begun has one step at least.
    while (step < (pass.steps ?? Infinity) && (step === at.step || !model.stopTraining)) {
      if (single) await callbacks.onTrainBatchBegin(step);
      const most = Math.min((pass.steps ?? Infinity) - step, backup?.maxSteps ?? Infinity);
      const run = pass.run(step, single || model.stopTraining ? 1 : most, running);
      const done = typeof run === 'number' ? run : await run;
      isOver = done === 0;
      if (isOver) break;
      step += done;
      const wasStopped = model.stopTraining;
      if (single) await callbacks.onTrainBatchEnd(step - 1, running.logs());
      backup?.noteEnd(wasStopped);
      await backup?.afterSteps(done, { ...at, step, running });
      progress.update(step, progress.isDue() ? running.logs() : {});
      view?.afterSteps(step, running, () => pass.newSums());
      if (view?.isPaused === true) await this.waitIfPaused();
      if (this.yielder.isDue()) await this.yielder.yieldToEventLoop();
      guard.check();
    }
    return { logs: running.logs(), isWhole: isOver || step === pass.steps };
  }

  /** Waits as long as the page's visitor wants it to, between steps: whatever else the program does goes on. */
  private async waitIfPaused(): Promise<void> {
    const { view } = this.call;
    if (view?.isPaused !== true) return;
    await view.whenResumed();
    this.data.guard.check();
  }

  /** Whether there is validation after an epoch, counted from 0. */
  private isValidated(epoch: number): boolean {
    const { validationFreq = 1 } = this.call.settings;
    return typeof validationFreq === 'number'
      ? (epoch + 1) % validationFreq === 0
      : validationFreq.includes(epoch + 1);
  }

  /** Adds the values of the validation data to the logs of an epoch. */
  private async validate(epoch: number, logs: Logs): Promise<void> {
    const { validation, guard } = this.data;
    if (validation === undefined) return;
    const { callbacks } = this.call;
    const result = await runTest({ pass: validation.pass, epoch, callbacks, guard });
    guard.check();
    for (const [name, value] of Object.entries(result)) logs[`val_${name}`] = value;
  }

  private paramsNow(): HistoryParams {
    const { settings, progress } = this.call;
    const { training, validation } = this.data;
    const { steps, rows } = training.counts();
    const { engine, compiler, sparseInputs } = training.runner();
    return {
      verbose: progress.verbose,
      epochs: settings.epochs ?? 10,
      steps,
      samples: rows,
      ...(validation === undefined ? {} : { validationSamples: validation.rows() }),
      batchSize: training.batchSize,
      doValidation: validation !== undefined,
      metrics: training.pass.plan.names,
      engine,
      ...(compiler === undefined ? {} : { compiler }),
      ...(sparseInputs === undefined ? {} : { sparseInputs }),
    };
  }
}

/** The arrays that a fit is given, as against streams. */
const arraysIn = ({ model, data, settings: { sampleWeight, validationData } }: FitCall): GivenData => {
  const { x, y } = isStream(data.x) ? { x: undefined, y: undefined } : data;
  const [xOfTest, ...outputs] = Array.isArray(validationData) ? (validationData as unknown[]) : [];
  return { model, inputs: [x, xOfTest], outputs: [y, sampleWeight, ...outputs] };
};

/** Prepares the data, chooses how the steps run, and runs them. */
const runOn = async (
  call: FitCall,
  yielder: EventLoopYielder,
  opened: (stream: Pick<StreamPass, 'close'>) => void,
): Promise<History> => {
  const { model, callbacks, settings } = call;
  const { engine = 'auto' } = settings;
  let kept: KeptFit | undefined;
  const yieldIfDue = async (): Promise<void> => {
    if (yielder.isDue()) await yielder.yieldToEventLoop();
  };
  const data = await makeFitData({
    ...call,
    yieldToOthers: () => yielder.yieldToEventLoop(),
    yieldIfDue,
    prepared: (guard) => callbacks.checkAfterHooks(guard.check),
    opened,
    engineToUse: async () => {
      kept = await callbacks.keeper?.open();
      // The numbers go on as they were; how steps of a model's own run is no matter of time.
      const { state } = engine === 'auto' && withOwnSteps(model) === undefined ? (kept ?? {}) : {};
      return state === undefined
        ? { engine }
        : { engine: state.engine, sparseRows: state.sparseRows ?? false };
    },
  });
  try {
    callbacks.checkAfterHooks(data.guard.check);
    await yieldIfDue();
    data.guard.check();
    if (callbacks.showsProgress) call.progress.hide();
    const loop = new FitLoop(call, data, yielder, kept);
    loop.tellCallbacks();
    await loop.run();
    return loop.history;
  } finally {
    data.validation?.end();
    data.training.end();
  }
};

/** Runs a fit; streams that it opens are closed at any end. */
export const runFit = async (call: FitCall): Promise<History> => {
  const yielder = new EventLoopYielder();
  const { interruption } = call;
  interruption.listen();
  const preparation = prepareLargeData(arraysIn(call), call.tensors, yielder);
  if (preparation !== undefined) await preparation;
  const streams: Pick<StreamPass, 'close'>[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(streams.map((stream) => stream.close()));
  };
  interruption.closeBeforeExit(close);
  try {
    return await runOn(call, yielder, (stream) => streams.push(stream));
  } finally {
    if (streams.length > 0) await close();
  }
};
