import fs, {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { create } from 'tar';
import { unpackArchive } from '../../src/files/archive';
import { MalformedError } from '../../src/files/malformed';
import { zipOf, tarOf } from './support/archives';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'keras-pipe-archive-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => path.join(folder, name);
const write = (name: string, content: Buffer | string): string => {
  writeFileSync(at(name), content);
  return at(name);
};
/** All that is below the folder, the archive itself aside. */
const found = (): string[] =>
  (readdirSync(folder, { recursive: true }) as string[]).filter((name) => !name.startsWith('archive')).sort();

const ENTRIES = [
  { name: 'data/', content: '' },
  { name: 'data/a.txt', content: 'first' },
  { name: 'data/deep/b.txt', content: 'second '.repeat(5000) },
];

/** Of `ENTRIES`, by Python's zipfile, deflated. */
const PYTHON_ZIP =
  'UEsDBBQAAAAAAAAAIQAAAAAAAAAAAAAAAAAFAAAAZGF0YS9QSwMEFAAAAAgArF56XVfucZIHAAAABQAAAAoAAABkYXRhL2Eu' +
  'dHh0S8ssKi4BAFBLAwQUAAAACACsXnpdoWuuG04AAAC4iAAADwAAAGRhdGEvZGVlcC9iLnR4dO3FoQ0AMAgAsFf4DWaH4P+E' +
  'NxCt6bzsXzGSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJOl+C1BLAQIUAxQAAAAA' +
  'AAAAIQAAAAAAAAAAAAAAAAAFAAAAAAAAAAAAEAD/QQAAAABkYXRhL1BLAQIUAxQAAAAIAKxeel1X7nGSBwAAAAUAAAAKAAAA' +
  'AAAAAAAAAACAASMAAABkYXRhL2EudHh0UEsBAhQDFAAAAAgArF56XaFrrhtOAAAAuIgAAA8AAAAAAAAAAAAAAIABUgAAAGRh' +
  'dGEvZGVlcC9iLnR4dFBLBQYAAAAAAwADAKgAAADNAAAAAAA=';

describe('what programs pack', () => {
  const pack = (): string => {
    const source = mkdtempSync(path.join(os.tmpdir(), 'keras-pipe-packed-'));
    mkdirSync(path.join(source, 'data/deep'), { recursive: true });
    for (const { name, content } of ENTRIES.slice(1)) writeFileSync(path.join(source, name), content);
    return source;
  };
  const expected = ['data', 'data/a.txt', 'data/deep', 'data/deep/b.txt'];

  test.each<[string, (source: string) => void]>([
    ['tar', (source) => create({ file: at('archive'), cwd: source, sync: true }, ['data'])],
    ['tar.gz', (source) => create({ file: at('archive'), cwd: source, sync: true, gzip: true }, ['data'])],
    ['zip', () => writeFileSync(at('archive'), Buffer.from(PYTHON_ZIP, 'base64'))],
  ])('%s', async (_, make) => {
    const source = pack();
    make(source);
    rmSync(source, { recursive: true });
    await unpackArchive(at('archive'), 'auto');
    expect(found()).toEqual(expected);
    expect(readFileSync(at('data/deep/b.txt'), 'utf8')).toBe('second '.repeat(5000));
  });
});

test.each([
  ['zip', zipOf(ENTRIES)],
  ['tar', tarOf(ENTRIES)],
  ['tar', gzipSync(tarOf(ENTRIES))],
] as const)('%s: files of the same names are replaced, others stay', async (format, content) => {
  mkdirSync(at('data'));
  write('data/a.txt', 'old');
  write('data/other.txt', 'other');
  const file = write('archive', content);
  await unpackArchive(file, format);
  await unpackArchive(file, 'auto');
  expect(readFileSync(at('data/a.txt'), 'utf8')).toBe('first');
  expect(readFileSync(at('data/other.txt'), 'utf8')).toBe('other');
  expect(found()).toEqual(['data', 'data/a.txt', 'data/deep', 'data/deep/b.txt', 'data/other.txt']);
});

describe('what leads out is refused, and nothing of the archive is left', () => {
  const inside = { name: 'good.txt', content: 'good' };
  const outside = path.join(os.tmpdir(), 'keras-pipe-slipped.txt');
  afterEach(() => rmSync(outside, { force: true }));

  test.each<[string, Buffer]>([
    ['zip, up', zipOf([inside, { name: '../keras-pipe-slipped.txt', content: 'slip' }])],
    ['zip, up and down', zipOf([inside, { name: 'a/../../../keras-pipe-slipped.txt', content: 'slip' }])],
    ['zip, absolute', zipOf([inside, { name: outside, content: 'slip' }])],
    ['zip, with backslashes', zipOf([inside, { name: '..\\keras-pipe-slipped.txt', content: 'slip' }])],
    ['zip, a link', zipOf([inside, { name: 'link', content: '..', mode: 0o120777 }])],
    ['tar, up', tarOf([inside, { name: '../keras-pipe-slipped.txt', content: 'slip' }])],
    ['tar, absolute', tarOf([inside, { name: outside, content: 'slip' }])],
    ['tar, a link', tarOf([inside, { name: 'link', content: '', type: '2', linkname: '..' }])],
    ['tar, a hard link', tarOf([inside, { name: 'link', content: '', type: '1', linkname: '/etc/passwd' }])],
    ['tar, a device', tarOf([inside, { name: 'device', content: '', type: '3' }])],
  ])('%s', async (_, content) => {
    const file = write('archive', content);
    await expect(unpackArchive(file, 'auto')).rejects.toThrow(MalformedError);
    expect(found()).toEqual([]);
    expect(readdirSync(path.dirname(folder))).not.toContain('keras-pipe-slipped.txt');
  });

  test('a folder that is a link here takes nothing in', async () => {
    const elsewhere = mkdtempSync(path.join(os.tmpdir(), 'keras-pipe-elsewhere-'));
    symlinkSync(elsewhere, at('data'));
    await expect(unpackArchive(write('archive', zipOf(ENTRIES)), 'auto')).rejects.toThrow(
      /which is no folder/,
    );
    expect(readdirSync(elsewhere)).toEqual([]);
    rmSync(elsewhere, { recursive: true });
  });
});

describe('what would fill a disk is refused, and nothing of it is left', () => {
  const bomb = [
    { name: 'good.txt', content: 'good' },
    { name: 'bomb.bin', content: 'x', size: 2 ** 31 },
  ];

  test.each<[string, Buffer]>([
    ['tar', tarOf(bomb)],
    ['tar by gzip', gzipSync(tarOf(bomb))],
    ['zip', zipOf(bomb)],
  ])('%s', async (_, content) => {
    const refused = unpackArchive(write('archive', content), 'auto');
    await expect(refused).rejects.toThrow(MalformedError);
    await expect(refused).rejects.toThrow(
      /with its entry 'bomb\.bin' it would unpack to more than 200 times its size/,
    );
    expect(found()).toEqual([]);
  });

  test('a full disk', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    jest
      .spyOn(fs, 'createWriteStream')
      .mockImplementation(
        () => new Writable({ write: (_chunk, _encoding, done) => done(full) }) as fs.WriteStream,
      );
    await expect(unpackArchive(write('archive', zipOf(ENTRIES)), 'auto')).rejects.toBe(full);
    jest.restoreAllMocks();
    expect(found()).toEqual([]);
  });
});

