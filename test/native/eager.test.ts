import { atOnce } from '../../src/base/steps';
import { ATTRIBUTES } from '../../src/native/attributes';
import { DTYPES, type NumberArray } from '../../src/native/dtypes';
import { Freeing } from '../../src/native/freeing';
import { openRuntime, TensorflowError } from '../../src/native/index';
import { libraryFolder } from './support';

const { binding, context, library, close } = openRuntime(libraryFolder());
afterAll(close);

const FLOAT = { name: 'T', type: ATTRIBUTES.type, value: DTYPES.float };
const floats = (values: readonly number[], shape: readonly number[] = [values.length]): number =>
  binding.createTensor(shape, DTYPES.float, Float32Array.from(values));
const textOf = (bytes: unknown): string => Buffer.from(bytes as Uint8Array).toString();

/** Frees what a test has made, and sees that the test itself forgot nothing. */
let before = 0;
beforeEach(() => {
  before = binding.getNumOfTensors();
});

describe('tensors of every type come back as they went in', () => {
  const cases: [string, number, NumberArray][] = [
    ['float', DTYPES.float, Float32Array.from([1.5, -2, NaN, Infinity])],
    ['double', DTYPES.double, Float64Array.from([Math.PI, -1e300])],
    ['int32', DTYPES.int32, Int32Array.from([-(2 ** 31), 2 ** 31 - 1])],
    ['uint8', DTYPES.uint8, Uint8Array.from([0, 255])],
    ['int8', DTYPES.int8, Int8Array.from([-128, 127])],
    ['int16', DTYPES.int16, Int16Array.from([-32768, 32767])],
    ['int64', DTYPES.int64, BigInt64Array.from([-(2n ** 63n), 2n ** 62n])],
    ['bool', DTYPES.bool, Uint8Array.from([1, 0])],
  ];
  test.each(cases)('%s', (_, dtype, values) => {
    const id = binding.createTensor([values.length, 1], dtype, values);
    expect(binding.tensorDataSync(id)).toEqual(values);
    binding.deleteTensor(id);
    expect(binding.getNumOfTensors()).toBe(before);
  });

  test('more than what goes through the small array', () => {
    const values = Float32Array.from({ length: 10_000 }, (_, index) => index);
    const id = binding.createTensor([100, 100], DTYPES.float, values);
    expect(binding.tensorDataSync(id)).toEqual(values);
    binding.deleteTensor(id);
  });

  test('none, and one without dimensions', () => {
    const none = binding.createTensor([0, 3], DTYPES.float, new Float32Array(0));
    const one = binding.createTensor([], DTYPES.float, Float32Array.of(7));
    expect(binding.tensorDataSync(none)).toEqual(new Float32Array(0));
    expect(binding.tensorDataSync(one)).toEqual(Float32Array.of(7));
    for (const id of [none, one]) binding.deleteTensor(id);
  });

  test('values that come piece by piece, of any length', () => {
    const values = Float32Array.from({ length: 1000 }, (_, index) => index / 3);
    const steps = binding.createFilledTensorInSteps([10, 100], DTYPES.float, function* (take) {
      take(values.subarray(0, 1));
      take(values.subarray(1, 1));
      yield;
      take(values.subarray(1, 901));
      take(values.subarray(901));
    });
    expect(steps.next().done).toBe(false);
    const id = atOnce(steps);
    expect(binding.tensorDataSync(id)).toEqual(values);
    binding.deleteTensor(id);
  });

  test('zeros that are made when they are first used, if they are', () => {
    const [numbers, truths, unused] = [
      binding.reserveTensor([2, 3], DTYPES.float),
      binding.reserveTensor([2], DTYPES.bool),
      binding.reserveTensor([1_000_000, 1_000_000], DTYPES.float),
    ];
    expect(binding.getNumOfTensors()).toBe(before + 3);
    const [sum] = binding.executeOp('AddV2', [FLOAT], [numbers, numbers], 1);
    expect([sum?.shape, sum?.dtype]).toEqual([[2, 3], DTYPES.float]);
    expect([...binding.tensorDataSync(sum?.id ?? -1)]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...binding.tensorDataSync(truths)]).toEqual([0, 0]);
    for (const id of [numbers, truths, unused, sum?.id ?? -1]) binding.deleteTensor(id);
    expect(binding.getNumOfTensors()).toBe(before);
    for (const id of [numbers, unused]) {
      expect(() => binding.tensorDataSync(id)).toThrow('Get data called on a Tensor not referenced');
      expect(() => binding.deleteTensor(id)).toThrow('Delete called on a Tensor not referenced');
    }
  });

  test('more or fewer of them, others, and a fault on the way leave nothing behind', () => {
    const stepsOf = (pieces: readonly NumberArray[]) =>
      binding.createFilledTensorInSteps([3], DTYPES.float, function* (take) {
        for (const piece of pieces) {
          take(piece);
          yield;
        }
      });
    const filled = (pieces: readonly NumberArray[]): number => atOnce(stepsOf(pieces));
    expect(() => filled([new Float32Array(2)])).toThrow('num_elements=3, array_length=2');
    expect(() => filled([new Float32Array(2), new Float32Array(2)])).toThrow('array_length=4');
    expect(() => filled([new Int32Array(3)])).toThrow('Tensor type does not match Int32Array');
    const failing = function* (): Generator<undefined, void> {
      yield;
      throw new Error('no numbers');
    };
    expect(() => atOnce(binding.createFilledTensorInSteps([3], DTYPES.float, failing))).toThrow('no numbers');
    const free = jest.spyOn(context.tensors, 'free');
    const given = stepsOf([new Float32Array(3)]);
    given.next();
    given.return(0);
    expect(free).toHaveBeenCalledTimes(1);
    free.mockRestore();
    expect(binding.getNumOfTensors()).toBe(before);
  });

  test('64-bit integers as pairs of 32-bit ones, as tfjs writes them', () => {
    const id = binding.createTensor([2], DTYPES.int64, Int32Array.from([5, 0, -1, -1]));
    expect(binding.tensorDataSync(id)).toEqual(BigInt64Array.from([5n, -1n]));
    binding.deleteTensor(id);
  });

  test('complex numbers', () => {
    const [real, imaginary] = [floats([1, 2]), floats([3, 4])];
    const attributes = [FLOAT, { name: 'Tout', type: ATTRIBUTES.type, value: DTYPES.complex64 }];
    const [complex] = binding.executeOp('Complex', attributes, [real, imaginary], 1);
    expect(complex).toMatchObject({ shape: [2], dtype: DTYPES.complex64 });
    expect(binding.tensorDataSync(complex?.id ?? -1)).toEqual(Float32Array.from([1, 3, 2, 4]));
    for (const id of [real, imaginary, complex?.id ?? -1]) binding.deleteTensor(id);
  });

  test('strings: empty, short, long, not ASCII', () => {
    const texts = ['', 'short', 'long '.repeat(50), 'Größe 学习'];
    const bytes = texts.map((text) => new TextEncoder().encode(text));
    const id = binding.createTensor([2, 2], DTYPES.string, bytes);
    expect(binding.getNumOfTensors()).toBe(before + 1);
    expect([...binding.tensorDataSync(id)].map(textOf)).toEqual(texts);
    const joined = binding.executeOp(
      'StringJoin',
      [{ name: 'N', type: ATTRIBUTES.int, value: 2 }],
      [id, id],
      1,
    );
    binding.deleteTensor(id);
    expect([...binding.tensorDataSync(joined[0]?.id ?? -1)].map(textOf)).toEqual(
      texts.map((text) => text + text),
    );
    binding.deleteTensor(joined[0]?.id ?? -1);
  });

  test('a resource, as the bytes of its handle', () => {
    const attributes = [
      { name: 'dtype', type: ATTRIBUTES.type, value: DTYPES.float },
      { name: 'shape', type: ATTRIBUTES.shape, value: [2] },
      { name: 'shared_name', type: ATTRIBUTES.string, value: 'a variable' },
      { name: 'container', type: ATTRIBUTES.string, value: '' },
    ];
    const [resource] = binding.executeOp('VarHandleOp', attributes, [], 1);
    expect(resource?.dtype).toBe(DTYPES.resource);
    expect(binding.tensorDataSync(resource?.id ?? -1).length).toBeGreaterThan(0);
    binding.deleteTensor(resource?.id ?? -1);
  });
});

