/** Layers of images: what random ones draw, their seeds, both engines, single images. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as all from '../../src/index';
import {
  compile,
  fit,
  getLayer,
  kerasModelSequential,
  layerCenterCrop,
  layerDense,
  layerFlatten,
  layerGlobalAveragePooling2d,
  layerRandomBrightness,
  layerRandomContrast,
  layerRandomCrop,
  layerRandomFlip,
  layerRandomHeight,
  layerRandomRotation,
  layerRandomTranslation,
  layerRandomWidth,
  layerRandomZoom,
  layerRescaling,
  layerResizing,
  pipe,
  setRandomSeed,
  tf,
  type Layer,
  type LayerStep,
  type Tensor,
} from '../../src/index';
import { adjustContrast } from '../../src/ops/adjust-images';
import { withStepSeed } from '../../src/ops/random';
import { apply, distance } from './support';

const layerOf = (step: LayerStep, shape: readonly number[]): Layer =>
  getLayer(pipe(kerasModelSequential({ inputShape: shape }), step), { index: 0 });

/** What a layer makes of images in a step of training. */
const drawn = (layer: Layer, x: Tensor, step = 0): Tensor =>
  withStepSeed(tf.tensor1d([7, step], 'int32'), () => apply(layer, x, { training: true }));

const values = (x: Tensor): number[] => [...x.dataSync()];

/** Checks that numbers are uniform in a range: all within, mean and deviation within five standard errors. */
const expectUniform = (numbers: readonly number[], lower: number, upper: number): void => {
  const n = numbers.length;
  const mean = numbers.reduce((sum, number) => sum + number, 0) / n;
  const variance = numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0) / n;
  const [width, slack] = [upper - lower, 1e-4 * (1 + Math.abs(upper) + Math.abs(lower))];
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(lower - slack);
  expect(Math.max(...numbers)).toBeLessThanOrEqual(upper + slack);
  expect(Math.abs(mean - (lower + upper) / 2)).toBeLessThan((5 * width) / Math.sqrt(12 * n));
  // The variance of uniform numbers has the variance width⁴ / (180 n).
  expect(Math.abs(variance - width ** 2 / 12)).toBeLessThan((5 * width ** 2) / Math.sqrt(180 * n));
};

/** Images whose channels are the number of the column and that of the row. */
const places = (batch: number, height: number, width: number): Tensor => {
  const columns = tf.tile(tf.reshape(tf.range(0, width), [1, 1, width, 1]), [batch, height, 1, 1]);
  const rows = tf.tile(tf.reshape(tf.range(0, height), [1, height, 1, 1]), [batch, 1, width, 1]);
  return tf.concat([columns, rows], 3);
};

/** Of each image the values of two channels at a place. */
const at = (x: Tensor, row: number, column: number): [number, number][] =>
  (x.arraySync() as [number, number][][][]).map((image) => image[row]?.[column] as [number, number]);

beforeEach(() => setRandomSeed(11));

