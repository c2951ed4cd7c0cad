/** The weights manifest of a `model.json`: which weights are in which files, and how their numbers are written. */
import { sizeOf } from '../../../base/shapes';
import { fromFloat16 } from '../../../files/half';
import { excerpt, MalformedError } from '../../../files/malformed';
import { isConfig, isList } from '../../../models/config/forms';

/** How a number is written in a file, in bytes. */
const BYTES = { float32: 4, float16: 2, int32: 4, uint8: 1, uint16: 2, bool: 1 } as const;

type StoredDtype = keyof typeof BYTES;

/** A weight in the files of a group. */
export interface WeightEntry {
  readonly name: string;
  readonly shape: readonly number[];
  /** What its numbers are, once they are read. */
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly stored: StoredDtype;
  /** A number is `stored · scale + min`. */
  readonly scale: number;
  readonly min: number;
  /** `'optimizer'` of what an optimizer remembers. */
  readonly group: string | undefined;
}

/** Files that stand for one run of bytes, and the weights in it, one after the other. */
export interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly WeightEntry[];
}

export const bytesOf = ({ shape, stored }: WeightEntry): number => sizeOf(shape) * BYTES[stored];

/** A value of the file, in short; what is missing is null. */
export const shown = (value: unknown): string => excerpt(JSON.stringify(value ?? null));

const finite = (value: unknown, what: string): number => {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new MalformedError(`${what} must be a number, and is ${shown(value)}`);
};

const isStored = (value: unknown): value is StoredDtype =>
  typeof value === 'string' && Object.hasOwn(BYTES, value);

const isDtype = (value: unknown): value is WeightEntry['dtype'] =>
  value === 'float32' || value === 'int32' || value === 'bool';

const shapeIn = (value: unknown, what: string): number[] => {
  if (
    isList(value) &&
    value.every((size): size is number => Number.isSafeInteger(size) && (size as number) >= 0) &&
    Number.isSafeInteger(sizeOf(value))
  )
    return [...value];
  throw new MalformedError(`${what} must have a shape, and has ${shown(value)}`);
};

const weightIn = (value: unknown, index: number): WeightEntry => {
  if (!isConfig(value) || typeof value['name'] !== 'string')
    throw new MalformedError(`weight ${index} of the manifest must be an object with a name`);
  const { name, dtype, quantization, group } = value;
  const what = `the weight '${excerpt(name)}'`;
  if (!isDtype(dtype)) {
    throw new MalformedError(`${what} must be of the type float32, int32 or bool, and is of ${shown(dtype)}`);
  }
  const common = {
    name,
    dtype,
    shape: shapeIn(value['shape'], what),
    group: typeof group === 'string' ? group : undefined,
  };
  if (quantization === undefined || quantization === null)
    return { ...common, stored: dtype, scale: 1, min: 0 };
  if (!isConfig(quantization)) throw new MalformedError(`the quantization of ${what} must be an object`);
  const { dtype: stored } = quantization;
  if (!isStored(stored) || !/^(?:uint8|uint16|float16)$/.test(stored) || dtype === 'bool') {
    throw new MalformedError(
      `${what} must be quantized to uint8, uint16 or float16, and is to ${shown(stored)}`,
    );
  }
  if (stored === 'float16') return { ...common, stored, scale: 1, min: 0 };
  return {
    ...common,
    stored,
    scale: finite(quantization['scale'], `the scale of ${what}`),
    min: finite(quantization['min'], `the min of ${what}`),
  };
};

/** A path that cannot leave the folder. */
const pathIn = (value: unknown): string => {
  const isInside =
    typeof value === 'string' &&
    value !== '' &&
    !/^(?:[a-z][a-z\d+.-]*:|[/\\])/i.test(value) &&
    !/[\\\0]/.test(value) &&
    !value.split('/').some((part) => part === '..' || part === '');
  if (isInside) return value;
  throw new MalformedError(
    `a path of weights must be one of a file in the folder of model.json, and is ${shown(value)}`,
  );
};

/** The groups of a manifest. */
export const manifestIn = (value: unknown): WeightGroup[] => {
  if (!isList(value)) throw new MalformedError('weightsManifest must be a list of groups of weights');
  return value.map((group) => {
    const { paths, weights } = isConfig(group) ? group : {};
    if (!isList(paths) || !isList(weights))
      throw new MalformedError('a group of weightsManifest must have the lists `paths` and `weights`');
    return { paths: paths.map(pathIn), weights: weights.map(weightIn) };
  });
};

const READERS: Readonly<Record<StoredDtype, (view: DataView, at: number) => number>> = {
  float32: (view, at) => view.getFloat32(at, true),
  float16: (view, at) => fromFloat16(view.getUint16(at, true)),
  int32: (view, at) => view.getInt32(at, true),
  uint8: (view, at) => view.getUint8(at),
  uint16: (view, at) => view.getUint16(at, true),
  bool: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
};

/** The numbers of a weight in its bytes. */
export const numbersIn = (
  { shape, dtype, stored, scale, min }: WeightEntry,
  bytes: Buffer,
): Float32Array | Int32Array | Uint8Array => {
  const size = sizeOf(shape);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = READERS[stored];
  const width = BYTES[stored];
  const made =
    dtype === 'float32'
      ? new Float32Array(size)
      : dtype === 'int32'
        ? new Int32Array(size)
        : new Uint8Array(size);
  const isWhole = dtype === 'int32';
  for (let index = 0; index < size; index++) {
    const value = read(view, index * width) * scale + min;
    made[index] = isWhole ? Math.round(value) : value;
  }
  return made;
};
