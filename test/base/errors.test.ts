import {
  describe as described,
  describeShape,
  kerasModelSequential,
  KerasArgumentError,
  KerasDatasetError,
  KerasError,
  KerasFileError,
  KerasNativeError,
  KerasShapeError,
  KerasStateError,
  layerInput,
  tf,
} from '../../src/index';

const details = {
  function: 'layerDense',
  argument: 'units',
  expected: '`units` must be a positive integer',
  received: '-1',
  advice: 'Write units: 10',
} as const;

test('a message has one form, and the parts are there to read', () => {
  const cause = new Error('why');
  const error = new KerasArgumentError({ ...details, layer: 'dense', cause });
  expect(error.message).toBe(
    'layerDense: `units` must be a positive integer. Received: -1. Write units: 10.',
  );
  expect(error).toMatchObject({
    ...details,
    name: 'KerasArgumentError',
    kind: 'argument',
    layer: 'dense',
    cause,
  });
  expect(String(error)).toMatch(/^KerasArgumentError: layerDense: /);
  expect(error.stack).toContain('errors.test.ts');
});

test('sentences that end with a mark of their own get no second', () => {
  const error = new KerasArgumentError({ ...details, received: 'what?', advice: "Did you mean 'unit'?" });
  expect(error.message).toBe(
    "layerDense: `units` must be a positive integer. Received: what? Did you mean 'unit'?",
  );
});

test('what did not come is not spoken of', () => {
  const { received: _received, ...rest } = details;
  const error = new KerasStateError(rest);
  expect(error.message).toBe('layerDense: `units` must be a positive integer. Write units: 10.');
  expect(error.received).toBeUndefined();
  expect('cause' in error).toBe(false);
});

test.each([
  [KerasArgumentError, 'argument'],
  [KerasShapeError, 'shape'],
  [KerasStateError, 'state'],
  [KerasDatasetError, 'dataset'],
  [KerasFileError, 'file'],
  [KerasNativeError, 'native'],
])('%p is of one kind', (Kind, kind) => {
  const error = new Kind(details);
  expect(error).toBeInstanceOf(KerasError);
  expect(error).toBeInstanceOf(Error);
  expect(error.kind).toBe(kind);
  expect(error.name).toBe(Kind.name);
});

const cyclic: Record<string, unknown> = { name: 'a' };
cyclic['self'] = cyclic;
const list: unknown[] = [];
list.push(list);

test.each([
  ['relu', "'relu'"],
  ['x'.repeat(100), `'${'x'.repeat(78)}…`],
  [3, '3'],
  [-0.5, '-0.5'],
  [NaN, 'NaN'],
  [3n, '3n'],
  [true, 'true'],
  [null, 'null'],
  [undefined, 'undefined'],
  [Symbol('s'), 'Symbol(s)'],
  [() => 1, 'a function'],
  [Math.max, 'the function max'],
  [[1, 'a', [2]], "[1, 'a', [2]]"],
  [[1, 2, 3, 4, 5, 6, 7], '[1, 2, 3, 4, 5, 6, …]'],
  [[], '[]'],
  [new Float32Array(4), 'Float32Array of length 4'],
  [new DataView(new ArrayBuffer(3)), 'DataView of length 3'],
  [{}, '{}'],
  [{ units: 3, activation: 'relu' }, "{ units: 3, activation: 'relu' }"],
  [Object.create(null), '{}'],
  [new Date(0), 'an object of class Date'],
  [cyclic, "{ name: 'a', self: { name: 'a', self: { name: 'a', self: { … } } } }"],
  [list, '[[[[…]]]]'],
])('%p in words', (value, words) => {
  expect(described(value)).toBe(words);
});

test('tensors, symbolic ones and models in words', () => {
  expect(described(tf.zeros([2, 3], 'int32'))).toBe('an int32 tensor of shape [2, 3]');
  expect(described(layerInput({ shape: [4] }))).toBe('a float32 tensor of shape [null, 4]');
  expect(described(kerasModelSequential())).toBe('an object of class SequentialModel');
});

test('a disposed tensor is called one', () => {
  const tensor = tf.zeros([2]);
  tensor.dispose();
  expect(described(tensor)).toBe('a disposed float32 tensor of shape [2]');
});

test('what cannot be read is no error in an error', () => {
  const throws = () => {
    throw new Error('not to be read');
  };
  const getter = Object.defineProperty({}, 'units', { get: throws, enumerable: true });
  expect(described(getter)).toBe('a value that cannot be read');
  expect(described(new Proxy({}, { ownKeys: throws }))).toBe('a value that cannot be read');
  expect(described({ shape: ['a', {}], dtype: 'x' })).toBe('a x tensor of shape [a, [object Object]]');
});

test.each([5, undefined, null, 'a', {}, [1, 'a'], [{}], [[1]]])('%p is no shape', (value) => {
  expect(() => describeShape(value as never)).toThrow(KerasArgumentError);
  expect(() => describeShape(value as never)).toThrow(
    /^describeShape: `shape` must be a shape: an array of numbers, .* Received: .* Write describeShape/,
  );
});

test('shapes as they are written', () => {
  expect(describeShape([null, 28, undefined])).toBe('[null, 28, null]');
  expect(describeShape([])).toBe('[]');
});
