/** Folders of texts in Keras's order: see test/reference/text_directory.py. */
import { readFileSync } from 'node:fs';
import { mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipe, setRandomSeed, textDatasetFromDirectory, tf, type Tensor } from '../../../src/index';
import { temporaryFolders } from '../../datasets/support';
import { camelCase } from '../../support/r-keras';

type Options = Readonly<Record<string, unknown>>;

interface Reference {
  readonly files: Record<string, string>;
  readonly two: string[];
  readonly orders: {
    options: Options;
    files: string[];
    labels: number[];
    class_names: (string | number)[];
  }[];
  readonly batches: {
    readonly two: boolean;
    readonly options: Options;
    readonly batches: { texts: string[]; labels: number[] | number[][] | null; dtype: string | null }[];
  }[];
}
const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../../reference/text_directory.json'), 'utf8'),
) as Reference;

const temporaryFolder = temporaryFolders();

const folderOf = async (files: Readonly<Record<string, string | Buffer>>): Promise<string> => {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  return folder;
};

/** Keras's options under their names here; `split` is short for one of them. */
const camel = (options: Options): Record<string, never> =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name === 'split' ? 'validationSplit' : camelCase(name),
      value,
    ]),
  ) as Record<string, never>; // of the types that the options have

const gather = async (batches: AsyncIterable<unknown>) => {
  const gathered: { texts: unknown; labels: unknown; dtype: string | null }[] = [];
  for await (const batch of batches) {
    const [x, y] = (Array.isArray(batch) ? batch : [batch]) as [Tensor, Tensor | undefined];
    expect(x.dtype).toBe('string');
    gathered.push({ texts: x.arraySync(), labels: y?.arraySync() ?? null, dtype: y?.dtype ?? null });
  }
  return gathered;
};

test.each(reference.orders.map((one) => [JSON.stringify(one.options), one] as const))(
  'has Keras’s files in Keras’s order: %s',
  async (_, { options, files, labels, class_names }) => {
    const folder = await folderOf(reference.files);
    // The order of an epoch is not the files': here the files themselves are compared, and their labels by the texts.
    const data = await textDatasetFromDirectory(folder, camel(options));
    expect(data.files.map((file) => path.relative(folder, file))).toEqual(files);
    if (options['labels'] === null) return;
    expect(data.classNames).toEqual(class_names.map(String));
    const byText = new Map<string, number>();
    for (const { texts, labels: found } of await gather(data))
      (texts as string[]).forEach((text, row) => byText.set(text, (found as number[])[row] ?? NaN));
    expect(files.map((file) => byText.get(reference.files[file] ?? ''))).toEqual(labels);
  },
);

test.each(reference.batches.map((one) => [JSON.stringify(one.options), one] as const))(
  'makes Keras’s batches: %s',
  async (_, { two, options, batches }) => {
    const entries = Object.entries(reference.files).filter(([name]) => !two || reference.two.includes(name));
    const folder = await folderOf(Object.fromEntries(entries));
    const data = await pipe(folder, textDatasetFromDirectory({ ...camel(options), shuffle: false }));
    expect(await gather(data)).toEqual(batches);
    expect(data.steps).toBe(batches.length);
    // A second time the same.
    expect(await gather(data)).toEqual(batches);
  },
);

test('both parts at once are Keras’s two parts, of which the second is in its order', async () => {
  const folder = await folderOf(reference.files);
  const found = (files: readonly string[]): string[] => files.map((file) => path.relative(folder, file));
  const ofSubset = (subset: string) => reference.orders.filter(({ options }) => options['subset'] === subset);
  const pairs = ofSubset('training').flatMap((training) =>
    ofSubset('validation')
      .filter(
        ({ options }) =>
          JSON.stringify({ ...options, subset: 'training' }) ===
          JSON.stringify({ ...training.options, subset: 'training' }),
      ) // prettier-ignore
      .map((validation) => [training, validation] as const),
  );
  expect(pairs.length).toBeGreaterThan(0);
  for (const [training, validation] of pairs) {
    const options = { ...camel(training.options), subset: 'both' } as const;
    const both = await textDatasetFromDirectory(folder, options);
    expect(both.map(({ files }) => found(files))).toEqual([training.files, validation.files]);
    const [, second] = both;
    const orders = [await gather(second), await gather(second)].map((batches) =>
      batches.flatMap(({ texts }) => texts as string[]),
    );
    expect(orders[0]).toEqual(validation.files.map((file) => reference.files[file]));
    expect(orders[1]).toEqual(orders[0]);
  }
  // They cannot overlap, so that no seed is needed.
  const parts = await textDatasetFromDirectory(folder, { validationSplit: 0.5, subset: 'both' });
  const all = parts.flatMap(({ files }) => found(files));
  expect(all.toSorted()).toEqual((await textDatasetFromDirectory(folder)).files.map((file) => path.relative(folder, file)).toSorted()); // prettier-ignore
});

