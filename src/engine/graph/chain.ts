import { sizeOf } from '../../base/shapes';
import type { RecordedOp } from '../trace/recording';
import { hasOneDnn } from '../trace/rewrites/onednn';
import { ELEMENT_FLOPS, MIN_CHAIN_FLOPS, MIN_CHAIN_SHARE } from '../tuning';
import { neededFor } from './emit';

const PRODUCTS: ReadonlySet<string> = new Set(['MatMul', '_FusedMatMul']);

/** Operations that take longer than the sizes of their outputs tell. */
const isUnknown = ({ name, scan }: RecordedOp): boolean =>
  scan !== undefined ||
  /Conv|Pool|Sparse(Tensor|Segment)|^Unsorted|^Batch|Gather|Random|^Stateless|^Multinomial/.test(name);

/**
 * Whether nearly all that some operations compute is large products of matrices of which each waits for the one before: there is nothing
 * to do beside a product, which takes all processors itself where oneDNN does it. `shapes` tells of what comes from outside.
 */
export const isChain = (
  ops: readonly RecordedOp[],
  targets: readonly number[],
  shapes: ReadonlyMap<number, readonly number[]>,
): boolean => {
  if (ops.some(isUnknown) || !hasOneDnn('FusedMatMul')) return false;
  const made = new Map(ops.flatMap(({ outputs }) => outputs.map(({ id, shape }) => [id, shape] as const)));
  const elementsOf = (id: number | undefined = 0): number => sizeOf(made.get(id) ?? shapes.get(id) ?? []);
  /** Floating-point operations of a product, or as many as take as long: (m k) (k n) (m n) is the square of m k n. */
  const costOf = ({ name, inputs, outputs }: RecordedOp): number => {
    const elements = elementsOf(outputs[0]?.id);
    if (!PRODUCTS.has(name)) return ELEMENT_FLOPS * elements;
    return 2 * Math.sqrt(elements * elementsOf(inputs[0]) * elementsOf(inputs[1]));
  };
  const { needed } = neededFor(ops, targets, () => false);
  const longestTo = new Map<number, number>();
  let [total, longest] = [0, 0];
  for (const [index, op] of ops.entries()) {
    if (!needed.has(index)) continue;
    const cost = costOf(op);
    total += cost;
    const until = cost + Math.max(0, ...op.inputs.map((id) => longestTo.get(id) ?? 0));
    for (const { id } of op.outputs) longestTo.set(id, until);
    longest = Math.max(longest, until);
  }
  return total >= MIN_CHAIN_FLOPS && longest >= MIN_CHAIN_SHARE * total;
};
