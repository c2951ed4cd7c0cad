/** `model.stopTraining`, whenever it is set. */
import { compile, fit, kerasModelSequential, layerDense, pipe, type SequentialModel } from 'keras-pipe';

const engines = ['eager', 'compiled', 'auto'] as const;
const rows = (count: number): Float32Array => new Float32Array(count).fill(1);
const quiet = { verbose: 0, batchSize: 1 } as const;
const make = (): SequentialModel =>
  pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ loss: 'mse' }));

describe.each(engines)('stopTraining, %s', (engine) => {
  test('set right after the call, stops the fit before its first epoch', async () => {
    const model = make();
    const fitting = fit(model, rows(100), rows(100), { ...quiet, epochs: 5, engine });
    model.stopTraining = true;
    const history = await fitting;
    expect(history.metrics).toEqual({ loss: [] });
    expect(String(history)).toContain('epochs=0');
  });

  test('set while the data are prepared, stops the fit', async () => {
    const model = make();
    // Data that take long to look at: the fit lets others run before its first step.
    const many = 2_000_000;
    let isPreparing = true;
    setImmediate(() => (model.stopTraining = isPreparing));
    const history = await fit(model, Array.from(rows(many)), rows(many), {
      ...quiet,
      epochs: 5,
      engine,
      callbacks: { onTrainBegin: () => void (isPreparing = false) },
    });
    // The immediate ran before the fit began.
    expect([isPreparing, model.stopTraining]).toEqual([false, true]);
    expect(history.metrics).toEqual({ loss: [] });
  });

  test('of an earlier fit, or set before the call, does not count', async () => {
    const model = make();
    const callbacks = { onEpochEnd: () => void (model.stopTraining = true) };
    const stopped = await fit(model, rows(3), rows(3), { ...quiet, epochs: 5, engine, callbacks });
    expect(stopped.metrics.loss).toHaveLength(1);
    expect(model.stopTraining).toBe(true);
    const again = await fit(model, rows(3), rows(3), { ...quiet, epochs: 2, engine });
    expect(again.metrics.loss).toHaveLength(2);
    expect(model.stopTraining).toBe(false);
  });

  test('a call that is refused does not take it back', async () => {
    const model = make();
    const fitting = fit(model, rows(100), rows(100), { ...quiet, epochs: 500, engine });
    model.stopTraining = true;
    await expect(fit(model, rows(3), rows(3), quiet)).rejects.toThrow('only once at a time');
    expect((await fitting).metrics).toEqual({ loss: [] });
  });
});
