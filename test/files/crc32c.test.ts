import { crc32c, maskedCrc32c } from '../../src/files/crc32c';

// RFC 3720, B.4, whose checksums are written there with the lowest byte first.
test.each([
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 ones', new Uint8Array(32).fill(255), 0x62a8ab43],
  ['0 to 31', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
  ['31 to 0', Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
  ['123456789', Buffer.from('123456789'), 0xe3069283],
  ['nothing', new Uint8Array(), 0],
])('the checksum of %s', (_, bytes, sum) => {
  expect(crc32c(bytes)).toBe(sum);
});

test('bytes in two parts', () => {
  const bytes = Buffer.from('The quick brown fox jumps over the lazy dog');
  for (const at of [0, 1, 7, 8, 9, 20, bytes.length])
    expect(crc32c(bytes.subarray(at), crc32c(bytes.subarray(0, at)))).toBe(0x22620404);
});

// LevelDB's test: a mask that is undone by no second mask.
test('a masked checksum', () => {
  const sum = crc32c(Buffer.from('foo'));
  expect(sum).toBe(0xcfc4ae1d);
  expect(maskedCrc32c(sum)).toBe((((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0);
  expect(maskedCrc32c(maskedCrc32c(sum))).not.toBe(sum);
});
