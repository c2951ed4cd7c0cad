/** Sources and places on a disk that refuses: no rights, and no room. */
import files, { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  datasetMnist,
  fitTextTokenizer,
  flowImagesFromData,
  flowImagesFromDataframe,
  flowImagesFromDirectory,
  generatorNext,
  getFile,
  imageArraySave,
  imageDatasetFromDirectory,
  imageLoad,
  KerasError,
  layerStringLookup,
  loadEmbeddingMatrix,
  loadTextTokenizer,
  readCsv,
  saveTextTokenizer,
  textDatasetFromDirectory,
  textTokenizer,
  tf,
} from '../../src/index';
import { temporaryFolders } from '../datasets/support';
import { withoutRights } from '../support/rights';

const temporaryFolder = temporaryFolders();

/** A folder that everyone may look into. */
const openFolder = async (): Promise<string> => {
  const folder = await temporaryFolder();
  await chmod(folder, 0o755);
  return folder;
};

const messageOf = async (run: () => unknown): Promise<string> => {
  try {
    await run();
  } catch (error) {
    expect(error).toBeInstanceOf(KerasError);
    return String(error);
  }
  return 'no error';
};

const firstOf = async (batches: AsyncIterable<unknown>): Promise<void> => {
  for await (const batch of batches) {
    expect(batch).toBeDefined();
    return;
  }
};

/** A folder of two classes, of which the file of one may not be read. */
const classes = async (ending: string, write: (file: string) => Promise<unknown>): Promise<string> => {
  const folder = await openFolder();
  for (const name of ['a', 'b']) {
    await mkdir(path.join(folder, name));
    await write(path.join(folder, name, `1${ending}`));
  }
  await chmod(path.join(folder, `b/1${ending}`), 0);
  return folder;
};
const pictures = (): Promise<string> => classes('.png', (file) => imageArraySave([[0, 1]], file));
const texts = (): Promise<string> => classes('.txt', (file) => writeFile(file, 'a text'));

