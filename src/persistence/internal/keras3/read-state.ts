/** Weights out of an HDF5 file of Keras 3's layout. */
import { describeShape } from '../../../base/errors';
import { sameShape, sizeOf } from '../../../base/shapes';
import type { Hdf5Reader } from '../../../files/hdf5';
import { MalformedError } from '../../../files/malformed';
import { MismatchError } from '../errors';
import { findStored, type Assignment, type SizeCheck, type StoredWeight } from '../read-weights';
import { KERAS_2, KERAS_3, type Layout, type StateGroup } from './state-groups';

/** How deep groups may be in groups, and how many there may be: links can lead in circles. */
const MAX_DEPTH = 256;
const MAX_GROUPS = 1_000_000;

/** Groups of a file that hold what is no weight of a layer. */
const isOfLayers = (path: string): boolean =>
  !/^(?:optimizer|metrics|_?compile_metrics|_?loss_tracker)(?:\/|$)/.test(path);

/** How many numbers the layers of a file have; what its data sets are said to take is held against its size. */
export const countState = async (reader: Hdf5Reader, check: SizeCheck): Promise<number> => {
  let groups = 0;
  const countIn = async (path: string, depth: number): Promise<number> => {
    const found = await reader.look(path === '' ? '/' : path);
    if (found === undefined) return 0;
    if (found.kind === 'dataset') {
      check.add(path, sizeOf(found.shape) * found.itemBytes);
      return sizeOf(found.shape);
    }
    if (depth > MAX_DEPTH || ++groups > MAX_GROUPS)
      throw new MalformedError(`its groups do not come to an end: ${path.slice(0, 80)}`);
    let sum = 0;
    for (const name of found.names) {
      const inner = path === '' ? name : `${path}/${name}`;
      if (isOfLayers(inner)) sum += await countIn(inner, depth + 1);
    }
    return sum;
  };
  return countIn('', 0);
};

/** The layout of a file: groups of layers, and no lists of names; undefined if it has another. */
export const layoutOf = async (reader: Hdf5Reader): Promise<Layout | undefined> => {
  const found = await reader.look('/');
  if (found?.kind !== 'group') return undefined;
  if (found.names.includes(KERAS_2.container)) return KERAS_2;
  return [KERAS_3.container, 'vars'].some((name) => found.names.includes(name)) ? KERAS_3 : undefined;
};

/** The weights in the group of a path, in order; undefined if there is no such group. */
const storedIn = async (
  reader: Hdf5Reader,
  path: string,
  weightNames: readonly string[] | undefined,
  check: SizeCheck,
): Promise<StoredWeight[] | undefined> => {
  const place = path === '' ? 'vars' : `${path}/vars`;
  const found = await reader.look(place);
  if (found?.kind !== 'group') return undefined;
  const stored: StoredWeight[] = [];
  for (let index = 0; index < found.names.length; index++) {
    const name = weightNames?.[index];
    const isNamed = name !== undefined && found.names.includes(name);
    stored.push(await findStored(reader, `${place}/${isNamed ? name : index}`, check));
  }
  return stored;
};

/** The weights that a file has of a group, none if the group is not there. */
const findGroup = async (
  reader: Hdf5Reader,
  { paths, weightNames }: StateGroup,
  check: SizeCheck,
): Promise<{ readonly path: string; readonly stored: readonly StoredWeight[] }> => {
  for (const path of paths) {
    const stored = await storedIn(reader, path, weightNames, check);
    if (stored !== undefined) return { path, stored };
  }
  return { path: paths[0], stored: [] };
};

/** How weights that do not fit are dealt with. */
export interface StateMatching {
  /** Whether those of a layer that do not fit are left as they are. */
  readonly skipMismatch: boolean;
}

const mismatchOf = (
  { name, weights, hasLearned }: StateGroup,
  stored: readonly StoredWeight[],
  path: string,
): string | undefined => {
  if (weights.length === 0 && hasLearned === true) return undefined;
  if (stored.length !== weights.length)
    return `layer '${name}' has ${weights.length} weights, and ${path}/vars in the file ${stored.length}`;
  for (const [index, weight] of weights.entries()) {
    const one = stored[index] as StoredWeight; // as many, as seen
    const shape = weight.shape as number[]; // weights have no open sizes
    if (!sameShape(one.shape, shape))
      return `the weight '${weight.originalName}' of layer '${name}' has the shape ${describeShape(shape)}, and ${one.path} the shape ${describeShape(one.shape)}`;
  }
  return undefined;
};

/** Where the weights of each group of a model are. */
export const matchState = async (
  reader: Hdf5Reader,
  groups: readonly StateGroup[],
  check: SizeCheck,
  { skipMismatch }: StateMatching,
): Promise<Assignment[]> => {
  const assignments: Assignment[] = [];
  for (const group of groups) {
    const { path, stored } = await findGroup(reader, group, check);
    const mismatch = mismatchOf(group, stored, path);
    if (mismatch !== undefined && !skipMismatch) throw new MismatchError(mismatch);
    if (mismatch === undefined)
      assignments.push(
        ...group.weights.map((weight, index) => ({ weight, stored: stored[index] as StoredWeight })),
      ); // as many
  }
  return assignments;
};
