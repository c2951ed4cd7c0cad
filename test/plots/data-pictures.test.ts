import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inflateSync } from 'node:zlib';
import {
  confusionMatrix,
  getWeights,
  kerasModelSequential,
  KerasArgumentError,
  KerasFileError,
  KerasStateError,
  layerActivation,
  layerConv2d,
  layerDense,
  layerFlatten,
  pipe,
  plotConfusion,
  plotEmbedding,
  plotImages,
  plotWeights,
  setWeights,
  tf,
  type Picture,
} from '../../src/index';
import { tensorCount } from '../support/tensors';
import { all, expectNumbers, readXml, type Node } from './support/xml';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-pictures-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = ({ svg }: Picture): Node => {
  const node = readXml(svg);
  expectNumbers(node);
  expect(node.attributes['role']).toBe('img');
  return node;
};
const texts = (node: Node): string[] => all(node, 'text').map(({ text }) => text);
const sentences = (node: Node): string => all(node, 'desc')[0]?.text ?? '';

/** The pixels of an image in a picture: rows of red, green, blue, or of gray. */
const pixelsOf = ({
  attributes: { href = '' },
}: Node): { width: number; height: number; at: (x: number, y: number) => number[] } => {
  const bytes = Buffer.from(href.replace('data:image/png;base64,', ''), 'base64');
  const [width, height, type] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20), bytes[25]];
  const start = bytes.indexOf('IDAT');
  const data = inflateSync(bytes.subarray(start + 4, start + 4 + bytes.readUInt32BE(start - 4)));
  const channels = type === 0 ? 1 : 3;
  const line = width * channels + 1;
  return {
    width,
    height,
    at: (x, y) => [...data.subarray(y * line + 1 + x * channels, y * line + 1 + (x + 1) * channels)],
  };
};

describe('plotConfusion', () => {
  const matrix = [
    [8, 2, 0],
    [1, 9, 0],
    [0, 3, 1],
  ];

  test('has counts, recall and precision of each class, and what is wrong most often', () => {
    const node = read(plotConfusion(matrix, { classNames: ['cat', 'dog', '<fox>'] }));
    expect(texts(node)).toEqual(
      expect.arrayContaining([
        'cat',
        '<fox>',
        'true class',
        'predicted class',
        'recall',
        'precision',
        '8',
        '9',
      ]),
    );
    // Of 10, 10 and 4 rows; of 9, 14 and 1 predictions.
    expect(texts(node).filter((text) => text.endsWith(' %'))).toEqual([
      '80 %',
      '88.9 %',
      '90 %',
      '64.3 %',
      '25 %',
      '100 %',
    ]);
    expect(sentences(node)).toBe(
      'Of 24 rows of 3 classes, 75 % are right. Most often wrong: <fox> taken for dog, 3; cat taken for dog, 2; dog taken for cat, 1.',
    );
  });

  test('has shares in the place of counts', () => {
    const cells = (normalize: 'true' | 'predicted' | 'all'): string[] =>
      texts(read(plotConfusion(matrix, { normalize }))).slice(0, 3);
    expect(cells('true')).toEqual(['80 %', '20 %', '0 %']);
    expect(cells('predicted')).toEqual(['88.9 %', '14.3 %', '0 %']);
    expect(cells('all')).toEqual(['33.3 %', '8.3 %', '0 %']);
  });

  test('in characters fits: with names, with numbers in their place, or as a line for each class', () => {
    const classNames = ['a rather long name', 'another one', 'fox'];
    const picture = plotConfusion(matrix, { classNames });
    const lines = (width: number): string[] => picture.toText(width).split('\n').slice(0, 4);
    expect(lines(80)[0]).toMatch(/^true \\ predicted +a rather long name +another one +fox$/);
    expect(lines(40)).toEqual([
      'true \\ predicted      1  2  3',
      '1 a rather long name  8  2  0',
      '2 another one         1  9  0',
      '3 fox                 0  3  1',
    ]);
    expect(plotConfusion(matrix).toText(20).split('\n').slice(0, 4)).toEqual([
      'class  rows  recall  precision',
      '0        10    80 %     88.9 %',
      '1        10    90 %     64.3 %',
      '2         4    25 %      100 %',
    ]);
  });

  test('takes what confusionMatrix gives, piped, and says it in characters', () => {
    const made = confusionMatrix([0, 1, 1, 2], [0, 1, 2, 2]);
    const before = tensorCount();
    const picture = pipe(made, plotConfusion({ terminal: false }));
    expect(tensorCount()).toBe(before);
    expect(picture.toText().split('\n')).toEqual([
      'true \\ predicted  0  1  2',
      '0                 1  0  0',
      '1                 0  1  1',
      '2                 0  0  1',
      'Of 4 rows of 3 classes, 75 % are right. Most often wrong: 1 taken for 2, 1.',
    ]);
  });

  test('a class without rows has no rate', () => {
    expect(
      texts(
        read(
          plotConfusion([
            [0, 0],
            [1, 1],
          ]),
        ),
      ),
    ).toContain('–');
  });

  test.each<[unknown, object, string]>([
    [[[1, 2]], {}, 'a matrix with a row and a column for each class'],
    [
      [
        [1, -1],
        [0, 1],
      ],
      {},
      'made of counts',
    ],
    [
      [
        [1, NaN],
        [0, 1],
      ],
      {},
      'made of counts',
    ],
    [[[1]], { classNames: ['a', 'b'] }, 'a list of 1 names'],
    [[[1]], { normalize: 'rows' }, '`normalize` must be one of'],
  ])('refuses %p', (value, options, message) => {
    expect(() => plotConfusion(value as number[][], options)).toThrow(KerasArgumentError);
    expect(() => plotConfusion(value as number[][], options)).toThrow(message);
  });
});