describe('what is drawn', () => {
  const N = 2000;

  test('rotation: an angle for each image, counterclockwise for positive factors', () => {
    const layer = layerOf(layerRandomRotation({ factor: [-0.05, 0.15] }), [5, 5, 2]);
    const turned = drawn(layer, places(N, 5, 5));
    const angles = at(turned, 2, 3).map(([column, row]) => Math.atan2(row - 2, column - 2));
    expectUniform(angles, -0.05 * 2 * Math.PI, 0.15 * 2 * Math.PI);
    // A quarter of a turn counterclockwise: what was right is up.
    const quarter = layerOf(layerRandomRotation({ factor: [0.25, 0.25] }), [3, 3, 2]);
    expect(at(drawn(quarter, places(1, 3, 3)), 0, 1)[0]?.map(Math.round)).toEqual([2, 1]);
  });

  test('zoom: a factor for each image and axis, or one for both', () => {
    const both = layerOf(layerRandomZoom({ heightFactor: 0.2, widthFactor: [-0.5, -0.1] }), [5, 5, 2]);
    const x = drawn(both, places(N, 5, 5));
    const factors = at(x, 3, 3).map(([column, row]) => [column - 2, row - 2] as const);
    expectUniform(factors.map(([width]) => width), 0.5, 0.9); // prettier-ignore
    expectUniform(factors.map(([, height]) => height), 0.8, 1.2); // prettier-ignore
    const product = factors.reduce((sum, [width, height]) => sum + (width - 0.7) * (height - 1), 0) / N;
    // Of independent numbers: the standard error of the product of deviations.
    expect(Math.abs(product)).toBeLessThan((5 * (0.4 / Math.sqrt(12)) ** 2) / Math.sqrt(N));
    const one = layerOf(layerRandomZoom({ heightFactor: 0.3 }), [5, 5, 2]);
    at(drawn(one, places(20, 5, 5)), 3, 3).forEach(([column, row]) => expect(column).toBeCloseTo(row, 5));
  });

  test('translation: fractions of height and width, down and to the right', () => {
    const layer = layerOf(layerRandomTranslation({ heightFactor: [0, 0.2], widthFactor: 0.1 }), [5, 10, 2]);
    const moved = at(drawn(layer, places(N, 5, 10)), 2, 4);
    expectUniform(moved.map(([column]) => 4 - column), -1, 1); // prettier-ignore
    expectUniform(moved.map(([, row]) => 2 - row), 0, 1); // prettier-ignore
  });

  test('brightness: a fraction of the range for each image', () => {
    const layer = layerOf(layerRandomBrightness({ factor: [-0.1, 0.3], valueRange: [-10, 10] }), [2, 3, 1]);
    const images = drawn(layer, tf.zeros([N, 2, 3, 1])).arraySync() as number[][][][];
    images.forEach((image) => expect(new Set(image.flat(3)).size).toBe(1));
    expectUniform(images.map((image) => image.flat(3)[0] as number), -2, 6); // prettier-ignore
  });

  test('contrast: one factor for a batch', () => {
    const layer = layerOf(layerRandomContrast({ factor: [0.5, 0.25] }), [1, 2, 1]);
    const x = tf.tensor4d([100, 120, 50, 90], [2, 1, 2, 1]);
    const factors = Array.from({ length: 300 }, (_, step) => {
      const [a = NaN, b = NaN, c = NaN, d = NaN] = values(drawn(layer, x, step));
      expect((d - c) / 40).toBeCloseTo((b - a) / 20, 4);
      return (b - a) / 20;
    });
    expectUniform(factors, 0.5, 1.25);
  });

  test('flips: each direction of each image by itself, half of the time', () => {
    const count = (mode: all.FlipMode): Record<string, number> => {
      const flipped = drawn(layerOf(layerRandomFlip({ mode }), [2, 3, 2]), places(N, 2, 3));
      const counts: Record<string, number> = {};
      at(flipped, 0, 0).forEach((corner) => {
        counts[corner.join()] = (counts[corner.join()] ?? 0) + 1;
      });
      // Whole images are flipped.
      const opposite = at(flipped, 1, 2);
      at(flipped, 0, 0).forEach(([column, row], image) =>
        expect(opposite[image]).toEqual([2 - column, 1 - row]),
      );
      return counts;
    };
    const expectShare = (counts: Record<string, number>, corners: readonly string[]): void => {
      expect(Object.keys(counts).sort()).toEqual([...corners].sort());
      const share = 1 / corners.length;
      const slack = 5 * Math.sqrt(N * share * (1 - share));
      Object.values(counts).forEach((times) => expect(Math.abs(times - N * share)).toBeLessThan(slack));
    };
    expectShare(count('horizontal'), ['0,0', '2,0']);
    expectShare(count('vertical'), ['0,0', '0,1']);
    expectShare(count('horizontal_and_vertical'), ['0,0', '2,0', '0,1', '2,1']);
  });

  test('crops: one place for a batch, all places as likely', () => {
    const layer = layerOf(layerRandomCrop({ height: 2, width: 3 }), [4, 4, 2]);
    const x = places(2, 4, 4);
    const counts: Record<string, number> = {};
    for (let step = 0; step < 600; step++) {
      const cut = drawn(layer, x, step);
      expect(cut.shape).toEqual([2, 2, 3, 2]);
      const [[column, row] = [NaN, NaN], second] = at(cut, 0, 0);
      expect(second).toEqual([column, row]);
      expect(at(cut, 1, 2)[0]).toEqual([column + 2, row + 1]);
      counts[`${column},${row}`] = (counts[`${column},${row}`] ?? 0) + 1;
    }
    expect(Object.keys(counts)).toHaveLength(6);
    Object.values(counts).forEach((times) =>
      expect(Math.abs(times - 100)).toBeLessThan(5 * Math.sqrt((600 * 5) / 36)),
    );
  });

  test('heights and widths: whole numbers of pixels in the range', () => {
    const x = places(1, 10, 20);
    const [high, wide] = [
      layerOf(layerRandomHeight({ factor: [-0.5, 0.5] }), [10, 20, 2]),
      layerOf(layerRandomWidth({ factor: 0.1 }), [10, 20, 2]),
    ];
    const sizes = Array.from({ length: 200 }, (_, step) => [
      drawn(high, x, step).shape,
      drawn(wide, x, step).shape,
    ]);
    sizes.forEach(([tall, broad]) => {
      expect(tall).toEqual([1, expect.any(Number), 20, 2]);
      expect(broad).toEqual([1, 10, expect.any(Number), 2]);
    });
    // Cut down to whole pixels: from 5 to 14 and from 18 to 21, each as likely.
    const shares = (sizesOf: readonly number[]): number[] =>
      [...new Set(sizesOf)].sort((a, b) => a - b).map((size) => sizesOf.filter((one) => one === size).length);
    const heights = sizes.map(([tall]) => tall?.[1] as number);
    const widths = sizes.map(([, broad]) => broad?.[2] as number);
    expect([Math.min(...heights), Math.max(...heights)]).toEqual([5, 14]);
    expect([Math.min(...widths), Math.max(...widths)]).toEqual([18, 21]);
    shares(heights).forEach((times) => expect(Math.abs(times - 20)).toBeLessThan(5 * Math.sqrt(18)));
    shares(widths).forEach((times) => expect(Math.abs(times - 50)).toBeLessThan(5 * Math.sqrt(37.5)));
  });
});

