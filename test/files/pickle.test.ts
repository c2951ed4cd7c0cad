import { pickledLists } from '../../datasets/build/npz-writer';
import { MalformedError } from '../../src/files/malformed';
import * as pickle from '../../src/files/pickle';

/** Reads a pickle of at most 256 lists. */
const readPickledLists = (bytes: Buffer): number[][] => pickle.readPickledLists(bytes, 256);

// a = numpy.empty(2, object); a[0] = [1, 300, 70000]; a[1] = [2]; pickle.dumps(a, protocol=p).hex(), NumPy 1.24 and 2.4
const LISTS = [[1, 300, 70000], [2]];
const PICKLES: Readonly<Record<string, string>> = {
  'protocol 2':
    '8002636e756d70792e636f72652e6d756c746961727261790a5f7265636f6e7374727563740a7100636e756d70790a6e6461727261790a71014b00857102635f636f646563730a656e636f64650a7103580100000062710458060000006c6174696e317105867106527107877108527109284b014b0285710a636e756d70790a64747970650a710b58020000004f38710c898887710d52710e284b0358010000007c710f4e4e4e4affffffff4affffffff4b3f74711062895d7111285d7112284b014d2c014a70110100655d71134b026165747114622e',
  'protocol 3':
    '8003636e756d70792e636f72652e6d756c746961727261790a5f7265636f6e7374727563740a7100636e756d70790a6e6461727261790a71014b008571024301627103877104527105284b014b02857106636e756d70790a64747970650a710758020000004f387108898887710952710a284b0358010000007c710b4e4e4e4affffffff4affffffff4b3f74710c62895d710d285d710e284b014d2c014a70110100655d710f4b026165747110622e',
  'protocol 4':
    '8004959c000000000000008c156e756d70792e636f72652e6d756c74696172726179948c0c5f7265636f6e7374727563749493948c056e756d7079948c076e6461727261799493944b0085944301629487945294284b014b02859468038c0564747970659493948c024f3894898887945294284b038c017c944e4e4e4affffffff4affffffff4b3f749462895d94285d94284b014d2c014a70110100655d944b0261657494622e',
  'protocol 5':
    '8005959c000000000000008c156e756d70792e636f72652e6d756c74696172726179948c0c5f7265636f6e7374727563749493948c056e756d7079948c076e6461727261799493944b0085944301629487945294284b014b02859468038c0564747970659493948c024f3894898887945294284b038c017c944e4e4e4affffffff4affffffff4b3f749462895d94285d94284b014d2c014a70110100655d944b0261657494622e',
  'protocol 4 of NumPy 2':
    '8004959d000000000000008c166e756d70792e5f636f72652e6d756c74696172726179948c0c5f7265636f6e7374727563749493948c056e756d7079948c076e6461727261799493944b0085944301629487945294284b014b02859468038c0564747970659493948c024f3894898887945294284b038c017c944e4e4e4affffffff4affffffff4b3f749462895d94285d94284b014d2c014a70110100655d944b0261657494622e',
};

test.each(Object.entries(PICKLES))('reads %s', (_, hex) => {
  expect(readPickledLists(Buffer.from(hex, 'hex'))).toEqual(LISTS);
});

test('reads the strings and longs of Python 2', () => {
  expect(readPickledLists(pickledLists(LISTS))).toEqual(LISTS);
  // LONG1 of 0 bytes is 0, of two bytes ff 7f is 32767.
  const longs = body('\x8a\x00\x8a\x02\xff\x7f\x8a\x01\x05');
  expect(readPickledLists(longs)).toEqual([[0, 32767, 5]]);
});

/** A pickle of an array of one list whose elements are made by `code`. */
function body(code: string): Buffer {
  const whole = pickledLists([[7]]).toString('latin1');
  return Buffer.from(whole.replace('](K\x07e', `](${code}e`), 'latin1');
}
const raw = (code: string): Buffer => Buffer.from(code, 'latin1');
const SAMPLE = Buffer.from(PICKLES['protocol 3'] ?? '', 'hex');

test('the helper of these tests makes good pickles', () => {
  expect(readPickledLists(body('K\x07'))).toEqual([[7]]);
});

