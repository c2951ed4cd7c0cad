import { openConstant, type OpenConstant } from '../../../src/engine/export/open-constant';
import { TYPES } from '../../../src/tfjs/binding';

const SIZES = [5, 7, 11];

const of = (
  make: (rows: number) => { shape: number[]; values: number[] },
  dtype: number = TYPES.int32,
): OpenConstant | undefined =>
  openConstant(SIZES.map((rows) => ({ rows, constant: { dtype, ...make(rows) } })));

const vector = (values: number[]) => ({ shape: [values.length], values });

test('what is the same for all batches', () => {
  expect(of(() => vector([1, 2]))).toMatchObject({ kind: 'fixed', constant: { values: [1, 2] } });
});

test('a shape that has the rows in it', () => {
  expect(of((rows) => vector([rows, 4, 3 * rows - 1]))).toEqual({
    kind: 'numbers',
    shape: [3],
    numbers: { offset: [0, 4, -1], factor: [1, 0, 3] },
  });
});

test('zeros of as many rows', () => {
  const made = of((rows) => ({ shape: [rows, 2], values: Array<number>(2 * rows).fill(0) }), TYPES.float);
  expect(made).toMatchObject({
    kind: 'filled',
    value: { shape: [], values: [0] },
    shape: { offset: [0, 2], factor: [1, 0] },
  });
});

test('the same row again and again', () => {
  const made = of(
    (rows) => ({ shape: [rows, 2], values: Array.from({ length: rows }, () => [1.5, 2]).flat() }),
    TYPES.float,
  );
  expect(made).toMatchObject({
    kind: 'repeated',
    part: { shape: [1, 2], values: [1.5, 2] },
    multiples: { offset: [0, 1], factor: [1, 0] },
  });
});

test('rows that are counted', () => {
  const made = of((rows) => vector(Array.from({ length: 2 * rows }, (_, index) => 3 + 2 * index)));
  expect(made).toEqual({
    kind: 'counted',
    start: 3,
    step: 2,
    end: { offset: [3], factor: [4] },
    shape: [-1],
  });
  const column = of((rows) => ({
    shape: [rows, 1],
    values: Array.from({ length: rows }, (_, index) => index),
  }));
  expect(column).toEqual({
    kind: 'counted',
    start: 0,
    step: 1,
    end: { offset: [0], factor: [1] },
    shape: [-1, 1],
  });
});

test('the positions of a transposition, both ways', () => {
  const steps = [0, 1, 2];
  const there = of((rows) =>
    vector(steps.flatMap((step) => Array.from({ length: rows }, (_, row) => 3 * row + step))),
  );
  expect(there).toEqual({
    kind: 'grid',
    first: 'list',
    list: { offset: [0, 1, 2], factor: [0, 0, 0] },
    step: 3,
  });
  const back = of((rows) =>
    vector(Array.from({ length: rows }, (_, row) => steps.map((step) => step * rows + row)).flat()),
  );
  expect(back).toEqual({
    kind: 'grid',
    first: 'rows',
    list: { offset: [0, 0, 0], factor: [0, 1, 2] },
    step: 1,
  });
});

test('two sizes make a rule, and the third shows that it is none', () => {
  const square = of((rows) => vector([rows * rows]));
  expect(square).toBeUndefined();
  expect(of((rows) => vector([Math.min(rows, 7)]))).toBeUndefined();
});

test('random numbers are no rule', () => {
  let seed = 1;
  const next = (): number => (seed = (seed * 48_271) % 2_147_483_647);
  expect(of(() => vector([next()]), TYPES.float)).toBeUndefined();
  expect(of((rows) => vector(Array.from({ length: rows }, next)))).toBeUndefined();
});
