import { refuseSurplus } from '../base/function-name';
import { checkOptions } from '../base/checks';
import type { NoOptions } from '../base/maker';
import type { KerasModel } from '../models/model';
import type { Callback } from '../training/callback-list';

/**
 * Ends the training after the first batch whose loss is NaN or infinite, and says so on standard error.
 *
 * The loss is the one that the batch leaves in the logs: the mean over the epoch so far. To learn which operation and which
 * layer it came from, use `checkNumerics` of `fit` instead.
 *
 * @throws KerasArgumentError for any option: there is none.
 * @example
 * const model = pipe(
 *   kerasModelSequential(),
 *   layerDense({ units: 1, inputShape: [1] }),
 *   compile({ optimizer: optimizerSgd({ learningRate: 1e30 }), loss: 'mse' }),
 * )
 * const history = await pipe(model, fit([[1], [2]], [2, 4], { callbacks: callbackTerminateOnNaan(), epochs: 9, verbose: 0 }))
 * assert.ok(history.metrics.loss.length < 9)
 * @see R keras `callback_terminate_on_naan`
 */
export const callbackTerminateOnNaan = (options?: NoOptions, ...surplus: []): Callback<KerasModel> => {
  refuseSurplus('callbackTerminateOnNaan', ['options'], surplus);
  checkOptions('callbackTerminateOnNaan', options, {});
  let model: KerasModel | undefined;
  return {
    setModel: (fitted) => {
      model = fitted;
    },
    onTrainBatchEnd: (batch, { loss }) => {
      if (model === undefined || loss === undefined || Number.isFinite(loss)) return;
      // eslint-disable-next-line no-console -- a warning is for standard error
      console.warn(`callbackTerminateOnNaan: the loss is ${loss} after batch ${batch + 1}; training ends.`);
      model.stopTraining = true;
    },
  };
};
