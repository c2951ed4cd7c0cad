/** What optimizers remember, as Keras 3 has it: a list of variables, without names. */
import type { LayerVariable } from '@tensorflow/tfjs';
import { describeShape } from '../../../base/errors';
import { sameShape } from '../../../base/shapes';
import type { Hdf5Reader, Hdf5Writer } from '../../../files/hdf5';
import { MalformedError } from '../../../files/malformed';
import {
  entriesOf,
  fromKeras,
  productOf,
  toKeras,
  type Entry,
  type SlotEntry,
} from '../../../optimizers/keras3-entries';
import { UpdateOptimizer, type Optimizer } from '../../../optimizers/optimizer';
import { variableOf } from '../../../tfjs/private';
import { tf, type Tensor } from '../../../tfjs/tensorflow';
import { floats, groupsOf, restoreOptimizer } from '../optimizer-state';
import { findStored, type SizeCheck, type StoredWeight } from '../read-weights';
import { writeTensor, type GroupMaker } from '../write-weights';
import { KERAS_2, type Layout } from './state-groups';

const GROUP = 'optimizer/vars';
/** Where the list is, if another optimizer is around this one: one that scales the loss. */
const INNER_GROUP = 'optimizer/inner_optimizer/vars';

const writeSlot = async (
  writer: Hdf5Writer,
  place: string,
  optimizer: UpdateOptimizer,
  entry: SlotEntry,
): Promise<void> => {
  const slots = optimizer.readSlots(variableOf(entry.weight));
  const value = toKeras(slots.get(entry.slot) as Tensor, entry); // one of its slots
  try {
    await writeTensor(writer, place, value);
  } finally {
    for (const tensor of [value, ...slots.values()]) tensor.dispose();
  }
};

const writeEntry = async (
  writer: Hdf5Writer,
  place: string,
  optimizer: UpdateOptimizer,
  entry: Entry,
): Promise<void> => {
  if (entry.kind === 'slot') await writeSlot(writer, place, optimizer, entry);
  else if (entry.kind === 'iterations')
    await writer.dataset(place, 'int32', [], Int32Array.of(optimizer.iterations));
  else if (entry.kind === 'learning rate')
    await writer.dataset(place, 'float32', [], Float32Array.of(optimizer.learningRate));
  else if (entry.kind === 'product')
    await writer.dataset(place, 'float32', [], Float32Array.of(productOf(optimizer)));
  else if (entry.shape.length === 0) await writer.dataset(place, 'int32', [], Int32Array.of(0));
  else {
    const zeros = tf.zeros([...entry.shape]);
    await writeTensor(writer, place, zeros);
    zeros.dispose();
  }
};

/** Writes the steps, the learning rate and the slots of an optimizer of these weights. */
export const writeOptimizerState = async (
  writer: Hdf5Writer,
  groups: GroupMaker,
  optimizer: Optimizer,
  weights: readonly LayerVariable[],
): Promise<void> => {
  if (!(optimizer instanceof UpdateOptimizer)) return;
  await groups.make(GROUP);
  for (const [index, entry] of entriesOf(optimizer, weights).entries())
    await writeEntry(writer, `${GROUP}/${index}`, optimizer, entry);
};

const numberAt = async (reader: Hdf5Reader, path: string, what: string): Promise<number> => {
  const [value] = await reader.read(path);
  const number = Number(value);
  if (Number.isFinite(number) && number >= 0) return number;
  throw new MalformedError(`${path} must be ${what}, and is ${String(value)}`);
};

/** The data sets of the list, in order; none if there is no list. */
const storedList = async (reader: Hdf5Reader, check: SizeCheck): Promise<StoredWeight[]> => {
  const inner = await reader.look(INNER_GROUP);
  const [group, found] = inner?.kind === 'group' ? [INNER_GROUP, inner] : [GROUP, await reader.look(GROUP)];
  if (found?.kind !== 'group') return [];
  const stored: StoredWeight[] = [];
  for (let index = 0; index < found.names.length; index++)
    stored.push(await findStored(reader, `${group}/${index}`, check));
  return stored;
};