describe('operations', () => {
  test('a product, with its shape and type', () => {
    const a = floats([1, 2, 3, 4], [2, 2]);
    const attributes = [
      { name: 'transpose_a', type: ATTRIBUTES.bool, value: false },
      { name: 'transpose_b', type: ATTRIBUTES.bool, value: true },
      FLOAT,
    ];
    const [product] = binding.executeOp('MatMul', attributes, [a, a], 1);
    expect(product).toMatchObject({ shape: [2, 2], dtype: DTYPES.float });
    expect(binding.tensorDataSync(product?.id ?? -1)).toEqual(Float32Array.from([5, 11, 11, 25]));
    for (const id of [a, product?.id ?? -1]) binding.deleteTensor(id);
  });

  test('several outputs, and none', () => {
    const a = floats([1, 2, 3, 4], [2, 2]);
    const attributes = [{ name: 'num', type: ATTRIBUTES.int, value: 2 }, FLOAT];
    const rows = binding.executeOp('Unpack', attributes, [a], 2);
    expect(rows.map(({ id }) => [...(binding.tensorDataSync(id) as Float32Array)])).toEqual([
      [1, 2],
      [3, 4],
    ]);
    for (const { id } of rows) binding.deleteTensor(id);
    expect(binding.executeOp('NoOp', [], [], 0)).toEqual([]);
    binding.deleteTensor(a);
  });

  test('lists of numbers, of texts, of types and of shapes', () => {
    const image = floats([1, 2, 3, 4], [1, 2, 2, 1]);
    const pool = [
      FLOAT,
      { name: 'ksize', type: ATTRIBUTES.int, value: [1, 2, 2, 1] },
      { name: 'strides', type: ATTRIBUTES.int, value: [1, 2, 2, 1] },
      { name: 'padding', type: ATTRIBUTES.string, value: 'VALID' },
    ];
    const [most] = binding.executeOp('MaxPool', pool, [image], 1);
    expect(binding.tensorDataSync(most?.id ?? -1)).toEqual(Float32Array.of(4));
    const types = [{ name: 'T', type: ATTRIBUTES.type, value: [DTYPES.float, DTYPES.float] }];
    const same = binding.executeOp('IdentityN', types, [image, most?.id ?? -1], 2);
    expect(same.map(({ shape }) => shape)).toEqual([
      [1, 2, 2, 1],
      [1, 1, 1, 1],
    ]);
    const queue = [
      { name: 'component_types', type: ATTRIBUTES.type, value: [DTYPES.float, DTYPES.int32] },
      { name: 'shapes', type: ATTRIBUTES.shape, value: [[2, 3], []] },
      { name: 'shared_name', type: ATTRIBUTES.string, value: 'a queue' },
    ];
    const [handle] = binding.executeOp('FIFOQueueV2', queue, [], 1);
    expect(handle?.dtype).toBe(DTYPES.resource);
    const summary = [
      FLOAT,
      {
        name: 'description',
        type: ATTRIBUTES.string,
        value: 'longer than what is kept of texts that are used again',
      },
      { name: 'labels', type: ATTRIBUTES.string, value: ['one', 'another'] },
    ];
    const [described] = binding.executeOp('TensorSummary', summary, [image], 1);
    expect(described?.dtype).toBe(DTYPES.string);
    binding.deleteTensor(described?.id ?? -1);
    for (const { id } of [...same, most ?? { id: -1 }, handle ?? { id: -1 }]) binding.deleteTensor(id);
    binding.deleteTensor(image);
  });

  test('very many outputs, and a number of them that is none', () => {
    const values = Float32Array.from({ length: 1500 }, (_, index) => index);
    const a = binding.createTensor([1500], DTYPES.float, values);
    const attributes = [{ name: 'num', type: ATTRIBUTES.int, value: 1500 }, FLOAT];
    const parts = binding.executeOp('Unpack', attributes, [a], 1500);
    expect([...binding.tensorDataSync(parts[1499]?.id ?? -1)]).toEqual([1499]);
    for (const { id } of parts) binding.deleteTensor(id);
    binding.deleteTensor(a);
    for (const outputs of [-1, 1.5, null as unknown as number]) {
      expect(() => binding.executeOp('NoOp', [], [], outputs)).toThrow(/cannot have/);
    }
  });

  test('a list of numbers below zero', () => {
    const column = floats([1, 2], [2, 1]);
    const [row] = binding.executeOp(
      'Squeeze',
      [FLOAT, { name: 'squeeze_dims', type: ATTRIBUTES.int, value: [-1] }],
      [column],
      1,
    );
    expect(row?.shape).toEqual([2]);
    for (const id of [column, row?.id ?? -1]) binding.deleteTensor(id);
  });

  test('a tensor, and numbers below zero and of 64 bits', () => {
    const attributes = [
      { name: 'dtype', type: ATTRIBUTES.type, value: DTYPES.int64 },
      {
        name: 'value',
        type: ATTRIBUTES.tensor,
        value: { shape: [2], dtype: DTYPES.int64, values: BigInt64Array.from([-1n, 2n ** 40n]) },
      },
    ];
    const [constant] = binding.executeOp('Const', attributes, [], 1);
    expect(binding.tensorDataSync(constant?.id ?? -1)).toEqual(BigInt64Array.from([-1n, 2n ** 40n]));
    binding.deleteTensor(constant?.id ?? -1);
  });
});

