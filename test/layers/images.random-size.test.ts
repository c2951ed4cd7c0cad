/** Images of random heights and widths in training: one by one, with the reason, which is the size; predictions are compiled. */
import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerConv2d,
  layerDense,
  layerGlobalAveragePooling2d,
  layerRandomHeight,
  layerRandomWidth,
  pipe,
  tf,
  timeDistributed,
  type LayerStep,
} from '../../src/index';
import { waves } from './support';

const [x, y] = [waves([12, 6, 5, 2], 0.3), tf.ones([12, 1])];

describe.each<[string, string, LayerStep]>([
  ['layerRandomHeight', 'random_height', layerRandomHeight({ factor: 0.5 })],
  ['layerRandomWidth', 'random_width', layerRandomWidth({ factor: 0.5 })],
])('%s', (_, name, step) => {
  const make = () =>
    pipe(
      kerasModelSequential({ inputShape: [6, 5, 2] }),
      step,
      layerConv2d({ filters: 2, kernelSize: 2, padding: 'same' }),
      layerGlobalAveragePooling2d(),
      layerDense({ units: 1 }),
      compile({ optimizer: 'sgd', loss: 'mse' }),
    );
  const reason = new RegExp(`the layer '${name}' draws another size for each batch`);

  test('trains one by one, and says why', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const model = make();
    const { params, metrics } = await fit(model, x, y, { epochs: 10, batchSize: 4, verbose: 0 });
    expect(params.engine).toBe('eager');
    expect(metrics.loss.at(-1)).toBeLessThan(metrics.loss[0] as number);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(String(warn.mock.calls[0])).toMatch(reason);
    warn.mockRestore();
    await expect(fit(model, x, y, { verbose: 0, engine: 'compiled' })).rejects.toThrow(reason);
  });

  test('is evaluated in one call of TensorFlow', async () => {
    const model = make();
    const options = { batchSize: 4, verbose: 0 } as const;
    const compiled = await evaluate(model, x, y, { ...options, engine: 'compiled' });
    const eager = await evaluate(model, x, y, { ...options, engine: 'eager' });
    expect(compiled.loss).toBeCloseTo(eager.loss, 6);
  });

  test('inside of another layer, too', async () => {
    const model = pipe(
      kerasModelSequential({ inputShape: [2, 6, 5, 2] }),
      timeDistributed(layerConv2d({ filters: 2, kernelSize: 1 })),
      timeDistributed(
        pipe(kerasModelSequential({ inputShape: [6, 5, 2] }), step, layerGlobalAveragePooling2d()),
      ),
      layerDense({ units: 1 }),
      compile({ optimizer: 'sgd', loss: 'mse' }),
    );
    const clips = tf.stack([x, x], 1);
    const labels = tf.ones([12, 2, 1]);
    await expect(fit(model, clips, labels, { verbose: 0, engine: 'compiled' })).rejects.toThrow(reason);
  });
});
