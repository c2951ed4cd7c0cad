/** Slots of many megabytes begin where they are needed: in the graph. */
import {
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  layerEmbedding,
  layerFlatten,
  optimizerAdagrad,
  optimizerAdam,
  optimizerSgd,
  pipe,
  tf,
  type Engine,
  type Optimizer,
  type SequentialModel,
} from 'keras-pipe';
import { NativeMemory } from '../../src/native/memory';
import { binding } from '../../src/tfjs/binding';

const ROWS = 2 ** 21;
const make = (optimizer: Optimizer): SequentialModel =>
  pipe(
    kerasModelSequential(),
    layerEmbedding({ inputDim: ROWS, outputDim: 1, inputLength: 2, embeddingsInitializer: 'ones' }),
    layerFlatten(),
    layerDense({ units: 1, kernelInitializer: 'ones' }),
    compile({ optimizer, loss: 'mse' }),
  );

const x = Array.from({ length: 12 }, (_, row) => [row, (7 * row) % 12]);
const y = x.map(([first = 0]) => first / 10);

/** What a fit, another after it, and the optimizer's state come to. */
const trained = async (optimizer: Optimizer, engine: Engine): Promise<unknown[]> => {
  const model = make(optimizer);
  const options = { engine, verbose: 0, batchSize: 4, shuffle: false } as const;
  const losses: number[] = [];
  for (const epochs of [2, 1]) {
    const { metrics } = await fit(model, x, y, { ...options, epochs });
    losses.push(...metrics.loss);
  }
  const state = optimizer.getWeights();
  const sums = state.map((tensor) =>
    tf.tidy(() => tf.sum(tf.abs(tf.cast(tensor, 'float32'))).dataSync()[0] ?? NaN),
  );
  tf.dispose(state);
  model.dispose();
  return [...losses, ...sums];
};

test.each<[string, () => Optimizer]>([
  ['Adam', () => optimizerAdam({ learningRate: 0.01 })],
  ['Adagrad, whose slots begin with another number', () => optimizerAdagrad({ learningRate: 0.1 })],
  ['SGD with momentum', () => optimizerSgd({ learningRate: 0.1, momentum: 0.9 })],
  ['with averages, which begin with the weights', () => optimizerAdam({ learningRate: 0.01, useEma: true })],
])('%s comes to the same as one operation after the other', async (_, optimizer) => {
  const compiled = await trained(optimizer(), 'compiled');
  const eager = await trained(optimizer(), 'eager');
  expect(compiled).toHaveLength(eager.length);
  compiled.forEach((value, index) => expect(value).toBeCloseTo(eager[index] as number, 3));
});

test('a first fit fills none of them in the program’s thread', async () => {
  const model = make(optimizerAdam());
  const execute = jest.spyOn(binding(), 'executeOp');
  await fit(model, x, y, { engine: 'compiled', verbose: 0, batchSize: 4, epochs: 1 });
  const large = execute.mock.results.flatMap(({ value }, index) => {
    const made = (value as readonly { readonly shape: readonly number[] }[]).some(
      ({ shape }) => shape[0] === ROWS,
    );
    return made ? [execute.mock.calls[index]?.[0]] : [];
  });
  expect(large).not.toContain('Fill');
  execute.mockRestore();
  model.dispose();
});

test('weights that come back free those of before: nothing is collected for them', async () => {
  const model = make(optimizerSgd());
  await fit(model, x, y, { engine: 'compiled', verbose: 0, batchSize: 4, epochs: 1 });
  const replacing = jest.spyOn(NativeMemory.prototype, 'replacing');
  const ask = jest.spyOn(
    NativeMemory.prototype as unknown as { collectIfWorthIt(): void },
    'collectIfWorthIt',
  );
  tf.dispose(model.tf.getWeights()[0]?.clone() ?? []);
  expect(replacing).toHaveBeenCalledTimes(1);
  // At the end of all, and not for each.
  expect(ask).toHaveBeenCalledTimes(1);
  jest.restoreAllMocks();
  model.dispose();
});
