/** Batches of changed images as Keras makes them: see test/reference/image_generator.py. */
import { readFileSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  asTable,
  compile,
  evaluate,
  fit,
  flowImagesFromData,
  flowImagesFromDataframe,
  flowImagesFromDirectory,
  generatorNext,
  imageDataGenerator,
  imageLoad,
  kerasModelSequential,
  layerDense,
  layerFlatten,
  layerRescaling,
  pipe,
  predict,
  setRandomSeed,
  tf,
  type ImageFlow,
  type Tensor,
} from '../../../src/index';
import { temporaryFolders } from '../../datasets/support';
import { camel, distance, errorOf, numbers, writeFiles, type Files } from './support';

type Options = Readonly<Record<string, unknown>>;

interface Flow {
  readonly options: Options;
  readonly arguments: Options;
  readonly batches: number[][][];
}
interface FolderFlow extends Flow {
  readonly files: string[];
  readonly classes: number[];
  readonly class_indices: Record<string, number>;
}
const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../../reference/image_generator.json'), 'utf8'),
) as {
  readonly images: number[];
  readonly flows: Flow[];
  readonly files: Files;
  readonly folders: FolderFlow[];
  readonly saved: Record<string, number[]>;
  readonly saved_data: string[];
};

const temporaryFolder = temporaryFolders();
const pictures = async (): Promise<string> => writeFiles(await temporaryFolder(), reference.files);

const images = tf.keep(tf.tensor4d(reference.images, [11, 4, 5, 1]));
const labels = Array.from({ length: 11 }, (_, row) => row % 2);
const sampleWeight = Array.from({ length: 11 }, (_, row) => row / 10);

/** Compares the next batches of a flow. */
const compare = async (flow: ImageFlow<unknown>, batches: readonly number[][][]): Promise<void> => {
  for (const batch of batches) {
    const next = await generatorNext(flow);
    const parts = [next].flat() as Tensor[];
    expect(parts).toHaveLength(batch.length);
    parts.forEach((part, index) => expect(distance(numbers(part), batch[index] ?? [])).toBeLessThan(2e-3));
  }
};

