import { readFileSync } from 'node:fs';
import path from 'node:path';
import { loess } from '../../src/plots/internal/loess';

interface Case {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly places: readonly number[];
  readonly direct: readonly number[];
  readonly interpolated: readonly number[];
}

const cases = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/loess.json'), 'utf8'),
) as readonly Case[];

describe('loess', () => {
  test.each(cases.map((one) => [one.x.length, one] as const))(
    'of %d points is R’s',
    (_, { x, y, places, ...smooth }) => {
      const values = loess(x, y, places);
      values.forEach((value, index) => {
        expect(value).toBeCloseTo(smooth.direct[index] ?? NaN, 9);
        // What ggplot2 draws is interpolated between a few of these.
        expect(Math.abs(value - (smooth.interpolated[index] ?? NaN))).toBeLessThan(2e-2);
      });
    },
  );

  test('of a quadratic is that quadratic', () => {
    const x = Array.from({ length: 12 }, (_, index) => index + 1);
    const square = (value: number): number => 3 - 2 * value + 0.5 * value ** 2;
    const places = [1, 4.5, 12];
    const values = loess(x, x.map(square), places);
    places.forEach((place, index) => expect(values[index]).toBeCloseTo(square(place), 9));
  });

  test('of few points, or of the same one, gives numbers', () => {
    expect(loess([1], [5], [1])).toEqual([5]);
    expect(loess([1, 2], [5, 7], [1, 2]).every(Number.isFinite)).toBe(true);
    expect(loess([3, 3, 3], [1, 2, 3], [3])[0]).toBeCloseTo(2, 12);
  });
});
