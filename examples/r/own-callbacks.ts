/** Callbacks of one's own: one notes the loss of each batch, one ends the training when the loss no longer falls. */
import {
  compile,
  fit,
  kerasModelSequential,
  KerasCallback,
  layerDense,
  layerFlatten,
  pipe,
} from 'keras-pipe';
import { digits, example } from './support';

class LossHistory extends KerasCallback {
  readonly losses: number[] = [];
  onTrainBatchEnd(_batch: number, { loss }: Record<string, number>): void {
    if (loss !== undefined) this.losses.push(loss);
  }
}

class StopAtMinimum extends KerasCallback {
  private best = Infinity;
  stoppedAt: number | undefined;
  onEpochEnd(epoch: number, { loss = Infinity }: Record<string, number>): void {
    if (loss < 0.97 * this.best) this.best = loss;
    else {
      this.stoppedAt = epoch;
      this.model.stopTraining = true;
    }
  }
}

export const main = example(module, { epochs: 100, quick: 60 }, async (settings) => {
  const { train } = await digits(settings, 1000);
  const model = pipe(
    kerasModelSequential({ inputShape: [28, 28] }),
    layerFlatten(),
    layerDense({ units: 10, activation: 'softmax' }),
    compile({ optimizer: 'rmsprop', loss: 'sparse_categorical_crossentropy' }),
  );
  const [history, stop] = [new LossHistory(), new StopAtMinimum()];
  const { epochs, verbose } = settings;
  const fitted = await fit(model, ...train, { epochs, batchSize: 128, verbose, callbacks: [history, stop] });
  console.log(
    `${history.losses.length} batches; the training ended after epoch ${(stop.stoppedAt ?? epochs) + 1}`,
  );
  return { batches: history.losses, stoppedAt: stop.stoppedAt, epochs: fitted.metrics.loss.length };
});
