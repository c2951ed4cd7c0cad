import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import {
  fit,
  getWeights,
  KerasArgumentError,
  KerasNativeError,
  KerasStateError,
  learningRateScheduleExponentialDecay,
  optimizerSgd,
  setRandomSeed,
  type FitOptions,
  type KerasModel,
} from '../../src/index';
import { command, Visitor } from '../live/support/visitor';
import { tensorCount } from '../support/tensors';
import { data, joined, ROWS, slow, small, watched } from './support/watched-fit';

describe.each(['eager', 'compiled'] as const)('a fit that runs %s', (engine) => {
  test('is told to its page: curves, progress, learning rate, norms', async () => {
    const model = small();
    const { visitor, fitted } = await watched(model, {
      ...slow,
      engine,
      epochs: 12,
      validationSplit: 0.25,
    });
    const history = await fitted;
    await visitor.untilOver();
    const seen = joined(visitor.messages);
    expect(seen).toMatchObject({
      phase: 'done',
      facts: { model: model.name, epochs: 12, initialEpoch: 0, steps: 15, batchSize: 32 },
      position: { epoch: 12, step: 15, learningRate: 0.01, fixedRate: null },
    });
    expect(seen?.epochs.map(({ epoch }) => epoch)).toEqual(
      Array.from({ length: 12 }, (_, index) => index + 1),
    );
    for (const [name, values] of Object.entries(history.metrics))
      expect(seen?.epochs.map((point) => point.values[name])).toEqual(values);
    expect(Object.keys(seen?.epochs[0]?.values ?? {})).toEqual(['loss', 'mae', 'val_loss', 'val_mae']);
    expect(seen?.steps.length).toBeGreaterThan(0);
    expect(Object.keys(seen?.steps[0]?.values ?? {})).toEqual(['loss', 'mae']);
    expect(seen?.layers?.rows.map(({ name, type, parameters }) => [name, type, parameters])).toEqual([
      ['dense', 'Dense', 16],
      ['dense_1', 'Dense', 5],
    ]);
  });

  test('learns the same numbers as without', async () => {
    const { x, y } = data();
    const options = { epochs: 3, batchSize: 32, verbose: 0, engine } as const;
    setRandomSeed(5);
    const alone = small();
    const { metrics } = await fit(alone, x, y, options);
    setRandomSeed(5);
    const model = small();
    const { fitted } = await watched(model, options);
    expect((await fitted).metrics).toEqual(metrics);
    const values = (one: KerasModel): number[][] => getWeights(one).map((weight) => [...weight.dataSync()]);
    expect(values(model)).toEqual(values(alone));
  });

  test('is held by a pause, without blocking, and goes on', async () => {
    const { address, visitor, fitted } = await watched(small(), { ...slow, engine, epochs: 30 });
    await visitor.until((_, all) => (joined(all)?.epochs.length ?? 0) >= 2);
    await command(address, { command: 'pause' });
    await visitor.until(({ phase }) => phase === 'paused');
    const before = joined(visitor.messages);
    // Timers run, and the page is answered.
    let turns = 0;
    const timer = setInterval(() => turns++, 5);
    await wait(400);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(20);
    const late = new Visitor(address);
    const during = await late.until(() => true);
    expect(during.phase).toBe('paused');
    expect(during.epochs.length).toBe(before?.epochs.length);
    expect(during.position?.step).toBe(before?.position?.step);
    await command(address, { command: 'resume' });
    await visitor.until(({ phase }) => phase === 'running');
    const history = await fitted;
    expect(history.metrics.loss).toHaveLength(30);
    await visitor.untilOver();
    const after = joined(visitor.messages);
    expect(after?.phase).toBe('done');
    // The pause is no time of work.
    const total = (after?.position?.elapsed ?? NaN) - (before?.position?.elapsed ?? NaN);
    expect(total).toBeGreaterThan(0);
  });

  test('is stopped, with the history so far', async () => {
    let ended = 0;
    const model = small();
    const { address, visitor, fitted } = await watched(model, {
      engine,
      epochs: 100_000,
      callbacks: [{ onEpochEnd: () => wait(5) }, { onTrainEnd: () => void (ended += 1) }],
    });
    await visitor.until((_, all) => (joined(all)?.epochs.length ?? 0) >= 3);
    await command(address, { command: 'stop' });
    const history = await fitted;
    expect(history.metrics.loss.length).toBeGreaterThanOrEqual(3);
    expect(history.metrics.loss.length).toBeLessThan(100_000);
    expect(history.metrics['mae']).toHaveLength(history.metrics.loss.length);
    expect(ended).toBe(1);
    await visitor.untilOver();
    const seen = joined(visitor.messages);
    expect(seen?.phase).toBe('stopped');
    expect(seen?.epochs).toHaveLength(history.metrics.loss.length);
    // And can be fitted again.
    const { x, y } = data();
    expect((await fit(model, x, y, { epochs: 2, verbose: 0 })).metrics.loss).toHaveLength(2);
  });

  test('learns more slowly from then on', async () => {
    const model = small();
    const rates: number[] = [];
    const { address, visitor, fitted } = await watched(model, {
      engine,
      epochs: 40,
      callbacks: [{ onEpochEnd: () => wait(20) }],
    });
    await visitor.until((_, all) => (joined(all)?.epochs.length ?? 0) >= 2);
    expect((await command(address, { command: 'lowerLearningRate', factor: 0.5 })).status).toBe(204);
    rates.push(
      Number(
        (await visitor.until(({ position }) => position?.learningRate === 0.005)).position?.learningRate,
      ),
    );
    expect((await command(address, { command: 'lowerLearningRate', factor: 0.1 })).status).toBe(204);
    await visitor.until(({ position }) => position?.learningRate === 0.0005);
    await command(address, { command: 'stop' });
    await fitted;
    expect(rates).toEqual([0.005]);
  });
});

