import { constants } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import { MalformedError } from '../../src/files/malformed';
import { utf8Of } from '../../src/files/text';

test.each([
  ['', ''],
  ['größe\n', 'größe\n'],
  ['\ufeffgröße', 'größe'],
  ['\ufeff\ufeff', '\ufeff'],
  ['a\ufeff\0𝄞', 'a\ufeff\0𝄞'],
])('gives the characters of %j', (text, expected) => {
  expect(utf8Of(Buffer.from(text))).toBe(expected);
});

test.each<[string, Uint8Array, RegExp]>([
  ['latin-1', Buffer.from('one\ntwo\r\nKöln\nMünchen', 'latin1'), /no characters of UTF-8, in line 3$/],
  ['a character cut off', Buffer.from('one\nKö').subarray(0, -1), /no characters of UTF-8, in line 2$/],
  ['UTF-16', Buffer.from('\ufeffKöln', 'utf16le'), /no characters of UTF-8, but of UTF-16$/],
  ['UTF-16, high byte first', Buffer.from('\ufeffKöln', 'utf16le').swap16(), /but of UTF-16$/],
  ['what gzip has packed', gzipSync('text'), /^the bytes are packed by gzip: it must be unpacked first$/],
  // What is not written to takes no memory.
  ['too many bytes', Buffer.alloc(constants.MAX_STRING_LENGTH + 1), /bytes are more than a text can have/],
])('refuses %s', (_, bytes, message) => {
  const run = (): string => utf8Of(bytes);
  expect(run).toThrow(MalformedError);
  expect(run).toThrow(message);
});
