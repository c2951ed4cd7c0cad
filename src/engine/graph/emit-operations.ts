import { TYPES } from '../../tfjs/binding';
import type { TracedOperations } from '../trace/traced-update';
import { emit } from './emit';
import type { Frame } from './frame';
import type { Nodes } from './nodes';

/** Emits recorded operations; gives the nodes of their results, by name. */
export const emitOperations = (
  frame: Frame,
  prefix: string,
  { recording, feeds, results }: TracedOperations,
  valueOf: (name: string) => string,
  iteration: string,
): Map<string, string> => {
  const used = new Set([...recording.ops.flatMap(({ inputs }) => inputs), ...results.values()]);
  const nodes: Nodes = new Map(
    [...feeds]
      .filter(([id]) => used.has(id))
      .map(([id, name]) => [id, { name: valueOf(name), dtype: TYPES.float }]),
  );
  emit(frame, prefix, recording.ops, recording.constants, [...results.values()], nodes, iteration);
  // Emitted, as all results are.
  return new Map([...results].map(([name, id]) => [name, nodes.get(id)?.name as string]));
};