describe('mistakes', () => {
  const product = [{ name: 'transpose_a', type: ATTRIBUTES.bool, value: false }, FLOAT];

  test("TensorFlow's errors are typed, and have the form that tfjs-node gives them", () => {
    const [a, b] = [floats([1, 2, 3], [1, 3]), floats([1, 2], [1, 2])];
    const run = (): unknown => binding.executeOp('MatMul', product, [a, b], 1);
    expect(run).toThrow(TensorflowError);
    expect(run).toThrow(/^Invalid TF_Status: 3\nMessage: Matrix size-incompatible/);
    expect(() => binding.executeOp('NoSuchOperation', [], [], 1)).toThrow(
      /Invalid TF_Status: 5\nMessage: .*NoSuchOperation/,
    );
    for (const id of [a, b]) binding.deleteTensor(id);
    expect(binding.getNumOfTensors()).toBe(before);
  });

  test('tensors that are not there', () => {
    const gone = floats([1]);
    binding.deleteTensor(gone);
    expect(() => binding.deleteTensor(gone)).toThrow(/Delete called on a Tensor not referenced/);
    expect(() => binding.tensorDataSync(gone)).toThrow(/not referenced/);
    expect(() => binding.executeOp('Neg', [FLOAT], [gone], 1)).toThrow(/Input Tensor ID not referenced/);
    expect(() => binding.executeOp('Neg', [FLOAT], [], 1)).toThrow(/Invalid TF_Status: 3/);
  });

  test('values that do not fit their shape or type', () => {
    expect(() => binding.createTensor([3], DTYPES.float, new Float32Array(2))).toThrow(
      /num_elements=3, array_length=2/,
    );
    expect(() => binding.createTensor([2], DTYPES.float, new Int32Array(2))).toThrow(
      /does not match Int32Array/,
    );
    expect(() => binding.createTensor([1], 1000, new Float32Array(1))).toThrow(/Unhandled TF_DataType: 1000/);
    expect(() => binding.createTensor([1], DTYPES.string, [])).toThrow(/num_elements=1, array_length=0/);
  });

  test.each([
    ['type', null],
    ['bool', 10],
    ['int', 'text'],
    ['float', false],
    ['string', 5],
    ['shape', 'text'],
  ] as const)('an attribute of kind %s that is %p', (kind, value) => {
    const a = floats([1]);
    expect(() => binding.executeOp('Neg', [{ name: 'T', type: ATTRIBUTES[kind], value }], [a], 1)).toThrow(
      /The attribute T must be/,
    );
    binding.deleteTensor(a);
  });
});

