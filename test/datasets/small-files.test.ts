/** The data sets of Keras's own formats, on small files that test/reference/datasets.py made, and what Keras's loaders make of them. */
import type * as cryptoModule from 'node:crypto';
import { createHash } from 'node:crypto';
import type * as fsModule from 'node:fs';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type * as defineModule from '../../src/datasets/define-dataset';
import type { DatasetFile } from '../../src/datasets/dataset-file';
import { addressOf, KERAS_ADDRESS } from '../../src/datasets/dataset-file';
import {
  datasetCifar10,
  datasetCifar100,
  datasetFashionMnist,
  datasetReuters,
  datasetReutersWordIndex,
} from '../../src/datasets';
import type { Tensor } from '../../src/tfjs/tensorflow';
import { camelCase } from '../support/r-keras';
import { tensorCount } from '../support/tensors';
import { serve, temporaryFolders, testEnvironment, testServers } from './support';

type Options = Readonly<Record<string, unknown>>;
interface Part<X> {
  readonly x: X;
  readonly y: number[] | number[][];
}
interface Summary {
  readonly shape: number[];
  readonly sha256: string;
}
interface Reference {
  readonly files: Record<string, string>;
  readonly reuters: { readonly options: Options; readonly data: Part<number[][]>[] }[];
  readonly word_index: Record<string, number>;
  readonly fashion: Part<Summary>[];
  readonly cifar10: Part<Summary>[];
  readonly cifar100: Record<'fine' | 'coarse', Part<Summary>[]>;
  readonly requests: { fname: string; origin: string; file_hash?: string; cache_subdir?: string }[];
}

// The data sets with the lengths and hashes of the small files in the places of the real ones; what they were is kept.
jest.mock('../../src/datasets/define-dataset', () => {
  const actual = jest.requireActual<typeof defineModule>('../../src/datasets/define-dataset');
  const fs = jest.requireActual<typeof fsModule>('node:fs');
  const crypto = jest.requireActual<typeof cryptoModule>('node:crypto');
  const json = fs.readFileSync(`${__dirname}/../reference/datasets.json`, 'utf8');
  const { files: small } = JSON.parse(json) as Reference;
  const real: DatasetFile<unknown>[] = [];
  const smaller = (file: DatasetFile<unknown>): DatasetFile<unknown> => {
    real.push(file);
    const base64 = small[path.basename(file.name)];
    if (base64 === undefined) return file;
    const content = Buffer.from(base64, 'base64');
    const { name, read, unpacked } = file;
    const sha256 = crypto.createHash('sha256').update(content).digest('hex');
    return { name, read, unpacked, bytes: content.length, sha256 };
  };
  return {
    ...actual,
    real,
    defineDataset: (definition: { readonly files: DatasetFile<unknown>[] }) =>
      actual.defineDataset({ ...definition, files: definition.files.map(smaller) } as never),
  };
});
const { loadIn, real } = jest.requireMock<
  typeof defineModule & { readonly real: readonly DatasetFile<unknown>[] }
>('../../src/datasets/define-dataset');

const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/datasets.json'), 'utf8'),
) as Reference;
const contentOf = (name: string): Buffer => Buffer.from(reference.files[name] ?? '', 'base64');

const temporaryFolder = temporaryFolders();
const startServer = testServers();

/** An empty cache, and a server that has the small files. */
const served = async () => {
  const asked: string[] = [];
  const { address } = await startServer((request, response) => {
    const name = path.basename(request.url ?? '');
    asked.push(name);
    if (name in reference.files) serve(contentOf(name))(request, response);
    else response.writeHead(404).end();
  });
  return { asked, environment: testEnvironment(await temporaryFolder(), address) };
};

const camel = (options: Options): Options =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [camelCase(name), value]));

const summary = (x: Tensor): Summary => ({
  shape: x.shape,
  sha256: createHash('sha256').update(x.dataSync<'int32'>()).digest('hex'),
});

describe('Reuters', () => {
  test.each(reference.reuters.map((one) => [JSON.stringify(one.options), one] as const))(
    'is what Keras makes of the file: %s',
    async (_, { options, data }) => {
      const { environment } = await served();
      const news = await loadIn(datasetReuters, camel(options), environment);
      expect(news.map(({ x }) => x)).toEqual(data.map(({ x }) => x));
      expect(news.map(({ y }) => y.arraySync())).toEqual(data.map(({ y }) => y));
      expect(news.source).toBe('download');
      const again = await loadIn(datasetReuters, camel(options), environment);
      expect([again.source, again.train.x]).toEqual(['cache', news.train.x]);
    },
  );

  test('has its words', async () => {
    const { environment } = await served();
    const words = await loadIn(datasetReutersWordIndex, {}, environment);
    expect(Object.fromEntries(words)).toEqual(reference.word_index);
    expect(words.get('constructor')).toBe(4);
  });

  test('says that no text is short enough', async () => {
    const { environment } = await served();
    await expect(loadIn(datasetReuters, { maxlen: 1 }, environment)).rejects.toThrow(
      'datasetReuters: `maxlen` must leave texts that are shorter. Received: 1.',
    );
  });
});

const imageSets = [
  ['Fashion-MNIST', datasetFashionMnist, {}, reference.fashion, 4],
  ['CIFAR-10', datasetCifar10, {}, reference.cifar10, 1],
  ['CIFAR-100', datasetCifar100, {}, reference.cifar100.fine, 1],
  ['CIFAR-100, coarse', datasetCifar100, { labelMode: 'coarse' }, reference.cifar100.coarse, 1],
] as const;