describe('flowImagesFromData', () => {
  test.each(reference.flows.map((one) => [JSON.stringify([one.options, one.arguments]), one] as const))(
    'gives Keras’s batches, epoch after epoch: %s',
    async (_, { options, arguments: given, batches }) => {
      const generator = imageDataGenerator(camel(options));
      const weighted = 'subset' in given ? {} : { sampleWeight };
      const flow = flowImagesFromData(images, { y: labels, generator, ...weighted, ...camel(given) });
      expect(flow.steps).toBe(batches.length / 2);
      await compare(flow, batches);
    },
  );

  test('each epoch of for await has all images once', async () => {
    const flow = pipe(images, flowImagesFromData({ y: labels, batchSize: 4 }));
    for (let epoch = 0; epoch < 2; epoch++) {
      const seen: number[] = [];
      for await (const [x, y] of flow) {
        expect(x.shape.slice(1)).toEqual([4, 5, 1]);
        expect(y.dtype).toBe('float32');
        seen.push(...numbers(tf.slice(x, [0, 0, 0, 0], [-1, 1, 1, 1])));
      }
      expect(seen).toHaveLength(11);
      expect(distance(seen.toSorted(), numbers(tf.slice(images, [0, 0, 0, 0], [-1, 1, 1, 1])).sort())).toBe(
        0,
      );
    }
    expect(String(flow)).toBe('ImageFlow: 11 images in 3 batches');
  });

  test('without a seed follows setRandomSeed; labels keep their type', async () => {
    const firsts = async () => {
      const flow = flowImagesFromData(images, { y: tf.range(0, 11, 1, 'int32'), batchSize: 11 });
      const [, y] = (await flow.next()).value ?? [];
      return y;
    };
    setRandomSeed(3);
    const order = await firsts();
    expect(order?.dtype).toBe('int32');
    setRandomSeed(3);
    expect(numbers((await firsts()) as Tensor)).toEqual(numbers(order as Tensor));
  });

  test('each image of a part has its own weight', async () => {
    const generator = imageDataGenerator({ validationSplit: 0.4 });
    const options = { y: labels, sampleWeight, generator, shuffle: false } as const;
    const weights = async (subset: 'training' | 'validation') =>
      numbers((await generatorNext(flowImagesFromData(images, { ...options, subset })))?.[2] as Tensor);
    expect(distance(await weights('validation'), [0, 0.1, 0.2, 0.3])).toBeLessThan(1e-6);
    expect(distance(await weights('training'), [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])).toBeLessThan(1e-6);
  });

  test('takes a list of images, and channels in front', async () => {
    const list = flowImagesFromData([tf.ones([2, 3, 1]), tf.zeros([2, 3, 1])], { shuffle: false });
    expect((await generatorNext(list))?.shape).toEqual([2, 2, 3, 1]);
    const generator = imageDataGenerator({ dataFormat: 'channels_first' });
    const first = tf.transpose(images, [0, 3, 1, 2]);
    const flow = flowImagesFromData(first, { generator, shuffle: false });
    const x = (await generatorNext(flow)) as Tensor;
    expect(x.shape).toEqual([11, 1, 4, 5]);
    expect(numbers(x)).toEqual(numbers(first));
  });

  test('saves what a model sees under Keras’s names', async () => {
    const saveToDir = path.join(await temporaryFolder(), 'new');
    const flow = flowImagesFromData(images, { seed: 4, batchSize: 3, saveToDir, savePrefix: 'data' });
    await generatorNext(flow);
    const names = await readdir(saveToDir);
    for (const name of reference.saved_data) expect(names).toContain(name);
  });

  test('says what is wrong', () => {
    expect(() => flowImagesFromData([[1]])).toThrow(/`x` must be images, \[n, height, width, channels\]/);
    expect(() => flowImagesFromData([tf.ones([2, 2, 1]), tf.ones([2, 3, 1])])).toThrow(
      /^flowImagesFromData: `x` must be images of one size\. Received: \[2, 3, 1\] at 1/,
    );
    expect(() => flowImagesFromData(images, { y: [1, 2] })).toThrow(
      /`y` must have a row for each of the 11 images/,
    );
    expect(() => flowImagesFromData(images, { subset: 'training' })).toThrow(
      /`subset` goes with a generator that has a `validationSplit`/,
    );
    const generator = imageDataGenerator({ validationSplit: 0.5 });
    const sorted = labels.toSorted();
    expect(() => flowImagesFromData(images, { y: sorted, generator, subset: 'training' })).toThrow(
      /both parts of the data must have the same labels/,
    );
    expect(() => flowImagesFromData(images, { generator: {} as never })).toThrow(
      /what imageDataGenerator\(\) gave/,
    );
  });

  test('the user’s function that fails is the user’s error', async () => {
    const generator = imageDataGenerator({
      preprocessingFunction: () => {
        throw new RangeError('mine');
      },
    });
    expect(await errorOf(() => generatorNext(flowImagesFromData(images, { generator })))).toBe(
      'RangeError: mine',
    );
    const centered = imageDataGenerator({ featurewiseCenter: true });
    expect(await errorOf(() => generatorNext(flowImagesFromData(images, { generator: centered })))).toMatch(
      /^KerasStateError: flowImagesFromData: the generator must be fitted/,
    );
  });
});

/** Its numbers are small: of bytes a model that happens to be right has a loss of 0. */
const classifier = (units = 3) =>
  pipe(
    kerasModelSequential({ inputShape: [4, 5, 3] }),
    layerRescaling({ scale: 1 / 255 }),
    layerFlatten(),
    layerDense({ units, activation: 'softmax' }),
    compile({ optimizer: 'adam', loss: 'categorical_crossentropy' }),
  );