const reference = JSON.parse(readFileSync(path.join(__dirname, '../reference/images.json'), 'utf8')) as {
  readonly images: number[];
  readonly contrast: readonly { readonly factor: number; readonly output: number[] }[];
  readonly sizes: readonly {
    readonly layer: 'layerRandomHeight' | 'layerRandomWidth';
    readonly options: all.RandomSizeOptions;
    readonly shape: number[];
    readonly output: number[];
  }[];
}; // as images.py prints it

describe('Keras’s numbers', () => {
  const images = tf.keep(tf.tensor4d(reference.images, [2, 5, 4, 3]));

  test.each(reference.contrast.map((one) => [one.factor, one.output] as const))(
    'contrast times %d',
    (factor, output) => {
      const adjusted = tf.clipByValue(adjustContrast(images, tf.scalar(factor)), 0, 255);
      expect(distance(adjusted, output)).toBeLessThan(255e-5);
    },
  );

  test.each(reference.sizes.map((one) => [`${one.layer} ${JSON.stringify(one.options)}`, one] as const))(
    '%s',
    (_, { layer, options, shape, output }) => {
      const made = drawn(layerOf(all[layer](options), [5, 4, 3]), images);
      expect(made.shape).toEqual(shape);
      expect(distance(made, output)).toBeLessThan(255e-5);
    },
  );
});

const random: readonly [string, LayerStep][] = [
  ['layerRandomCrop', layerRandomCrop({ height: 3, width: 3 })],
  ['layerRandomFlip', layerRandomFlip()],
  ['layerRandomRotation', layerRandomRotation({ factor: 0.3 })],
  ['layerRandomZoom', layerRandomZoom({ heightFactor: 0.3 })],
  ['layerRandomTranslation', layerRandomTranslation({ heightFactor: 0.3, widthFactor: 0.2 })],
  ['layerRandomContrast', layerRandomContrast({ factor: 0.5 })],
  ['layerRandomBrightness', layerRandomBrightness({ factor: 0.3, valueRange: [0, 1] })],
];
const sized: readonly [string, LayerStep][] = [
  ['layerRandomHeight', layerRandomHeight({ factor: 0.5 })],
  ['layerRandomWidth', layerRandomWidth({ factor: 0.5 })],
];

