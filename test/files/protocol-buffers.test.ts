import { fieldsOf, MessageWriter, VarintReader } from '../../src/files/protocol-buffers';
import { MalformedError } from '../../src/files/malformed';

const read = (bytes: Uint8Array) => [...fieldsOf(bytes, 'the message')];

test('fields that were written are read', () => {
  const inner = new MessageWriter().integer(1, 5).finish();
  const bytes = new MessageWriter()
    .integer(1, 300)
    .integer(2, -2)
    .integer(3, 2 ** 40 + 1)
    .text(4, 'grün')
    .float(5, 0.5)
    .fixed(6, 4_000_000_000)
    .integers(7, [1, 200, -1])
    .bytes(8, inner)
    .entry(9, 'key', inner)
    .finish();
  const fields = read(bytes);
  expect(fields.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(fields.slice(0, 3).map(({ integer }) => integer)).toEqual([300, -2, 2 ** 40 + 1]);
  expect(fields[3]?.text).toBe('grün');
  expect(fields[4]?.float).toBe(0.5);
  expect(fields[5]?.integer).toBe(4_000_000_000);
  expect(fields[6]?.integers).toEqual([1, 200, -1]);
  expect([...(fields[7]?.fields() ?? [])].map(({ integer }) => integer)).toEqual([5]);
  expect(fields[8]?.entry()).toEqual({ key: 'key', value: Buffer.from(inner) });
});

// The examples of Google's description of the encoding.
test('examples of the encoding', () => {
  expect(read(Uint8Array.from([0x08, 0x96, 0x01]))[0]?.integer).toBe(150);
  expect(read(Buffer.from('120774657374696e67', 'hex'))[0]?.text).toBe('testing');
  expect(read(Buffer.from('3206038e029ea705', 'hex'))[0]?.integers).toEqual([3, 270, 86942]);
  expect(new VarintReader(Buffer.from('feffffffffffffffff01', 'hex'), 'it').next()).toBe(-2);
});

test.each([
  ['a number that is cut off', '0896', /ends in the middle/],
  ['bytes that are cut off', '120774', /cut off/],
  ['bytes of a huge length', '12ffffffffffffff7f00', /cut off/],
  ['bytes of a negative length', '12ffffffffffffffffff01', /cut off/],
  ['a kind that is none', '0b', /unknown kind 3/],
  ['a field of number 0', '0001', /field 0/],
])('%s is refused', (_, hex, message) => {
  expect(() => read(Buffer.from(hex, 'hex'))).toThrow(MalformedError);
  expect(() => read(Buffer.from(hex, 'hex'))).toThrow(message);
});

test('a field is not taken for another kind', () => {
  const [number, bytes] = read(new MessageWriter().integer(1, 1).text(2, 'x').finish());
  expect(() => number?.bytes).toThrow(/must have bytes as its field 1/);
  expect(() => number?.float).toThrow(/32 bits as its field 1/);
  expect(() => bytes?.integer).toThrow(/a number as its field 2/);
});
