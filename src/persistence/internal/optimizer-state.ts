/** What optimizers remember, as Keras's HDF5 files have it. */
import type { LayerVariable } from '@tensorflow/tfjs';
import { describeShape } from '../../base/errors';
import { sameShape } from '../../base/shapes';
import type { Hdf5Reader, Hdf5Writer } from '../../files/hdf5';
import { MalformedError } from '../../files/malformed';
import { UpdateOptimizer, type Optimizer } from '../../optimizers/optimizer';
import { variableOf } from '../../tfjs/private';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { readNames, writeNames } from './attributes';
import { classOfFunction } from './classes';
import { uniqueName } from './layer-weights';
import { findStored, type SizeCheck, type StoredWeight } from './read-weights';
import { writeTensor, type GroupMaker } from './write-weights';

const GROUP = 'optimizer_weights';

/** Slots that are not Keras's: one of our own begins with this. */
const isKeras = (slot: string): boolean => slot !== 'accumulated';

/** The slots, in groups: of each group those of one variable after the other. Keras's SGD keeps momenta without momentum, too. */
export const groupsOf = (optimizer: UpdateOptimizer): readonly (readonly string[])[] => {
  const groups = optimizer.update.slots.map((group) => Object.keys(group).filter(isKeras));
  return optimizer.parts.functionName === 'optimizerSgd' && !groups.flat().includes('momentum')
    ? [...groups, ['momentum']]
    : groups;
};

/** What Keras calls a slot. */
const savedName = (optimizer: UpdateOptimizer, slot: string): string =>
  optimizer.parts.functionName === 'optimizerSgd' && slot === 'momentum' ? 'm' : slot;

/** A slot of a weight, and what it is called in a file. */
interface NamedSlot {
  readonly name: string;
  readonly shape: readonly number[];
  /** The numbers, in a tensor that is the caller's. */
  readonly read: () => Tensor;
}

const readSlot = (optimizer: UpdateOptimizer, weight: LayerVariable, slot: string): Tensor => {
  const slots = optimizer.readSlots(variableOf(weight));
  const value = slots.get(slot) ?? tf.zeros(weight.shape as number[]); // weights have no open sizes
  for (const tensor of slots.values()) if (tensor !== value) tensor.dispose();
  return value;
};

/** The steps and the slots of an optimizer of these weights, in the order of Keras's files; undefined of one that has no such state. */
export const optimizerValues = (
  optimizer: Optimizer,
  weights: readonly LayerVariable[],
): { readonly steps: number; readonly slots: readonly NamedSlot[] } | undefined => {
  if (!(optimizer instanceof UpdateOptimizer)) return undefined;
  const taken = new Set<string>(['iteration:0']);
  const className = classOfFunction(optimizer.parts.functionName);
  const slots = groupsOf(optimizer).flatMap((group) =>
    weights.flatMap((weight) =>
      group.map((slot) => ({
        name: uniqueName(`${className}/${savedName(optimizer, slot)}/${weight.originalName}`, taken),
        shape: weight.shape as number[], // weights have no open sizes
        read: () => readSlot(optimizer, weight, slot),
      })),
    ),
  );
  return { steps: optimizer.iterations, slots };
};

/** Writes the steps and the slots of an optimizer of these weights. */
export const writeOptimizer = async (
  writer: Hdf5Writer,
  groups: GroupMaker,
  optimizer: Optimizer,
  weights: readonly LayerVariable[],
): Promise<void> => {
  const values = optimizerValues(optimizer, weights);
  if (values === undefined) return;
  await groups.make(GROUP);
  await writeNames(writer, GROUP, 'weight_names', ['iteration:0', ...values.slots.map(({ name }) => name)]);
  await writer.dataset(`${GROUP}/iteration:0`, 'int64', [], BigInt64Array.of(BigInt(values.steps)));
  for (const { name, read } of values.slots) {
    await groups.makeParent(`${GROUP}/${name}`);
    const value = read();
    try {
      await writeTensor(writer, `${GROUP}/${name}`, value);
    } finally {
      value.dispose();
    }
  }
};

/** The slots of each weight, by their names. */
type Slots = ReadonlyMap<LayerVariable, ReadonlyMap<string, StoredWeight>>;

const mismatch = (optimizer: UpdateOptimizer, expected: number, found: number): MalformedError =>
  new MalformedError(
    `the optimizer ${optimizer.name} has ${expected} slots for these weights, and the file ${found}`,
  );