describe.each(imageSets)('%s', (_, dataset, options, expected, files) => {
  test('is what Keras makes of the files, downloaded, and from the cache', async () => {
    const { environment, asked } = await served();
    const before = tensorCount();
    for (const source of ['download', 'cache']) {
      const data = await loadIn(dataset as typeof datasetCifar10, options, environment);
      expect(data.source).toBe(source);
      expect(data.map(({ x }) => summary(x))).toEqual(expected.map(({ x }) => x));
      expect(data.map(({ y }) => y.arraySync())).toEqual(expected.map(({ y }) => y));
      expect([data.train.x.dtype, data.train.y.dtype]).toEqual(['int32', 'int32']);
      data.dispose();
    }
    expect(asked).toHaveLength(files);
    expect(tensorCount()).toBe(before);
    expect(environment.warnings).toEqual([]);
  });
});

test('the files, addresses and hashes are those that Keras asks for', () => {
  const places = reference.requests.map(({ fname, origin, file_hash, cache_subdir }) => ({
    name: path.posix.join(
      (cache_subdir ?? 'datasets').replace(/^datasets\/?/, ''),
      origin.endsWith('.tar.gz') ? `${fname}.tar.gz` : fname,
    ),
    origin,
    file_hash,
  }));
  expect(places).toHaveLength(8);
  for (const { name, origin, file_hash } of places) {
    const file = real.find((one) => one.name === name);
    if (file === undefined) throw new Error(`no ${name}`);
    expect(String(addressOf(file, KERAS_ADDRESS))).toBe(origin);
    // Keras has none for Fashion-MNIST.
    const hash = 'sha256' in file ? file.sha256 : file.md5;
    if (file_hash === undefined) expect(hash).toMatch(/^[\da-f]{64}$/);
    else expect(hash).toBe(file_hash);
  }
});

test('the option path is the folder of data in several files', async () => {
  const { environment } = await served();
  const folder = await temporaryFolder();
  for (const name of Object.keys(reference.files)) await writeFile(path.join(folder, name), contentOf(name));
  const data = await loadIn(datasetFashionMnist, { path: folder }, environment);
  expect([data.source, data.path]).toEqual(['cache', path.join(folder, 'train-labels-idx1-ubyte.gz')]);
});

describe('files that are not what they should be', () => {
  const homeWith = async (name: string, content: Buffer): Promise<string> => {
    const home = await temporaryFolder();
    const file = path.join(home, 'datasets', name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    return home;
  };
  const errorOf = async (
    dataset: (options?: never) => Promise<unknown>,
    name: string,
    content: Buffer,
    others: readonly string[] = [],
  ): Promise<string> => {
    const home = await homeWith(name, content);
    for (const other of others)
      await writeFile(path.join(home, 'datasets', path.dirname(name), other), contentOf(other));
    const error: unknown = await loadIn(dataset, {}, testEnvironment(home)).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ name: 'KerasFileError' });
    // Nothing of the user's is lost.
    expect(await readFile(path.join(home, 'datasets', name))).toEqual(content);
    return (error as Error).message;
  };
  const LABELS = 'fashion-mnist/train-labels-idx1-ubyte.gz';
  const CIFAR = 'cifar-10-batches-py.tar.gz';

  test.each([
    [Buffer.from('no gzip'), /it is no whole gzip archive/],
    [gzipSync(Buffer.of(0, 0, 8)), /it ends within its header/],
    [gzipSync(Buffer.of(0, 0, 8, 3, 0, 0, 0, 1)), /it does not begin as an IDX file of bytes with 1 axes/],
    [gzipSync(Buffer.of(0, 0, 8, 1, 0, 0, 0, 2, 1)), /it has 1 bytes of data where its shape needs 2/],
    [gzipSync(Buffer.of(0, 0, 8, 1, 0, 0, 0, 2, 1, 10)), /it has the label 10 at 1, outside 0 to 9/],
    [gzipSync(Buffer.of(0, 0, 8, 1, 0, 0, 0, 0)), /it is empty/],
    [gzipSync(Buffer.alloc(300_000)), /it unpacks to more than \d+ bytes/],
  ])('IDX files', async (content, message) => {
    expect(await errorOf(datasetFashionMnist, LABELS, content)).toMatch(message);
  });

  test('files of images and labels that do not belong together', async () => {
    const others = Object.keys(reference.files).filter((name) => name.endsWith('ubyte.gz'));
    const message = await errorOf(
      datasetFashionMnist,
      'fashion-mnist/t10k-labels-idx1-ubyte.gz',
      gzipSync(Buffer.of(0, 0, 8, 1, 0, 0, 0, 2, 1, 2)),
      others.filter((name) => name !== 't10k-labels-idx1-ubyte.gz'),
    );
    expect(message).toMatch(/must belong together\. Received: 5 images and 2 labels/);
  });

  test.each([
    [Buffer.from('no gzip'), /it is no whole gzip archive/],
    [contentOf(CIFAR).subarray(0, -100), /it is no whole gzip archive/],
    [gzipSync(Buffer.alloc(1024)), /its tar archive is damaged/],
    [gzipSync(Buffer.from('a'.repeat(2048))), /its tar archive is damaged/],
    [
      contentOf('cifar-100-python.tar.gz'),
      /it lacks 'cifar-10-batches-py\/data_batch_1', .*; it has cifar-100-python\/, cifar-100-python\/train/,
    ],
  ])('archives', async (content, message) => {
    expect(await errorOf(datasetCifar10, CIFAR, content)).toMatch(message);
  });
});
