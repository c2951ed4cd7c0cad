/** Color images and their labels, as CIFAR has them: pickles in a tar. */
import { MalformedError, type ReadLimits } from '../files/malformed';
import { readPickledRecord } from '../files/pickled-record';
import { readTarMembers } from '../files/tar-members';
import { tf, type Tensor2D, type Tensor4D } from '../tfjs/tensorflow';
import type { Origin } from './cache';
import { makeDataset, type Dataset } from './dataset';

const SIDE = 32;
const PLANE = SIDE * SIDE;
const COLORS = 3;

/** Images color by color, and their labels of each kind. */
interface Batch {
  readonly planes: Buffer;
  readonly labels: Readonly<Record<string, Int32Array>>;
  readonly rows: number;
}

/** A training set and a test set, of one batch or several. */
export interface ColorSplits {
  readonly train: readonly Batch[];
  readonly test: readonly Batch[];
}

/** Which members the archive has, and which labels they have, with the number of classes of each. */
export interface ColorFiles {
  readonly train: readonly string[];
  readonly test: readonly string[];
  readonly classes: Readonly<Record<string, number>>;
}

const readBatch = (content: Buffer, classes: ColorFiles['classes'], limits: ReadLimits): Batch => {
  const record = readPickledRecord(content, limits.lists);
  const { shape, bytes } = record.bytes('data', [null, COLORS * PLANE]);
  const [rows = 0] = shape;
  if (rows === 0) throw new MalformedError("its 'data' is empty");
  const labels = Object.entries(classes).map(
    ([key, count]) => [key, record.labels(key, rows, count)] as const,
  );
  return { planes: bytes, labels: Object.fromEntries(labels), rows };
};

/** A reader of a `.tar.gz` of pickles, each with `data`, bytes `[n, 3072]`, color by color, and lists of labels. */
export const readColorImages =
  ({ train, test, classes }: ColorFiles) =>
  async (content: Buffer, limits: ReadLimits): Promise<ColorSplits> => {
    const members = await readTarMembers(content, [...train, ...test], limits);
    const read = (name: string): Batch => {
      const member = members[name];
      if (member === undefined) throw new MalformedError(`it lacks '${name}'`);
      try {
        return readBatch(member, classes, limits);
      } catch (error) {
        if (!(error instanceof MalformedError)) throw error;
        throw new MalformedError(`its member '${name}' cannot be read: ${error.message}`, { cause: error });
      }
    };
    return { train: train.map(read), test: test.map(read) };
  };

/** The colors of each pixel beside each other, as images are here: `[rows, 3, 32, 32]` to `[rows, 32, 32, 3]`. */
const interleave = ({ planes, rows }: Batch, into: Int32Array): void => {
  for (let row = 0; row < rows; row++) {
    const start = row * COLORS * PLANE;
    for (let pixel = 0; pixel < PLANE; pixel++) {
      for (let color = 0; color < COLORS; color++)
        into[start + pixel * COLORS + color] = planes[start + color * PLANE + pixel] ?? 0;
    }
  }
};

const tensorsOf = (batches: readonly Batch[], labels: string): readonly [Tensor4D, Tensor2D] => {
  const rows = batches.reduce((total, batch) => total + batch.rows, 0);
  const size = COLORS * PLANE;
  const pixels = new Int32Array(rows * size);
  const classes = new Int32Array(rows);
  let start = 0;
  for (const batch of batches) {
    interleave(batch, pixels.subarray(start * size, (start + batch.rows) * size));
    classes.set(batch.labels[labels] ?? [], start);
    start += batch.rows;
  }
  return [tf.tensor4d(pixels, [rows, SIDE, SIDE, COLORS], 'int32'), tf.tensor2d(classes, [rows, 1], 'int32')];
};

/** What the user gets: images int32 `[n, 32, 32, 3]`, labels int32 `[n, 1]`. */
export const makeColorDataset = (
  { train, test }: ColorSplits,
  labels: string,
  origin: Origin,
): Dataset<Tensor4D, Tensor2D> => makeDataset(tensorsOf(train, labels), tensorsOf(test, labels), origin);
