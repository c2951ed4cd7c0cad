/** Files that were made to fill the memory or the time of whoever reads them. */
import { npy, zip } from '../../datasets/build/npz-writer';

const raw = (code: string): Buffer => Buffer.from(code, 'latin1');
const LABELS = npy('|u1', [1], Uint8Array.of(1));

/** Lists of which each holds the one before it twice: as text they have 2^depth pieces. */
const twice = (depth: number): string => {
  let code = ']q\x00';
  for (let level = 1; level < depth; level++) {
    const before = `h${String.fromCharCode(level - 1)}`;
    code += `](${before}${before}eq${String.fromCharCode(level)}`;
  }
  return code;
};

const PICKLE_HEAD = '\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R';

/** An `.npz` file as IMDB's, its texts a pickle of this code. */
const pickled = (rows: number, pickle: Buffer): Buffer =>
  zip({
    'x_train.npy': npy('|O', [rows], pickle),
    'y_train.npy': LABELS,
    'x_test.npy': LABELS,
    'y_test.npy': LABELS,
  });

const images = (type: string, rows: number, bytes: number): Buffer =>
  zip({
    'x_train.npy': npy(type, [rows, 28, 28], Buffer.alloc(bytes)),
    'y_train.npy': LABELS,
    'x_test.npy': LABELS,
    'y_test.npy': LABELS,
  });

/** The same, but the archive says that each member unpacks to few bytes. */
const undeclared = (archive: Buffer): Buffer => {
  const lying = Buffer.from(archive);
  for (let at = lying.indexOf('PK\x01\x02'); at >= 0; at = lying.indexOf('PK\x01\x02', at + 4)) {
    lying.writeUInt32LE(60_000, at + 24);
  }
  return lying;
};

const MEGABYTE = 2 ** 20;

/** Data set functions, the names of their files, and what is wrong with each file. */
export const HOSTILE: readonly (readonly [
  dataset: string,
  file: string,
  what: string,
  make: () => Buffer,
])[] = [
  [
    'datasetImdb',
    'imdb.npz',
    'a name of lists in lists',
    () => pickled(1, raw(`\x80\x04${twice(60)}\x8c\x01a\x93.`)),
  ],
  [
    'datasetImdb',
    'imdb.npz',
    'a shape of lists in lists',
    () =>
      pickled(1, raw(`${PICKLE_HEAD}(K\x01${twice(60)}\x85cnumpy\ndtype\nU\x02O8K\x00K\x01\x87R\x89]tb.`)),
  ],
  [
    'datasetImdb',
    'imdb.npz',
    '256 MB of empty lists',
    () => pickled(25_000, Buffer.concat([raw('\x80\x02'), Buffer.alloc(256 * MEGABYTE, ']')])),
  ],
  [
    'datasetImdb',
    'imdb.npz',
    'as many empty lists as the bytes of the data set allow',
    () => pickled(25_000, Buffer.concat([raw('\x80\x02'), Buffer.alloc(20 * MEGABYTE, ']')])),
  ],
  [
    'datasetImdb',
    'imdb.npz',
    'as many numbers as the bytes of the data set allow',
    () => pickled(25_000, Buffer.concat([raw('\x80\x02](('), Buffer.alloc(20 * MEGABYTE, 'K\x01')])),
  ],
  [
    'datasetMnist',
    'mnist.npz',
    '250 MB of numbers, which were 3 GB when they were read',
    () => images('<i8', 40_000, 250 * MEGABYTE),
  ],
  [
    'datasetMnist',
    'mnist.npz',
    '240 MB that the archive does not declare',
    () => undeclared(images('|u1', 300_000, 240 * MEGABYTE)),
  ],
  [
    'datasetMnist',
    'mnist.npz',
    'another type of all the bytes that are allowed',
    () => zip({ 'x_train.npy': npy('<i8', [13 * MEGABYTE], Buffer.alloc(104 * MEGABYTE)) }),
  ],
  [
    'datasetImdbWordIndex',
    'imdb_word_index.json',
    'brackets without end',
    () => Buffer.alloc(3_300_000, '['),
  ],
  [
    'datasetImdbWordIndex',
    'imdb_word_index.json',
    'nested lists of all the bytes that are allowed',
    () => Buffer.concat([raw('{"a":'), Buffer.alloc(1_600_000, '['), Buffer.alloc(1_600_000, ']'), raw('}')]),
  ],
  [
    'datasetImdbWordIndex',
    'imdb_word_index.json',
    'a word without end',
    () => Buffer.concat([raw('{"'), Buffer.alloc(3_200_000, 'a'), raw('": 0}')]),
  ],
  [
    'datasetBostonHousing',
    'boston_housing.npz',
    'an array that is deflated a thousandfold',
    () => zip({ 'x.npy': npy('<f8', [MEGABYTE, 13], Buffer.alloc(104 * MEGABYTE)), 'y.npy': LABELS }),
  ],
];
