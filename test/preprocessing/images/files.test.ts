/** Images in files: see test/reference/image_files.py. */
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  imageArrayResize,
  imageArraySave,
  imageLoad,
  imageToArray,
  pipe,
  tf,
  type FileInterpolation,
} from '../../../src/index';
import { temporaryFolders } from '../../datasets/support';
import { withoutRights } from '../../support/rights';
import { camel, distance, errorOf, numbers, writeFiles, type Files } from './support';

interface Reference {
  readonly files: Files;
  readonly loads: {
    file: string;
    options: { interpolation?: FileInterpolation };
    shape: number[];
    values: number[];
  }[];
  readonly upright: { file: string; shape: number[]; values: number[] }[];
  readonly noise: number[];
  readonly resized: { height: number; width: number; values: number[] }[];
  readonly saved: {
    name: string;
    scale: boolean;
    shape: number[];
    array: number[];
    png: number[];
    jpeg: number[];
  }[];
}
const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../../reference/image_files.json'), 'utf8'),
) as Reference;

const temporaryFolder = temporaryFolders();
let folder: string;
beforeEach(async () => {
  folder = await writeFiles(await temporaryFolder(), reference.files);
});

describe('imageLoad', () => {
  test('gives the pixels that Keras has from Pillow', async () => {
    expect(reference.loads.length).toBeGreaterThan(60);
    const differing: unknown[] = [];
    for (const { file, options, shape, values } of reference.loads) {
      const image = await imageLoad(path.join(folder, file), camel(options));
      expect([image.dtype, image.shape]).toEqual(['int32', shape]);
      const most = distance(numbers(image), values);
      if (most > 0) differing.push([file, options, most]);
    }
    expect(differing).toEqual([]);
  });

  test('turns images as EXIF says if it is told to', async () => {
    const plain = numbers(await imageLoad(path.join(folder, 'exif1.jpg')));
    for (const { file, shape, values } of reference.upright) {
      const image = await pipe(path.join(folder, file), imageLoad({ exifOrientation: true }));
      expect(image.shape).toEqual(shape);
      expect(distance(numbers(image), values)).toBe(0);
      const asItIs = await imageLoad(path.join(folder, file));
      expect(asItIs.shape).toEqual([16, 32, 3]);
      expect(numbers(asItIs)).toEqual(plain);
    }
  });

  test('takes one number for a square, and grayscale in place of a mode', async () => {
    const file = path.join(folder, 'color.png');
    expect((await imageLoad(file, { targetSize: 5 })).shape).toEqual([5, 5, 3]);
    expect((await imageLoad(file, { grayscale: true, colorMode: 'rgba' })).shape).toEqual([9, 13, 1]);
  });

  test('says what is wrong with a file', async () => {
    const color = await readFile(path.join(folder, 'color.jpg'));
    const png = await readFile(path.join(folder, 'color.png'));
    const bmp = await readFile(path.join(folder, 'color.bmp'));
    const gif = await readFile(path.join(folder, 'color.gif'));
    const cases: [string, Buffer, RegExp][] = [
      [
        'cut.jpg',
        color.subarray(0, color.length - 120),
        /cut\.jpg, of which the image cannot be read \(.+\)\. Save it again/,
      ],
      ['cut.png', png.subarray(0, png.length / 2), /cut\.png, of which the image cannot be read/],
      ['cut.bmp', bmp.subarray(0, bmp.length / 2), /cut\.bmp, of which the image cannot be read/],
      ['cut.gif', gif.subarray(0, 60), /cut\.gif, of which the image cannot be read/],
      ['empty.png', Buffer.alloc(0), /empty\.png, of which there is nothing in it/],
      [
        'text.png',
        Buffer.from('no image'),
        /text\.png, of which the bytes are of no known format, not of JPEG, PNG, GIF or BMP/,
      ],
      ['page.jpg', Buffer.from('<!doctype html><p>404'), /those of HTML or XML/],
      ['new.jpg', Buffer.from('RIFF\x10\0\0\0WEBPVP8 ', 'latin1'), /those of WebP/],
      ['scan.png', Buffer.from('II*\0\x08\0\0\0', 'latin1'), /those of TIFF/],
      ['head.jpg', color.subarray(0, 20), /head\.jpg, of which the image cannot be read/],
      [
        'sizes.jpg',
        Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff]),
        /sizes\.jpg, of which the image cannot be read/,
      ],
    ];
    for (const [name, bytes, message] of cases) {
      await writeFile(path.join(folder, name), bytes);
      const error = await errorOf(() => imageLoad(path.join(folder, name)));
      expect(error).toMatch(/^KerasFileError: imageLoad: each file must be a whole image/);
      expect(error).toMatch(message);
    }
    expect(await errorOf(() => imageLoad(path.join(folder, 'none.png')))).toMatch(
      /none\.png: ENOENT.* Give the path of one that is there/,
    );
    expect(await errorOf(() => imageLoad(folder))).toMatch(/EISDIR/);
    expect(await errorOf(() => imageLoad(5 as never))).toMatch(/Write imageLoad\(path, \{ grayscale: …/);
    expect(await errorOf(() => imageLoad('a.png', { targetSize: [1, 2, 3] as never }))).toMatch(
      /`targetSize` must be a height and a width/,
    );
    expect(await errorOf(() => imageLoad('a.png', { interpolation: 'linear' as never }))).toMatch(
      /`interpolation` must be one of/,
    );
  });

  test('says so where there are no rights', async () => {
    const file = path.join(folder, 'color.png');
    await chmod(file, 0);
    expect(await withoutRights(() => errorOf(() => imageLoad(file)))).toMatch(
      /EACCES.* Change its permissions/,
    );
  });
});

