/** The list of variables that an optimizer has in Keras 3, where they have no names: what stands at each place of it. */
import type { LayerVariable } from '@tensorflow/tfjs';
import { isMadeOrthogonal } from './muon-weights';
import type { UpdateOptimizer } from './optimizer';
import { variableOf } from '../tfjs/private';
import { tf, type Tensor } from '../tfjs/tensorflow';

/** How Keras keeps a slot: as it is here, or, where it is the same along an axis, without the last or the last but one. */
type SlotForm = 'whole' | 'without last' | 'without last but one';

/** What an optimizer keeps of a weight. */
export interface SlotEntry {
  readonly kind: 'slot';
  readonly weight: LayerVariable;
  readonly slot: string;
  readonly form: SlotForm;
  readonly shape: readonly number[];
}

/** A number of the optimizer's, a place that Keras does not use, or a tensor that it makes anew in each step. */
export type NumberEntry =
  | { readonly kind: 'iterations' | 'learning rate' | 'unused'; readonly shape: readonly number[] }
  | { readonly kind: 'product'; readonly shape: readonly number[] };

export type Entry = SlotEntry | NumberEntry;

const SCALAR: readonly number[] = [];

const shapeOf = (weight: LayerVariable): number[] => weight.shape as number[]; // weights have no open sizes

/** The axis that a form leaves out. */
const leftOut = (form: SlotForm, rank: number): number | undefined =>
  form === 'whole' ? undefined : form === 'without last' ? rank - 1 : rank - 2;

const slotEntry = (weight: LayerVariable, slot: string, form: SlotForm = 'whole'): SlotEntry => {
  const shape = shapeOf(weight);
  const axis = leftOut(form, shape.length);
  return { kind: 'slot', weight, slot, form, shape: shape.filter((_, index) => index !== axis) };
};

/** A slot as Keras keeps it. */
export const toKeras = (value: Tensor, { form, shape }: SlotEntry): Tensor => {
  const axis = leftOut(form, value.rank);
  if (axis === undefined) return tf.clone(value);
  const sizes = value.shape.map((size, index) => (index === axis ? 1 : size));
  return tf.tidy(() => tf.reshape(tf.slice(value, value.shape.map(() => 0), sizes), [...shape])); // prettier-ignore
};

/** A slot as it is kept here, from what Keras keeps. */
export const fromKeras = (value: Tensor, { form, weight }: SlotEntry): Tensor => {
  const shape = shapeOf(weight);
  const axis = leftOut(form, shape.length);
  if (axis === undefined) return tf.clone(value);
  const sizes = shape.map((size, index) => (index === axis ? 1 : size));
  return tf.tidy(() => tf.broadcastTo(tf.reshape(value, sizes), shape));
};

const unused = (shape: readonly number[] = SCALAR): Entry => ({ kind: 'unused', shape });

/** Optimizers that have other slots of some weights than of others, or a number besides. */
const SPECIAL: Readonly<
  Record<string, (optimizer: UpdateOptimizer, weights: readonly LayerVariable[]) => Entry[]>
> = {
  // Means of rows and of columns, or the squares of vectors.
  optimizerAdafactor: (_, weights) =>
    weights.flatMap((weight) =>
      weight.shape.length < 2
        ? [unused(), unused(), slotEntry(weight, 'r')]
        : [
            slotEntry(weight, 'r', 'without last'),
            slotEntry(weight, 'c', 'without last but one'),
            unused(shapeOf(weight)),
          ],
    ),
  optimizerMuon: (optimizer, weights) => {
    const options = optimizer.getConfig() as unknown as Parameters<typeof isMadeOrthogonal>[2]; // those of this optimizer
    return weights.flatMap((weight) => {
      const isOrthogonal = isMadeOrthogonal(weight.shape.length, variableOf(weight).name, options);
      return (isOrthogonal ? ['m'] : ['m', 'v']).map((slot) => slotEntry(weight, slot));
    });
  },
  optimizerNadam: (optimizer, weights) => [...own(optimizer, weights), { kind: 'product', shape: SCALAR }],
};

/** What Keras keeps for all weights before what an optimizer has of its own. */
const FIRST = ['average', 'accumulated'];

const isFirst = (group: object): boolean => Object.keys(group).some((slot) => FIRST.includes(slot));

/** Groups of slots, of each group those of one weight after the other. */
const entriesIn = (groups: readonly object[], weights: readonly LayerVariable[]): Entry[] =>
  groups.flatMap((group) =>
    weights.flatMap((weight) => Object.keys(group).map((slot) => slotEntry(weight, slot))),
  );

const own = ({ update }: UpdateOptimizer, weights: readonly LayerVariable[]): Entry[] =>
  entriesIn(update.slots.filter((group) => !isFirst(group)), weights); // prettier-ignore

/** The list of an optimizer of these weights. */
export const entriesOf = (optimizer: UpdateOptimizer, weights: readonly LayerVariable[]): Entry[] => [
  { kind: 'iterations', shape: SCALAR },
  ...(optimizer.hasSchedule ? [] : [{ kind: 'learning rate', shape: SCALAR } as const]),
  ...entriesIn(optimizer.update.slots.filter(isFirst), weights),
  ...(SPECIAL[optimizer.parts.functionName] ?? own)(optimizer, weights),
];

/** What Nadam multiplies its momenta to in so many steps. */
export const productOf = (optimizer: UpdateOptimizer): number => {
  const beta = Number(optimizer.getConfig()['beta1']);
  let product = 1;
  for (let step = 1; step <= optimizer.iterations; step++) product *= beta * (1 - 0.5 * 0.96 ** step);
  return product;
};