describe('plotImages', () => {
  const images = tf.tensor3d([0, 255, 128, 0, 0, 0, 255, 255], [2, 2, 2], 'int32');

  test('draws pixels as they are: the first row at the top', () => {
    const node = read(plotImages(images));
    const [first, second, ...others] = all(node, 'image');
    expect(others).toEqual([]);
    if (first === undefined || second === undefined) throw new Error('two were expected');
    const { width, at } = pixelsOf(first);
    expect([at(0, 0), at(width - 1, 0), at(0, width - 1), at(width - 1, width - 1)]).toEqual([
      [0],
      [255],
      [128],
      [0],
    ]);
    expect(pixelsOf(second).at(0, 0)).toEqual([0]);
    expect(texts(node)).toEqual([]);
  });

  test('of colors, of numbers from 0 to 1, and seen through', () => {
    const pixel = (values: number[], options = {}): number[] => {
      const [image] = all(read(plotImages(tf.tensor4d(values, [1, 1, 1, values.length]), options)), 'image');
      if (image === undefined) throw new Error('one was expected');
      return pixelsOf(image).at(0, 0);
    };
    expect(pixel([1, 0.5, 0])).toEqual([255, 128, 0]);
    expect(pixel([255, 51, 0])).toEqual([255, 51, 0]);
    expect(pixel([1, 0, 0, 0.5])).toEqual([255, 127, 127]);
    expect(pixel([0.5], { range: [0, 2] })).toEqual([64]);
    expect(pixel([-1, 0, 1])).toEqual([0, 128, 255]);
    expect(pixel([NaN, 0, 1])).toEqual([0, 0, 255]);
  });

  test('says what images are and what they were taken for, and counts what is wrong', () => {
    const node = read(
      plotImages(images, {
        labels: [1, 0],
        predictions: [
          [0.1, 0.9],
          [0.25, 0.75],
        ],
        classNames: ['<cat>', 'dog'],
      }),
    );
    expect(texts(node)).toEqual(['dog (90 %)', 'dog (75 %)', 'not <cat>']);
    expect(sentences(node)).toBe(
      '2 of 2 images. 1 of them are taken for something else. 1: dog (90 %); 2: dog (75 %), not <cat>.',
    );
    // A row is as high as what is said in it: of two rows the first one has a line more.
    const places = (labels: number[]): number[] =>
      all(read(plotImages(tf.ones([4, 2, 2]), { labels, predictions: [0, 0, 0, 0] })), 'image').map((image) =>
        Number(image.attributes['y']),
      );
    const step = ([first = 0, , third = 0]: number[]): number => third - first;
    expect(step(places([0, 1, 0, 0])) - step(places([0, 0, 0, 1]))).toBe(15);
    // Wrong and right are told apart without color, too.
    const frames = all(node, 'rect').filter(({ attributes }) => attributes['fill'] === 'none');
    expect(frames.map(({ attributes }) => attributes['stroke-dasharray'])).toEqual([undefined, '8 4']);
    expect(
      texts(
        read(
          plotImages(images, {
            labels: [
              [0, 1],
              [1, 0],
            ],
          }),
        ),
      ),
    ).toEqual(['1', '0']);
    expect(texts(read(plotImages(images, { predictions: [1, 0] })))).toEqual(['1', '0']);
  });

  test('so many as are asked for', () => {
    const many = tf.zeros([30, 2, 2]);
    expect(all(read(plotImages(many)), 'image')).toHaveLength(25);
    expect(all(read(plotImages(many, { count: 30 })), 'image')).toHaveLength(30);
    const places = (columns: number): number =>
      new Set(all(read(plotImages(many, { columns })), 'image').map(({ attributes }) => attributes['x']))
        .size;
    expect(places(4)).toBe(4);
    expect(sentences(read(plotImages(many, { count: 3 })))).toBe('3 of 30 images.');
  });

  test.each<[object, string]>([
    [{ labels: [1] }, 'a class for each of the 2 rows'],
    [{ predictions: [0.5, 1] }, 'made of class numbers'],
    [{ range: [1, 0] }, 'a list of two numbers'],
    [{ count: 0 }, '`count` must be a positive integer'],
    [{ clasNames: [] }, "Did you mean 'classNames'?"],
  ])('refuses %p', (options, message) => {
    expect(() => plotImages(images, options)).toThrow(message);
  });

  test('refuses what are no images, and files that cannot be written', () => {
    expect(() => plotImages(tf.zeros([4, 784]))).toThrow('arrayReshape(x, [-1, 28, 28])');
    expect(() => plotImages(tf.zeros([1, 2, 2, 2]))).toThrow('of 1, 3 or 4 channels');
    expect(() => plotImages(images, { file: '/proc/nowhere/x.png' })).toThrow(KerasFileError);
  });
});