test('there is a processor', () => {
  expect(context.devices().map(({ type }) => type)).toContain('CPU');
});

test('which operations can run', () => {
  expect(binding.hasKernel('MaxPool')).toBe(true);
  expect(binding.hasKernel('NoSuchOperation')).toBe(false);
  expect(binding.hasKernel('_MklNativeMaxPool')).toBe(binding.hasKernel('_MklNativeMaxPoolGrad'));
});

describe('a tensor of 16 MB', () => {
  const ELEMENTS = 2 ** 22;
  const large = (count = ELEMENTS): number =>
    binding.createTensor([count], DTYPES.float, new Float32Array(count));
  const here = library.api.TF_DeleteTensor;
  /** Only TensorFlow 1 gives the memory back to the system, which takes long. */
  const givesBack = library.version.startsWith('1.');
  let elsewhere: jest.SpyInstance<void, Parameters<typeof here.async>>;
  beforeEach(() => {
    elsewhere = jest.spyOn(here, 'async');
  });
  afterEach(async () => {
    await Promise.resolve();
    elsewhere.mockRestore();
  });
  /** Until other threads have freed all. */
  const idle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 200));

  test('is freed on another thread, by TensorFlow 1, however it was made', async () => {
    const made = large();
    const [sum] = binding.executeOp('AddV2', [FLOAT], [made, made], 1);
    const zeros = binding.reserveTensor([ELEMENTS], DTYPES.float);
    const [negative] = binding.executeOp('Neg', [FLOAT], [zeros], 1);
    const filled = atOnce(
      binding.createFilledTensorInSteps([2, ELEMENTS], DTYPES.float, function* (take) {
        take(new Float32Array(2 * ELEMENTS).fill(3));
        yield;
      }),
    );
    const ids = [made, sum?.id ?? -1, zeros, negative?.id ?? -1, filled];
    for (const id of ids) binding.deleteTensor(id);
    expect(binding.getNumOfTensors()).toBe(before);
    expect(elsewhere).toHaveBeenCalledTimes(givesBack ? ids.length : 0);
    for (const id of ids)
      expect(() => binding.deleteTensor(id)).toThrow('Delete called on a Tensor not referenced');
    await idle();
  });

  test('less is freed here', () => {
    binding.deleteTensor(large(ELEMENTS - 1));
    expect(elsewhere).not.toHaveBeenCalled();
  });

  test('stays as long as somebody else has it', async () => {
    const values = new Float32Array(ELEMENTS).fill(7);
    const id = binding.createTensor([ELEMENTS], DTYPES.float, values);
    const [reshaped] = binding.executeOp('Identity', [FLOAT], [id], 1);
    binding.deleteTensor(id);
    await idle();
    const read = binding.tensorDataSync(reshaped?.id ?? -1) as Float32Array; // as it was made
    expect(read.length).toBe(ELEMENTS);
    expect(read.every((value) => value === 7)).toBe(true);
    binding.deleteTensor(reshaped?.id ?? -1);
    await idle();
  });

  test('of many that wait, those above a number are freed here', async () => {
    const ids = Array.from({ length: 20 }, () => large());
    for (const id of ids) binding.deleteTensor(id);
    expect(elsewhere).toHaveBeenCalledTimes(givesBack ? 16 : 0);
    await idle();
    binding.deleteTensor(large());
    expect(elsewhere).toHaveBeenCalledTimes(givesBack ? 17 : 0);
    await idle();
  });
});

test('of large tensors that wait to be freed, those above a gigabyte are freed at once', () => {
  const waiting: (() => void)[] = [];
  const freed: number[] = [];
  const TF_DeleteTensor = Object.assign((tensor: number): undefined => void freed.push(tensor), {
    async: (_: number, called: () => void): void => void waiting.push(called),
  });
  const freeing = new Freeing({ TF_DeleteTensor }, '1.15.0');
  expect([2 ** 24 - 1, 2 ** 24].map((bytes) => freeing.takesLong(bytes))).toEqual([false, true]);
  expect(new Freeing({ TF_DeleteTensor }, '2.21.0').takesLong(2 ** 30)).toBe(false);
  freeing.free(1, 2 ** 32); // alone, as many as there are
  freeing.free(2, 2 ** 24);
  waiting.pop()?.();
  freeing.free(3, 2 ** 29);
  freeing.free(4, 2 ** 29);
  freeing.free(5, 2 ** 24);
  expect(freed).toEqual([2, 5]);
  expect(waiting).toHaveLength(2);
});
