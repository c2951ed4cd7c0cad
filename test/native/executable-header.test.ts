import { parseHeader, readExecutable } from '../../src/native/executable-header';
import { elf } from './elf';

test('a header of Linux says the processor, the least size and the loader', () => {
  expect(parseHeader(elf({ machine: 183, loaded: 1e6, interpreter: '/lib/ld-musl-aarch64.so.1' }))).toEqual({
    format: 'ELF',
    architectures: ['arm64'],
    minBytes: 1e6,
    interpreter: '/lib/ld-musl-aarch64.so.1',
  });
});

test('a header of macOS says the processor and the least size, of one or several libraries in a file', () => {
  const one = Buffer.alloc(512);
  one.writeUInt32LE(0xfeedfacf, 0);
  one.writeUInt32LE(0x100000c, 4);
  one.writeUInt32LE(1, 16);
  one.writeUInt32LE(0x19, 32);
  one.writeUInt32LE(72, 36);
  one.writeBigUInt64LE(1000n, 32 + 40);
  one.writeBigUInt64LE(2000n, 32 + 48);
  expect(parseHeader(one)).toMatchObject({ format: 'Mach-O', architectures: ['arm64'], minBytes: 3000 });

  const both = Buffer.alloc(512);
  both.writeUInt32BE(0xcafebabe, 0);
  both.writeUInt32BE(2, 4);
  [0x1000007, 0x100000c].forEach((processor, index) => {
    both.writeUInt32BE(processor, 8 + 20 * index);
    both.writeUInt32BE(1000 * (index + 1), 16 + 20 * index);
    both.writeUInt32BE(700, 20 + 20 * index);
  });
  expect(parseHeader(both)).toMatchObject({ architectures: ['x64', 'arm64'], minBytes: 2700 });
});

test('a header of Windows says the processor and the least size', () => {
  const start = Buffer.alloc(512);
  start.write('MZ', 0, 'latin1');
  start.writeUInt32LE(128, 0x3c);
  start.write('PE\0\0', 128, 'latin1');
  start.writeUInt16LE(0x8664, 132);
  start.writeUInt16LE(1, 134);
  start.writeUInt16LE(240, 148);
  start.writeUInt32LE(500, 128 + 24 + 240 + 16);
  start.writeUInt32LE(1500, 128 + 24 + 240 + 20);
  expect(parseHeader(start)).toMatchObject({ format: 'PE', architectures: ['x64'], minBytes: 2000 });
});

test('what is no header is none', () => {
  expect(parseHeader(Buffer.from('not a library'))).toBeUndefined();
  expect(parseHeader(Buffer.alloc(512, 'text'))).toBeUndefined();
});

test("this Node.js's own header is read", () => {
  const { bytes, header } = readExecutable(process.execPath);
  expect(header?.architectures).toContain(process.arch);
  expect(bytes).toBeGreaterThanOrEqual(header?.minBytes ?? Infinity);
});
