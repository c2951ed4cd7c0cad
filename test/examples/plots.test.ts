import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { main } from '../../examples/plots';
import { quietly, short } from './support';

test('writes a picture of everything', async () => {
  const { numbers, lines, leaked } = await quietly(() => main(short));
  try {
    const files = readdirSync(numbers.folder).sort();
    expect(files).toEqual([
      'confusion.svg',
      'embedding.svg',
      'filters.svg',
      'history.svg',
      'images.svg',
      'model.svg',
    ]);
    for (const file of files) {
      expect(readFileSync(path.join(numbers.folder, file), 'utf8')).toMatch(
        /^<svg [^>]*role="img".*<title>.*<desc>/,
      );
    }
    expect(lines.join('\n')).toContain(`Pictures: ${numbers.folder}`);
    expect(lines.join('\n')).toContain('true \\ predicted');
    expect(numbers.accuracy).toBeGreaterThan(0);
    expect(leaked).toBe(0);
  } finally {
    rmSync(numbers.folder, { recursive: true });
  }
});
