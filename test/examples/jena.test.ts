import { main } from '../../examples/jena';
import { quietly, short } from './support';

test('the network does better than common sense, and frees what it made', async () => {
  const { numbers, lines, leaked } = await quietly(() => main({ ...short, epochs: 3 }));
  expect(numbers.mae).toBeLessThan(numbers.commonSense);
  expect(lines[0]).toMatch(/^Common sense: off by \d\.\d\d degrees$/);
  expect(lines.at(-1)).toMatch(/^The network: off by \d\.\d\d degrees$/);
  expect(leaked).toBe(0);
});
