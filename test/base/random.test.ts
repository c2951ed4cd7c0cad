import { KerasArgumentError, setRandomSeed, useSessionWithSeed } from '../../src/index';
import { nextSeed, nextUniform, permutation } from '../../src/base/random';

test('mulberry32: its first numbers from seed 0', () => {
  setRandomSeed(0);
  // Python: s = (s + 0x6D2B79F5) % 2**32; t = s; t = (t ^ t >> 15) * (t | 1) % 2**32
  //         t ^= (t + (t ^ t >> 7) * (t | 61)) % 2**32; print((t ^ t >> 14) % 2**32)
  const numbers = [1144304738, 1416247, 958946056];
  const drawn = numbers.map(() => nextUniform() * 2 ** 32);
  expect(drawn).toEqual(numbers);
});

test('seeds are positive 31-bit integers', () => {
  setRandomSeed(2 ** 32 - 1);
  for (let index = 0; index < 1000; index++) {
    const seed = nextSeed();
    expect(Number.isInteger(seed) && seed > 0 && seed < 2 ** 31).toBe(true);
  }
});

test('uniform numbers fill [0, 1) evenly', () => {
  setRandomSeed(4);
  const counts = Array<number>(10).fill(0);
  for (let index = 0; index < 1e5; index++) {
    const bin = Math.floor(nextUniform() * 10);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1e4)).toBeLessThan(5 * Math.sqrt(9e3));
});

test('a permutation has each number once, and each at each place as often', () => {
  setRandomSeed(5);
  const firsts = Array<number>(5).fill(0);
  for (let index = 0; index < 5000; index++) {
    const order = permutation(5);
    expect([...order].sort()).toEqual([0, 1, 2, 3, 4]);
    const first = order[0] ?? 0;
    firsts[first] = (firsts[first] ?? 0) + 1;
  }
  for (const count of firsts) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(800));
  expect([...permutation(0)]).toEqual([]);
  expect([...permutation(1)]).toEqual([0]);
});

test('the same seed repeats, another does not', () => {
  const draw = (seed: number): number[] => {
    setRandomSeed(seed);
    return [nextSeed(), nextUniform(), ...permutation(20)];
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test.each([-1, 2 ** 32, 0.5, NaN, '1', undefined])('seed %p is refused', (seed) => {
  expect(() => setRandomSeed(seed as number)).toThrow(KerasArgumentError);
  expect(() => setRandomSeed(seed as number)).toThrow(
    'setRandomSeed: `seed` must be an integer from 0 to 2³² − 1.',
  );
});

test('useSessionWithSeed is the same seed, and refuses the same under its own name', () => {
  setRandomSeed(9);
  const expected = [nextSeed(), nextUniform()];
  useSessionWithSeed(9);
  expect([nextSeed(), nextUniform()]).toEqual(expected);
  expect(() => useSessionWithSeed(-1)).toThrow(
    'useSessionWithSeed: `seed` must be an integer from 0 to 2³² − 1.',
  );
});
