/** Folders of images in Keras's order, with Keras's pixels: see test/reference/image_files.py. */
import { rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  compile,
  evaluate,
  fit,
  imageDatasetFromDirectory,
  kerasModelSequential,
  layerDense,
  layerFlatten,
  layerRescaling,
  pipe,
  predict,
  tf,
  type Tensor,
} from '../../../src/index';
import { temporaryFolders } from '../../datasets/support';
import { tensorCount } from '../../support/tensors';
import { camel, distance, errorOf, numbers, writeFiles, type Files } from './support';

interface Case {
  readonly options: Readonly<Record<string, unknown>>;
  readonly files: string[];
  readonly class_names: string[];
  readonly batches: { shape: number[]; values: number[]; labels: number[] | number[][] | null }[];
}
const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../../reference/image_files.json'), 'utf8'),
) as { readonly classes: Files; readonly pngs: Files; readonly datasets: Case[]; readonly modes: Case[] };

const temporaryFolder = temporaryFolders();
const classes = async (): Promise<string> => writeFiles(await temporaryFolder(), reference.classes);

const gather = async (batches: AsyncIterable<unknown>) => {
  const gathered: { x: Tensor; y: Tensor | undefined }[] = [];
  for await (const batch of batches) {
    const [x, y] = (Array.isArray(batch) ? batch : [batch]) as [Tensor, Tensor | undefined];
    gathered.push({ x, y });
  }
  return gathered;
};

/** Compares with a case; kernels of other versions of TensorFlow round otherwise. */
const compare = async (folder: string, { options, files, class_names, batches }: Case): Promise<void> => {
  const data = await pipe(folder, imageDatasetFromDirectory(camel(options)));
  expect(data.files.map((file) => path.relative(folder, file))).toEqual(files);
  if (options['labels'] !== null) expect(data.classNames).toEqual(class_names);
  if (batches.length === 0) return;
  for (let epoch = 0; epoch < 2; epoch++) {
    const made = await gather(data);
    expect(made.map(({ x }) => x.shape)).toEqual(batches.map(({ shape }) => shape));
    expect(made.map(({ y }) => y?.arraySync() ?? null)).toEqual(batches.map(({ labels }) => labels));
    batches.forEach(({ values }, index) =>
      expect(distance(numbers(made[index]?.x as Tensor), values)).toBeLessThan(2e-3),
    );
  }
};

test.each(reference.datasets.map((one) => [JSON.stringify(one.options), one] as const))(
  'has Keras’s files, labels and pixels: %s',
  async (_, one) => compare(await classes(), one),
);

test.each(reference.modes.map((one) => [JSON.stringify(one.options), one] as const))(
  'has Keras’s pixels of PNG: %s',
  async (_, one) => compare(await writeFiles(await temporaryFolder(), reference.pngs), one),
);

test('converts what Keras refuses: JPEG with opacity, BMP and GIF without colors', async () => {
  const folder = await classes();
  for (const [colorMode, channels] of [
    ['rgba', 4],
    ['grayscale', 1],
  ] as const) {
    const data = await imageDatasetFromDirectory(folder, { colorMode, imageSize: 3, shuffle: false });
    const [batch] = await gather(data);
    expect(batch?.x.shape).toEqual([7, 3, 3, channels]);
    if (channels === 4)
      expect(numbers((batch?.x as Tensor).slice([0, 0, 0, 3]))).toEqual(Array(63).fill(255));
  }
});

test('shuffled, each epoch has all images, in another order, and a seed makes it again', async () => {
  const folder = await classes();
  const epochs = async () => {
    const data = await imageDatasetFromDirectory(folder, {
      seed: 3,
      imageSize: 2,
      labels: [0, 1, 2, 3, 4, 5, 6],
    });
    return [await gather(data), await gather(data)].map((epoch) =>
      epoch.flatMap(({ y }) => numbers(y as Tensor)),
    );
  };
  const [first = [], second] = await epochs();
  expect(second).not.toEqual(first);
  expect(first.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(await epochs()).toEqual([first, second]);
});

/** Its numbers are small: of bytes a model that happens to be right has a loss of 0. */
const model = () =>
  pipe(
    kerasModelSequential({ inputShape: [4, 4, 3] }),
    layerRescaling({ scale: 1 / 255 }),
    layerFlatten(),
    layerDense({ units: 3, activation: 'softmax' }),
    compile({ optimizer: 'adam', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] }),
  );

test('fit, evaluate and predict take it, and free what it gives', async () => {
  const folder = await classes();
  const data = await imageDatasetFromDirectory(folder, { imageSize: 4, batchSize: 3, seed: 1 });
  const classifier = model();
  const { metrics } = await fit(classifier, data, { epochs: 2, validationData: data, verbose: 0 });
  expect(metrics.loss).toHaveLength(2);
  expect(metrics['val_loss']).toHaveLength(2);
  expect((await evaluate(classifier, data, { verbose: 0 })).loss).toBeGreaterThan(0);
  const images = data.map(([x]) => x);
  expect((await predict(classifier, images)).shape).toEqual([7, 3]);
  const plain = await imageDatasetFromDirectory(folder, { imageSize: 4, labels: null });
  expect((await predict(classifier, plain)).shape).toEqual([7, 3]);
});

test('something more can be made of what was made of each batch', async () => {
  const data = await imageDatasetFromDirectory(await classes(), { imageSize: 4, batchSize: 7 });
  const shapes = data.map(([images]) => images.shape).map(async (shape) => Promise.resolve(shape.join(' ')));
  for await (const shape of shapes) expect(shape).toBe('7 4 4 3');
});

