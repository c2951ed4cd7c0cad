import { messageOf } from '../base/causes';
import { KerasError } from '../base/errors';
import type { Command } from '../live/commands';
import { LivePage } from '../live/live-page';
import { jsonNumber, jsonValues, type Facts, type Phase, type Position } from '../live/messages';
import type { ViewSettings } from '../live/options';
import { Pace } from '../live/pace';
import { LiveRecord } from '../live/record';
import type { Compilation } from '../models/compilation';
import type { KerasModel } from '../models/model';
import { UpdateOptimizer } from '../optimizers/optimizer';
import type { RunningSums, SavedSums } from '../step/plan';
import type { Logs } from './callback-list';
import { GradientNorms, type GradientSource } from './gradient-norms';
import { WeightNorms } from './weight-norms';

/** Milliseconds between two looks at what the steps tell. */
const INTERVAL = 100;

/** Milliseconds after which a fit that waits sees what happened to it meanwhile. */
const LOOK_WHILE_WAITING = 100;

/** What came to sums since they were last looked at. */
const sumsSince = (now: SavedSums, before: SavedSums): SavedSums =>
  Object.fromEntries(
    Object.entries(now).map(([name, sums]) => [
      name,
      sums.map((sum, index) => sum - (before[name]?.[index] ?? 0)),
    ]),
  );

/** The page on which a fit is watched, paused, slowed down and stopped. */
export class FitView {
  private readonly record = new LiveRecord();
  private page: LivePage | undefined;
  private readonly pace = new Pace();
  private norms: WeightNorms | undefined;
  private lookedAt = -Infinity;
  private before: SavedSums = {};
  private epoch = 0;
  private step = 0;
  private total = 0;
  private hasBegun = false;
  private hasEnded = false;
  private isPauseAsked = false;
  private isStopAsked = false;
  private release: (() => void) | undefined;

  private constructor(
    private readonly model: KerasModel,
    private readonly compilation: Compilation,
  ) {}

  /** @throws KerasStateError if the page's port is not free. */
  static async open(model: KerasModel, compilation: Compilation, settings: ViewSettings): Promise<FitView> {
    const view = new FitView(model, compilation);
    view.page = await LivePage.open(settings, view.record, (command) => view.obey(command));
    return view;
  }

  /** The first step comes next. Gradients are looked at where their source is known. */
  async begin(facts: Omit<Facts, 'model'>, source: GradientSource | undefined): Promise<void> {
    this.pace.start();
    const gradients = source && new GradientNorms(source);
    this.norms = new WeightNorms(this.model, () => performance.now(), gradients);
    this.hasBegun = true;
    this.epoch = facts.initialEpoch;
    this.record.set({ facts: { ...facts, model: this.model.name }, phase: this.phase });
    this.tellPosition();
    await this.lookAtWeights(facts.initialEpoch);
  }

  /** An epoch, counted from 0, goes on after some of its steps. */
  beginEpoch(epoch: number, step: number): void {
    this.epoch = epoch;
    this.step = step;
    this.before = {};
    // What lies between is no step.
    this.pace.breakOff();
  }

  /** Some more steps of the epoch are done. */
  afterSteps(step: number, running: RunningSums, newSums: () => RunningSums): void {
    this.total += step - this.step;
    this.step = step;
    const now = performance.now();
    if (now - this.lookedAt < INTERVAL) return;
    this.lookedAt = now;
    this.pace.noteSteps(this.total);
    const sums = running.save();
    const recent = newSums();
    const logs = running.logs();
    const values = recent.restore(sumsSince(sums, this.before)) ? recent.logs() : logs;
    this.before = sums;
    this.record.addSteps({ epoch: this.epoch + 1, step, total: this.total, values: jsonValues(values) });
    this.record.set({ values: jsonValues(logs) });
    this.tellPosition();
  }

  /** An epoch is done, with what goes into the history. Gives what is to be waited for, if there is something. */
  endEpoch(logs: Logs): Promise<void> | undefined {
    const { facts } = this.record;
    // Of a stream, the first epoch says how many there are.
    if (facts?.steps === null) this.record.set({ facts: { ...facts, steps: this.step } });
    if (this.record.isNextEpochKept)
      this.record.addEpoch({ epoch: this.epoch + 1, values: jsonValues(logs) });
    else this.record.skipEpoch();
    // Always, since what comes next may take long.
    this.record.setLater(() => ({ values: jsonValues(logs), position: this.position() }));
    return this.norms?.isDue() === true ? this.lookAtWeights(this.epoch + 1) : undefined;
  }

