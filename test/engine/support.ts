import { binding, idOf } from '../../src/tfjs/binding';
import type { Recording } from '../../src/engine/trace/recording';
import type { Tensor } from '../../src/tfjs/tensorflow';

/** Runs a recording again, operation by operation, on the given tensors, and gives the values of some tensors. */
export const replay = (
  { ops, constants }: Recording,
  given: readonly Tensor[],
  wanted: readonly number[],
): number[][] => {
  const native = binding();
  const ids = new Map(given.map((tensor) => [idOf(tensor), idOf(tensor)]));
  const idFor = (id: number): number => {
    const known = ids.get(id);
    if (known !== undefined) return known;
    const constant = constants.get(id);
    if (constant === undefined) throw new Error(`tensor ${id} is not there`);
    const made = native.createTensor(constant.shape, constant.dtype, constant.values);
    ids.set(id, made);
    return made;
  };
  for (const { name, attributes, inputs, outputs } of ops) {
    const made = native.executeOp(name, attributes, inputs.map(idFor), outputs.length);
    outputs.forEach(({ id }, index) => ids.set(id, made[index]?.id ?? -1));
  }
  return wanted.map((id) => Array.from(native.tensorDataSync(idFor(id))));
};
