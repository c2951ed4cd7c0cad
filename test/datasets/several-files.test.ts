import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import type http from 'node:http';
import { join } from 'node:path';
import { loadData } from '../../src/datasets/cache';
import type { DatasetFile } from '../../src/datasets/dataset-file';
import { serve, temporaryFolders, testEnvironment, testServers } from './support';

const temporaryFolder = temporaryFolders();
const startServer = testServers();

const fileOf = (name: string, content: string): DatasetFile<string> => ({
  name,
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
  unpacked: { bytes: content.length, lists: 0 },
  read: (bytes) => Promise.resolve(bytes.toString()),
});
const contents = ['the images', 'the labels, in a file of their own'] as const;
const requests = [fileOf('images.gz', contents[0]), fileOf('labels.gz', contents[1])].map((file) => ({
  function: 'datasetTest',
  file,
  path: file.name,
  sample: 'README.md',
}));

/** A home folder whose cache has the first file. */
const homeWithFirst = async (): Promise<{ home: string; folder: string }> => {
  const home = await temporaryFolder();
  const folder = join(home, 'datasets');
  await mkdir(folder);
  await writeFile(join(folder, 'images.gz'), contents[0]);
  return { home, folder };
};

test('has them from where each is', async () => {
  const { home, folder } = await homeWithFirst();
  const { address, ranges } = await startServer((request: http.IncomingMessage, response) =>
    serve(Buffer.from(request.url === '/labels.gz' ? contents[1] : 'wrong'))(request, response),
  );
  const path = join(folder, 'images.gz');
  expect(await loadData(requests, false, testEnvironment(home, address))).toEqual({
    contents,
    source: 'download',
    path,
  });
  expect(ranges).toHaveLength(1);
  expect((await readdir(folder)).sort()).toEqual(['images.gz', 'labels.gz']);
  expect(await loadData(requests, 'fallback', testEnvironment(home))).toEqual({
    contents,
    source: 'cache',
    path,
  });
});

test('is the sample altogether where one is missing', async () => {
  const { home } = await homeWithFirst();
  const loaded = await loadData(requests, 'fallback', testEnvironment(home));
  expect([loaded.source, loaded.contents.length, new Set(loaded.contents).size]).toEqual(['embedded', 2, 1]);
  await expect(loadData(requests, false, testEnvironment(home))).rejects.toThrow(
    /^datasetTest: labels\.gz must be in Keras's cache or on the network/,
  );
});
