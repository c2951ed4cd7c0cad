import { createHash } from 'node:crypto';
import { KerasArgumentError } from '../../src/base/errors';
import { RandomState } from '../../src/datasets/random-state';

// Reference numbers, NumPy 1.24:
//   numpy.frombuffer(numpy.random.RandomState(seed).bytes(16), '<u4')
//   r = numpy.random.RandomState(seed); a = numpy.arange(10); r.shuffle(a)
const REFERENCE = [
  { seed: 0, bits: [2357136044, 2546248239, 3071714933, 3626093760], order: [2, 8, 4, 9, 1, 6, 7, 3, 0, 5] },
  { seed: 113, bits: [3659249829, 529109724, 317413538, 548173386], order: [9, 3, 6, 1, 0, 7, 4, 8, 2, 5] },
  {
    seed: 2 ** 32 - 1,
    bits: [419326371, 479346978, 3918654476, 2416749639],
    order: [6, 9, 5, 1, 8, 0, 7, 4, 2, 3],
  },
];

test.each(REFERENCE)(
  'gives the bits and the shuffle of NumPy for the seed $seed',
  ({ seed, bits, order }) => {
    const random = new RandomState(seed);
    expect(bits.map(() => random.nextUint32())).toEqual(bits);
    expect(new RandomState(seed).shuffle([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])).toEqual(order);
  },
);

test('two shuffles of 25,000 give NumPy’s orders', () => {
  // r = numpy.random.RandomState(113)
  // for _ in range(2): a = numpy.arange(25000); r.shuffle(a); print(hashlib.sha256(a.astype('<i4').tobytes()).hexdigest())
  const random = new RandomState(113);
  const next = (): string => {
    const order = random.shuffle(Int32Array.from({ length: 25_000 }, (_, index) => index));
    return createHash('sha256').update(order).digest('hex');
  };
  expect(next()).toBe('0306451e7c5830c97b1afc1cc860306c7df726f1cb0b9c41e15f90fbea76003a');
  expect(next()).toBe('904be7ce9d3749975d2c41e577de39c867e0e966bdcb7f9dee78824b756e079b');
});

test('a shuffle of nothing or one item draws nothing', () => {
  const random = new RandomState(113);
  expect(random.shuffle([])).toEqual([]);
  expect(random.shuffle(['only'])).toEqual(['only']);
  expect(random.nextUint32()).toBe(3659249829);
});

test.each([-1, 0.5, NaN, 2 ** 32])('refuses the seed %p', (seed) => {
  expect(() => new RandomState(seed)).toThrow(KerasArgumentError);
});
