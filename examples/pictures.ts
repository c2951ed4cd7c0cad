/**
 * A folder of pictures: circles, squares and triangles, told apart by a small network that sees each picture changed at random.
 *
 * The book takes photographs of cats and dogs. Here the pictures are drawn, by this program, into a folder with a folder for each class: a
 * bright shape on a dark ground, each of some color, anywhere, as large as it may be. There are few of them, so that a network that sees the same
 * ones again and again learns them by heart; turned, shifted and mirrored anew in each epoch, they are others each time. The files are read
 * and decoded while the network trains.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  compile,
  evaluate,
  fit,
  flowImagesFromDirectory,
  imageArraySave,
  imageDataGenerator,
  imageDatasetFromDirectory,
  kerasModelSequential,
  layerConv2d,
  layerDense,
  layerFlatten,
  layerMaxPooling2d,
  layerRescaling,
  pipe,
  predict,
  setRandomSeed,
  tf,
} from 'keras-pipe';
import { runAsProgram, type ExampleOptions } from './support';

const SIZE = 32;

/** Whether a place is inside of a shape, of which (0, 0) is the middle and 1 the radius. */
const SHAPES: Readonly<Record<string, (x: number, y: number) => boolean>> = {
  circle: (x, y) => x * x + y * y < 1,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.8,
  triangle: (x, y) => y < 0.7 && 2 * Math.abs(x) < y + 1,
};

/** Numbers from 0 to 1, the same each time. */
const randomFrom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
};

/** A picture of a shape. */
const draw = (isInside: (x: number, y: number) => boolean, random: () => number): number[][][] => {
  const color = (least: number): number[] => Array.from({ length: 3 }, () => least + 115 * random());
  const [ground, shape] = [color(0), color(140)];
  const radius = SIZE * (0.2 + 0.2 * random());
  const [x, y] = [random(), random()].map((place) => radius + place * (SIZE - 2 * radius)) as [
    number,
    number,
  ];
  const noisy = (numbers: readonly number[]): number[] =>
    numbers.map((number) => Math.min(255, Math.max(0, number + 20 * (random() - 0.5))));
  return Array.from({ length: SIZE }, (_, row) =>
    Array.from({ length: SIZE }, (_unused, column) =>
      noisy(isInside((column - x) / radius, (row - y) / radius) ? shape : ground),
    ),
  );
};

/** Draws so many pictures of each shape into a folder of its name. */
const drawFolder = async (folder: string, pictures: number, random: () => number): Promise<void> => {
  for (const [name, isInside] of Object.entries(SHAPES)) {
    for (let picture = 0; picture < pictures; picture++) {
      const file = path.join(folder, name, `${picture}.png`);
      await imageArraySave(draw(isInside, random), file, { scale: false });
    }
  }
};

const network = () =>
  pipe(
    kerasModelSequential({ inputShape: [SIZE, SIZE, 3] }),
    layerRescaling({ scale: 1 / 127.5, offset: -1 }),
    layerConv2d({ filters: 16, kernelSize: 3, activation: 'relu' }),
    layerMaxPooling2d({ poolSize: 2 }),
    layerConv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    layerMaxPooling2d({ poolSize: 2 }),
    layerConv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    layerFlatten(),
    layerDense({ units: 3, activation: 'softmax' }),
    compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['accuracy'] }),
  );

/** A picture in the terminal: dark and bright places of a row of characters each. */
const show = (picture: tf.Tensor): string => {
  const rows = tf.tidy(() => tf.mean(picture, -1).arraySync() as number[][]);
  const [least, most] = [Math.min(...rows.flat()), Math.max(...rows.flat())];
  const level = (value: number): string =>
    ' .:-=+*#'[Math.round((7 * (value - least)) / (most - least || 1))] ?? ' ';
  return rows
    .filter((_, row) => row % 2 === 0)
    .map((row) => row.map(level).join(''))
    .join('\n');
};

export const main = async ({
  quick = false,
  seed = 1,
  epochs = quick ? 12 : 40,
  verbose = 0,
}: ExampleOptions = {}) => {
  setRandomSeed(seed);
  const folder = mkdtempSync(path.join(tmpdir(), 'pictures-'));
  try {
    const random = randomFrom(seed + 1);
    await drawFolder(path.join(folder, 'train'), quick ? 60 : 100, random);
    await drawFolder(path.join(folder, 'test'), quick ? 20 : 50, random);

    const generator = imageDataGenerator({
      rotationRange: 15,
      widthShiftRange: 0.1,
      heightShiftRange: 0.1,
      zoomRange: 0.1,
      horizontalFlip: true,
    });
    const training = await flowImagesFromDirectory(path.join(folder, 'train'), {
      generator,
      targetSize: SIZE,
      batchSize: 10,
    });
    const test = await imageDatasetFromDirectory(path.join(folder, 'test'), {
      imageSize: SIZE,
      labelMode: 'categorical',
      shuffle: false,
    });
    console.log(`Drawn: ${training.size} pictures to learn from, ${test.size} to be tested with`);

    const model = network();
    await fit(model, training, { epochs, verbose });
    const { accuracy = NaN } = await evaluate(model, test, { verbose: 0 });

    for await (const [pictures, labels] of test) {
      const guesses = await predict(model, pictures);
      const [guess] = tf.tidy(() => tf.argMax(guesses, -1).dataSync());
      const picture = tf.tidy(() => tf.squeeze(tf.slice(pictures, 0, 1), [0]));
      console.log(`${show(picture)}\nThe network sees: a ${test.classNames[guess ?? 0] ?? ''}`);
      tf.dispose([picture, pictures, labels, guesses]);
      break;
    }
    console.log(`Of the pictures that it has not seen, it knows ${(100 * accuracy).toFixed(0)} %`);
    model.dispose();
    return { accuracy };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

void runAsProgram(module, main);
