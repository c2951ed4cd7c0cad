import { placeOfStream, restartStream, type PlacedStream } from '../base/random';
import { KerasStateError } from '../base/errors';
import type { KerasModel } from '../models/model';
import type { StepSeeds } from '../step/batches';
import type { RunningSums } from '../step/plan';
import type { CallbackList } from './callback-list';
import type { FitKeeper, KeptFit } from './fit-state';
import type { History } from './history';
import type { StepRunner } from './step-runners';

/** What of a fit is kept. */
export interface BackedUp {
  readonly model: KerasModel;
  readonly callbacks: CallbackList<KerasModel>;
  readonly runner: StepRunner;
  readonly seeds: StepSeeds;
  /** Those of the validation. */
  readonly testSeeds?: StepSeeds | undefined;
  readonly shuffling: PlacedStream;
  readonly history: History;
  readonly steps: number;
  readonly batchSize: number;
}

/** Where a fit is: before a step of an epoch. */
export interface Position {
  readonly epoch: number;
  readonly step: number;
  /** The place of the stream of orders before that of the epoch was drawn. */
  readonly shuffling: number;
  /** What the steps before it have told. */
  readonly running: RunningSums | undefined;
}

/** The name of the seeds of the fit's own steps. */
const OWN_SEEDS = 'fit';

/** The name of the seeds of its validation's steps. */
const TEST_SEEDS = 'validation';

/** Has a fit kept from time to time, and goes on from what was kept. */
export class FitBackup {
  private batches = 0;
  /** Whether a callback has ended the training. */
  private isOver = false;

  constructor(
    private readonly keeper: FitKeeper,
    private readonly parts: BackedUp,
  ) {}

  /** Makes all as it was when the fit was kept, and tells where it goes on. */
  async resume(kept: KeptFit, sumsOfEpoch: () => RunningSums): Promise<Position> {
    const { model, callbacks, runner, seeds, testSeeds, shuffling } = this.parts;
    const { state } = kept;
    const running = state.step > 0 ? sumsOfEpoch() : undefined;
    this.checkSteps(kept, running?.restore(state.sums) ?? true);
    callbacks.restoreStates(await kept.restore(model));
    const { [OWN_SEEDS]: own, [TEST_SEEDS]: ofTest, ...others } = state.seeds;
    if (own !== undefined) seeds.place = own;
    if (ofTest !== undefined && testSeeds !== undefined) testSeeds.place = ofTest;
    runner.restoreSeeds?.(others);
    shuffling.place = state.shuffling;
    restartStream(state.random);
    if (state.isOver) model.stopTraining = true;
    this.isOver = state.isOver;
    return { epoch: state.epoch, step: state.step, shuffling: state.shuffling, running };
  }

  private checkSteps({ state }: KeptFit, isOfMetrics: boolean): void {
    const { steps, batchSize } = this.parts;
    const isSame = steps === state.steps && batchSize === state.batchSize && isOfMetrics;
    if (state.step === 0 || isSame) return;
    throw new KerasStateError({
      expected: 'an epoch that was broken off must go on with the same data, batches and metrics',
      received: `${steps} batches of ${batchSize}, and ${state.steps} of ${state.batchSize} in the backup${
        isOfMetrics ? '' : ', of other metrics'
      }`,
      advice: 'Fit as before, or delete the backup',
    });
  }

  /** How many steps may be done at once. */
  get maxSteps(): number {
    const { saveFreq } = this.keeper;
    return saveFreq === 'epoch' ? Infinity : saveFreq - this.batches;
  }

  /** Notes whether hooks have ended the training: `before` is whether that was so already. */
  noteEnd(before: boolean): void {
    if (!before && this.parts.model.stopTraining) this.isOver = true;
  }

  /** After steps of an epoch. */
  async afterSteps(steps: number, position: Position): Promise<void> {
    const { saveFreq } = this.keeper;
    this.batches += steps;
    if (saveFreq === 'epoch' || this.batches < saveFreq) return;
    this.batches = 0;
    await this.save(position);
  }

  /** After an epoch of which nothing was left out. */
  async afterEpoch(epoch: number): Promise<void> {
    if (this.keeper.saveFreq !== 'epoch') return;
    const shuffling = this.parts.shuffling.place;
    await this.save({ epoch: epoch + 1, step: 0, shuffling, running: undefined });
  }

  async finish(): Promise<void> {
    await this.keeper.finish();
  }

  private async save({ epoch, step, shuffling, running }: Position): Promise<void> {
    const { model, callbacks, runner, seeds, testSeeds, history, steps, batchSize } = this.parts;
    await this.keeper.save(model, {
      ...{ epoch, step, shuffling, steps, batchSize },
      isOver: this.isOver,
      random: placeOfStream(),
      seeds: {
        [OWN_SEEDS]: seeds.place,
        ...(testSeeds?.isDrawn === true ? { [TEST_SEEDS]: testSeeds.place } : {}),
        ...runner.saveSeeds?.(),
      },
      sums: running?.save() ?? {},
      history: history.metrics,
      engine: runner.engine,
      ...(runner.sparseInputs === undefined ? {} : { sparseRows: true }),
      callbacks: callbacks.saveStates(),
    });
  }
}