const checkShapes = (entries: readonly Entry[], stored: readonly StoredWeight[]): void => {
  for (const [index, one] of stored.entries()) {
    const entry = entries[index] as Entry; // as many, as seen
    if (sameShape(one.shape, [...entry.shape])) continue;
    const what = entry.kind === 'slot' ? `a slot of '${entry.weight.originalName}'` : `the ${entry.kind}`;
    throw new MalformedError(
      `${one.path}, ${what}, must have the shape ${describeShape(entry.shape)}, and has ${describeShape(one.shape)}`,
    );
  }
};

const readSlot = async (
  reader: Hdf5Reader,
  path: string,
  optimizer: UpdateOptimizer,
  entry: SlotEntry,
): Promise<void> => {
  const numbers = floats(await reader.read(path));
  const value = tf.tidy(() => fromKeras(tf.tensor(numbers, [...entry.shape], 'float32'), entry));
  try {
    optimizer.writeSlots(variableOf(entry.weight), new Map([[entry.slot, value]]));
  } finally {
    value.dispose();
  }
};

/** The name of the steps in Keras 2's files. */
const STEPS = 'iteration';

/** Gives an optimizer what a file has of it in Keras 2's way: the steps, and the slots in the order of its HDF5 files. */
const readOfKeras2 = async (
  reader: Hdf5Reader,
  optimizer: UpdateOptimizer,
  weights: readonly LayerVariable[],
  [steps, ...slots]: readonly StoredWeight[],
): Promise<void> => {
  if (steps === undefined) return;
  await restoreOptimizer(optimizer, weights, [{ ...steps, path: STEPS }, ...slots], async (path) =>
    reader.read(path === STEPS ? steps.path : path),
  );
};

/** What is known of a list in a file. */
export interface StoredList {
  readonly check: SizeCheck;
  /** Whether it must be of this optimizer. */
  readonly isOfThis: boolean;
  readonly layout: Layout;
}

/**
 * Gives an optimizer of these weights what a file has of it, if it has something. Of another optimizer's that is an error, or, as in
 * Keras for weights alone, nothing.
 */
export const readOptimizerState = async (
  reader: Hdf5Reader,
  optimizer: Optimizer,
  weights: readonly LayerVariable[],
  { check, isOfThis, layout }: StoredList,
): Promise<void> => {
  if (!(optimizer instanceof UpdateOptimizer)) return;
  const stored = await storedList(reader, check);
  if (stored.length === 0) return;
  if (layout === KERAS_2) {
    const length = 1 + groupsOf(optimizer).flat().length * weights.length;
    if (isOfThis || stored.length === length) await readOfKeras2(reader, optimizer, weights, stored);
    return;
  }
  const entries = entriesOf(optimizer, weights);
  // One that has not done a step yet has no slots in Keras.
  const isNew = stored.length === (optimizer.hasSchedule ? 1 : 2);
  if (stored.length !== entries.length && !isNew) {
    if (!isOfThis) return;
    throw new MalformedError(
      `the optimizer ${optimizer.name} has ${entries.length} variables for these weights, and the file ${stored.length}`,
    );
  }
  checkShapes(entries, stored);
  optimizer.build(weights.map(variableOf));
  for (const [index, { path }] of stored.entries()) {
    const entry = entries[index] as Entry; // as many, as seen
    if (entry.kind === 'slot') await readSlot(reader, path, optimizer, entry);
    else if (entry.kind === 'learning rate') {
      const rate = await numberAt(reader, path, 'a learning rate');
      // The configuration has it with more digits.
      if (Math.fround(optimizer.learningRate) !== Math.fround(rate)) optimizer.learningRate = rate;
    } else if (entry.kind === 'iterations') {
      const steps = await numberAt(reader, path, 'a number of steps');
      if (!Number.isSafeInteger(steps))
        throw new MalformedError(`${path} must be a number of steps, and is ${steps}`);
      optimizer.advance(steps - optimizer.iterations);
    }
  }
};
