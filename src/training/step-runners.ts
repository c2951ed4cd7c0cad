import { CompiledStepError } from '../engine/compiled-step-error';
import type { CompiledSteps, StepsRequest } from '../engine/compiled-steps';
import { EXECUTION_MILLISECONDS, FIRST_COST_FRACTION, MIN_THREAD_MILLISECONDS } from '../engine/tuning';
import type { Compilation } from '../models/compilation';
import type { KerasModel } from '../models/model';
import { integersBelow } from '../base/random';
import { whenReady } from '../tfjs/deferred-values';
import { variableOf } from '../tfjs/private';
import { tf, type Tensor, type Tensor1D, type Variable } from '../tfjs/tensorflow';
import { batchOf, type Arrays, type StepSeeds } from '../step/batches';
import { millisecondsWaited, yieldToEventLoop } from '../step/event-loop';
import { eagerError, placeOfStep, stepError } from './step-error';
import { trainableOf, type RunningSums, type StepPlan } from '../step/plan';
import { testStep } from '../step/step';
import { applyTrainStep } from '../step/update';

/** How steps run: one operation after the other from JavaScript, or many steps in one call of TensorFlow. */
export type Engine = 'eager' | 'compiled';

/** What runs compiled steps: TensorFlow's operations, or the machine code that XLA makes of them. */
export type Compiler = 'tensorflow' | 'xla';

/** Data, and what a step computes of them. */
export interface Planned {
  readonly plan: StepPlan;
  readonly arrays: Arrays;
  /** Of a part of a stream: the number of the step that it begins with. Other parts have other arrays, of other lengths. */
  readonly firstStep?: number | undefined;
  /** The seeds of the steps. */
  readonly seeds: StepSeeds;
}

/** Where a step's rows begin. */
export const firstRowOf = ({ firstStep = 0 }: Planned, step: number, batchSize: number): number =>
  (step - firstStep) * batchSize;

/** What a call trains and tests on. */
export interface RunnerRequest {
  readonly functionName: 'fit' | 'evaluate';
  readonly model: KerasModel;
  readonly training?: Planned | undefined;
  readonly test?: Planned | undefined;
  readonly batchSize: number;
  readonly compilation: Compilation;
  /** Whether rows that are nearly all zeros become sparse ones; by default where that is worth it and the engine is to be chosen. */
  readonly sparseRows?: boolean | undefined;
}

/** How many steps were run: at once, or a promise where another thread runs them. */
export type StepsDone = number | Promise<number>;

/** Where the seeds of steps are, by the kind of step. */
export type SavedSeeds = Readonly<Record<string, readonly [run: number, step: number]>>;

/** Runs the steps of a fit or an evaluation. */
export interface StepRunner {
  readonly engine: Engine;
  /** What adds up what steps tell, where they are not those of a plan. */
  newSums?(plan: StepPlan): RunningSums;
  /** Where the seeds of its steps are, if they are its own, and to go on from there. */
  saveSeeds?(): SavedSeeds;
  restoreSeeds?(saved: SavedSeeds): void;
  /** Of compiled steps. */
  readonly compiler?: Compiler;
  /** The inputs whose rows it trains on as sparse ones, though they were not given so; absent where there are none. */
  readonly sparseInputs?: readonly string[];
  /** How many steps of a loop it would run in one execution. */
  stepsAtOnce?(loop: 'train' | 'test'): number;
  /** Begins an epoch, counted from 0, whose rows come in the given order. */
  begin(epoch: number, order: Int32Array | undefined): void;
  /** Runs steps from number `step` on, at most `most` of them; adds their sums and gives how many it ran. */
  train(step: number, maxSteps: number, running: RunningSums): StepsDone;
  /** The same on the data to test on. */
  test(step: number, maxSteps: number, running: RunningSums): StepsDone;
  /** The end of training that nothing broke off: the weights become what the optimizer makes of them then. */
  finalize(): void;
  /** Ends the fit: the weights are the model's again. */
  end(): void;
}

export class EagerRunner implements StepRunner {
  readonly engine = 'eager';
  private readonly variables;
  private readonly weights: readonly Variable[];
  private epoch: number | undefined;
  private order: Int32Array | undefined;

