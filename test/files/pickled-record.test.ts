import { MalformedError } from '../../src/files/malformed';
import { readPickledRecord } from '../../src/files/pickled-record';

const raw = (code: string): Buffer => Buffer.from(code, 'latin1');
const read = (code: string) => readPickledRecord(raw(`\x80\x02${code}.`), 10);

/** A NumPy array of bytes as Python 2 pickles it, of a shape, with the bytes that `bytes` says. */
const array = (shape: string, bytes: string, type = 'u1', byColumns = '\x89'): string =>
  'cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R' +
  `(K\x01${shape}cnumpy\ndtype\nU\x02${type}K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb` +
  `${byColumns}${bytes}tb`;
const TWO_BY_THREE = array('K\x02K\x03\x86', 'U\x06\x00\x01\x02\xfd\xfe\xff');
const whole = `}(U\x04data${TWO_BY_THREE}U\x06labels](K\x01K\x09eu`;

test('reads bytes with their shape, and labels', () => {
  const record = read(whole);
  const { shape, bytes } = record.bytes('data', [null, 3]);
  expect([shape, [...bytes]]).toEqual([
    [2, 3],
    [0, 1, 2, 253, 254, 255],
  ]);
  expect(record.labels('labels', 2, 10)).toEqual(Int32Array.of(1, 9));
});

test.each<[string, string, RegExp]>([
  ['a call of os.system as a value', '}U\x04datacos\nsystem\nU\x02ls\x85Rs', /"os\.system".*nothing was run/],
  ['a call of os.system as a key', '}cos\nsystem\nU\x02ls\x85RK\x01s', /"os\.system"/],
  ['a key that is no text', '}K\x01K\x02s', /has a key that is no text/],
  ['a key without a value', '}(U\x01au', /sets items of something that is no dictionary/],
  ['items of a list', '](U\x01aK\x01u', /sets items of something that is no dictionary/],
  ['a list', ']', /is no dictionary/],
  ['numbers of another type', `}U\x04data${array('K\x02\x85', 'U\x02ab', 'f8')}s`, /nor one of bytes/],
  ['columns first', `}U\x04data${array('K\x02\x85', 'U\x02ab', 'u1', '\x88')}s`, /nor one of bytes/],
  ['a size below zero', `}U\x04data${array('J\xff\xff\xff\xff\x85', 'U\x02ab')}s`, /nor one of bytes/],
  ['a size that is a text', `}U\x04data${array('U\x01a\x85', 'U\x02ab')}s`, /nor one of bytes/],
  ['more dictionaries than rows', '}'.repeat(2000), /more objects than its lists need/],
])('refuses %s', (_, code, message) => {
  expect(() => read(code)).toThrow(MalformedError);
  expect(() => read(code)).toThrow(message);
});

test('refuses what is not what was asked for', () => {
  const record = read(whole);
  expect(() => record.bytes('image', [null])).toThrow(/has no 'image', but data, labels/);
  expect(() => record.bytes('__proto__', [null])).toThrow(/has no '__proto__'/);
  expect(() => record.bytes('data', [null, 4])).toThrow(/is no array of bytes of shape \(n, 4\)/);
  expect(() => record.bytes('labels', [2])).toThrow(/is no array of bytes/);
  expect(() => record.labels('labels', 3, 10)).toThrow(/is no list of 3 labels/);
  expect(() => record.labels('labels', 2, 9)).toThrow(/has the label 9 at 1, outside 0 to 8/);
  expect(() => record.labels('data', 2, 9)).toThrow(/is no list of 2 labels/);
  const short = read(`}U\x04data${array('K\x02K\x03\x86', 'U\x05abcde')}s`);
  expect(() => short.bytes('data', [2, 3])).toThrow(/has 5 bytes where its shape needs 6/);
});
