import { inspect } from 'node:util';
import type { Tensor } from '../tfjs/tensorflow';
import { dataText } from './print-data';

/** Where data came from: Keras's cache, a download into it just now, or the sample that comes with this package. */
export type DatasetSource = 'cache' | 'download' | 'embedded';

/** Inputs and targets, by name and by position: `split.x`, or `const [x, y] = split`. */
export type DatasetSplit<X, Y> = readonly [x: X, y: Y] & { readonly x: X; readonly y: Y };

/**
 * A data set, by name and by position: `data.train.x`, or `const [[xTrain, yTrain], [xTest, yTest]] = data`.
 *
 * Its tensors are the user's, to be disposed when no longer needed.
 */
export type Dataset<X, Y> = readonly [train: DatasetSplit<X, Y>, test: DatasetSplit<X, Y>] & {
  readonly train: DatasetSplit<X, Y>;
  readonly test: DatasetSplit<X, Y>;
  /** Where the data came from. */
  readonly source: DatasetSource;
  /** The file that was read. */
  readonly path: string;
  /** Disposes the tensors of the data set; those already disposed stay so. */
  dispose(): void;
};

const isTensor = (value: unknown): value is Tensor =>
  typeof value === 'object' && value !== null && 'isDisposed' in value && 'dispose' in value;

/** Lets `console.log` and `String` show what there is, as R's `str` does. */
const shownAs = <T extends object>(value: T, text: () => string): T =>
  Object.defineProperties(value, {
    [inspect.custom]: { value: text, configurable: true },
    toString: { value: text, configurable: true, writable: true },
  });

const split = <X, Y>(x: X, y: Y): DatasetSplit<X, Y> =>
  shownAs(Object.assign([x, y] as const, { x, y }), () => dataText({ x, y }));

/** Puts the parts of a data set together. */
export const makeDataset = <X, Y>(
  train: readonly [X, Y],
  test: readonly [X, Y],
  origin: { readonly source: DatasetSource; readonly path: string },
): Dataset<X, Y> => {
  const parts = { train: split(...train), test: split(...test) };
  const { source, path } = origin;
  const whole = Object.assign([parts.train, parts.test] as const, {
    ...parts,
    source,
    path,
    dispose: () => {
      for (const value of [...parts.train, ...parts.test]) {
        if (isTensor(value) && !value.isDisposed) value.dispose();
      }
    },
  });
  const shown = ({ x, y }: DatasetSplit<X, Y>) => ({ x, y });
  return shownAs(whole, () => dataText({ train: shown(parts.train), test: shown(parts.test) }));
};
