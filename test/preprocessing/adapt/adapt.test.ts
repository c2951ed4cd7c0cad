/** What layers learn from: arrays, tensors, columns, tables, streams. */
import { Readable } from 'node:stream';
import {
  adapt,
  asTable,
  featureSpace,
  getVocabulary,
  layerDense,
  layerDiscretization,
  layerIntegerLookup,
  layerNormalization,
  layerStringLookup,
  layerTextVectorization,
  parseCsv,
  pipe,
  tf,
  type AdaptData,
} from '../../../src/index';
import { tensorCount } from '../../support/tensors';

const words = ['b', 'a', 'b', 'c', 'b', 'a'];
const LEARNED = ['[UNK]', 'b', 'a', 'c'];

function* batches() {
  yield words.slice(0, 2);
  yield tf.tensor1d(words.slice(2));
}

async function* later() {
  for (const word of words) {
    await Promise.resolve();
    yield [[word]];
  }
}

describe('adapt', () => {
  it.each<[string, AdaptData | (() => AdaptData)]>([
    ['a list', words],
    ['rows', words.map((word) => [word])],
    ['a tensor', () => tf.tensor2d(words, [3, 2])],
    ['a column', asTable({ word: words }).column('word')],
    ['a table of columns', asTable({ first: words.slice(0, 3), second: words.slice(3) })],
    ['rows of objects', words.map((word) => ({ word }))],
    ['columns by name', { word: words }],
    ['a generator', () => batches()],
    ['an asynchronous generator', () => later()],
    ['batches for fit', () => [[tf.tensor1d(words), [1, 0]] as const].values()],
    ['batches by name', () => [{ x: words.slice(0, 4), y: [1] }, { x: words.slice(4) }].values()],
    ['a stream of rows', () => Readable.from(words)],
    ['a data set of tf.data', () => tf.data.array(words).batch(4) as unknown as AdaptData],
  ])('learns from %s', async (_, data) => {
    const given = typeof data === 'function' ? (data as () => AdaptData)() : data;
    expect(getVocabulary(await adapt(layerStringLookup(), given))).toEqual(LEARNED);
  });

  it('is piped, and gives the layer', async () => {
    const step = layerTextVectorization();
    expect(await pipe(step, adapt(['x y', 'y']))).toBe(step);
    expect(getVocabulary(step)).toEqual(['', '[UNK]', 'y', 'x']);
  });

  it('learns anew, and from so many batches of a stream', async () => {
    const step = await adapt(layerStringLookup(), words);
    await adapt(step, batches(), { steps: 1 });
    expect(getVocabulary(step)).toEqual(['[UNK]', 'b', 'a']);
    await adapt(step, Readable.from(words), { batchSize: 1, steps: 4 });
    expect(getVocabulary(step)).toEqual(['[UNK]', 'b', 'c', 'a']);
  });

  it('takes whole numbers as they are, beyond what a float holds', async () => {
    const step = await adapt(layerIntegerLookup(), [[16777217], [16777217], [-2147483648]]);
    expect(getVocabulary(step)).toEqual([-1, 16777217, -2147483648]);
    const table = parseCsv('n,m\n5,1\n7,2\n5,3\n');
    expect(getVocabulary(await adapt(layerIntegerLookup(), table.column('n')))).toEqual([-1, 5, 7]);
  });

  it('keeps nothing of the data, and what was learned before an error', async () => {
    const step = await adapt(layerStringLookup(), words);
    const before = tensorCount();
    await adapt(step, words);
    expect(tensorCount()).toBe(before);
    const failing = function* () {
      yield ['x'];
      throw new Error('the disk is gone');
    };
    await expect(adapt(step, failing())).rejects.toThrow('the disk is gone');
    expect(getVocabulary(step)).toEqual(LEARNED);
    await adapt(step, ['y']);
    expect(getVocabulary(step)).toEqual(['[UNK]', 'y']);
  });

  it('lets others run in between', async () => {
    const many = Array.from({ length: 40_000 }, (_, index) => `word ${index % 1000} of ${index}`);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await adapt(layerTextVectorization(), many);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);
  });

  it('says what is wrong', async () => {
    const missing = parseCsv('word,n\na,1\n,2\n');
    await expect(adapt(layerStringLookup(), missing.column('word'))).rejects.toThrow(
      /a value in each row\. Received: nothing in row 1/,
    );
    await expect(adapt(layerStringLookup(), missing)).rejects.toThrow(/nothing in row 1 \(line 3\)/);
    await expect(adapt(layerStringLookup(), [[1]])).rejects.toThrow(/`data` must be data of texts/);
    await expect(adapt(layerIntegerLookup(), ['a'])).rejects.toThrow(/`data` must be data of whole numbers/);
    await expect(adapt(layerStringLookup(), words, { steps: 2 })).rejects.toThrow(/`steps` must be left out/);
    await expect(adapt(layerStringLookup(), batches(), { batchSize: 2 })).rejects.toThrow(
      /`batchSize` must be left out/,
    );
    await expect(adapt(layerStringLookup({ vocabulary: ['a'] }), words)).rejects.toThrow(
      /adapt: a layer that learns from data must not have been given a vocabulary/,
    );
    // @ts-expect-error -- no such layer
    await expect(adapt(layerDense({ units: 1 }), words)).rejects.toThrow(
      /`layer` must be a layer that learns from data/,
    );
    // @ts-expect-error -- no such option
    expect(() => adapt(words, { batchsize: 3 })).toThrow(/Did you mean 'batchSize'/);
  });

  it.each([
    ['an array', () => [[1, 2], [3, 4], [5, NaN]]], // prettier-ignore
    ['a tensor', () => tf.tensor2d([[1, 2], [3, 4], [5, NaN]])], // prettier-ignore
    ['a stream', () => [[[1, 2], [3, 4]], [[5, NaN]]].values()], // prettier-ignore
  ])('says where a number is missing: in %s', async (_, data) => {
    const message = 'adapt: `data` must be numbers, and none of them missing. Received: NaN in row 2. Leave such rows out, or fill them in.'; // prettier-ignore
    await expect(adapt(layerNormalization(), data())).rejects.toThrow(message);
    await expect(adapt(layerDiscretization({ numBins: 2 }), data())).rejects.toThrow(message);
    const infinite = [[1], [Infinity]];
    await expect(adapt(layerNormalization(), infinite)).rejects.toThrow(/Received: Infinity in row 1/);
    await adapt(layerDiscretization({ numBins: 2 }), infinite);
  });

  it.each([
    ['an array', () => [[7, 1], [7, NaN]], 'NaN'], // prettier-ignore
    ['a list', () => [7, 1.5], '1.5'],
    ['a typed array', () => Float32Array.of(7, NaN), 'NaN'],
    ['flat data', () => ({ data: [7, NaN], shape: [2, 1] }), 'NaN'],
    ['a tensor', () => tf.tensor1d([7, NaN]), 'NaN'],
    ['numbers beyond 32 bits', () => [7, 2 ** 31], '2147483648'],
    ['a column', () => asTable({ a: [7, 0.5] }).column('a'), '0.5'],
    ['a stream', () => [[7], [NaN]].values(), 'NaN'],
  ])('takes whole numbers only where it learns from these: %s', async (_, data, received) => {
    await expect(adapt(layerIntegerLookup(), data() as never)).rejects.toThrow(
      `adapt: \`data\` must be made of whole numbers of 32 bits, and none of them missing. Received: ${received}.`,
    );
  });

  it('waits for a stream as long as it is told to', async () => {
    const never: AsyncIterable<number[][]> = {
      async *[Symbol.asyncIterator]() {
        yield [[1]];
        await new Promise(() => undefined);
      },
    };
    await expect(adapt(layerNormalization(), never, { batchTimeout: 20 })).rejects.toThrow(
      'adapt: `data` must give a batch within `batchTimeout`, 20 ms. Received: none in this time.',
    );
    const space = featureSpace({ features: { age: 'float_normalized' } });
    const columns = (): Promise<unknown> => new Promise(() => undefined);
    await expect(space.adapt(columns as never, { batchTimeout: 20 })).rejects.toThrow(
      /^featureSpace\.adapt: `data` must give a batch within `batchTimeout`, 20 ms/,
    );
    await expect(adapt(layerNormalization(), [[1]], { batchTimeout: 20 })).rejects.toThrow(
      /`batchTimeout` must be left out for data that are no stream/,
    );
  });

  it('says that there are no data', async () => {
    await expect(adapt(layerNormalization(), [])).rejects.toThrow(
      /^adapt: `data` must be data of at least one row/,
    );
    await expect(adapt(layerStringLookup(), [].values())).rejects.toThrow(/data of at least one row/);
    await expect(adapt(layerNormalization(), tf.zeros([0, 2]))).rejects.toThrow(/data of at least one row/);
    for (const layer of [layerNormalization(), layerIntegerLookup(), layerDiscretization({ numBins: 2 })])
      await expect(adapt(layer, [[]])).rejects.toThrow(/data of at least one row\. Received: \[\[\]\]/);
  });
});
