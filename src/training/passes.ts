import { permutation, type RandomStream } from '../base/random';
import { RunningSums, type StepPlan } from '../step/plan';
import type { Planned, StepRunner, StepsDone } from './step-runners';

/** Steps over data, from its beginning to its end, once for each epoch or evaluation. */
export interface Pass {
  readonly plan: StepPlan;
  /** How many steps it has; undefined as long as the data has not said. */
  readonly steps: number | undefined;
  /** Begins anew: training, or the validation after it, in an epoch counted from 0. */
  begin(epoch: number | undefined): void | Promise<void>;
  /** What adds up what the steps tell. */
  newSums(): RunningSums;
  /** Runs steps from number `step` on, `maxSteps` of them at most; gives how many it ran, and 0 at the end of the data. */
  run(step: number, maxSteps: number, running: RunningSums): StepsDone;
}

const stepsOf = (rows: number, batchSize: number): number => Math.ceil(rows / batchSize);

/** What a pass over arrays needs. */
interface ArrayPassOptions {
  readonly runner: StepRunner;
  readonly batchSize: number;
  /** How many steps of the data to run, the first; all by default. */
  readonly steps: number | undefined;
}

/** Training on arrays. */
export class ArrayTraining implements Pass {
  readonly plan: StepPlan;
  readonly steps: number;
  private readonly runner: StepRunner;

  constructor(
    private readonly planned: Planned,
    { runner, batchSize, steps }: ArrayPassOptions,
    /** What the orders of the rows are drawn from; none where they stay as they are. */
    private readonly shuffling: RandomStream | undefined,
  ) {
    this.plan = planned.plan;
    this.runner = runner;
    this.steps = steps ?? stepsOf(planned.arrays.rows, batchSize);
  }

  begin(epoch: number): void {
    const { shuffling } = this;
    const { rows } = this.planned.arrays;
    this.runner.begin(epoch, shuffling === undefined ? undefined : permutation(rows, shuffling));
  }

  newSums(): RunningSums {
    return this.runner.newSums?.(this.plan) ?? new RunningSums(this.plan, 'train');
  }

  run(step: number, maxSteps: number, running: RunningSums): StepsDone {
    return this.runner.train(step, maxSteps, running);
  }
}

/** Validation or an evaluation on arrays. */
export class ArrayTest implements Pass {
  readonly plan: StepPlan;
  readonly steps: number;
  private readonly runner: StepRunner;

  constructor(
    { plan, arrays }: Planned,
    { runner, batchSize, steps }: ArrayPassOptions,
    /** Whether the runner is told of epochs by who trains with it. */
    private readonly isShared: boolean,
  ) {
    this.plan = plan;
    this.runner = runner;
    this.steps = steps ?? stepsOf(arrays.rows, batchSize);
  }

  begin(epoch: number | undefined): void {
    if (!this.isShared && epoch !== undefined) this.runner.begin(epoch, undefined);
  }

  newSums(): RunningSums {
    return this.runner.newSums?.(this.plan) ?? new RunningSums(this.plan, 'test');
  }

  run(step: number, maxSteps: number, running: RunningSums): StepsDone {
    return this.runner.test(step, maxSteps, running);
  }
}
