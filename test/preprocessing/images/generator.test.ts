/** Images changed as Keras changes them: see test/reference/image_generator.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  fitImageDataGenerator,
  imageDataGenerator,
  pipe,
  setRandomSeed,
  tf,
  type ImageTransformation,
} from '../../../src/index';
import { tensorCount } from '../../support/tensors';
import { camel, distance, numbers } from './support';

type Options = Readonly<Record<string, unknown>>;

interface Reference {
  readonly image: number[];
  readonly opaque: number[];
  readonly dark: number[];
  readonly applied: { options: Options; transformation: Options; values: number[] }[];
  readonly scaled: { options: Options; transformation: Options; values: number[] }[];
  readonly drawn: { options: Options; seed: number; transformation: Options }[];
  readonly data: number[];
  readonly standardized: { options: Options; values: number[] }[];
  readonly fitted: { options: Options; mean: number[]; std: number[] };
}
const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../../reference/image_generator.json'), 'utf8'),
) as Reference;

const transformation = (of: Options): ImageTransformation => camel(of);
const image = tf.keep(tf.tensor3d(reference.image, [7, 9, 3]));

describe('applyTransform', () => {
  test.each(
    reference.applied.map((one) => [JSON.stringify({ ...one.options, ...one.transformation }), one] as const),
  )('gives Keras’s numbers: %s', (_, { options, transformation: given, values }) => {
    const generator = imageDataGenerator(camel(options));
    const changed = generator.applyTransform(image, transformation(given));
    expect(changed.shape).toEqual([7, 9, 3]);
    expect(distance(numbers(changed), values)).toBeLessThan(2e-4);
    // And with the channels in front.
    const first = imageDataGenerator({ ...camel(options), dataFormat: 'channels_first' });
    const placed = first.applyTransform(tf.transpose(image, [2, 0, 1]), transformation(given));
    expect(numbers(tf.transpose(placed, [1, 2, 0]))).toEqual(numbers(changed));
  });

  test('leaves opacity as it is, and scales what is no byte, when it makes an image darker', () => {
    const [dark, opaque] = reference.scaled;
    const generator = imageDataGenerator();
    const changed = generator.applyTransform(
      tf.tensor3d(reference.dark, [7, 9, 3]),
      transformation(dark?.transformation ?? {}),
    );
    expect(distance(numbers(changed), dark?.values ?? [])).toBeLessThan(2e-4);
    const clear = generator.applyTransform(
      tf.tensor3d(reference.opaque, [7, 9, 4]),
      transformation(opaque?.transformation ?? {}),
    );
    expect(numbers(clear)).toEqual(opaque?.values);
  });

  test('leaves the image to the user, and nothing else behind', () => {
    const before = tensorCount();
    imageDataGenerator({ preprocessingFunction: (x) => tf.mul(x, 2) })
      .standardize(image)
      .dispose();
    imageDataGenerator().applyTransform(image, { theta: 5 }).dispose();
    expect(tensorCount()).toBe(before);
    expect(image.isDisposed).toBe(false);
  });
});

describe('getRandomTransform', () => {
  test.each(reference.drawn.map((one) => [JSON.stringify([one.options, one.seed]), one] as const))(
    'draws what Keras draws: %s',
    (_, { options, seed, transformation: drawn }) => {
      const generator = imageDataGenerator(camel(options));
      const here = generator.getRandomTransform([7, 9, 3], seed);
      for (const [name, value] of Object.entries(transformation(drawn))) {
        const mine = here[name as keyof ImageTransformation];
        if (typeof value === 'number') expect(mine).toBeCloseTo(value, 9);
        else expect(mine).toBe(value);
      }
      expect(numbers(generator.randomTransform(image, seed))).toEqual(
        numbers(generator.applyTransform(image, here)),
      );
    },
  );

  test('without a seed follows setRandomSeed', () => {
    const generator = imageDataGenerator({ rotationRange: 90 });
    setRandomSeed(4);
    const [first, second] = [
      generator.getRandomTransform([2, 2, 1]),
      generator.getRandomTransform([2, 2, 1]),
    ];
    expect(second).not.toEqual(first);
    setRandomSeed(4);
    expect(generator.getRandomTransform([2, 2, 1])).toEqual(first);
  });
});

describe('fitImageDataGenerator', () => {
  const data = tf.keep(tf.tensor4d(reference.data, [40, 3, 2, 2]));
  const one = tf.keep(tf.squeeze(tf.slice(data, [3, 0, 0, 0], [1, -1, -1, -1]), [0]));

  test.each(reference.standardized.map((each) => [JSON.stringify(each.options), each] as const))(
    'normalizes as Keras: %s',
    (_, { options, values }) => {
      const generator = imageDataGenerator(camel(options));
      expect(fitImageDataGenerator(generator, data)).toBe(generator);
      expect(distance(numbers(generator.standardize(one as never)), values)).toBeLessThan(1e-3);
      const first = imageDataGenerator({ ...camel(options), dataFormat: 'channels_first' });
      pipe(first, fitImageDataGenerator(tf.transpose(data, [0, 3, 1, 2])));
      const placed = first.standardize(tf.transpose(one, [2, 0, 1]));
      expect(distance(numbers(tf.transpose(placed, [1, 2, 0])), values)).toBeLessThan(1e-3);
    },
  );

  test('is fitted to changed images as Keras, with a seed', () => {
    const { options, mean, std } = reference.fitted;
    const generator = imageDataGenerator(camel(options));
    fitImageDataGenerator(generator, data, { augment: true, rounds: 3, seed: 11 });
    expect(distance(Array.from(generator.fitted.mean ?? []), mean)).toBeLessThan(2e-4);
    expect(distance(Array.from(generator.fitted.deviation ?? []), std)).toBeLessThan(2e-4);
  });

  test('says what is wrong', () => {
    const generator = imageDataGenerator({ featurewiseCenter: true });
    expect(() => generator.standardize(one as never)).toThrow(
      /must be fitted to data.* Call fitImageDataGenerator\(generator, x\) first/,
    );
    expect(() => fitImageDataGenerator(generator, [[1]])).toThrow(
      /`x` must be images, \[n, height, width, channels\]\. Received: \[1, 1\]/,
    );
    for (const none of [[], tf.zeros([0, 2, 2, 1])])
      expect(() => fitImageDataGenerator(generator, none)).toThrow(
        /`x` must be at least one image, \[n, height, width, channels\]\. .* Look where they come from/,
      );
    expect(() => fitImageDataGenerator(generator, [tf.ones([2, 2, 1]), tf.ones([2, 3, 1])] as never)).toThrow(
      /`x` must be images of one size\. Received: \[2, 3, 1\] at 1, after \[2, 2, 1\]\. Resize them/,
    );
    fitImageDataGenerator(generator, data);
    expect(() => generator.standardize([[[1, 2, 3]]])).toThrow(/of 2 channels\. Received: an image of 3/);
    expect(() => fitImageDataGenerator({} as never, data)).toThrow(/`object` must be a generator/);
  });
});

test('the function of the user gets each image before it is rescaled, and gives one of the same shape', () => {
  const generator = imageDataGenerator({ rescale: 0.5, preprocessingFunction: (x) => tf.add(x, 3) });
  expect(numbers(generator.standardize([[[1]]]))).toEqual([2]);
  const same = imageDataGenerator({ preprocessingFunction: (x) => x });
  expect(numbers(same.standardize([[[1]]]))).toEqual([1]);
  const other = imageDataGenerator({ preprocessingFunction: (x) => tf.sum(x) as never });
  expect(() => other.standardize([[[1]]])).toThrow(
    /must give an array of the image's shape, \[1, 1, 1\]\. Received: \[\]/,
  );
  const failing = imageDataGenerator({
    preprocessingFunction: () => {
      throw new Error('mine');
    },
  });
  expect(() => failing.standardize([[[1]]])).toThrow('mine');
});

test.each<[Record<string, unknown>, RegExp]>([
  [{ rotationRange: -1 }, /`rotationRange` must be a number of 0 or more/],
  [{ zoomRange: [1] }, /`zoomRange` must be a number, or two of them/],
  [{ brightnessRange: [1, 0.5] }, /`brightnessRange` must be two numbers of 0 or more, the smaller first/],
  [{ brightnessRange: 0.5 }, /`brightnessRange` must be two numbers/],
  [{ widthShiftRange: [] }, /`widthShiftRange` must be a number, or a list/],
  [{ fillMode: 'mirror' }, /`fillMode` must be one of 'nearest', 'constant', 'reflect', 'wrap'/],
  [{ validationSplit: 1 }, /`validationSplit` must be a fraction/],
  [{ interpolationOrder: 3 }, /`interpolationOrder` must be 0, the nearest pixel, or 1/],
  [{ preprocessingFunction: 'relu' }, /`preprocessingFunction` must be a function/],
  [{ horizontal_flip: true }, /Did you mean 'horizontalFlip'/],
])('refuses %j', (options, message) => {
  expect(() => imageDataGenerator(options)).toThrow(message);
});