const losses = async (step: LayerStep, seen: LayerStep, seed: number, engine?: 'eager' | 'compiled') => {
  setRandomSeed(seed);
  const model = pipe(
    kerasModelSequential({ inputShape: [4, 5, 2] }),
    step,
    seen,
    layerDense({ units: 1 }),
    compile({ loss: 'mse', optimizer: 'sgd' }),
  );
  const x = tf.randomUniform([6, 4, 5, 2], 0, 1, 'float32', 3);
  const options = {
    epochs: 3,
    batchSize: 3,
    verbose: 0,
    ...(engine === undefined ? {} : { engine }),
  } as const;
  const history = await fit(model, x, tf.ones([6, 1]), options);
  return { losses: history.metrics.loss, engine: history.params.engine };
};

test.each(random)(
  '%s draws alike in both engines, other numbers each step, and the same for the same seed',
  async (_, step) => {
    const eager = await losses(step, layerFlatten(), 3, 'eager');
    expect((await losses(step, layerFlatten(), 3, 'eager')).losses).toEqual(eager.losses);
    const compiled = await losses(step, layerFlatten(), 3, 'compiled');
    expect(compiled.engine).toBe('compiled');
    compiled.losses.forEach((loss, epoch) => expect(loss).toBeCloseTo(eager.losses[epoch] ?? NaN, 5));
    expect(new Set(eager.losses).size).toBe(3);
    expect((await losses(step, layerFlatten(), 4, 'eager')).losses).not.toEqual(eager.losses);
  },
);

test.each(sized)('%s trains step by step, and repeats with the seed', async (_, step) => {
  const first = await losses(step, layerGlobalAveragePooling2d(), 3);
  expect(first.engine).toBe('eager');
  expect((await losses(step, layerGlobalAveragePooling2d(), 3)).losses).toEqual(first.losses);
  expect((await losses(step, layerGlobalAveragePooling2d(), 4)).losses).not.toEqual(first.losses);
});

test('a seed of the layer’s own repeats with the step', () => {
  const x = places(4, 5, 5);
  const output = (seed: number, step: number): number[] =>
    values(drawn(layerOf(layerRandomRotation({ factor: 0.3, seed }), [5, 5, 2]), x, step));
  expect(output(5, 0)).toEqual(output(5, 0));
  expect(output(5, 1)).not.toEqual(output(5, 0));
  expect(output(6, 0)).not.toEqual(output(5, 0));
});

test.each([...random, ...sized].filter(([name]) => name !== 'layerRandomCrop'))(
  '%s does nothing without training',
  (_, step) => {
    const x = tf.randomUniform([2, 4, 5, 2], 0, 1, 'float32', 3);
    expect(values(apply(layerOf(step, [4, 5, 2]), x))).toEqual(values(x));
  },
);

const fixed: readonly [string, LayerStep][] = [
  ['layerResizing', layerResizing({ height: 3, width: 7 })],
  ['layerCenterCrop', layerCenterCrop({ height: 3, width: 2 })],
  ['layerRescaling', layerRescaling({ scale: 2 })],
];
test.each([...random, ...sized, ...fixed])('%s takes a single image', (_, step) => {
  const layer = layerOf(step, [4, 5, 2]);
  const image = tf.randomUniform([4, 5, 2], 0, 1, 'float32', 3);
  const [one, batch] = [drawn(layer, image), drawn(layer, tf.expandDims(image, 0))];
  expect(one.shape).toEqual(batch.shape.slice(1));
  expect(values(one)).toEqual(values(batch));
});

test('whole numbers become floats', () => {
  const layer = layerOf(layerResizing({ height: 1, width: 2 }), [2, 2, 1]);
  const output = apply(layer, tf.tensor4d([1, 2, 2, 4], [1, 2, 2, 1], 'int32'));
  expect(output.dtype).toBe('float32');
  expect(values(output)).toEqual([1.5, 3]);
});