test('a stop ends a pause, and so does the program itself', async () => {
  const first = await watched(small(), { ...slow, epochs: 1000 });
  await command(first.address, { command: 'pause' });
  await first.visitor.until(({ phase }) => phase === 'paused');
  await command(first.address, { command: 'stop' });
  expect((await first.fitted).metrics.loss.length).toBeLessThan(1000);

  const model = small();
  const second = await watched(model, { ...slow, epochs: 1000 });
  await command(second.address, { command: 'pause' });
  await second.visitor.until(({ phase }) => phase === 'paused');
  model.stopTraining = true;
  expect((await second.fitted).metrics.loss.length).toBeLessThan(1000);

  const gone = small();
  const third = await watched(gone, { ...slow, epochs: 1000 });
  await command(third.address, { command: 'pause' });
  await third.visitor.until(({ phase }) => phase === 'paused');
  gone.dispose();
  await expect(third.fitted).rejects.toThrow('a model must not be disposed before fit() is done');
  await third.visitor.untilOver();
  expect(third.visitor.messages.at(-1)).toMatchObject({
    phase: 'failed',
    reason: expect.stringContaining('must not be disposed'),
  });
});

test('a pause or a stop before the first step is one', async () => {
  const { address, visitor, fitted } = await watched(small(), {
    epochs: 3,
    callbacks: { onTrainBegin: () => wait(300) },
  });
  await command(address, { command: 'pause' });
  expect((await visitor.until(({ phase }) => phase === 'paused')).position).toMatchObject({
    epoch: 1,
    step: 0,
  });
  await command(address, { command: 'resume' });
  expect((await fitted).metrics.loss).toHaveLength(3);

  const stopped = await watched(small(), { epochs: 3, callbacks: { onTrainBegin: () => wait(300) } });
  await command(stopped.address, { command: 'stop' });
  expect((await stopped.fitted).metrics.loss).toEqual([]);
});

test('where a schedule gives the learning rate, it says so and keeps it', async () => {
  const learningRate = learningRateScheduleExponentialDecay({
    initialLearningRate: 0.1,
    decaySteps: 100,
    decayRate: 0.5,
  });
  const { address, visitor, fitted } = await watched(small(optimizerSgd({ learningRate })), {
    ...slow,
    epochs: 20,
  });
  const { position } = await visitor.until((one) => one.position !== null);
  expect(position?.fixedRate).toBe('A schedule gives the learning rate.');
  const { status, body } = await command(address, { command: 'lowerLearningRate', factor: 0.5 });
  expect([status, body]).toEqual([409, expect.stringContaining('must not be set where a schedule gives it')]);
  await command(address, { command: 'stop' });
  await fitted;
});

test('a fit that fails tells its page why, and throws as ever', async () => {
  const model = small(optimizerSgd({ learningRate: 1e30 }));
  const { visitor, fitted } = await watched(model, { epochs: 50, checkNumerics: true });
  await expect(fitted).rejects.toThrow(KerasNativeError);
  await visitor.untilOver();
  expect(visitor.messages.at(-1)).toMatchObject({ phase: 'failed', reason: expect.stringMatching(/^fit: /) });
});