  constructor(private readonly request: RunnerRequest) {
    this.variables = request.training === undefined ? [] : trainableOf(request.training.plan);
    this.weights = request.model.tf.weights.map(variableOf);
  }

  begin(epoch: number, order: Int32Array | undefined): void {
    this.epoch = epoch;
    this.order = order;
  }

  train(step: number, _most: number, running: RunningSums): StepsDone {
    const { training, compilation } = this.request;
    return this.runWhenReady(() =>
      this.run(training, step, running, ({ plan, arrays, seeds }, from, count) => {
        const batch = batchOf(arrays, from, count, this.order);
        return applyTrainStep(
          plan,
          batch,
          tf.tensor1d(seeds.take(1), 'int32'),
          compilation.optimizer,
          this.variables,
        );
      }),
    );
  }

  test(step: number, _most: number, running: RunningSums): StepsDone {
    return this.runWhenReady(() =>
      this.run(this.request.test, step, running, ({ plan, arrays, seeds }, from, count) =>
        testStep(plan, batchOf(arrays, from, count), seeds.next),
      ),
    );
  }

  /** Runs a step, once what another fit does to the same weights on another thread is done. */
  private runWhenReady(run: () => number): StepsDone {
    const busy = whenReady(this.weights);
    return busy === undefined ? run() : busy.then(() => this.runWhenReady(run));
  }

  /** Runs one step on its rows and adds its sums. */
  private run(
    planned: Planned | undefined,
    step: number,
    running: RunningSums,
    sumsOf: (planned: Planned, from: number, count: number) => Tensor,
  ): number {
    if (planned === undefined) throw new Error('there is no data for this step');
    const { batchSize, test } = this.request;
    const from = firstRowOf(planned, step, batchSize);
    const count = Math.min(batchSize, planned.arrays.rows - from);
    try {
      running.add(
        tf.tidy(() => sumsOf(planned, from, count)),
        count,
      );
    } catch (error) {
      throw eagerError(
        { place: placeOfStep(step, this.epoch, planned === test), isTraining: planned !== test },
        error,
      );
    }
    return 1;
  }

  finalize(): void {
    this.request.compilation.optimizer.finalize(this.variables.map(variableOf));
  }

  end(): void {
    this.order = undefined;
  }
}

/**
 * Milliseconds that a step is taken to need at most after the first execution of a graph, which optimizes it, too: by its time the next
 * one would be too short.
 */
const MOST_LEARNED_FIRST = EXECUTION_MILLISECONDS * FIRST_COST_FRACTION;

export class CompiledRunner implements StepRunner {
  readonly engine = 'compiled';
  private epoch: number | undefined;
  private order: Tensor1D | undefined;
  private readonly weights: readonly Variable[];

  constructor(
    private readonly request: RunnerRequest,
    private readonly program: CompiledSteps,
    /** Says that the program is not needed any more. */
    private readonly release: () => void,
  ) {
    this.weights = request.model.tf.weights.map(variableOf);
  }

  /** Before the first step: has XLA compile the steps that it is to, on another thread. Tells whether that took a while. */
  async compileWithXla(): Promise<boolean> {
    const { program } = this;
    const { training } = this.request;
    if (training === undefined) return false;
    // Another call may be at work with the same steps.
    for (let busy = program.whenIdle(); busy !== undefined; busy = program.whenIdle()) await busy;
    if (!program.isUncompiled) return false;
    const { arrays } = training;
    const order = tf.keep(tf.tensor1d(integersBelow(arrays.rows), 'int32'));
    try {
      await program.compileWithXla({ loop: 'train', arrays, first: 0, steps: 0, seed: [0, 0], order });
    } finally {
      order.dispose();
    }
    return true;
  }

  get compiler(): Compiler {
    return this.program.isXla('train') ? 'xla' : 'tensorflow';
  }

  begin(epoch: number, order: Int32Array | undefined): void {
    this.epoch = epoch;
    this.order?.dispose();
    this.order = undefined;
    const { training } = this.request;
    // Parts of a stream come in their order.
    if (training?.firstStep !== undefined) return;
    const rows = order ?? integersBelow(training?.arrays.rows ?? 0);
    this.order = tf.keep(tf.tensor1d(rows, 'int32'));
  }

  stepsAtOnce(loop: 'train' | 'test'): number {
    return Math.min(this.fittingSteps(loop), this.program.maxSteps(loop));
  }

