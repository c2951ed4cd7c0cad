import { configProto } from '../../src/native/config';
import { DTYPES } from '../../src/native/dtypes';
import { NativeMemory, openRuntime, TensorflowError } from '../../src/native/index';
import { graphOf, attr, libraryFolder, productGraph } from './support';

const runtime = openRuntime(libraryFolder());
const { binding } = runtime;
afterAll(runtime.close);

const PRODUCT = { feeds: ['x', 'y'], fetches: ['product'] };
const matrix = (values: readonly number[]) => ({
  shape: [2, 2],
  dtype: DTYPES.float,
  values: Float32Array.from(values),
});
const [X, Y, XY] = [[1, 2, 3, 4], [5, 6, 7, 8], Float32Array.from([19, 22, 43, 50])];

describe('a graph from memory', () => {
  const session = runtime.createSession(productGraph());
  afterAll(() => session.close());

  test('is fed values and tensors, and gives both', () => {
    const run = session.prepare(PRODUCT);
    expect(run.read([matrix(X), matrix(Y)])).toEqual([{ shape: [2, 2], dtype: DTYPES.float, values: XY }]);
    const before = binding.getNumOfTensors();
    const x = binding.createTensor([2, 2], DTYPES.float, Float32Array.from(X));
    const [product] = run.run([x, matrix(Y)]);
    expect(product).toMatchObject({ shape: [2, 2], dtype: DTYPES.float });
    expect(binding.tensorDataSync(product?.id ?? -1)).toEqual(XY);
    for (const id of [x, product?.id ?? -1]) binding.deleteTensor(id);
    expect(binding.getNumOfTensors()).toBe(before);
  });

  test('runs operations without outputs, and keeps its variables', () => {
    session.prepare({ feeds: ['x'], fetches: [], targets: ['assign'] }).run([matrix(X)]);
    const value = session.prepare({ feeds: [], fetches: ['value'] });
    expect(value.read([])[0]?.values).toEqual(Float32Array.from(X));
    expect(() => session.prepare({ feeds: [], fetches: ['assign'] })).toThrow(/assign can be a target/);
  });

  test('says what is wrong with a run', () => {
    const run = session.prepare(PRODUCT);
    expect(() => run.run([matrix(X)])).toThrow(/is fed 2 tensors, not 1/);
    expect(() => run.run([987654, matrix(Y)])).toThrow(/not referenced/);
    const wrong = { shape: [3, 1], dtype: DTYPES.float, values: new Float32Array(3) };
    let failure: unknown;
    try {
      run.run([matrix(X), wrong]);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(TensorflowError);
    expect(failure).toMatchObject({ code: 3, node: 'product' });
    expect((failure as TensorflowError).reason).toMatch(/Matrix size-incompatible/);
    expect(() => session.prepare({ feeds: ['z'], fetches: [] })).toThrow(/no operation z/);
  });
});

describe('on a thread of its own', () => {
  /** Ten products of large matrices, one after the other. */
  const slowGraph = (): Uint8Array => {
    const links = Array.from({ length: 10 }, (_, index) => ({
      name: `m${index + 1}`,
      op: 'MatMul',
      inputs: [`m${index}`, 'x'],
      attributes: { T: attr.type(DTYPES.float) },
    }));
    const placeholder = (name: string) => ({
      name,
      op: 'Placeholder',
      attributes: { dtype: attr.type(DTYPES.float) },
    });
    return graphOf([placeholder('x'), placeholder('m0'), ...links]);
  };
  const SIZE = 512;
  const large = {
    shape: [SIZE, SIZE],
    dtype: DTYPES.float,
    values: new Float32Array(SIZE ** 2).fill(1 / SIZE),
  };

  test('a run leaves the event loop free, and several may be under way', async () => {
    const session = runtime.createSession(slowGraph(), { interOpThreads: -1 });
    const run = session.prepare({ feeds: ['x', 'm0'], fetches: ['m10'] });
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const results = await Promise.all([1, 2, 3].map(() => run.readOnThread([large, large])));
    clearInterval(timer);
    for (const [result] of results) expect((result?.values as Float32Array)[5]).toBeCloseTo(1 / SIZE, 6);
    expect(turns).toBeGreaterThan(3);
    session.close();
  });

  test('who cannot wait for a turn of the event loop waits for a run itself, and the promise gives the same', async () => {
    const session = runtime.createSession(slowGraph(), { interOpThreads: -1 });
    const run = session.prepare({ feeds: ['x', 'm0'], fetches: ['m10', 'm1'] });
    const before = binding.getNumOfTensors();
    for (let round = 0; round < 3; round++) {
      const pending = [1, 2].map(() => run.startReading([large, large]));
      let turns = 0;
      setImmediate(() => turns++);
      const [results, others] = pending.map((one) => one.wait());
      expect(turns).toBe(0);
      for (const result of [results?.[0], others?.[0]])
        expect((result?.values as Float32Array)[5]).toBeCloseTo(1 / SIZE, 6);
      expect(await Promise.all(pending.map(({ promise }) => promise))).toEqual([results, others]);
      expect(pending.map((one) => one.wait())).toEqual([results, others]);
    }
    expect(binding.getNumOfTensors()).toBe(before);
    session.close();
  });

  test('who waits for a run that fails gets its error, each time anew', async () => {
    const session = runtime.createSession(productGraph());
    const run = session.prepare(PRODUCT);
    const wrong = { shape: [3, 1], dtype: DTYPES.float, values: new Float32Array(3) };
    for (let round = 0; round < 3; round++) {
      const pending = run.startReading([matrix(X), wrong]);
      expect(() => pending.wait()).toThrow(/Matrix size-incompatible/);
      await expect(pending.promise).rejects.toThrow(/Matrix size-incompatible/);
      expect(run.startReading([matrix(X), matrix(Y)]).wait()[0]?.values).toEqual(XY);
    }
    const silent = session.prepare({ feeds: ['x'], fetches: [], targets: ['assign'] });
    const pending = silent.startReading([matrix(X)]);
    expect(() => pending.wait()).toThrow('fetches nothing');
    await pending.promise;
    session.close();
  });

  test('an error of a run rejects', async () => {
    const session = runtime.createSession(productGraph());
    const wrong = { shape: [3, 1], dtype: DTYPES.float, values: new Float32Array(3) };
    await expect(session.prepare(PRODUCT).start([matrix(X), wrong]).promise).rejects.toThrow(
      /Matrix size-incompatible/,
    );
    session.close();
  });

  test('a session that is closed meanwhile ends its runs first', async () => {
    const session = runtime.createSession(slowGraph());
    const run = session.prepare({ feeds: ['x', 'm0'], fetches: ['m10'] });
    const pending = run.readOnThread([large, large]);
    session.close();
    await pending.catch((error: unknown) => expect(error).toBeInstanceOf(TensorflowError));
    expect(() => run.read([large, large])).toThrow('the session is closed');
    expect(() => session.prepare(PRODUCT)).toThrow('the session is closed');
    session.close();
  });
});

test('a graph that TensorFlow does not take is its error', () => {
  expect(() => runtime.createSession(Uint8Array.from([1, 2, 3]))).toThrow(TensorflowError);
  expect(() => runtime.createSession(graphOf([{ name: 'x', op: 'NoSuchOperation' }]))).toThrow(
    /NoSuchOperation/,
  );
  expect(() => runtime.createSession({ folder: '/nowhere', tags: ['serve'] })).toThrow(TensorflowError);
});

describe('on another thread', () => {
  const createSessionOnThread: typeof binding.createSessionOnThread = (source, config) =>
    binding.createSessionOnThread(source, config);

  test('a graph is loaded, and runs', async () => {
    const before = binding.getNumOfSessions();
    const sessions = await Promise.all([
      createSessionOnThread(productGraph()),
      createSessionOnThread({ definition: productGraph(), functions: [] }, { interOpThreads: -1 }),
    ]);
    expect(binding.getNumOfSessions()).toBe(before + 2);
    for (const session of sessions) {
      expect(session.prepare(PRODUCT).read([matrix(X), matrix(Y)])[0]?.values).toEqual(XY);
      session.close();
    }
    expect(binding.getNumOfSessions()).toBe(before);
  });

  test('one that TensorFlow does not take is its error', async () => {
    const unknown = graphOf([{ name: 'x', op: 'NoSuchOperation' }]);
    await expect(createSessionOnThread(Uint8Array.from([1, 2, 3]))).rejects.toThrow(TensorflowError);
    await expect(createSessionOnThread(unknown)).rejects.toThrow(/NoSuchOperation/);
  });
});

test('a runtime that closes closes its sessions', () => {
  const other = openRuntime(libraryFolder());
  const [session, another] = [other.createSession(productGraph()), other.createSession(productGraph())];
  expect(other.binding.getNumOfSessions()).toBe(2);
  session.close();
  expect(other.binding.getNumOfSessions()).toBe(1);
  const run = another.prepare(PRODUCT);
  other.close();
  expect(other.binding.getNumOfSessions()).toBe(0);
  expect(() => run.read([matrix(X), matrix(Y)])).toThrow('the session is closed');
});

test('who watches a session is told what it takes, and when it is closed by hand', () => {
  const session = runtime.createSession(productGraph());
  const memory = new NativeMemory<{ close(): void }>({ free: (held) => held.close() });
  session.watch(memory, 1000);
  session.watch(memory, 1000); // is watched already
  expect(memory.bytes).toBe(1000);
  session.close();
  session.watch(memory, 1000); // is closed
  expect(memory.bytes).toBe(0);
});

test('a configuration is a ConfigProto', () => {
  expect([...configProto({})]).toEqual([]);
  expect([...configProto({ interOpThreads: 300, pool: 'ab' })]).toEqual([
    0x28, 0xac, 2, 0x62, 4, 0x12, 2, 97, 98,
  ]);
  expect([...configProto({ interOpThreads: -1 })]).toEqual([0x28, ...Array<number>(9).fill(0xff), 1]);
  expect([...configProto({ compileWithXla: true })]).toEqual([0x52, 4, 0x1a, 2, 0x28, 1]);
});
