import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  fitTextTokenizer,
  kerasModelSequential,
  layerEmbedding,
  loadEmbeddingMatrix,
  pipe,
  predict,
  tf,
  textTokenizer,
} from '../../../src/index';
import { temporaryFolders } from '../../datasets/support';
import { tensorCount } from '../../support/tensors';

const temporaryFolder = temporaryFolders();

const inFolder = async (content: string | Buffer): Promise<string> => {
  const file = path.join(await temporaryFolder(), 'vectors.txt');
  await writeFile(file, content);
  return file;
};

const wordIndex = new Map([
  ['the', 1],
  ['cat', 2],
  ['sät', 4],
]);
const ROWS = 'the 0.5 -1e-3\nother 9 9\nsät 3 4\n. . . 7 8\ncat 1 2';

test('gives the vectors of words in the rows of their ids, and zeros elsewhere', async () => {
  const matrix = await loadEmbeddingMatrix(await inFolder(ROWS), { wordIndex });
  const expected = [0, 0, 0.5, -1e-3, 1, 2, 0, 0, 3, 4];
  expect(matrix.shape).toEqual([5, 2]);
  expect(matrix.dataSync()).toEqual(Float32Array.from(expected));
});

test('takes how many rows there are from numWords, the tokenizer, and what is added to ids', async () => {
  const file = await inFolder(ROWS);
  expect((await loadEmbeddingMatrix(file, { wordIndex, numWords: 3 })).arraySync()).toEqual([
    [0, 0],
    [0.5, Math.fround(-1e-3)],
    [1, 2],
  ]);
  const shifted = await pipe(file, loadEmbeddingMatrix({ wordIndex, indexFrom: 3 }));
  expect(shifted.shape).toEqual([8, 2]);
  expect(shifted.arraySync().slice(5)).toEqual([
    [1, 2],
    [0, 0],
    [3, 4],
  ]);
  const tokenizer = fitTextTokenizer(textTokenizer({ numWords: 2 }), ['the the cat']);
  expect((await loadEmbeddingMatrix(file, { wordIndex: tokenizer })).shape).toEqual([2, 2]);
});

test.each([
  ['a first line of counts, as word2vec and fastText have it', `5 2\n${ROWS}`],
  ['spaces at the ends of lines', ROWS.replaceAll('\n', ' \n')],
  ['line ends of Windows', ROWS.replaceAll('\n', '\r\n')],
  ['a byte-order mark', `\ufeff${ROWS}`],
  ['empty lines', `${ROWS}\n\n`],
  ['a word of two vectors, of which the last counts', `the 8 8\n${ROWS}`],
])('reads %s', async (_, content) => {
  const matrix = await loadEmbeddingMatrix(await inFolder(content), { wordIndex });
  expect(matrix.dataSync()).toEqual(Float32Array.of(0, 0, 0.5, -1e-3, 1, 2, 0, 0, 3, 4));
});

test('reads words with spaces in them', async () => {
  const words = new Map([
    ['. . .', 1],
    ['.', 2],
  ]);
  const matrix = await loadEmbeddingMatrix(await inFolder(ROWS), { wordIndex: words });
  expect(matrix.arraySync()).toEqual([
    [0, 0],
    [7, 8],
    [0, 0],
  ]);
});

test('reads files that are longer than a piece of them', async () => {
  const lines = Array.from({ length: 40_000 }, (_, row) => `word${row} ${row} ${row / 2} ${-row} 1 2 3 4 5`);
  const file = await inFolder(lines.join('\n'));
  const words = new Map([0, 17_000, 39_999].map((row, index) => [`word${row}`, index + 1]));
  const matrix = await loadEmbeddingMatrix(file, { wordIndex: words });
  expect(matrix.slice([1, 0], [3, 3]).arraySync()).toEqual([
    [0, 0, 0],
    [17_000, 8_500, -17_000],
    [39_999, 19_999.5, -39_999],
  ]);
});

test.each([
  ['the 1 2\ncat 1\n', /line 2 has 1 numbers after its word, not 2 as those before it/],
  ['the 1 2\ncat 1 x\n', /line 2 has 'x' where a number should be/],
  ['the 1 2\ncat 1 nan\n', /line 2 has 'nan' where a number should be/],
  ['the 1 2\ncat  2\n', /line 2 has '' where a number should be/],
  ['the\n', /line 1 is no word with numbers after it/],
  ['dog 1 2\n', /none of the 3 words of `wordIndex` is in it/],
  ['', /none of the 3 words of `wordIndex` is in it/],
  [Buffer.from('the 1 2\ns\u00e4t 1 2\n', 'latin1'), /the word in line 2 is not of UTF-8/],
  [`the ${'1'.repeat(2 ** 20)} 2\n`, /line 1 is longer than 1048576 bytes/],
  [`the 1 2\n${'a'.repeat(5 * 2 ** 20)}`, /line 2 is longer than 1048576 bytes/],
])('names the line that is wrong: %.20s', async (content, message) => {
  const file = await inFolder(content);
  const before = tensorCount();
  const error: unknown = await loadEmbeddingMatrix(file, { wordIndex }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    name: 'KerasFileError',
    function: 'loadEmbeddingMatrix',
    argument: 'filename',
  });
  expect((error as Error).message).toMatch(message);
  expect((error as Error).message).toContain(file);
  expect(tensorCount()).toBe(before);
});

test('says what is wrong with its arguments', async () => {
  const file = await inFolder(ROWS);
  const call = loadEmbeddingMatrix as (file: string, options?: object) => Promise<unknown>;
  await expect(call(file)).rejects.toThrow(/the option `wordIndex` is required/);
  await expect(call(file, { wordIndex: { the: 1 } })).rejects.toThrow(/`wordIndex` must be a Map of words/);
  await expect(call(file, { wordIndex: new Map([['a', 'b']]) })).rejects.toThrow(
    /`wordIndex\.get\("a"\)` must be an id/,
  );
  await expect(call(file, { wordIndex: new Map() })).rejects.toThrow(
    /must be such that there are words in it/,
  );
  await expect(call(file, { wordIndex, numWords: 1 })).rejects.toThrow(/`numWords` must be such that/);
  await expect(call('none.txt', { wordIndex })).rejects.toThrow(/the file must be read.*ENOENT/);
});

test('is what an embedding layer begins with', async () => {
  const matrix = await loadEmbeddingMatrix(await inFolder(ROWS), { wordIndex });
  const model = pipe(
    kerasModelSequential(),
    layerEmbedding({ inputDim: 5, outputDim: 2, inputLength: 2, weights: [matrix], trainable: false }),
  );
  const vectors = await predict(model, tf.tensor2d([[2, 4]], [1, 2], 'int32'), { verbose: 0 });
  expect(vectors.arraySync()).toEqual([
    [
      [1, 2],
      [3, 4],
    ],
  ]);
});