  /** So many steps as an execution has by its time. */
  private fittingSteps(loop: string): number {
    const cost = this.program.cost.get(loop);
    const fitting = cost === undefined ? 1 : Math.floor(EXECUTION_MILLISECONDS / cost);
    return Math.max(fitting, this.program.minSteps(loop));
  }

  train(step: number, maxSteps: number, running: RunningSums): StepsDone {
    return this.run('train', this.request.training, step, maxSteps, running);
  }

  test(step: number, maxSteps: number, running: RunningSums): StepsDone {
    return this.run('test', this.request.test, step, maxSteps, running);
  }

  private run(
    loop: 'train' | 'test',
    planned: Planned | undefined,
    step: number,
    maxSteps: number,
    running: RunningSums,
  ): StepsDone {
    // Another call may be at work: with the same steps, or on the same weights, of a layer that two models share.
    const { program } = this;
    const areOurs = program.areWeightsElsewhere();
    const busy = program.whenIdle() ?? (areOurs ? undefined : whenReady(this.weights));
    if (busy !== undefined) return busy.then(() => this.run(loop, planned, step, maxSteps, running));
    if (planned === undefined) throw new Error('there is no data for this step');
    const { arrays } = planned;
    const { batchSize, training } = this.request;
    const first = firstRowOf(planned, step, batchSize);
    const whole = Math.floor((arrays.rows - first) / batchSize);
    const name = whole > 0 ? loop : `${loop}-last`;
    const rows = whole > 0 ? batchSize : arrays.rows - first;
    const cost = this.program.cost.get(name);
    const fitting = this.fittingSteps(name);
    const steps = whole > 0 ? Math.min(whole, maxSteps, fitting, this.program.maxSteps(name)) : 1;
    const seed = this.program.draws(name) ? planned.seeds.take(steps) : ([0, 0] as const);
    const order = planned === training ? this.order : undefined;
    const request = { loop: name, arrays, first, steps, seed, order };
    const begun = performance.now();
    const failed = (error: unknown): unknown => {
      if (!(error instanceof CompiledStepError)) return error;
      const place = placeOfStep(step + error.done, this.epoch, loop === 'test');
      return stepError({ place, isTraining: loop === 'train' }, error);
    };
    const done = (sums: Float64Array): number => {
      const taken = performance.now() - begun;
      // What an execution takes by itself counts little in a long one, and much in a short one.
      if (cost === undefined || steps * 2 > fitting || taken >= EXECUTION_MILLISECONDS) {
        this.learnCost(name, taken / steps);
      }
      running.addSums(sums, rows, steps);
      return steps;
    };
    // The first run of a loop takes as long as it takes to optimize the graph, and tells of slow steps only that they are.
    const isLong =
      cost === undefined ||
      cost >= MOST_LEARNED_FIRST ||
      millisecondsWaited() + cost * steps >= MIN_THREAD_MILLISECONDS;
    if (isLong)
      return this.runOnThread(request).then(done, (error: unknown) => Promise.reject(failed(error) as Error));
    try {
      return done(this.program.run(request));
    } catch (error) {
      throw failed(error);
    }
  }

  private async runOnThread(request: StepsRequest): Promise<Float64Array> {
    const sums = await this.program.runOnThread(request);
    // Who has waited to look at the weights does so now, before they are in use again.
    if (this.program.takeRequest()) await yieldToEventLoop();
    return sums;
  }

  /** Notes how long a step of a loop has taken. */
  private learnCost(loop: string, seen: number): void {
    const { cost } = this.program;
    const before = cost.get(loop);
    cost.set(loop, before === undefined ? Math.min(seen, MOST_LEARNED_FIRST) : (before + seen) / 2);
  }

  finalize(): void {
    const { training, compilation } = this.request;
    if (training !== undefined) compilation.optimizer.finalize(trainableOf(training.plan).map(variableOf));
  }

  end(): void {
    this.order?.dispose();
    this.order = undefined;
    try {
      if (this.weights.some(({ isDisposed }) => isDisposed)) return;
      // Large ones stay in the graph, as the optimizer's slots do, for the next call, until somebody looks at them.
      if (!this.program.hasLargeWeights) this.program.downloadWeights();
    } finally {
      this.release();
    }
  }
}