describe('imageToArray', () => {
  test('gives float32 numbers, channels last or first', async () => {
    const image = await imageLoad(path.join(folder, 'color.png'));
    const last = imageToArray(image);
    expect([last.dtype, last.shape, numbers(last)]).toEqual(['float32', [9, 13, 3], numbers(image)]);
    const first = pipe(image, imageToArray('channels_first'));
    expect(first.shape).toEqual([3, 9, 13]);
    expect(numbers(first)).toEqual(numbers(tf.transpose(image, [2, 0, 1])));
    expect(() => imageToArray([[]])).toThrow(/`img` must be one image.* Received: \[1, 0\]/);
    expect(() => imageToArray([1, 2])).toThrow(
      /`img` must be one image, \[height, width, channels\]\. Received: \[2\]/,
    );
  });
});

describe('imageArrayResize', () => {
  test.each(reference.resized.map((one) => [`${one.height} × ${one.width}`, one] as const))(
    'to %s gives what SciPy does, which R calls',
    (_, { height, width, values }) => {
      const noise = tf.tensor3d(reference.noise, [5, 7, 2]);
      const resized = imageArrayResize(noise, { height, width });
      expect(resized.shape).toEqual([height, width, 2]);
      expect(distance(numbers(resized), values)).toBeLessThan(2e-6);
      const first = pipe(
        tf.transpose(noise, [2, 0, 1]).expandDims(0),
        imageArrayResize({ height, width, dataFormat: 'channels_first' }),
      );
      expect(first.shape).toEqual([1, 2, height, width]);
      expect(distance(numbers(tf.transpose(first, [0, 2, 3, 1])), values)).toBeLessThan(2e-6);
    },
  );

  test('says what is wrong', () => {
    expect(() => imageArrayResize([[1]], { height: 2, width: 2 })).toThrow(/three axes, or a batch/);
    expect(() => imageArrayResize([[[1]]], { height: 0, width: 2 })).toThrow(
      /`height` must be a positive integer/,
    );
  });
});

describe('imageArraySave', () => {
  test.each(reference.saved.map((one) => [one.name, one] as const))(
    'saves what Keras does: %s',
    async (_, { scale, shape, array, png, jpeg }) => {
      const image = tf.tensor(array, shape);
      const colorMode = shape[2] === 1 ? 'grayscale' : 'rgb';
      const file = path.join(folder, 'deep/image.png');
      expect(await imageArraySave(image, file, { scale })).toBe(image);
      expect(numbers(await imageLoad(file, { colorMode }))).toEqual(png);
      const photo = path.join(folder, 'image.JPG');
      await pipe(
        tf.transpose(image, [2, 0, 1]),
        imageArraySave(photo, { scale, dataFormat: 'channels_first' }),
      );
      expect(numbers(await imageLoad(photo, { colorMode }))).toEqual(jpeg);
      expect((await readFile(photo)).readUInt16BE(0)).toBe(0xffd8);
    },
  );

  test('takes matrices, opacity, and a format that the path does not say', async () => {
    const file = path.join(folder, 'matrix');
    await imageArraySave([[0, 255]], file, { fileFormat: 'png', scale: false });
    expect(numbers(await imageLoad(file, { colorMode: 'grayscale' }))).toEqual([0, 255]);
    const clear = [[[10, 20, 30, 40]]];
    await imageArraySave(clear, path.join(folder, 'one.png'), { scale: false });
    expect((await imageLoad(path.join(folder, 'one.png'), { colorMode: 'rgba' })).arraySync()).toEqual(clear);
    // JPEG has no opacity.
    await imageArraySave(clear, path.join(folder, 'one.jpeg'), { scale: false });
    expect(
      (await imageLoad(path.join(folder, 'one.jpeg'), { colorMode: 'rgba' })).arraySync()[0]?.[0]?.[3],
    ).toBe(255);
  });

  test('says what is wrong', async () => {
    expect(await errorOf(() => imageArraySave([[1]], 'a.gif'))).toMatch(
      /`path` must end in the name of a format that can be written: \.png, \.jpg, \.jpeg\. Received: 'a\.gif'/,
    );
    expect(await errorOf(() => imageArraySave([[[1, 2]]], 'a.png'))).toMatch(
      /an image of 1, 3 or 4 channels/,
    );
    expect(await errorOf(() => imageArraySave([[300]], 'a.png', { scale: false }))).toMatch(
      /numbers from 0 to 255, as `scale` is false\. Received: 300/,
    );
    expect(await errorOf(() => imageArraySave([[]], 'a.png'))).toMatch(/one image.* Received: \[1, 0\]/);
    expect(await errorOf(() => imageArraySave([[NaN]], 'a.png'))).toMatch(/of finite numbers. Received: NaN/);
    expect(await errorOf(() => imageArraySave([[1]], path.join(folder, 'color.png/a.png')))).toMatch(
      /^KerasFileError: imageArraySave: the file must be written/,
    );
    await rm(path.join(folder, 'color.png'));
  });
});