describe('no rights', () => {
  const secret = async (): Promise<string> => {
    const file = path.join(await openFolder(), 'secret.txt');
    await writeFile(file, 'a 1 2\n');
    await chmod(file, 0);
    return file;
  };
  const words = fitTextTokenizer(textTokenizer(), ['a']);

  test.each<[string, (file: string) => unknown, RegExp]>([
    ['readCsv', readCsv, /^KerasFileError: readCsv: the file must be read\./],
    ['loadTextTokenizer', loadTextTokenizer, /^KerasFileError: loadTextTokenizer: the file must be read\./],
    [
      'loadEmbeddingMatrix',
      (file) => loadEmbeddingMatrix(file, { wordIndex: words }),
      /^KerasFileError: loadEmbeddingMatrix: the file must be read\./,
    ],
    ['imageLoad', imageLoad, /^KerasFileError: imageLoad: each file must be a whole image/],
  ])('%s', async (_, run, message) => {
    const file = await secret();
    const error = await withoutRights(() => messageOf(() => run(file)));
    expect(error).toMatch(message);
    expect(error).toMatch(/secret\.txt: EACCES: .* Change its permissions, or those of its folder\.$/);
  });

  test('a vocabulary', async () => {
    const file = await secret();
    const make = async (): Promise<unknown> => Promise.resolve(layerStringLookup({ vocabulary: file }));
    expect(await withoutRights(() => messageOf(make))).toMatch(
      /layerStringLookup: `vocabulary` must be a list of tokens, or the path of a file that can be read/,
    );
  });

  test('a data set', async () => {
    const file = await secret();
    const error = await withoutRights(() => messageOf(() => datasetMnist({ path: file })));
    expect(error).toMatch(/^KerasFileError: datasetMnist: .*secret\.txt.* EACCES/);
  });

  test.each<[string, () => Promise<string>, (folder: string) => Promise<unknown>]>([
    ['textDatasetFromDirectory', texts, async (folder) => firstOf(await textDatasetFromDirectory(folder))],
    [
      'imageDatasetFromDirectory',
      pictures,
      async (folder) => firstOf(await imageDatasetFromDirectory(folder)),
    ],
    ['flowImagesFromDirectory', pictures, async (folder) => firstOf(await flowImagesFromDirectory(folder))],
    [
      'flowImagesFromDataframe',
      pictures,
      async (folder) =>
        firstOf(
          await flowImagesFromDataframe(
            { filename: ['a/1.png', 'b/1.png'], class: ['a', 'b'] },
            { directory: folder },
          ),
        ),
    ],
  ])('%s: a file, a class, the folder', async (name, make, read) => {
    const folder = await make();
    const attempt = (): Promise<string> => withoutRights(() => messageOf(() => read(folder)));
    expect(await attempt()).toMatch(
      new RegExp(`^KerasFileError: ${name}: .*b/1\\..*: EACCES.* Change its permissions`),
    );
    if (name === 'flowImagesFromDataframe') return;
    await chmod(path.join(folder, 'b'), 0);
    expect(await attempt()).toMatch(
      new RegExp(`^KerasFileError: ${name}: the folder must be read\\..*/b: EACCES`),
    );
    await chmod(folder, 0);
    expect(await attempt()).toMatch(
      new RegExp(`^KerasFileError: ${name}: the folder must be read\\..*EACCES`),
    );
    await chmod(folder, 0o755);
  });

  test.each<[string, (folder: string) => unknown, RegExp]>([
    [
      'saveTextTokenizer',
      (folder) => saveTextTokenizer(words, path.join(folder, 'words.json')),
      /^KerasFileError: saveTextTokenizer: the file must be written\..*EACCES.* Change its permissions/,
    ],
    [
      'imageArraySave',
      (folder) => imageArraySave([[0, 1]], path.join(folder, 'image.png')),
      /^KerasFileError: imageArraySave: the file must be written\..*EACCES.* Change its permissions/,
    ],
    [
      'flowImagesFromData',
      (folder) => generatorNext(flowImagesFromData(tf.ones([1, 2, 2, 1]), { saveToDir: folder })),
      /^KerasFileError: flowImagesFromData: the images must be saved\..*EACCES.* Change its permissions/,
    ],
    [
      'getFile',
      (folder) => getFile({ origin: 'http://127.0.0.1:9/words.txt', cacheDir: folder }),
      /^KerasFileError: getFile: .*the cache cannot be written \(EACCES/,
    ],
  ])('to write: %s', async (_, run, message) => {
    const folder = await openFolder();
    await chmod(folder, 0o555);
    expect(await withoutRights(() => messageOf(() => run(folder)))).toMatch(message);
    await chmod(folder, 0o755);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a full disk', () => {
  afterEach(() => jest.restoreAllMocks());

  test.each<[string, (folder: string) => unknown, RegExp]>([
    [
      'saveTextTokenizer',
      (folder) => saveTextTokenizer(textTokenizer(), path.join(folder, 'old')),
      /^KerasFileError: saveTextTokenizer: the file must be written\..*ENOSPC.* Make room on the disk/,
    ],
    [
      'imageArraySave',
      (folder) => imageArraySave([[0, 1]], path.join(folder, 'old'), { fileFormat: 'png' }),
      /^KerasFileError: imageArraySave: the file must be written\..*ENOSPC.* Make room on the disk/,
    ],
    [
      'flowImagesFromData',
      (folder) => generatorNext(flowImagesFromData(tf.ones([1, 2, 2, 1]), { saveToDir: folder })),
      /^KerasFileError: flowImagesFromData: the images must be saved\..*ENOSPC.* Make room on the disk/,
    ],
  ])('%s leaves what was there', async (_, run, message) => {
    const folder = await temporaryFolder();
    const old = path.join(folder, 'old');
    await writeFile(old, 'old');
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    // Half of it is written.
    jest.spyOn(files, 'writeFile').mockImplementation(async (file) => {
      const handle = await files.open(file as string, 'w');
      await handle.write('half');
      await handle.close();
      throw full;
    });
    expect(await messageOf(() => run(folder))).toMatch(message);
    expect(await readdir(folder)).toEqual(['old']);
    expect(await files.readFile(old, 'utf8')).toBe('old');
  });
});