test.each<[string, Buffer, RegExp]>([
  [
    'a call of os.system',
    raw('\x80\x02cos\nsystem\nX\x02\x00\x00\x00ls\x85R.'),
    /names the Python object "os\.system"/,
  ],
  ['a call of os.system within a list', body('cposix\nsystem\nU\x02ls\x85R'), /"posix\.system"/],
  [
    'a call by STACK_GLOBAL',
    raw('\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x011\x85R.'),
    /"builtins\.eval"/,
  ],
  ['a name of every JavaScript object', raw('\x80\x02c__proto__\n\n.'), /names the Python object/],
  [
    'a call of something known with other values',
    raw('\x80\x02c_codecs\nencode\nU\x01bU\x03hex\x86R.'),
    /calls something/,
  ],
  [
    'a call of _reconstruct for another class',
    raw('\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\ndtype\nK\x00\x85U\x01b\x87R.'),
    /calls something/,
  ],
  ['a call of a number', raw('\x80\x02K\x01)R.'), /calls something/],
  ['INST, OBJ and NEWOBJ', raw('\x80\x02)\x81.'), /operation 0x81/],
  ['a persistent id', raw('\x80\x02U\x01aQ.'), /operation 0x51/],
  ['an extension code', raw('\x80\x02\x82\x01.'), /operation 0x82/],
  ['an out-of-band buffer', raw('\x80\x05\x97.'), /operation 0x97/],
  ['a dictionary', raw('\x80\x02}.'), /operation 0x7d/],
  ['protocol 0', raw('(lp0\nI1\na.'), /protocol 0 or 1/],
  ['protocol 6', raw('\x80\x06].'), /protocol 6/],
  ['a bare list', raw('\x80\x02].'), /no NumPy array/],
  ['nothing at all', raw(''), /ends too early/],
  ['a pickle cut off', SAMPLE.subarray(0, SAMPLE.length - 10), /ends too early/],
  ['a name without end', raw('\x80\x02cnumpy'), /ends too early/],
  ['bytes after the end', Buffer.concat([SAMPLE, raw('K\x01')]), /bytes follow/],
  ['a value that was never stored', body('j\xff\xff\xff\xff'), /asks for the value 4294967295/],
  ['an endless frame', raw('\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f].'), /frame/],
  ['an endless string', raw('\x80\x02X\xff\xff\xff\xffa.'), /ends too early/],
  ['a stack that underflows', raw('\x80\x02\x87.'), /unbalanced/],
  ['a mark that is missing', raw('\x80\x02]e.'), /unbalanced/],
  ['a mark that is left', raw('\x80\x02](.'), /unbalanced/],
  ['marks without end', raw(`\x80\x02${'('.repeat(5000)}`), /nested too deep/],
  ['an append to a number', raw('\x80\x02K\x01K\x02a.'), /no list/],
  ['a state for a list', raw('\x80\x02]K\x01\x85b.'), /no array/],
  ['lists in lists', body(']K\x01a'), /list 0 has an element/],
  ['text in lists', body('U\x01a'), /list 0 has an element/],
  ['fractions in lists', body('G\x3f\xe0\x00\x00\x00\x00\x00\x00'), /list 0 has an element/],
  ['negative numbers in lists', body('J\xff\xff\xff\xff'), /list 0 has an element/],
  ['a huge integer', body('\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x10'), /too large/],
  [
    'numbers in place of lists',
    raw(
      pickledLists([[7]])
        .toString('latin1')
        .replace('](K\x07e', 'K\x07'),
    ),
    /element 0 is no list/,
  ],
  [
    'a shape that does not fit',
    raw(
      pickledLists([[7]])
        .toString('latin1')
        .replace('(K\x01K\x01\x85', '(K\x01K\x02\x85'),
    ),
    /shape \(2\) but 1 elements/,
  ],
])('refuses %s', (_, pickle, message) => {
  expect(() => readPickledLists(pickle)).toThrow(MalformedError);
  expect(() => readPickledLists(pickle)).toThrow(message);
});

test('a memo of huge numbers costs nothing', () => {
  expect(readPickledLists(body('K\x07r\xff\xff\xff\xff'))).toEqual([[7]]);
});