describe('shuffled', () => {
  const names = Array.from({ length: 40 }, (_, index) => `a/${index}.txt`);
  const textsOf = async (data: AsyncIterable<unknown>): Promise<unknown[]> =>
    (await gather(data)).flatMap(({ texts }) => texts as unknown[]);

  test('each epoch has all texts, in another order, and a seed makes it again', async () => {
    const folder = await folderOf(Object.fromEntries(names.map((name) => [name, name])));
    const read = async () => {
      const data = await textDatasetFromDirectory(folder, { seed: 3, batchSize: 7 });
      return [await textsOf(data), await textsOf(data)];
    };
    const [first, second] = await read();
    expect(second).not.toEqual(first);
    expect(second?.toSorted()).toEqual([...names].sort());
    expect(await read()).toEqual([first, second]);
    setRandomSeed(5);
    const random = await textsOf(await textDatasetFromDirectory(folder));
    setRandomSeed(5);
    expect(await textsOf(await textDatasetFromDirectory(folder))).toEqual(random);
  });
});

test('something can be made of each batch', async () => {
  const folder = await folderOf({ 'a/1.txt': 'one', 'b/1.txt': 'three' });
  const data = await textDatasetFromDirectory(folder, { shuffle: false });
  const lengths = data.map(async ([texts, labels]) => {
    await Promise.resolve();
    return [tf.tensor1d(texts.arraySync().map((text) => text.length)), labels] as const;
  });
  for (let epoch = 0; epoch < 2; epoch++) {
    for await (const [x, y] of lengths)
      expect([x.arraySync(), y.arraySync()]).toEqual([
        [3, 5],
        [0, 1],
      ]);
  }
  expect(String(lengths)).toBe('TextDataset: 2 texts of 2 classes in 1 batches');
});

test('a byte-order mark is no part of a text', async () => {
  const folder = await folderOf({ 'a/1.txt': '\ufeffone', 'b/1.txt': '\ufefftwo' });
  for (const options of [{}, { maxLength: 6 }]) {
    const data = await textDatasetFromDirectory(folder, { shuffle: false, ...options });
    for await (const [texts] of data) expect(texts.arraySync()).toEqual(['one', 'two']);
  }
});

test('something more can be made of what was made of each batch', async () => {
  const folder = await folderOf({ 'a/1.txt': 'one', 'b/1.txt': 'three' });
  const data = await textDatasetFromDirectory(folder, { shuffle: false });
  const lengths = data
    .map(([texts]) => texts.arraySync().map((text) => text.length))
    .map(async (counts) => Promise.resolve(counts.map((count) => count * 10)));
  for await (const counts of lengths) expect(counts).toEqual([30, 50]);
});

test('of a file that is longer than maxLength no more is read', async () => {
  const folder = await folderOf({ 'a/1.txt': 'größer', 'a/2.txt': 'k' });
  // More than Node.js reads at once, but for the hole in it no more than a block of the disk.
  await truncate(path.join(folder, 'a/2.txt'), 2 ** 31 + 10);
  const data = await textDatasetFromDirectory(folder, { shuffle: false, maxLength: 3 });
  for await (const [texts] of data) expect(texts.arraySync()).toEqual(['gr', 'k\0\0']);
  const whole = await textDatasetFromDirectory(folder, { shuffle: false });
  await expect(gather(whole)).rejects.toThrow(
    /a\/2\.txt: .*2147483658.* is greater than 2 GiB\. Give a smaller file/,
  );
});

