/** Weights out of HDF5 files. */
import { stat } from 'node:fs/promises';
import type { LayerVariable } from '@tensorflow/tfjs';
import { describeShape } from '../../base/errors';
import { sameShape, sizeOf } from '../../base/shapes';
import type { Hdf5Reader } from '../../files/hdf5';
import { MalformedError } from '../../files/malformed';
import { MismatchError } from './errors';
import type { Layer } from '../../layers/internal/target';
import { variableOf } from '../../tfjs/private';
import { tf } from '../../tfjs/tensorflow';
import { readNames } from './attributes';
import { orderedWeights } from './layer-weights';

/** A data set of numbers in a file. */
export interface StoredWeight {
  readonly path: string;
  readonly shape: readonly number[];
}

/** A layer of a file, and its weights in their order. */
export interface StoredLayer {
  readonly name: string;
  readonly weights: readonly StoredWeight[];
}

/** How many times as many bytes a file may unpack to as it has: weights can hardly be packed. */
const MAX_PACKING = 4;

/** Bytes that a file may hold whatever its size: small numbers are packed well. */
const FREE_BYTES = 2 ** 20;

/** The most bytes that a file of a size may honestly unpack to. */
export const unpackedLimit = (size: number): number => MAX_PACKING * size + FREE_BYTES;

/** Counts what the data sets of a file declare, against what it can honestly hold. */
export class SizeCheck {
  private bytes = 0;
  private constructor(private readonly limit: number) {}

  static async of(file: string): Promise<SizeCheck> {
    const { size } = await stat(file);
    return SizeCheck.ofSize(size);
  }

  /** For a file of so many bytes, or a part of one. */
  static ofSize(size: number): SizeCheck {
    return new SizeCheck(unpackedLimit(size));
  }

  add(path: string, bytes: number): void {
    this.bytes += bytes;
    if (this.bytes <= this.limit) return;
    throw new MalformedError(`${path} is said to be larger than the whole file`);
  }
}

/** The data set of a path, which must be numbers. */
export const findStored = async (
  reader: Hdf5Reader,
  path: string,
  check: SizeCheck,
): Promise<StoredWeight> => {
  const found = await reader.look(path);
  if (found?.kind !== 'dataset') throw new MalformedError(`there is no data set ${path}`);
  check.add(path, sizeOf(found.shape) * found.itemBytes);
  return { path, shape: found.shape };
};

/** The layers of a file below a group, and where their weights are. */
export const findLayers = async (
  reader: Hdf5Reader,
  group: string,
  check: SizeCheck,
): Promise<StoredLayer[]> => {
  const at = group === '' ? '/' : group;
  const found = await reader.look(at);
  if (found?.kind !== 'group') throw new MalformedError(`there is no group ${at}, which has the weights`);
  const names = await readNames(reader, at, 'layer_names');
  if (names === undefined) throw new MalformedError(`${at} does not say the names of its layers`);
  const layers: StoredLayer[] = [];
  for (const name of names) {
    const path = group === '' ? name : `${group}/${name}`;
    const isThere = (await reader.look(path))?.kind === 'group';
    if (!isThere) throw new MalformedError(`there is no group ${path}, which ${at} names`);
    const weights: StoredWeight[] = [];
    for (const weight of (await readNames(reader, path, 'weight_names')) ?? [])
      weights.push(await findStored(reader, `${path}/${weight}`, check));
    layers.push({ name, weights });
  }
  return layers;
};

/** A weight of a model, and the data set that it gets. */
export interface Assignment {
  readonly weight: LayerVariable;
  readonly stored: StoredWeight;
}

const describeWeights = (layer: Layer): string =>
  orderedWeights(layer)
    .map(({ shape }) => describeShape(shape))
    .join(', ');

/** How weights are matched with those of a file. */
export interface Matching {
  /** Whether those that do not fit are left as they are. */
  readonly skipMismatch: boolean;
  /** Whether those of another shape fit that have as many numbers. */
  readonly reshape: boolean;
}

const matchLayer = (layer: Layer, stored: StoredLayer, { skipMismatch, reshape }: Matching): Assignment[] => {
  const weights = orderedWeights(layer);
  if (weights.length !== stored.weights.length) {
    if (skipMismatch) return [];
    throw new MismatchError(
      `layer '${layer.name}' has ${weights.length} weights, ${describeWeights(layer)}, and '${stored.name}' in the file ${stored.weights.length}`,
    );
  }
  return weights.flatMap((weight, index): Assignment[] => {
    const one = stored.weights[index] as StoredWeight; // as many, as seen
    const shape = weight.shape as number[]; // weights have no open sizes
    const fits = sameShape(one.shape, shape) || (reshape && sizeOf(one.shape) === sizeOf(shape));
    if (fits) return [{ weight, stored: one }];
    if (skipMismatch) return [];
    throw new MismatchError(
      `the weight '${weight.originalName}' of layer '${layer.name}' has the shape ${describeShape(shape)}, and ${one.path} the shape ${describeShape(one.shape)}`,
    );
  });
};

/** Matches layers by their order: those that have weights, as Keras does. */
export const matchByOrder = (
  layers: readonly Layer[],
  stored: readonly StoredLayer[],
  matching: Matching,
): Assignment[] => {
  const ours = layers.filter((layer) => layer.weights.length > 0);
  const theirs = stored.filter(({ weights }) => weights.length > 0);
  if (ours.length !== theirs.length) {
    throw new MismatchError(
      `the model has ${ours.length} layers with weights, and the file ${theirs.length}: ${theirs
        .slice(0, 5)
        .map(({ name }) => `'${name}'`)
        .join(', ')}${theirs.length > 5 ? ', …' : ''}`,
    );
  }
  return ours.flatMap((layer, index) => matchLayer(layer, theirs[index] as StoredLayer, matching)); // as many, as seen
};

/** Matches layers by their names; those that the model has not are left out. */
export const matchByName = (
  layers: readonly Layer[],
  stored: readonly StoredLayer[],
  matching: Matching,
): Assignment[] =>
  stored.flatMap((one) =>
    layers.filter(({ name }) => name === one.name).flatMap((layer) => matchLayer(layer, one, matching)),
  );

type Numbers = Awaited<ReturnType<Hdf5Reader['read']>>;

/** Numbers in the type of a variable. */
const typed = (numbers: Numbers, dtype: string): Float32Array | Int32Array | Uint8Array => {
  const plain = numbers instanceof BigInt64Array ? Float64Array.from(numbers, Number) : numbers;
  if (dtype === 'int32') return Int32Array.from(plain);
  if (dtype === 'bool') return Uint8Array.from(plain);
  return plain instanceof Float32Array ? plain : Float32Array.from(plain);
};

/** Reads the data set of one weight after another into the model. */
export const assignWeights = async (
  reader: Hdf5Reader,
  assignments: readonly Assignment[],
): Promise<void> => {
  for (const { weight, stored } of assignments) {
    const values = await reader.read(stored.path);
    const variable = variableOf(weight);
    const shape = weight.shape as number[]; // weights have no open sizes
    tf.tidy(() => variable.assign(tf.tensor(typed(values, variable.dtype), shape, variable.dtype)));
  }
};

/** How many numbers all layers of a file have. */
export const countStored = (layers: readonly StoredLayer[]): number =>
  layers.reduce(
    (sum, { weights }) => sum + weights.reduce((inner, { shape }) => inner + sizeOf(shape), 0),
    0,
  );