test('a loss that is NaN is one on the page', async () => {
  const model = small(optimizerSgd({ learningRate: 1e30 }));
  const { visitor, fitted } = await watched(model, { ...slow, epochs: 3 });
  const { metrics } = await fitted;
  expect(metrics.loss.at(-1)).toBeNaN();
  await visitor.untilOver();
  const seen = joined(visitor.messages);
  expect(seen?.epochs.at(-1)?.values['loss']).toBe('NaN');
  expect(seen?.layers?.rows[0]?.norm).toBe('NaN');
});

test('of a stream whose end nobody knows, steps are told until the first epoch has ended', async () => {
  function* batches() {
    const { x, y } = data();
    for (let row = 0; row < ROWS; row += 32) yield [x.slice(row, row + 32), y.slice(row, row + 32)] as const;
  }
  let address = '';
  const fitted = fit(small(), () => batches(), {
    epochs: 1,
    verbose: 0,
    callbacks: { onTrainBegin: () => wait(100), onTrainBatchEnd: () => wait(15) },
    view: { open: false, onAddress: (one) => void (address = one) },
  });
  while (address === '') await wait(1);
  const visitor = new Visitor(address);
  const { facts } = await visitor.until((one) => one.steps.length > 0);
  expect(facts?.steps).toBeNull();
  await fitted;
  await visitor.untilOver();
  const seen = joined(visitor.messages);
  expect(seen?.facts?.steps).toBe(20);
  expect(seen?.steps.every(({ step, total }) => step === total)).toBe(true);
});

test('who leaves changes nothing', async () => {
  const { visitor, fitted } = await watched(small(), { ...slow, epochs: 10 });
  await visitor.until(() => true);
  visitor.leave();
  expect((await fitted).metrics.loss).toHaveLength(10);
});

test('two fits at once have a page each; one after the other may have the same port', async () => {
  const [a, b] = await Promise.all([
    watched(small(), { ...slow, epochs: 5 }),
    watched(small(), { ...slow, epochs: 6 }),
  ]);
  expect(a.address).not.toBe(b.address);
  await Promise.all([a.fitted, b.fitted]);
  const { x, y } = data();
  const port = Number(new URL(a.address).port);
  for (let run = 0; run < 3; run++) {
    const history = await fit(small(), x, y, {
      epochs: 1,
      verbose: 0,
      view: { open: false, port, onAddress: () => undefined },
    });
    expect(history.metrics.loss).toHaveLength(1);
  }
});

test('a port that is taken is an error before the first step, and leaves the model as it was', async () => {
  const taken = createServer();
  taken.listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const { x, y } = data();
  const model = small();
  const before = getWeights(model).map((weight) => [...weight.dataSync()]);
  const refused = fit(model, x, y, { verbose: 0, view: { open: false, port } });
  await expect(refused).rejects.toThrow(KerasStateError);
  await expect(refused).rejects.toThrow(
    new RegExp(`^fit: the port ${port} on 127\\.0\\.0\\.1 must be free.*Choose another one`),
  );
  expect(getWeights(model).map((weight) => [...weight.dataSync()])).toEqual(before);
  taken.close();
  expect((await fit(model, x, y, { epochs: 1, verbose: 0 })).metrics.loss).toHaveLength(1);
});

test.each([
  ['no truth value', 'yes', "`view` must be true, false, or options of the page. Received: 'yes'"],
  ['an option that is none', { opne: true }, 'Received: the unknown option `opne`'],
  ['a port that is none', { port: 70_000 }, '`port` must be a port: an integer from 1 to 65535'],
  ['a port that is a text', { port: '8080' }, '`port` must be a port'],
  ['no function', { onAddress: 'console.log' }, '`onAddress` must be a function of the address'],
])('is refused: %s', async (_, view, message) => {
  const refused = fit(small(), [[1, 2, 3]], [1], { view } as unknown as FitOptions);
  await expect(refused).rejects.toThrow(KerasArgumentError);
  await expect(refused).rejects.toThrow(message);
});

test('nothing of TensorFlow’s is left behind', async () => {
  const { x, y } = data();
  const model = small();
  const view = { open: false, onAddress: () => undefined };
  const options = { epochs: 3, batchSize: 64, verbose: 0, view, ...slow } as const;
  await fit(model, x, y, options);
  const before = tensorCount();
  await fit(model, x, y, options);
  expect(tensorCount()).toBe(before);
});
