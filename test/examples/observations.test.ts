import { main } from '../../examples/observations';
import { quietly } from './support';

test.each([1, 2, 3])(
  'a stack without activations is one affine map, with relu it is not: seed %d',
  async (seed) => {
    const { numbers, leaked } = await quietly(() => main({ seed }));
    expect(numbers.linearDistance).toBeLessThan(1e-5);
    expect(numbers.reluDistance).toBeGreaterThan(1e-2);
    // On 101 points from -1 to 1, the variance of |x| is 0.085: no affine map comes below it.
    expect(numbers.linearLoss).toBeGreaterThan(0.084);
    expect(numbers.reluLoss).toBeLessThan(0.01);
    expect(leaked).toBe(0);
  },
);