/** Since Keras 2.11, those of a group are together for each weight; before, all of one kind were. */
const matchSlots = (
  optimizer: UpdateOptimizer,
  weights: readonly LayerVariable[],
  stored: readonly StoredWeight[],
  isOld: boolean,
): Slots => {
  const groups = isOld
    ? groupsOf(optimizer)
        .flat()
        .map((slot) => [slot])
    : groupsOf(optimizer);
  const order = groups.flatMap((group) =>
    weights.flatMap((weight) => group.map((slot) => ({ weight, slot }))),
  );
  const needed = new Set(optimizer.slotNames.filter(isKeras));
  // One that has not done a step yet has no slots; files of older Adam may end with placeholders.
  const isBare = stored.length === 0;
  if (!isBare && (isOld ? stored.length < order.length : stored.length !== order.length))
    throw mismatch(optimizer, order.length, stored.length);
  const slots = new Map<LayerVariable, Map<string, StoredWeight>>(
    weights.map((weight) => [weight, new Map()]),
  );
  for (const [index, { weight, slot }] of (isBare ? [] : order).entries()) {
    if (!needed.has(slot)) continue;
    const one = stored[index] as StoredWeight; // as many, as seen
    if (!sameShape(one.shape, weight.shape as number[])) {
      throw new MalformedError(
        `${one.path} must have the shape ${describeShape(weight.shape)} of '${weight.originalName}', and has ${describeShape(one.shape)}`,
      );
    }
    slots.get(weight)?.set(slot, one);
  }
  return slots;
};

const isSteps = ({ path, shape }: StoredWeight): boolean =>
  shape.length === 0 && /iter(?:ations?)?(?:_\d+)?:0$/.test(path);

const stepsIn = (path: string, [steps]: Numbers): number => {
  const count = Number(steps);
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw new MalformedError(`${path} must be a number of steps, and is ${String(steps)}`);
};

type Numbers = ArrayLike<number | bigint> & Iterable<number | bigint>;

/** Numbers as slots have them. To convert them one by one takes half a second for a million. */
export const floats = (numbers: Numbers): Float32Array =>
  numbers instanceof Float32Array ? numbers : Float32Array.from(numbers, Number);

/** Gives an optimizer the steps and the slots that a file has of it, which `read` reads. */
export const restoreOptimizer = async (
  optimizer: Optimizer,
  weights: readonly LayerVariable[],
  stored: readonly StoredWeight[],
  read: (path: string) => Promise<Numbers>,
): Promise<void> => {
  const [first, ...others] = stored;
  if (first === undefined || !(optimizer instanceof UpdateOptimizer)) return;
  const hasSteps = isSteps(first) || first.shape.length === 0;
  // The learning rate is among Keras 3's, as a number.
  const isRate = ({ path, shape }: StoredWeight): boolean => shape.length === 0 && /learning_rate/.test(path);
  const slotSets = (hasSteps ? others : stored).filter((one) => !isRate(one));
  // Keras 2.0 to 2.3 counted `iterations`, TensorFlow until 2.10 `iter`; since then it is `iteration`.
  const isOld = !/(?:^|\/)iteration(?::0)?$/.test(first.path);
  const slots = matchSlots(optimizer, weights, slotSets, isOld);
  optimizer.build(weights.map(variableOf));
  for (const [weight, ofWeight] of slots) {
    const values = new Map<string, Tensor>();
    try {
      for (const [slot, { path }] of ofWeight) {
        values.set(slot, tf.tensor(floats(await read(path)), weight.shape as number[], 'float32'));
      }
      optimizer.writeSlots(variableOf(weight), values);
    } finally {
      for (const tensor of values.values()) tensor.dispose();
    }
  }
  if (hasSteps) optimizer.advance(stepsIn(first.path, await read(first.path)) - optimizer.iterations);
};

/** Keras 3 lists what scales the losses of numbers of 16 bits before the optimizer inside. */
const isOfInner = (name: string): boolean => !/^loss_scale_optimizer(?:_\d+)?\//.test(name);

/** Gives an optimizer the steps and the slots that a file has of it, if it has some. */
export const readOptimizer = async (
  reader: Hdf5Reader,
  optimizer: Optimizer,
  weights: readonly LayerVariable[],
  check: SizeCheck,
): Promise<void> => {
  if (!(optimizer instanceof UpdateOptimizer) || (await reader.look(GROUP))?.kind !== 'group') return;
  const stored: StoredWeight[] = [];
  for (const name of ((await readNames(reader, GROUP, 'weight_names')) ?? []).filter(isOfInner))
    stored.push(await findStored(reader, `${GROUP}/${name}`, check));
  await restoreOptimizer(optimizer, weights, stored, (path) => reader.read(path));
};
