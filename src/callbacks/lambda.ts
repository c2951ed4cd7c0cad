import { checkOptions, checkThat, optional, type OptionChecks } from '../base/checks';
import { KerasArgumentError } from '../base/errors';
import { refuseSurplus } from '../base/function-name';
import type { KerasModel } from '../models/model';
import type { Callback, FIT_KEEPER } from '../training/callback-list';

/** Options of {@link callbackLambda}: hooks, each a function of the epoch or batch, counted from 0, and the logs, or of the logs alone. */
export type LambdaOptions = Omit<
  Callback<KerasModel>,
  'setModel' | 'setParams' | 'showsProgress' | 'saveState' | 'restoreState' | typeof FIT_KEEPER
>;

const hook = optional(
  checkThat('a function', (value): value is () => unknown => typeof value === 'function'),
);

const checks = {
  onEpochBegin: hook,
  onEpochEnd: hook,
  onBatchBegin: hook,
  onBatchEnd: hook,
  onTrainBatchBegin: hook,
  onTrainBatchEnd: hook,
  onTrainBegin: hook,
  onTrainEnd: hook,
  onPredictBatchBegin: hook,
  onPredictBatchEnd: hook,
  onPredictBegin: hook,
  onPredictEnd: hook,
  onTestBatchBegin: hook,
  onTestBatchEnd: hook,
  onTestBegin: hook,
  onTestEnd: hook,
} satisfies OptionChecks<LambdaOptions>;

/**
 * A callback of functions, each of which is called at its time: those of epochs and batches with the number, counted from 0, and the
 * logs, the others with the logs. `onBatchBegin` and `onBatchEnd` are the same as those of training's batches.
 *
 * Hooks of batches make compiled steps run one at a time.
 *
 * @throws KerasArgumentError if a hook is unknown, no function, or if there is none.
 * @example
 * const losses: (number | undefined)[] = []
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ loss: 'mse' }))
 * const callbacks = callbackLambda({ onEpochEnd: (_epoch, logs) => void losses.push(logs['loss']) })
 * const history = await fit(model, [[1]], [[2]], { epochs: 2, verbose: 0, callbacks })
 * assert.deepStrictEqual(losses, history.metrics.loss)
 * @see R keras `callback_lambda`
 */
export const callbackLambda = (options: LambdaOptions, ...surplus: []): Callback<KerasModel> => {
  refuseSurplus('callbackLambda', ['options'], surplus);
  const hooks = checkOptions('callbackLambda', options, checks);
  if (Object.keys(hooks).length === 0) {
    throw new KerasArgumentError({
      function: 'callbackLambda',
      argument: 'options',
      expected: 'there must be one hook at least',
      received: 'none',
      advice: 'Write callbackLambda({ onEpochEnd: (epoch, logs) => … })',
    });
  }
  return hooks as Callback<KerasModel>; // functions, as checked
};
