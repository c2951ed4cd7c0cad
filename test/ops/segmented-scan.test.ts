import { stepsPerSegment } from '../../src/ops/segmented-scan';

test.each([
  [1, 1],
  [6, 6],
  [8, 8],
  [16, 8],
  [50, 5],
  [500, 5],
  [21, 7],
])('%i steps are segments of %i', (steps, size) => {
  expect(stepsPerSegment(steps)).toBe(size);
});

test('where no size near the most divides the steps, segments have the most', () => {
  expect(stepsPerSegment(19)).toBe(8);
  expect(stepsPerSegment(22)).toBe(8);
});
