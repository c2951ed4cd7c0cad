import type { UpdateOptimizer } from '../optimizers/optimizer';
import type { Tensor, Variable } from '../tfjs/tensorflow';

/** The values of an optimizer's slots for variables: those of one variable after those of another. The caller disposes the tensors. */
export const readSlots = (optimizer: UpdateOptimizer, variables: readonly Variable[]): Tensor[] =>
  variables.flatMap((variable) => {
    const slots = optimizer.readSlots(variable);
    return optimizer.slotNames.map((name) => slots.get(name) as Tensor); // there is one of each name
  });

/** Gives an optimizer values of its slots, in the order of {@link readSlots}. The tensors stay the caller's. */
export const writeSlots = (
  optimizer: UpdateOptimizer,
  variables: readonly Variable[],
  values: readonly Tensor[],
): void => {
  const { slotNames } = optimizer;
  variables.forEach((variable, position) => {
    if (variable.isDisposed) return;
    const own = slotNames.map(
      (slot, offset) => [slot, values[position * slotNames.length + offset] as Tensor] as const, // one for each
    );
    optimizer.writeSlots(variable, new Map(own));
  });
};
