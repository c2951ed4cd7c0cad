import type { KerasModel } from '../models/model';
import type { CallbackList, CallbackParams } from './callback-list';
import type { Guard } from './guard';
import type { Progress } from './progress';

/** An `evaluate` or a `predict`: once over the data. */
interface Call {
  readonly model: KerasModel;
  readonly callbacks: CallbackList<KerasModel>;
  readonly progress: Progress;
}

/** What callbacks are told before the first step, and the progress shows. */
export const tellOf = (
  { model, callbacks, progress }: Call,
  guard: Guard,
  params: Pick<CallbackParams, 'steps' | 'samples' | 'batchSize'>,
): void => {
  if (callbacks.showsProgress) progress.hide();
  callbacks.setModel(model);
  callbacks.setParams({ verbose: progress.verbose, epochs: 1, ...params });
  progress.begin(params.steps);
  callbacks.checkAfterHooks(guard.check);
};