test('reads the next two batches while one is used, and no further', async () => {
  const data = await imageDatasetFromDirectory(await classes(), { imageSize: 4, batchSize: 1 });
  let made = 0;
  const counted = data.map((batch) => {
    made++;
    return batch;
  });
  const batches = counted[Symbol.asyncIterator]();
  await batches.next();
  const until = async (count: number): Promise<void> => {
    for (let wait = 0; wait < 1000 && made < count; wait++)
      await new Promise((resolve) => setTimeout(resolve, 10));
  };
  await until(3);
  expect(made).toBe(3);
  await batches.next();
  await until(4);
  expect(made).toBe(4);
  await batches.return();
});

test('who leaves early leaves nothing behind', async () => {
  const data = await imageDatasetFromDirectory(await classes(), { imageSize: 4, batchSize: 1 });
  const before = tensorCount();
  for await (const batch of data) {
    tf.dispose(batch);
    break;
  }
  expect(tensorCount()).toBe(before);
});

describe('a file that cannot be read', () => {
  const broken = async (): Promise<string> => {
    const folder = await classes();
    await writeFile(path.join(folder, 'b/2.png'), 'no image');
    return folder;
  };

  test('is named where it is its turn', async () => {
    const folder = await broken();
    const data = await imageDatasetFromDirectory(folder, { imageSize: 4, shuffle: false, batchSize: 2 });
    const batches = data[Symbol.asyncIterator]();
    expect((await batches.next()).value?.[0].shape).toEqual([2, 4, 4, 3]);
    expect(await errorOf(() => gather(data))).toMatch(
      /^KerasFileError: imageDatasetFromDirectory: each file must be a whole image.*b\/2\.png, of which the bytes are of no known format/,
    );
    expect(await errorOf(() => fit(model(), data, { verbose: 0 }))).toMatch(/b\/2\.png/);
  });

  test('is named once and left out, if that is asked for', async () => {
    const folder = await broken();
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    try {
      const data = await imageDatasetFromDirectory(folder, {
        imageSize: 4,
        shuffle: false,
        batchSize: 3,
        unreadableFiles: 'skip',
      });
      await rm(path.join(folder, 'a/x.bmp'));
      for (let epoch = 0; epoch < 2; epoch++) {
        const labels = (await gather(data)).map(({ x, y }) => [x.shape[0], y?.arraySync()]);
        // The first of a, and the second of b: 10.jpg comes before 2.png.
        expect(labels).toEqual([
          [2, [0, 1]],
          [2, [1, 2]],
          [1, [2]],
        ]);
      }
      expect(data.skipped.map((file) => path.relative(folder, file)).sort()).toEqual(['a/x.bmp', 'b/2.png']);
      expect(warn).toHaveBeenCalledTimes(2);
      expect(String(warn.mock.calls.flat())).toMatch(/b\/2\.png, of which .* It is left out\./);
    } finally {
      warn.mockRestore();
    }
  });

  test('is an error where there is no other', async () => {
    const folder = await writeFiles(await temporaryFolder(), {
      'a/1.png': Buffer.from('x'),
      'b/1.png': Buffer.from('x'),
    });
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const data = await imageDatasetFromDirectory(folder, { unreadableFiles: 'skip', batchSize: 1 });
    expect(await errorOf(() => gather(data))).toMatch(
      /at least one of the files must be an image that can be read/,
    );
    warn.mockRestore();
  });
});

test('gives both parts at once, and fit takes them', async () => {
  const folder = await classes();
  const options = {
    imageSize: 4,
    labelMode: 'int',
    seed: 3,
    validationSplit: 0.4,
  } as const;
  const [training, validation] = await imageDatasetFromDirectory(folder, { ...options, subset: 'both' });
  for (const [part, subset] of [
    [training, 'training'],
    [validation, 'validation'],
  ] as const)
    // prettier-ignore
    expect(part.files).toEqual((await imageDatasetFromDirectory(folder, { ...options, subset })).files);
  const piped = await pipe(folder, imageDatasetFromDirectory({ ...options, subset: 'both' }));
  expect(piped.map(String)).toEqual([training, validation].map(String));
  const { metrics } = await fit(model(), training, { epochs: 1, validationData: validation, verbose: 0 });
  expect(metrics['val_loss']?.[0]).toBeGreaterThan(0);
});

test('says what is wrong with a folder and with options', async () => {
  const flat = await writeFiles(await temporaryFolder(), { '1.png': Buffer.from('') });
  expect(await errorOf(() => imageDatasetFromDirectory(flat))).toMatch(
    /^KerasFileError: imageDatasetFromDirectory: the folder must have a folder for each class\./,
  );
  const empty = await writeFiles(await temporaryFolder(), { 'a/1.md': Buffer.from('') });
  expect(await errorOf(() => imageDatasetFromDirectory(empty))).toMatch(
    /must have files of \.bmp, \.gif, \.jpeg, \.jpg, \.png\. Received: .*, in which there are none/,
  );
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ validationSplit: 0.5 }, /`subset` and `validationSplit` go together/],
    [{ imageSize: [4] }, /`imageSize` must be a height and a width/],
    [{ imageSize: [4, 0] }, /`imageSize` must be a positive integer/],
    [{ interpolation: 'lanczos' }, /`interpolation` must be one of .*'lanczos3'/],
    [{ colorMode: 'gray' }, /`colorMode` must be one of/],
    [{ unreadableFiles: 'ignore' }, /`unreadableFiles` must be one of 'error', 'skip'/],
    [{ imagesize: 4 }, /Did you mean 'imageSize'/],
  ];
  const folder = await classes();
  for (const [options, message] of cases) {
    expect(await errorOf(() => imageDatasetFromDirectory(folder, options as never))).toMatch(message);
  }
});
