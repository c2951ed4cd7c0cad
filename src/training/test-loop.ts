import { EventLoopYielder } from '../step/event-loop';
import type { Result } from '../step/plan';
import type { KerasModel } from '../models/model';
import type { CallbackList } from './callback-list';
import type { Guard } from './guard';
import type { Pass } from './passes';
import type { Progress } from './progress';

/** What an evaluation, or the validation after an epoch, runs on and with. */
export interface TestRequest {
  readonly pass: Pass;
  /** The epoch that it comes after, counted from 0. */
  readonly epoch?: number;
  readonly callbacks: CallbackList<KerasModel>;
  readonly guard: Guard;
  readonly progress?: Progress;
}

/** Runs test steps until all data are through, and gives losses and metrics by name. */
export const runTest = async ({ pass, epoch, callbacks, guard, progress }: TestRequest): Promise<Result> => {
  const beginning = pass.begin(epoch);
  if (beginning !== undefined) await beginning;
  const running = pass.newSums();
  const yielder = new EventLoopYielder();
  const { steps = Infinity } = pass;
  await callbacks.onTestBegin();
  const single = callbacks.hasTestBatchHooks;
  for (let step = 0; step < steps;) {
    if (single) await callbacks.onTestBatchBegin(step);
    const run = pass.run(step, single ? 1 : steps - step, running);
    const done = typeof run === 'number' ? run : await run;
    if (done === 0) break;
    step += done;
    if (single) await callbacks.onTestBatchEnd(step - 1, running.logs());
    progress?.update(step, progress.isDue() ? running.logs() : {});
    if (yielder.isDue()) await yielder.yieldToEventLoop();
    guard.check();
  }
  const logs = running.logs();
  await callbacks.onTestEnd(logs);
  return logs;
};
