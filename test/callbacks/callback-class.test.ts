import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerDense,
  newCallbackClass,
  pipe,
  predict,
} from '../../src/index';

const model = () =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 1, inputShape: [1] }),
    compile({ optimizer: 'sgd', loss: 'mse' }),
  );

test('hooks are called with the callback, and stop training', async () => {
  const callbackStops = newCallbackClass({
    classname: 'Stops',
    initialize: ({ after }: { after: number }) => ({ after, seen: [] as string[] }),
    onTrainBegin() {
      this.seen.push(`begin of ${this.params.epochs}`);
    },
    async onEpochEnd(epoch, logs) {
      await Promise.resolve();
      this.seen.push(`epoch ${epoch} ${Object.keys(logs).join()}`);
      if (epoch + 1 === this.after) this.model.stopTraining = true;
    },
    onTestEnd() {
      this.seen.push('test');
    },
    onPredictEnd() {
      this.seen.push('predict');
    },
  });
  const own = callbackStops({ after: 2 });
  const built = model();
  const options = { verbose: 0, callbacks: own } as const;
  await fit(built, [[1]], [[2]], { ...options, epochs: 9 });
  await evaluate(built, [[1]], [[2]], options);
  await predict(built, [[1]], options);
  expect(own.seen).toEqual(['begin of 9', 'epoch 0 loss', 'epoch 1 loss', 'test', 'predict']);
  // Each has fields of its own.
  expect(callbackStops({ after: 2 }).seen).toEqual([]);
});

test('mistakes', () => {
  expect(() => newCallbackClass({ classname: 'None' })).toThrow(
    /newCallbackClass: there must be one hook at least/,
  );
  expect(() => newCallbackClass({ classname: 'Some', onEpochEnds: () => undefined } as never)).toThrow(
    /`onEpochEnds`/,
  );
  expect(() => newCallbackClass({ classname: 'Some', onEpochEnd: 5 } as never)).toThrow(
    /`onEpochEnd` must be a function/,
  );
});