  /** Whether the fit is to wait. What ends it otherwise ends the wait. */
  get isPaused(): boolean {
    return this.isPauseAsked && !this.model.stopTraining && !this.model.isDisposed;
  }

  /** Waits until it is to go on. */
  async whenResumed(): Promise<void> {
    this.pace.hold();
    while (this.isPaused) {
      if (this.record.phase !== 'paused') {
        this.record.set({ phase: 'paused' });
        this.tellPosition();
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LOOK_WHILE_WAITING);
        this.release = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.release = undefined;
    this.pace.release();
    this.record.set({ phase: this.phase });
  }

  /** Gives what the fit gives, and tells the page how it has ended. */
  async follow<Result>(fit: Promise<Result>): Promise<Result> {
    try {
      const result = await fit;
      this.end({ phase: this.model.stopTraining ? 'stopped' : 'done' });
      return result;
    } catch (error) {
      KerasError.nameFunction(error, 'fit');
      this.end({ phase: 'failed', reason: messageOf(error) });
      throw error;
    }
  }

  private end(how: { readonly phase: Phase; readonly reason?: string }): void {
    this.hasEnded = true;
    this.norms?.dispose();
    this.tellPosition();
    this.record.set(how);
    this.page?.end();
  }

  /** What it is doing, where it does not wait. */
  private get phase(): Phase {
    if (this.isStopAsked) return 'stopping';
    if (this.isPauseAsked) return 'pausing';
    return this.hasBegun ? 'running' : 'preparing';
  }

  private async lookAtWeights(epoch: number): Promise<void> {
    const stepTime = this.total === 0 ? 0 : (1000 * this.pace.elapsed) / this.total;
    const layers = await this.norms?.look(epoch, stepTime);
    if (layers !== undefined) this.record.setLayers(layers);
  }

  /** How much is done, from 0 to 1. */
  private doneOf({ epochs, initialEpoch, steps }: Facts): number {
    const ofEpoch = steps === null ? 0 : this.step / steps;
    return (this.epoch - initialEpoch + ofEpoch) / (epochs - initialEpoch);
  }

  private tellPosition(): void {
    if (this.record.facts !== null) this.record.set({ position: this.position() });
  }

  private position(): Position | null {
    const { record, pace } = this;
    const { facts } = record;
    if (facts === null) return null;
    const { optimizer } = this.compilation;
    const isScheduled = optimizer instanceof UpdateOptimizer && optimizer.hasSchedule;
    return {
      epoch: this.epoch + 1,
      step: this.step,
      elapsed: pace.elapsed,
      left: pace.left(this.doneOf(facts)),
      stepsPerSecond: pace.stepsPerSecond,
      learningRate: jsonNumber(optimizer.learningRate),
      fixedRate: isScheduled ? 'A schedule gives the learning rate.' : null,
    };
  }

  /** Does what a button asks for; gives the reason if that cannot be done. */
  private obey(command: Command): string | undefined {
    // The model may be in another fit by now, which has a page of its own.
    if (this.hasEnded) return 'The training is over.';
    if (this.isStopAsked) return 'The training is being stopped.';
    switch (command.command) {
      case 'pause':
        this.isPauseAsked = true;
        break;
      case 'resume':
        this.isPauseAsked = false;
        break;
      case 'stop':
        this.isStopAsked = true;
        this.isPauseAsked = false;
        this.model.stopTraining = true;
        break;
      case 'lowerLearningRate':
        return this.lowerLearningRate(command.factor);
    }
    if (!(this.isPaused && this.record.phase === 'paused')) this.record.set({ phase: this.phase });
    this.release?.();
    return undefined;
  }

  private lowerLearningRate(factor: number): string | undefined {
    const { optimizer } = this.compilation;
    try {
      optimizer.learningRate *= factor;
    } catch (error) {
      return messageOf(error);
    }
    this.tellPosition();
    return undefined;
  }
}
