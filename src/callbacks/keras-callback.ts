import type { KerasModel } from '../models/model';
import type { Callback, CallbackParams } from '../training/callback-list';

/**
 * A callback as a class: its methods are the hooks that {@link Callback} lists, `this.model` is the model that is fitted,
 * evaluated or predicts, and `this.params` what is known of that call.
 *
 * @example
 * class LossHistory extends KerasCallback {
 *   losses: (number | undefined)[] = []
 *   onTrainBatchEnd(_batch: number, logs: Record<string, number>) {
 *     this.losses.push(logs['loss'])
 *     if (this.losses.length === 3) this.model.stopTraining = true
 *   }
 * }
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ loss: 'mse' }))
 * const history = new LossHistory()
 * await fit(model, [[1], [2]], [[1], [2]], { epochs: 5, batchSize: 1, verbose: 0, callbacks: history })
 * assert.strictEqual(history.losses.length, 3)
 * @see R keras `KerasCallback`
 */
export class KerasCallback implements Callback<KerasModel> {
  #model: KerasModel | undefined;
  #params: CallbackParams | undefined;

  /** The model; it is there from the first hook on. */
  get model(): KerasModel {
    return this.#model as KerasModel; // set before any hook is called
  }

  /** What is known of the call; it is there from the first hook on. */
  get params(): CallbackParams {
    return this.#params as CallbackParams; // set before any hook is called
  }

  setModel(model: KerasModel): void {
    this.#model = model;
  }

  setParams(params: CallbackParams): void {
    this.#params = params;
  }
}
