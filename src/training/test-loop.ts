import { EventLoopYielder } from '../step/event-loop';
import { RunningSums, type Result } from '../step/plan';
import type { KerasModel } from '../models/model';
import type { CallbackList } from './callback-list';
import type { Guard } from './guard';
import type { Progress } from './progress';
import type { Planned, StepRunner } from './step-runners';

/** What an evaluation, or the validation after an epoch, runs on and with. */
export interface TestRequest {
  readonly planned: Planned;
  readonly batchSize: number;
  readonly runner: StepRunner;
  readonly callbacks: CallbackList<KerasModel>;
  readonly guard: Guard;
  readonly progress?: Progress;
}

/** Runs test steps until all rows are through, and gives losses and metrics by name. */
export const runTest = async ({
  planned: { plan, arrays },
  batchSize,
  runner,
  callbacks,
  guard,
  progress,
}: TestRequest): Promise<Result> => {
  const running = runner.newSums?.(plan) ?? new RunningSums(plan, 'test');
  const yielder = new EventLoopYielder();
  const steps = Math.ceil(arrays.rows / batchSize);
  await callbacks.onTestBegin();
  const single = callbacks.hasTestBatchHooks;
  for (let step = 0; step < steps;) {
    if (single) await callbacks.onTestBatchBegin(step);
    const done = runner.test(step, single ? 1 : steps - step, running);
    step += typeof done === 'number' ? done : await done;
    if (single) await callbacks.onTestBatchEnd(step - 1, running.logs());
    progress?.update(step, progress.isDue() ? running.logs() : {});
    if (yielder.isDue()) await yielder.yieldToEventLoop();
    guard.check();
  }
  const logs = running.logs();
  await callbacks.onTestEnd(logs);
  return logs;
};
