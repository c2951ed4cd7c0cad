import { BoundedSeries } from '../../src/live/bounded-series';

test('keeps all as long as there is room, then every second one, from the first on', () => {
  const series = new BoundedSeries<number>(8);
  const results = Array.from({ length: 7 }, (_, index) => series.add(index));
  expect(results.every(({ isKept, isThinned }) => isKept && !isThinned)).toBe(true);
  expect(series.items).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(series.add(7)).toEqual({ isKept: true, isThinned: true });
  expect(series.items).toEqual([0, 2, 4, 6]);
  for (let index = 8; index < 14; index++) expect(series.add(index).isKept).toBe(index % 2 === 0);
  expect(series.items).toEqual([0, 2, 4, 6, 8, 10, 12]);
  series.add(14);
  expect(series.items).toEqual([0, 4, 8, 12]);
});

test('is even and bounded after a million', () => {
  const series = new BoundedSeries<number>(1024);
  for (let index = 0; index < 1_000_000; index++) series.add(index);
  const { items } = series;
  expect(items.length).toBeLessThan(1024);
  expect(items.length).toBeGreaterThanOrEqual(512);
  const gaps = new Set(items.slice(1).map((item, index) => item - (items[index] ?? NaN)));
  expect([...gaps]).toEqual([1024]);
  expect(items[0]).toBe(0);
});
