import { boolean, checkBareOptions, optional, type OptionChecks } from '../base/checks';
import { KerasStateError } from '../base/errors';
import { sameShape } from '../base/shapes';
import { refuseSurplus } from '../base/function-name';
import type { KerasModel } from '../models/model';
import { UpdateOptimizer } from '../optimizers/optimizer';
import { AVERAGE } from '../optimizers/update';
import { variableOf } from '../tfjs/private';
import { tf, type Tensor, type Variable } from '../tfjs/tensorflow';
import { optimizerOf } from '../training/compile';
import type { Callback, CallbackState } from '../training/callback-list';
import { KeptState } from './kept-state';

/** Options of {@link callbackSwapEmaWeights}. */
export interface SwapEmaWeightsOptions {
  /** Whether the averages are in the model from the end of each epoch to the beginning of the next, too. Default false. */
  readonly swapOnEpoch?: boolean | undefined;
}

const checks = { swapOnEpoch: optional(boolean, false) } satisfies OptionChecks<SwapEmaWeightsOptions>;

class SwapEmaWeights implements Callback<KerasModel> {
  #model: KerasModel | undefined;
  /** The weights themselves, while their averages are in the model. */
  #weights: { readonly variable: Variable; readonly value: Tensor }[] | undefined;

  constructor(private readonly swapOnEpoch: boolean) {}

  setModel(model: KerasModel): void {
    this.#model = model;
    this.#averaging(model);
  }

  onEpochBegin(): void {
    this.#giveBack();
  }

  onEpochEnd(): void {
    if (this.swapOnEpoch) this.#putAverages();
  }

  onTrainEnd(): void {
    // The weights are the averages by now.
    this.#forget();
  }

  onTestBegin(): void {
    this.#putAverages();
  }

  onTestEnd(): void {
    this.#giveBack();
  }

  onPredictBegin(): void {
    this.#putAverages();
  }

  onPredictEnd(): void {
    this.#giveBack();
  }

  saveState(): CallbackState {
    return { weights: this.#weights?.map(({ value }) => value) ?? null };
  }

  restoreState(state: CallbackState): void {
    this.#forget();
    const values = new KeptState('callbackSwapEmaWeights', state).maybeTensors('weights');
    const model = this.#model;
    if (values === undefined || model === undefined) return;
    const variables = this.#variablesOf(model);
    const isSame =
      variables.length === values.length &&
      variables.every((variable, index) => sameShape(variable.shape, values[index]?.shape ?? []));
    if (!isSame) {
      tf.dispose(values);
      throw new KerasStateError({
        function: 'callbackSwapEmaWeights',
        expected: 'the backup must be of the same model',
        received: 'weights of other shapes',
        advice: 'Delete the backup; the training then begins again',
      });
    }
    this.#weights = variables.map((variable, index) => ({ variable, value: values[index] as Tensor })); // as many, as seen
  }

  #variablesOf(model: KerasModel): Variable[] {
    return [...new Set(model.tf.trainableWeights.map(variableOf))];
  }

  #averaging(model: KerasModel): UpdateOptimizer {
    const optimizer = optimizerOf(model);
    if (optimizer instanceof UpdateOptimizer && optimizer.slotNames.includes(AVERAGE)) return optimizer;
    throw new KerasStateError({
      function: 'callbackSwapEmaWeights',
      expected: 'the optimizer must keep moving averages of the weights',
      received: `the ${optimizer.name} optimizer without useEma`,
      advice: `Compile the model with an optimizer that has useEma: true`,
    });
  }

  #putAverages(): void {
    const model = this.#model;
    if (model === undefined || this.#weights !== undefined) return;
    const optimizer = this.#averaging(model);
    const variables = this.#variablesOf(model);
    this.#weights = variables.map((variable) => ({ variable, value: tf.keep(tf.clone(variable)) }));
    for (const variable of variables) {
      const slots = optimizer.readSlots(variable);
      const average = slots.get(AVERAGE);
      if (average !== undefined) variable.assign(average);
      tf.dispose([...slots.values()]);
    }
  }

  #giveBack(): void {
    for (const { variable, value } of this.#weights ?? []) variable.assign(value);
    this.#forget();
  }

  #forget(): void {
    tf.dispose(this.#weights?.map(({ value }) => value));
    this.#weights = undefined;
  }
}

/**
 * Puts the moving averages of the weights into the model while it is tested or predicts, in `fit`'s validation, `evaluate` and
 * `predict`; training goes on with the weights themselves. With `swapOnEpoch` they are there from the end of each epoch to the
 * beginning of the next, too, so that other callbacks save them: then it must come before those.
 *
 * @throws KerasArgumentError if an option is unknown.
 * @throws KerasStateError when it is used, if the optimizer has not `useEma`.
 * @example
 * const optimizer = optimizerSgd({ learningRate: 0.1, useEma: true })
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ optimizer, loss: 'mse' }))
 * const callbacks = callbackSwapEmaWeights()
 * const history = await fit(model, [[1], [2]], [[1], [2]], { epochs: 2, validationSplit: 0.5, verbose: 0, callbacks })
 * assert.strictEqual(history.metrics['val_loss']?.length, 2)
 * @see R keras 3 `callback_swap_ema_weights`
 */
export const callbackSwapEmaWeights = (
  options?: SwapEmaWeightsOptions | boolean,
  ...surplus: []
): Callback<KerasModel> => {
  refuseSurplus('callbackSwapEmaWeights', ['options'], surplus);
  const { swapOnEpoch } = checkBareOptions('callbackSwapEmaWeights', options, checks);
  return new SwapEmaWeights(swapOnEpoch);
};
