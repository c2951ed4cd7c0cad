import { main } from '../../examples/pictures';
import { quietly, short } from './support';

test('the network tells shapes apart that it has not seen, and shows one', async () => {
  const { numbers, lines, leaked } = await quietly(() => main({ ...short, epochs: 12 }));
  // One in three by guessing.
  expect(numbers.accuracy).toBeGreaterThan(0.6);
  expect(lines[0]).toBe('Drawn: 180 pictures to learn from, 60 to be tested with');
  expect(lines[1]).toMatch(/#[^]*\nThe network sees: a (circle|square|triangle)$/);
  expect(lines.at(-1)).toMatch(/^Of the pictures that it has not seen, it knows \d+ %$/);
  expect(leaked).toBe(0);
});
