/** What a fit changes: the weights of a model, the states of its layers, what its optimizers remember. */
import { describeShape } from '../../base/errors';
import { sameShape } from '../../base/shapes';
import { MalformedError } from '../../files/malformed';
import type { SafeArray, SafeDtype, SafeValues, StoredArray } from '../../files/safetensors';
import type { KerasModel } from '../../models/model';
import { UpdateOptimizer } from '../../optimizers/optimizer';
import type { Optimizer } from '../../optimizers/registry';
import { stateVariablesOf } from '../../step/layers';
import { tf, type Tensor, type Variable } from '../../tfjs/tensorflow';
import { variablesIn } from '../../layers/internal/variables-in';

/** The variables of a model, in an order that is the same for each model that the same program makes. */
const variablesOf = (model: KerasModel): Variable[] => [
  ...new Set([...variablesIn(model.tf), ...stateVariablesOf(model)]),
];

/** The optimizer that a model is compiled with, and those that a model of one's own has as its fields. */
const optimizersOf = (model: KerasModel): Optimizer[] => {
  const fields: unknown[] = Object.values(model);
  const own = fields.filter((field): field is Optimizer => field instanceof UpdateOptimizer);
  return [
    ...new Set([
      ...(model.state.compilation === undefined ? [] : [model.state.compilation.optimizer]),
      ...own,
    ]),
  ];
};

/** What is kept of an optimizer besides its slots. */
export interface KeptOptimizer {
  readonly name: string;
  readonly iterations: number;
  /** Null where a schedule gives it. */
  readonly learningRate: number | null;
}

const weightName = (index: number): string => `weight ${index}`;
const slotName = (optimizer: number, weight: number, slot: string): string =>
  `optimizer ${optimizer}, weight ${weight}, ${slot}`;

/** A tensor as an array to be written; `done` is called when its values are there. */
export const arrayOf = (name: string, tensor: Tensor, done: () => void = () => undefined): SafeArray => {
  const { dtype, shape } = tensor;
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool')
    throw new MalformedError(`${name} is of the type ${dtype}, which is not kept`);
  return {
    name,
    dtype,
    shape,
    values: async () => {
      try {
        return await tensor.data<'float32' | 'int32' | 'bool'>();
      } finally {
        done();
      }
    },
  };
};

/** The arrays of a model, and what is to be said of its optimizers. The tensors that are made for it are freed as they are written. */
export const savedArrays = (
  model: KerasModel,
): { readonly arrays: SafeArray[]; readonly optimizers: KeptOptimizer[]; readonly dispose: () => void } => {
  const variables = variablesOf(model);
  const arrays = variables.map((variable, index) => arrayOf(weightName(index), variable));
  const made: Tensor[] = [];
  const optimizers = optimizersOf(model);
  optimizers.forEach((optimizer, number) => {
    if (!(optimizer instanceof UpdateOptimizer)) return;
    variables.forEach((variable, index) => {
      if (!optimizer.hasSlots(variable)) return;
      for (const [slot, value] of optimizer.readSlots(variable)) {
        made.push(value);
        arrays.push(arrayOf(slotName(number, index, slot), value, () => value.dispose()));
      }
    });
  });
  return {
    arrays,
    optimizers: optimizers.map((optimizer) => ({
      name: optimizer.name,
      iterations: optimizer.iterations,
      learningRate:
        optimizer instanceof UpdateOptimizer && optimizer.hasSchedule ? null : optimizer.learningRate,
    })),
    dispose: () => tf.dispose(made.filter((tensor) => !tensor.isDisposed)),
  };
};

/** Something that takes the values of an array. */
type Taker = (values: Tensor) => void;

const takerOf = (name: string, stored: StoredArray | undefined, like: Tensor, take: Taker): Taker => {
  if (stored === undefined) throw new MalformedError(`there is no ${name}`);
  if (stored.dtype !== like.dtype || !sameShape(stored.shape, like.shape))
    throw new MalformedError(
      `${name} is ${stored.dtype} of shape ${describeShape(stored.shape)}, and that of the model ${like.dtype} of shape ${describeShape(like.shape)}`,
    );
  return take;
};

const isKept = (value: unknown): value is KeptOptimizer => {
  const { name, iterations, learningRate } = value as Partial<KeptOptimizer>;
  return (
    typeof name === 'string' &&
    Number.isSafeInteger(iterations) &&
    (learningRate === null || typeof learningRate === 'number')
  );
};

const optimizerTakers = (
  optimizer: UpdateOptimizer,
  number: number,
  variables: readonly Variable[],
  stored: ReadonlyMap<string, StoredArray>,
): [string, Taker][] =>
  variables.flatMap((variable, index) =>
    optimizer.slotNames.flatMap((slot): [string, Taker][] => {
      const name = slotName(number, index, slot);
      if (!stored.has(name)) return [];
      const take = (value: Tensor): void => {
        optimizer.build([variable]);
        optimizer.writeSlots(variable, new Map([[slot, value]]));
      };
      return [[name, takerOf(name, stored.get(name), variable, take)]];
    }),
  );

/** What gives a model the arrays that it has in a backup: all that do not fit are found before the first is given. */
export const takersFor = (
  model: KerasModel,
  stored: ReadonlyMap<string, StoredArray>,
  kept: unknown,
): { readonly takers: ReadonlyMap<string, Taker>; readonly takeRest: () => void } => {
  const variables = variablesOf(model);
  const optimizers = optimizersOf(model);
  if (stored.has(weightName(variables.length)))
    throw new MalformedError(`it has more weights than the model, which has ${variables.length}`);
  if (!Array.isArray(kept) || kept.length !== optimizers.length || !kept.every(isKept))
    throw new MalformedError('it is of another number of optimizers');
  const other = optimizers.findIndex(({ name }, index) => name !== kept[index]?.name);
  if (other !== -1)
    throw new MalformedError(
      `it is of the optimizer ${kept[other]?.name ?? ''}, and the model has ${optimizers[other]?.name ?? ''}`,
    );
  const takers = new Map<string, Taker>([
    ...variables.map((variable, index): [string, Taker] => {
      const name = weightName(index);
      return [name, takerOf(name, stored.get(name), variable, (value) => variable.assign(value))];
    }),
    ...optimizers.flatMap((optimizer, number) =>
      optimizer instanceof UpdateOptimizer ? optimizerTakers(optimizer, number, variables, stored) : [],
    ),
  ]);
  const takeRest = (): void => {
    optimizers.forEach((optimizer, index) => {
      const { iterations, learningRate } = kept[index] as KeptOptimizer; // as many, as seen
      if (optimizer instanceof UpdateOptimizer) optimizer.advance(iterations - optimizer.iterations);
      if (learningRate !== null) optimizer.learningRate = learningRate;
    });
  };
  return { takers, takeRest };
};

/** A tensor of an array's values. */
export const tensorOf = (
  values: SafeValues,
  { shape, dtype }: { readonly shape: readonly number[]; readonly dtype: SafeDtype },
): Tensor => tf.tensor(values, [...shape], dtype);
