import { runInNewContext } from 'node:vm';
import { KerasArgumentError, tf } from '../../src/index';
import {
  anyNumber,
  boolean,
  checkOptions,
  dropRate,
  fraction,
  integer,
  integersOf,
  isPlainObject,
  layerName,
  nonEmptyString,
  nonNegativeInteger,
  nonNegativeNumber,
  oneOf,
  optional,
  positiveInteger,
  positiveNumber,
  required,
  shape,
  type Check,
  type OptionChecks,
} from '../../src/base/checks';
import { didYouMean, nearest } from '../../src/base/suggestions';

const place = { function: 'layerDense', argument: 'units' };

describe('checks of one value', () => {
  const cases: [string, Check<unknown>, unknown[], unknown[], string][] = [
    ['anyNumber', anyNumber, [-1, 0, 0.5], [NaN, Infinity, '1', null, 1n], 'a finite number'],
    ['positiveNumber', positiveNumber, [1e-9, 2], [0, -1, NaN], 'a positive number'],
    ['nonNegativeNumber', nonNegativeNumber, [0, 0.1], [-1e-9, Infinity], 'a number of 0 or more'],
    ['integer', integer, [-3, 0, 7], [0.5, 2 ** 53, '1'], 'an integer'],
    ['positiveInteger', positiveInteger, [1, 7], [0, -1, 1.5, [1]], 'a positive integer'],
    ['nonNegativeInteger', nonNegativeInteger, [0, 7], [-1, 1.5], 'an integer of 0 or more'],
    ['boolean', boolean, [true, false], [0, 'true', null], 'true or false'],
    ['nonEmptyString', nonEmptyString, ['a'], ['', 3, null], 'a non-empty string'],
    ['dropRate', dropRate, [0, 0.99], [1, -0.1, 50], 'a fraction of the units, at least 0 and below 1'],
    ['fraction', fraction, [0, 1, 0.5], [1.01, -0.1], 'a number from 0 to 1'],
    ['oneOf', oneOf('valid', 'same'), ['valid', 'same'], ['SAME', 3], "one of 'valid', 'same'"],
  ];

  test.each(cases)('%s', (_name, check, right, wrong, expected) => {
    for (const value of right) expect(check(value, place)).toBe(value);
    for (const value of wrong) {
      expect(() => check(value, place)).toThrow(KerasArgumentError);
      expect(() => check(value, place)).toThrow(`layerDense: \`units\` must be ${expected}. Received: `);
    }
  });

  test('shapes: a number stands for one size, null for one that is not known', () => {
    expect(shape(784, place)).toEqual([784]);
    expect(shape([28, null], place)).toEqual([28, null]);
    expect(shape([], place)).toEqual([]);
    const given = [3];
    expect(shape(given, place)).not.toBe(given);
    for (const wrong of [0, [0], [-1], [1.5], ['3'], '3', {}, null]) {
      expect(() => shape(wrong, place)).toThrow('Write units: [28, 28], without the batch axis.');
    }
  });

  test('several integers: one stands for all', () => {
    expect(integersOf(2)(3, place)).toEqual([3, 3]);
    expect(integersOf(2)([3, 4], place)).toEqual([3, 4]);
    expect(() => integersOf(2)([3], place)).toThrow(
      '`units` must be an integer or 2 of them. Received: [3].',
    );
    expect(() => integersOf(2)([3, 0], place)).toThrow('`units` must be a positive integer. Received: 0.');
  });
});

describe('checkOptions', () => {
  test('a default counts where nothing is given, and is checked as if it were', () => {
    const checks = { sizes: optional(integersOf(2), 3), name: optional(nonEmptyString) };
    expect(checkOptions('layerPool', undefined, checks)).toEqual({ sizes: [3, 3] });
    expect(checkOptions('layerPool', { sizes: undefined }, checks)).toEqual({ sizes: [3, 3] });
    expect(checkOptions('layerPool', { sizes: [1, 2] }, checks)).toEqual({ sizes: [1, 2] });
    expect(() => checkOptions('layerPool', { sizes: null }, checks)).toThrow('Received: null.');
    expect(Object.keys(checkOptions('layerPool', { name: undefined }, checks))).toEqual(['sizes']);
  });

  test('values come back in the order of the checks, whatever the order of the options', () => {
    const checks = { a: optional(integer, 1), b: optional(integer, 2), c: required(integer) };
    expect(Object.keys(checkOptions('f', { c: 3, a: 0 }, checks))).toEqual(['a', 'b', 'c']);
    expect(Object.keys(checkOptions('f', { b: 3, c: 0 }, checks))).toEqual(['a', 'b', 'c']);
  });

  test('names that objects have anyway are no options', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const given: unknown = JSON.parse(`{ "${name}": 1, "units": 2 }`);
      expect(() => checkOptions('f', given, { units: required(integer) })).toThrow(
        `the unknown option \`${name}\``,
      );
    }
  });

  interface Options {
    units: number;
    useBias?: boolean;
  }
  const check = (options: unknown): unknown =>
    checkOptions('layerDense', options, {
      units: required(positiveInteger),
      useBias: optional(boolean),
    } satisfies OptionChecks<Options>);

  test('gives the checked values; what is undefined is left out', () => {
    expect(check({ units: 3 })).toEqual({ units: 3 });
    expect(check({ units: 3, useBias: undefined })).toEqual({ units: 3 });
    expect(check({ useBias: false, units: 3 })).toEqual({ units: 3, useBias: false });
  });

  test.each([
    [{ units: 3, usebias: true }, "Received: the unknown option `usebias`. Did you mean 'useBias'?"],
    [{ units: 3, use_bias: true }, "Received: the unknown option `use_bias`. Did you mean 'useBias'?"],
    [{ units: 3, toString: 1 }, "the unknown option `toString`. Use one of: 'units', 'useBias'."],
    [{}, 'layerDense: the option `units` is required. Received: {}. Write layerDense({ units: … }).'],
    [
      undefined,
      'layerDense: the option `units` is required. Received: no options. Write layerDense({ units: … }).',
    ],
    [{ units: null }, '`units` must be a positive integer. Received: null.'],
    [3, 'layerDense: the options must be an object. Received: 3.'],
    [[3], 'the options must be an object. Received: [3].'],
    ['3', "the options must be an object. Received: '3'."],
  ])('%p is refused', (options, message) => {
    expect(() => check(options)).toThrow(KerasArgumentError);
    expect(() => check(options)).toThrow(message);
  });
});