describe('plotWeights', () => {
  const model = pipe(
    kerasModelSequential({ inputShape: [6, 6, 1] }),
    layerConv2d({ filters: 4, kernelSize: [2, 3], name: 'edges' }),
    layerConv2d({ filters: 3, kernelSize: 1, name: 'deep' }),
    layerFlatten(),
    layerDense({ units: 2 }),
  );

  test('has a histogram for each layer with weights', () => {
    const node = read(plotWeights(model));
    expect(texts(node)).toEqual(expect.arrayContaining(['edges', 'deep', 'dense']));
    // 2 · 3 · 1 · 4 + 4, and 5 · 4 · 3 · 2 + 2.
    expect(texts(node)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^28 numbers, mean /),
        expect.stringMatching(/^122 numbers, /),
      ]),
    );
    expect(plotWeights(model).toText().split('\n')).toHaveLength(3);
  });

  test('counts numbers where they are', () => {
    const one = pipe(kerasModelSequential({ inputShape: [4] }), layerDense({ units: 2, useBias: false }));
    setWeights(one, [tf.tensor2d([0, 0, 0, 0, 0, 0, 1, 4], [4, 2])]);
    const node = read(plotWeights(one, { layer: 'dense' }));
    expect(texts(node)).toEqual(expect.arrayContaining(['kernel', '8 numbers, mean 0.625, deviation 1.32']));
    const bars = all(node, 'rect')
      .slice(2)
      .map(({ attributes }) => Number(attributes['height']));
    expect(bars).toHaveLength(3);
    // Six zeros are six times as high as the one and the four.
    expect((bars[0] ?? 0) / (bars[1] ?? 1)).toBeCloseTo(6, 1);
    expect(bars[1]).toBe(bars[2]);
    setWeights(one, [tf.fill([4, 2], NaN)]);
    expect(texts(read(plotWeights(one)))).toContain('no finite values');
    setWeights(one, [tf.fill([4, 2], 3)]);
    expect(texts(read(plotWeights(one)))).toContain('8 numbers, mean 3, deviation 0');
  });

  test('has the filters of a convolution, of each channel one if there are several', () => {
    const kernel = tf.tensor4d(
      [1, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [2, 3, 1, 4],
    );
    const [, ...rest] = getWeights(model);
    setWeights(model, [kernel, ...rest]);
    const node = read(plotWeights(model, { layer: 'edges' }));
    const [first, ...others] = all(node, 'image');
    expect(others).toHaveLength(3);
    if (first === undefined) throw new Error('one was expected');
    const { width, height, at } = pixelsOf(first);
    const place = (row: number, column: number): number[] =>
      at(Math.floor(((column + 0.5) * width) / 3), Math.floor(((row + 0.5) * height) / 2));
    // Above zero it is orange, below it is blue, and zero is nearly white.
    expect(place(0, 0)).toEqual([0xa6, 0x36, 0x03]);
    expect(place(0, 1)).toEqual([0x08, 0x45, 0x7e]);
    expect(place(0, 2)).toEqual([0xf7, 0xf7, 0xf7]);
    expect(place(1, 0)).toEqual([0xee, 0x9a, 0x55]);
    expect(texts(node)).toEqual(expect.arrayContaining(['0', '3', '-1', '1']));
    const deep = read(plotWeights(model, { layer: 'deep', channels: 2 }));
    expect(all(deep, 'image')).toHaveLength(3 * 2);
    expect(sentences(deep)).toBe('deep: 3 of 3 filters of 1 × 1, 2 of their 4 channels.');
    expect(all(read(plotWeights(model, { layer: 'edges', kind: 'histograms' })), 'image')).toEqual([]);
  });

  test('refuses layers that are not there, that have no filters, or no weights', () => {
    expect(() => plotWeights(model, { layer: 'edge' })).toThrow("Did you mean 'edges'?");
    expect(() => plotWeights(model, { layer: 'dense', kind: 'filters' })).toThrow(
      "'dense', a layer of class Dense",
    );
    expect(() => plotWeights(model, { layer: 'flatten' })).toThrow(KerasStateError);
    const none = pipe(kerasModelSequential({ inputShape: [2] }), layerActivation({ activation: 'relu' }));
    expect(() => plotWeights(none)).toThrow('plotWeights: a layer of the model must have weights');
  });
});

test('all of them are written to files, and say what they are', () => {
  const file = path.join(folder, 'x.png');
  const options = { file, title: 'A <title>' };
  const model = pipe(kerasModelSequential({ inputShape: [2] }), layerDense({ units: 1 }));
  const drawn: readonly (() => Picture)[] = [
    () => plotConfusion([[1]], options),
    () => plotImages([[[1]]], options),
    () => plotWeights(model, options),
    () =>
      plotEmbedding(
        [
          [1, 2],
          [3, 4],
        ],
        options,
      ),
  ];
  for (const draw of drawn) {
    expect(all(read(draw()), 'title')[0]?.text).toBe('A <title>');
    expect(existsSync(file)).toBe(true);
    rmSync(file);
  }
});