test('goes through folders to which links lead if it is told to, and never in circles', async () => {
  const folder = await folderOf({ 'a/1.txt': 'one', 'b/2.txt': 'two', 'other/3.txt': 'three' });
  await symlink(path.join(folder, 'other'), path.join(folder, 'a/link'));
  await symlink(path.join(folder, 'a'), path.join(folder, 'a/circle'));
  await symlink(path.join(folder, 'none'), path.join(folder, 'a/4.txt'));
  await rm(path.join(folder, 'a/4.txt'));
  const list = async (followLinks: boolean) =>
    (await textDatasetFromDirectory(folder, { shuffle: false, followLinks })).files.map((file) =>
      path.relative(folder, file),
    );
  expect(await list(false)).toEqual(['a/1.txt', 'b/2.txt', 'other/3.txt']);
  expect(await list(true)).toEqual(['a/1.txt', 'a/link/3.txt', 'b/2.txt', 'other/3.txt']);
});

describe('says what is wrong', () => {
  const FILES = { 'a/1.txt': 'one', 'b/2.txt': 'two' };
  const errorOf = async (run: () => Promise<unknown>): Promise<string> => {
    try {
      await run();
    } catch (error) {
      return String(error);
    }
    return 'no error';
  };

  test.each<[Record<string, unknown>, RegExp]>([
    [{ validationSplit: 0.5 }, /`subset` and `validationSplit` go together/],
    [{ subset: 'training' }, /`subset` and `validationSplit` go together/],
    [{ subset: 'training', validationSplit: 0.5 }, /`seed` must be given with `validationSplit`/],
    [
      { subset: 'training', validationSplit: 0.1, seed: 1 },
      /must leave files for both parts\. Received: 0\.1 of 2 files/,
    ],
    [{ validationSplit: 1 }, /`validationSplit` must be a fraction above 0 and below 1/],
    [{ classNames: ['a', 'c'] }, /`classNames` must be the names of the folders, each once\. Received: 'c'/],
    [{ classNames: ['a'] }, /Received: no 'b', or one twice\. Name all of them: a, b/],
    [{ classNames: ['a', 'b', 'a'] }, /each once/],
    [{ classNames: ['a'], labels: [0, 1] }, /`classNames` goes with the labels of folders/],
    [{ labels: [1] }, /must have one for each file, .*Received: 1 labels for 2 files/],
    [{ labels: [1, 0.5] }, /`labels` must be 'inferred', null, or a list/],
    [
      { labels: [0, 7], labelMode: 'categorical' },
      /`labels` must be from 0 to 1, as there are 2 classes\. Received: 7/,
    ],
    [{ labels: [1, 1], labelMode: 'binary' }, /`labelMode: 'binary'` needs two classes\. Received: 1: 1/],
    [{ labelMode: 'onehot' }, /`labelMode` must be one of/],
    [{ batchsize: 2 }, /Did you mean 'batchSize'/],
  ])('with options: %j', async (options, message) => {
    const folder = await folderOf(FILES);
    expect(await errorOf(() => textDatasetFromDirectory(folder, options as never))).toMatch(message);
  });

  test('with a folder', async () => {
    const flat = await folderOf({ '1.txt': 'one' });
    expect(await errorOf(() => textDatasetFromDirectory(flat))).toMatch(
      /^KerasFileError: textDatasetFromDirectory: the folder must have a folder for each class\./,
    );
    const empty = await folderOf({ 'a/1.md': 'one' });
    expect(await errorOf(() => textDatasetFromDirectory(empty))).toMatch(/must have files of \.txt/);
    const none = path.join(flat, 'none');
    expect(await errorOf(() => textDatasetFromDirectory(none))).toMatch(/the folder must be read.*ENOENT/);
    expect(await errorOf(() => textDatasetFromDirectory(path.join(flat, '1.txt')))).toMatch(/ENOTDIR/);
    expect(await errorOf(() => textDatasetFromDirectory(5 as never))).toMatch(
      /Write textDatasetFromDirectory\(directory, \{ labels: …/,
    );
  });

  test('with a file that vanishes, or is no text, when it is its turn', async () => {
    const folder = await folderOf({ ...FILES, 'b/3.txt': Buffer.from('Köln', 'latin1') });
    const data = await textDatasetFromDirectory(folder, { shuffle: false, batchSize: 1 });
    await rm(path.join(folder, 'b/2.txt'));
    const batches = data[Symbol.asyncIterator]();
    expect((await batches.next()).value?.[0].arraySync()).toEqual(['one']);
    expect(await errorOf(() => batches.next())).toMatch(/2\.txt: ENOENT/);
    await writeFile(path.join(folder, 'b/2.txt'), 'two');
    expect(await errorOf(() => gather(data))).toMatch(
      /3\.txt, of which the bytes are no characters of UTF-8, in line 1/,
    );
  });
});