test('one list named many times does not grow without limit', () => {
  // The list is stored as 1 and taken from there 255 times, two bytes each: 255 · 1000 numbers out of 1500 bytes.
  const many = `](${'K\x07'.repeat(1000)}eq\x01${'h\x01'.repeat(255)}`;
  const whole = pickledLists([[7]])
    .toString('latin1')
    .replace('](K\x07e', many)
    .replace('(K\x01K\x01\x85', '(K\x01M\x00\x01\x85');
  expect(() => readPickledLists(raw(whole))).toThrow('longer than the file');
});

test('a list that contains itself ends', () => {
  const whole = pickledLists([[7]])
    .toString('latin1')
    .replace('](K\x07e', ']q\x01(h\x01e');
  expect(() => readPickledLists(raw(whole))).toThrow('list 0 has an element');
});

describe('within seconds, without filling the memory, it refuses', () => {
  // Fifty lists, of which each holds the one before it twice: its text would have 2^50 pieces.
  const twice = (): string => {
    let code = ']q\x00';
    for (let depth = 1; depth < 50; depth++) {
      const before = `h${String.fromCharCode(depth - 1)}`;
      code += `](${before}${before}eq${String.fromCharCode(depth)}`;
    }
    return code;
  };
  const header = '\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R';
  const dtype = 'cnumpy\ndtype\nU\x02O8K\x00K\x01\x87R';

  test.each<[string, () => Buffer, RegExp]>([
    [
      'STACK_GLOBAL of lists in lists',
      () => raw(`\x80\x04${twice()}\x8c\x04name\x93.`),
      /something that is no text/,
    ],
    [
      'STACK_GLOBAL of lists in lists, as the name',
      () => raw(`\x80\x04\x8c\x05numpy${twice()}\x93.`),
      /something that is no text/,
    ],
    [
      'a shape of lists in lists',
      () => raw(`${header}(K\x01${twice()}\x85${dtype}\x89]tb.`),
      /no row of Python objects/,
    ],
    [
      'a shape of lists in lists, beside a number',
      () => raw(`${header}(K\x01K\x00${twice()}\x86${dtype}\x89]tb.`),
      /no row of Python objects/,
    ],
    [
      'a dtype of lists in lists',
      () => raw(`${header}(K\x01K\x00\x85cnumpy\ndtype\n${twice()}\x85Rtb.`),
      /calls something/,
    ],
    [
      'a list with itself as the shape',
      () => raw(`${header}(K\x01]q\x00h\x00a\x85${dtype}\x89]tb.`),
      /no row of/,
    ],
    ...([
      ['empty lists', ']'],
      ['empty tuples', ')'],
      ['nothings', 'N'],
      ['texts', 'U\x00'],
      ['entries of the memo', ']\x94'],
      ['entries of the memo, far apart', ']r\xff\xff\xff\xff'],
    ].map(([name, code]) => [
      `${name} without end`,
      () => Buffer.concat([raw('\x80\x04'), Buffer.alloc(64 * 2 ** 20, code, 'latin1')]),
      /more objects than its lists need/,
    ]) as [string, () => Buffer, RegExp][]),
    ...([
      ['numbers', 'K\x01'],
      ['longs', '\x8a\x00'],
      ['one list over and over', 'h\x00'],
    ].map(([name, code]) => [
      `${name} without end`,
      () => Buffer.concat([raw('\x80\x04]q\x00'), Buffer.alloc(64 * 2 ** 20, code, 'latin1')]),
      /piles up too many values/,
    ]) as [string, () => Buffer, RegExp][]),
  ])('%s', (_, make, message) => {
    const bytes = make();
    const before = process.memoryUsage().rss;
    const start = performance.now();
    expect(() => readPickledLists(bytes)).toThrow(message);
    expect(performance.now() - start).toBeLessThan(5000);
    expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
  });
});

test('reads as many lists as there should be, stored in the memo as Python does', () => {
  const lists = Array.from({ length: 20_000 }, (_, row) => [row]);
  expect(pickle.readPickledLists(pickledLists(lists), 20_000)).toEqual(lists);
  expect(() => pickle.readPickledLists(pickledLists(lists), 4000)).toThrow(
    'more objects than its lists need',
  );
});
