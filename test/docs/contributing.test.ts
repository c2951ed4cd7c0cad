import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './extract';

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const folded = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

const blocks = [...read('CONTRIBUTING.md').matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)].map(
  ([, file = '', code = '']) => ({ file, code }),
);

test('CONTRIBUTING shows one of each kind of definition', () => {
  const rooms = blocks.map(({ file }) => file.split('/')[1]);
  const kinds = ['layers', 'losses', 'metrics', 'initializers', 'optimizers', 'callbacks', 'datasets'];
  expect(kinds.filter((kind) => !rooms.includes(kind))).toEqual([]);
  expect(read('CONTRIBUTING.md').match(/```ts\n/g)).toHaveLength(blocks.length);
});

test.each(blocks.map(({ file, code }) => [file, code] as const))('its block of %s is there', (file, code) => {
  expect(folded(read(file))).toContain(folded(code));
});