describe('what is no good archive', () => {
  const whole = zipOf(ENTRIES);
  const damaged = Buffer.from(whole);
  damaged.writeUInt8(damaged.readUInt8(80) ^ 0xff, 80);

  test.each<[string, Buffer, 'auto' | 'tar' | 'zip', RegExp]>([
    ['text', Buffer.from('<html></html>'), 'auto', /neither as a tar nor as a zip/],
    ['nothing', Buffer.alloc(0), 'auto', /neither as a tar nor as a zip/],
    ['the other kind', whole, 'tar', /begins as a zip, not as a tar/],
    ['bzip2', Buffer.from('BZh91AY&SY'), 'auto', /bzip2, which Node.js cannot read/],
    ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), 'auto', /xz, which Node.js cannot read/],
    ['half a zip', whole.subarray(0, whole.length / 2), 'auto', /./],
    ['a zip with a wrong byte', damaged, 'auto', /./],
    ['half a gzip', gzipSync(tarOf(ENTRIES)).subarray(0, 200), 'auto', /./],
    ['a cut tar', tarOf(ENTRIES).subarray(0, 1500), 'auto', /./],
  ])('%s', async (_, content, format, message) => {
    const file = write('archive', content);
    const refused = unpackArchive(file, format);
    await expect(refused).rejects.toThrow(MalformedError);
    await expect(refused).rejects.toThrow(message);
    expect(found()).toEqual([]);
  });
});
