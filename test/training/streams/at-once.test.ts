/** How streams are trained on: several batches at once, and in little memory. */
import { compile, fit, kerasModelSequential, layerDense, pipe, tf, type Tensor } from 'keras-pipe';
import { prepareArrays } from '../../../src/training/arrays';
import { StreamReader } from '../../../src/training/streams/reader';
import { batchesOf, endless, makeModel, rows } from './support';

/** How many batches were taken at once, each time. */
const takenAtOnce = async (run: () => Promise<unknown>): Promise<number[]> => {
  const next = jest.spyOn(StreamReader.prototype, 'next');
  try {
    await run();
    const chunks = await Promise.all(
      next.mock.results.map(({ value }) => value as ReturnType<StreamReader['next']>),
    );
    // The first is looked at before the steps begin, and taken then.
    return [...new Set(chunks)].flatMap((chunk) => chunk?.steps ?? []);
  } finally {
    next.mockRestore();
  }
};

const options = { verbose: 0, epochs: 1, stepsPerEpoch: 400, engine: 'compiled' } as const;

test('compiled, batches of one shape are taken several at once', async () => {
  const taken = await takenAtOnce(() => fit(makeModel(), endless(), options));
  expect(taken.reduce((total, steps) => total + steps, 0)).toBe(400);
  expect(Math.max(...taken)).toBeGreaterThan(4);
});

test('batches of another shape are not among them', async () => {
  function* alternating(): Generator<[number[][], number[]], void> {
    for (let index = 0; ; index++) {
      const { x, y } = rows(0, 7 + (index % 2));
      yield [x, y];
    }
  }
  const taken = await takenAtOnce(() => fit(makeModel(), alternating(), { ...options, stepsPerEpoch: 40 }));
  expect(taken).toEqual(Array(40).fill(1));
});

test('batches of a slow source come once each, however often they are joined ahead', async () => {
  const model = makeModel();
  const batches = batchesOf(52, 8);
  async function* slow(): AsyncGenerator<[number[][], number[]], void> {
    for (const { x, y } of batches) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      yield [x, y];
    }
  }
  const argumentNames = { x: 'x', y: 'y', sampleWeight: 'sampleWeight' };
  const reader = new StreamReader({
    model,
    stream: slow,
    purpose: 'training',
    argument: 'x',
    argumentNames,
    batchSize: undefined,
    maxQueueSize: undefined,
    batchTimeout: undefined,
    outputs: () => [{ name: 'y', isOptional: false }],
    prepare: (item, tensors) => prepareArrays(model, item, tensors, argumentNames),
  });
  const seen: number[][] = [];
  const take = async (next: ReturnType<StreamReader['next']>): Promise<boolean> => {
    const chunk = await next;
    const [x] = chunk?.arrays.x ?? [];
    seen.push(...(((x as Tensor | undefined)?.arraySync() as number[][] | undefined) ?? [])); // made of arrays
    chunk?.dispose();
    return chunk !== undefined;
  };
  await reader.open(Infinity, 'step 1');
  await reader.begin(true);
  await take(reader.next(1, 'step 1'));
  reader.prefetch(8);
  await Promise.all([reader.joinAhead(2), reader.joinAhead(3)]);
  while (await take(reader.next(4, 'step')));
  expect(seen).toEqual(tf.tensor2d(batches.flatMap(({ x }) => x)).arraySync());
  await reader.close();
});

const MEGABYTE = 2 ** 20;

test.each(['compiled', 'eager'] as const)(
  'hundreds of megabytes pass through less than half of that, %s',
  async (engine) => {
    const [width, size] = [8192, 128];
    const steps = engine === 'compiled' ? 256 : 128;
    const model = pipe(
      kerasModelSequential({ inputShape: [width] }),
      layerDense({ units: 1 }),
      compile({ optimizer: 'sgd', loss: 'mse' }),
    );
    let least = Infinity;
    let most = 0;
    function* batches() {
      for (let step = 0; step < steps; step++) {
        const memory = process.memoryUsage().rss;
        // What is allocated once is not counted.
        if (step > steps / 4) [least, most] = [Math.min(least, memory), Math.max(most, memory)];
        const x = new Float32Array(size * width).fill(step / steps);
        yield [{ data: x, shape: [size, width] }, new Float32Array(size)] as const;
      }
    }
    await fit(model, batches(), { verbose: 0, epochs: 1, stepsPerEpoch: steps, engine });
    const passed = (4 * width * size * steps) / MEGABYTE;
    expect((most - least) / MEGABYTE).toBeLessThan(passed / 2);
    model.dispose();
  },
);