describe('names of layers and models', () => {
  const check = (value: unknown): unknown => layerName(value, { function: 'layerDense', argument: 'name' });

  test.each(['dense', 'dense_1', 'A.b-c', 'a/b', '1x', 'x'.repeat(300)])('%p is one', (name) => {
    expect(check(name)).toBe(name);
  });

  test.each([
    ['my layer', "Write name: 'my_layer'."],
    ['/a b', "Write name: 'a_b'."],
    ['a:b\\c', "Write name: 'a_b_c'."],
    ['größe', "Write name: 'gr_e'."],
    ['__proto__', "Write name: 'proto__'."],
    ['-1', "Write name: '1'."],
    ['../x', "Write name: 'x'."],
    ['a\n', "Write name: 'a_'."],
    ['', 'Give `name` such a value.'],
    ['∑', 'Give `name` such a value.'],
    [5, 'Give `name` such a value.'],
    [null, 'Give `name` such a value.'],
  ])('%p is none', (name, advice) => {
    expect(() => check(name)).toThrow(KerasArgumentError);
    expect(() => check(name)).toThrow(
      /^layerDense: `name` must be a name: letters from a to z, digits, `_`, `-`, `\.` and `\/`, a letter or digit first\. Received: /,
    );
    expect(() => check(name)).toThrow(advice);
  });
});

describe('names that are near', () => {
  const names = ['units', 'useBias', 'activation', 'kernelInitializer', 'kernelRegularizer'];
  test.each([
    ['unit', ['units']],
    ['Units', ['units']],
    ['use_bias', ['useBias']],
    ['activaton', ['activation']],
    ['kernelInitialiser', ['kernelInitializer']],
    ['kernel', ['kernelInitializer', 'kernelRegularizer']],
    ['learningRate', []],
  ])('%s', (name, near) => expect(nearest(name, names)).toEqual(near));

  test('all are listed where none is near', () => {
    expect(didYouMean('zebra', ['one', 'two'])).toBe("Use one of: 'one', 'two'");
    expect(didYouMean('ones', ['one', 'two'])).toBe("Did you mean 'one'?");
  });
});

test('plain objects are those of no class', () => {
  expect([{}, { a: 1 }, Object.create(null)].every(isPlainObject)).toBe(true);
  expect([[], null, 3, new Date(), new Map(), Promise.resolve()].some(isPlainObject)).toBe(false);
  // Of another realm, as of a worker's context.
  expect(isPlainObject(runInNewContext('({ units: 1 })'))).toBe(true);
  expect(isPlainObject(runInNewContext('[1]'))).toBe(false);
  expect(isPlainObject(runInNewContext('new Map()'))).toBe(false);
});

test('what has properties that are no options is no object of options', () => {
  const check = (options: unknown): unknown =>
    checkOptions('metricAuc', options, { name: optional(nonEmptyString) });
  for (const [options, received] of [
    [tf.ones([1, 2]), 'a float32 tensor of shape [1, 2]'],
    [Promise.resolve(1), 'an object of class Promise'],
    [new Map([['name', 'a']]), 'an object of class Map'],
    [Math.max, 'the function max'],
  ] as const) {
    expect(() => check(options)).toThrow(
      `metricAuc: the options must be an object. Received: ${received}. Write metricAuc({ name: … }).`,
    );
  }
  expect(() => checkOptions('f', [1], {})).toThrow('Received: [1]. Write f(), without options.');
  expect(() => checkOptions('f', { a: 1 }, {})).toThrow('the unknown option `a`. There are none to give.');
});