describe('flowImagesFromDirectory', () => {
  test.each(reference.folders.map((one) => [JSON.stringify([one.options, one.arguments]), one] as const))(
    'gives Keras’s batches: %s',
    async (_, { options, arguments: given, files, classes, class_indices, batches }) => {
      const folder = await pictures();
      const generator = imageDataGenerator(camel(options));
      const flow = await pipe(folder, flowImagesFromDirectory({ generator, ...camel(given) }));
      expect(flow.files.map((file) => path.relative(folder, file))).toEqual(files);
      expect([flow.classes, flow.classIndices]).toEqual([classes, class_indices]);
      await compare(flow, batches);
    },
  );

  test('saves what a model sees, as Keras', async () => {
    const [folder, saveToDir] = [await pictures(), await temporaryFolder()];
    const generator = imageDataGenerator({ rotationRange: 20, widthShiftRange: 0.2, horizontalFlip: true });
    const flow = await flowImagesFromDirectory(folder, {
      generator,
      seed: 4,
      batchSize: 3,
      saveToDir,
      savePrefix: 'seen',
      targetSize: [4, 5],
    });
    await generatorNext(flow);
    for (const [name, values] of Object.entries(reference.saved)) {
      const image = await imageLoad(path.join(saveToDir, name));
      // Numbers between two bytes may fall to either side.
      expect(distance(numbers(image), values)).toBeLessThanOrEqual(1);
    }
  });

  test('fit goes on where an epoch of images is shorter than its steps, evaluate and predict take it', async () => {
    const flow = await flowImagesFromDirectory(await pictures(), { targetSize: [4, 5], batchSize: 4 });
    const model = classifier();
    const { metrics } = await fit(model, flow, {
      epochs: 2,
      stepsPerEpoch: 7,
      validationData: flow,
      validationSteps: 5,
      verbose: 0,
    });
    expect(metrics['val_loss']).toHaveLength(2);
    const { loss } = await evaluate(model, flow, { steps: 4, verbose: 0 });
    expect(loss).toBeGreaterThan(0);
    expect((await predict(model, flow)).shape).toEqual([9, 3]);
    expect((await predict(model, flow, { steps: 5 })).shape).toEqual([4 + 4 + 1 + 4 + 4, 3]);
  });

  test('a file that cannot be read is named, or left out', async () => {
    const folder = await pictures();
    await writeFile(path.join(folder, 'dogs/a.png'), 'no image');
    await rm(path.join(folder, 'cats/2.png'));
    const options = { targetSize: [4, 5], shuffle: false, batchSize: 3 } as const;
    const strict = await flowImagesFromDirectory(folder, options);
    await rm(path.join(folder, 'cats/1.PNG'));
    expect(await errorOf(() => generatorNext(strict))).toMatch(
      /^KerasFileError: flowImagesFromDirectory: each file must be .*1\.PNG: ENOENT/,
    );
    expect(await errorOf(() => fit(classifier(), strict, { verbose: 0 }))).toMatch(/1\.PNG: ENOENT/);
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const lenient = await flowImagesFromDirectory(folder, { ...options, unreadableFiles: 'skip' });
    const sizes: number[] = [];
    for await (const [x, y] of lenient) {
      expect(x.shape[0]).toBe(y.shape[0]);
      sizes.push(x.shape[0]);
    }
    // One of the second batch is left out.
    expect(sizes).toEqual([3, 2, 1]);
    expect(lenient.skipped).toEqual([path.join(folder, 'dogs/a.png')]);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  test('says what is wrong', async () => {
    const folder = await pictures();
    const cases: [Record<string, unknown>, RegExp][] = [
      [{ classes: ['cat'] }, /`classes` must be names of folders\. Received: 'cat'\. Did you mean 'cats'/],
      [{ classMode: 'raw' }, /`classMode` must be one of 'categorical', 'binary', 'sparse', 'input'/],
      [{ subset: 'validation' }, /`subset` goes with a generator/],
      [{ saveFormat: 'gif' }, /`saveFormat` must be one of 'png'/],
    ];
    for (const [options, message] of cases) {
      expect(await errorOf(() => flowImagesFromDirectory(folder, options as never))).toMatch(message);
    }
    const flat = await writeFiles(await temporaryFolder(), { '1.png': Buffer.from('') });
    expect(await errorOf(() => flowImagesFromDirectory(flat))).toMatch(/must have a folder for each class/);
    const empty = await writeFiles(await temporaryFolder(), { 'a/1.gif': Buffer.from('') });
    expect(await errorOf(() => flowImagesFromDirectory(empty))).toMatch(
      /^KerasFileError: flowImagesFromDirectory: the folders of classes must have files of \.png, /,
    );
  });
});

describe('flowImagesFromDataframe', () => {
  const FILES = ['cats/2.png', 'cats/10.png', 'dogs/a.png', 'owls/x.png'];
  const small = { targetSize: [4, 5], shuffle: false } as const;

  test('gives classes, and lists of them', async () => {
    const directory = await pictures();
    const rows = FILES.map((filename) => ({ filename, class: path.dirname(filename) }));
    const flow = await pipe(rows, flowImagesFromDataframe({ directory, ...small }));
    expect(flow.classIndices).toEqual({ cats: 0, dogs: 1, owls: 2 });
    const [x, y] = (await generatorNext(flow)) ?? [];
    expect(x?.shape).toEqual([4, 4, 5, 3]);
    expect(y?.arraySync()).toEqual([
      [1, 0, 0],
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    // The pixels are those of the folder's flow.
    const other = await flowImagesFromDirectory(directory, { ...small, classes: ['cats'], batchSize: 1 });
    const expected = other.files.indexOf(path.join(directory, 'cats/10.png'));
    const batches: Tensor[] = [];
    for await (const [one] of other) batches.push(one);
    expect(numbers(tf.slice(x as Tensor, [1, 0, 0, 0], [1, -1, -1, -1]))).toEqual(
      numbers(batches[expected] as Tensor),
    );
    const many = { filename: FILES, tags: [['cats', 'small'], ['cats'], ['small'], 'owls'] };
    const tags = await flowImagesFromDataframe(many, {
      directory,
      yCol: 'tags',
      classes: ['small', 'cats'],
      ...small,
    });
    const [, hot] = (await generatorNext(tags)) ?? [];
    expect(hot?.arraySync()).toEqual([
      [1, 1],
      [0, 1],
      [1, 0],
    ]);
    const sparse = await flowImagesFromDataframe(rows, { directory, classMode: 'sparse', ...small });
    expect((await generatorNext(sparse))?.[1].arraySync()).toEqual([0, 0, 1, 2]);
  });

  test('gives numbers of columns, images themselves, or nothing', async () => {
    const directory = await pictures();
    const table = asTable({ file: FILES, age: [1, 2, 3, 4], size: [0.5, 1.5, 2.5, 3.5] });
    const options = { directory, xCol: 'file', ...small } as const;
    const raw = await flowImagesFromDataframe(table, { ...options, yCol: 'age', classMode: 'raw' });
    expect((await generatorNext(raw))?.[1].arraySync()).toEqual([1, 2, 3, 4]);
    const both = await flowImagesFromDataframe(table, {
      ...options,
      yCol: ['age', 'size'],
      classMode: 'raw',
    });
    expect((await generatorNext(both))?.[1].arraySync()).toEqual([
      [1, 0.5],
      [2, 1.5],
      [3, 2.5],
      [4, 3.5],
    ]);
    const several = await flowImagesFromDataframe(table, {
      ...options,
      yCol: ['age', 'size'],
      classMode: 'multi_output',
    });
    const outputs = (await generatorNext(several))?.[1];
    expect(outputs?.map((one) => one.arraySync())).toEqual([
      [1, 2, 3, 4],
      [0.5, 1.5, 2.5, 3.5],
    ]);
    const input = await flowImagesFromDataframe(table, { ...options, classMode: 'input' });
    const [x, y] = (await generatorNext(input)) ?? [];
    expect(numbers(y as Tensor)).toEqual(numbers(x as Tensor));
    const alone = await flowImagesFromDataframe(table, { ...options, classMode: null });
    expect((await generatorNext(alone))?.shape).toEqual([4, 4, 5, 3]);
    const generator = imageDataGenerator({ validationSplit: 0.25 });
    const part = await flowImagesFromDataframe(table, {
      ...options,
      classMode: null,
      generator,
      subset: 'validation',
    });
    expect(part.files).toEqual([path.join(directory, 'cats/2.png')]);
  });

  test('says what is wrong', async () => {
    const directory = await pictures();
    const rows = [...FILES, 'cats/none.png', 'owls/notes.txt'].map((filename) => ({
      filename,
      class: 'a',
      age: 1,
    }));
    expect(await errorOf(() => flowImagesFromDataframe(rows, { directory }))).toMatch(
      /^KerasFileError: .*the files in the column 'filename' must be images that are there\. Received: .*none\.png, which is not there, and 1 more/,
    );
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const flow = await flowImagesFromDataframe(rows, { directory, unreadableFiles: 'skip' });
    expect(flow.size).toBe(4);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
    const cases: [Record<string, unknown>, RegExp][] = [
      [{ xCol: 'file' }, /must have the column 'file'\. Received: filename, class, age/],
      [
        { yCol: 'age' },
        /the column 'age' must have names of classes, or lists of them\. Received: 1 in row 0/,
      ],
      [{ xCol: 'age' }, /the column 'age' must have paths\. Received: 1 in row 0/],
      [{ classMode: 'binary' }, /`classMode: 'binary'` needs two classes\. Received: 1/],
      [{ classMode: 'multi_output' }, /a list of columns goes with classMode: 'multi_output'/],
      [{ yCol: ['class'] }, /one column goes with classMode: 'categorical'/],
      [{ classMode: 'raw', yCol: 'class' }, /class/],
      [{ classes: ['b'] }, /must have images\. Received: 4 rows, none of which is left/],
    ];
    for (const [options, message] of cases) {
      const table = rows.slice(0, 4);
      expect(await errorOf(() => flowImagesFromDataframe(table, { directory, ...options } as never))).toMatch(
        message,
      );
    }
  });
});
