import { mkdtempSync, rmSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { forEachLine } from '../../src/files/byte-lines';

const folder = mkdtempSync(path.join(tmpdir(), 'lines-'));
afterAll(() => rmSync(folder, { recursive: true }));

const fileOf = (content: string): string => {
  const file = path.join(folder, 'lines.txt');
  writeFileSync(file, content);
  return file;
};

const linesOf = async (content: string): Promise<[string, number][]> => {
  const lines: [string, number][] = [];
  await forEachLine(fileOf(content), 1 << 22, (line, number) => lines.push([line.toString(), number]));
  return lines;
};

test.each<[string, string[]]>([
  ['', []],
  ['a', ['a']],
  ['\ufeffa\r\n\r\nä\n', ['a', '', 'ä']],
  ['\n\ufeffb', ['', '\ufeffb']],
])('the lines of %j', async (content, expected) => {
  expect(await linesOf(content)).toEqual(expected.map((line, index) => [line, index + 1]));
});

test('a line that is longer than a piece of the file is one', async () => {
  const long = 'x'.repeat(3 << 20);
  expect(await linesOf(`a\n${long}\nb\n`)).toEqual([
    ['a', 1],
    [long, 2],
    ['b', 3],
  ]);
});

/** More than is read at once. */
const MANY = 'a line\n'.repeat(1_000_000);

test('a file that is cut off meanwhile is no whole one', async () => {
  const file = fileOf(MANY);
  const reading = forEachLine(file, 100, (_, number) => {
    if (number === 1) truncateSync(file, 3_500_000);
  });
  await expect(reading).rejects.toThrow(
    /^only \d+ of 7000000 bytes were left when it was read: it was cut off meanwhile$/,
  );
});

test('a file that vanishes meanwhile is read to its end', async () => {
  const file = fileOf(MANY);
  let lines = 0;
  await forEachLine(file, 100, (_, number) => {
    if (number === 1) unlinkSync(file);
    lines = number;
  });
  expect(lines).toBe(1_000_000);
});

test('a packed file has no lines', async () => {
  const file = path.join(folder, 'lines.gz');
  writeFileSync(file, gzipSync('a\nb\n'));
  await expect(forEachLine(file, 100, () => undefined)).rejects.toThrow(
    /packed by gzip: it must be unpacked/,
  );
});

test('what the visitor throws ends it', async () => {
  const error = new Error('mine');
  const reading = forEachLine(fileOf(MANY), 100, () => {
    throw error;
  });
  await expect(reading).rejects.toBe(error);
});
