import { TYPES } from '../../tfjs/binding';
import type { Frame, Value } from './frame';
import type { Nodes } from './nodes';
import { emitScan } from './scan';
import { atOnce, type Steps } from '../../base/steps';
import { recordedAttributes } from './attributes';
import type { RecordedOp, RecordedScan, Recording } from '../trace/recording';

/** The name of an operation's node, by its position among those that are recorded. */
export const nodeName = (prefix: string, index: number): string => `${prefix}/op${index}`;

/** Attributes that tfjs-node leaves for TensorFlow to infer, which a graph must say, and the inputs that they are of. */
const INFERRED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ExpandDims: { T: 0, Tdim: 1 },
};

const inferredTypes = (op: string, values: readonly Value[]): Record<string, number> =>
  Object.fromEntries(
    Object.entries(INFERRED[op] ?? {}).map(([name, input]) => [name, values[input]?.dtype ?? TYPES.float]),
  );

/**
 * The operations on which some tensors depend, by position, and the tensors that these use. What is there already needs
 * none.
 */
export const neededFor = (
  ops: readonly RecordedOp[],
  targets: readonly number[],
  isThere: (id: number) => boolean,
): { needed: ReadonlySet<number>; used: ReadonlySet<number> } => {
  const producer = new Map<number, number>();
  ops.forEach((op, index) => op.outputs.forEach(({ id }) => producer.set(id, index)));
  const needed = new Set<number>();
  const used = new Set<number>();
  const waiting = [...targets];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    used.add(id);
    const index = isThere(id) ? undefined : producer.get(id);
    if (index === undefined || needed.has(index)) continue;
    needed.add(index);
    const op = ops[index];
    waiting.push(...(op?.inputs ?? []));
    // What a recurrence's step uses from outside must be there, too.
    for (const inner of op?.scan?.body ?? [])
      waiting.push(...inner.inputs.filter((one) => producer.has(one)));
  }
  return { needed, used };
};

/** Operations that are emitted before others may run. */
const OPERATIONS_AT_ONCE = 32;

/**
 * Emits the ops that the target tensors depend on into a frame. `nodes` has the tensors that are there already, and gets
 * those that were emitted. `outside` finds tensors of the frame around, as values of this one.
 */
export const emit = (...all: Parameters<typeof emitInSteps>): void => {
  atOnce(emitInSteps(...all));
};

/** The same step by step: between them others may run. */
export function* emitInSteps(
  frame: Frame,
  prefix: string,
  ops: readonly RecordedOp[],
  constants: Recording['constants'],
  targets: readonly number[],
  nodes: Nodes,
  after: string,
  outside: (id: number) => Value | undefined = () => undefined,
): Steps<void> {
  const { needed, used } = neededFor(ops, targets, (id) => nodes.has(id));
  const valueOf = (id: number): Value => {
    const known = nodes.get(id);
    if (known !== undefined) return known;
    const constant = constants.get(id);
    const value =
      constant === undefined ? outside(id) : { name: frame.constant(constant), dtype: constant.dtype };
    if (value === undefined) throw new Error(`tensor ${id} is not part of the step`);
    nodes.set(id, value);
    return value;
  };
  let emitted = 0;
  for (const [index, op] of ops.entries()) {
    if (!needed.has(index)) continue;
    if (++emitted % OPERATIONS_AT_ONCE === 0) yield;
    const name = nodeName(prefix, index);
    if (op.scan !== undefined) {
      yield;
      const outputs = emitScan(frame, name, {
        op,
        scan: op.scan,
        valueOf,
        used,
        emitStep: (inner, stepTargets, stepNodes, iteration, outer) => {
          const { body } = op.scan as RecordedScan; // as seen
          emit(inner, inner.name, body, constants, stepTargets, stepNodes, iteration, outer);
        },
      });
      op.outputs.forEach(({ id, dtype }, output) => {
        const node = outputs[output];
        if (node !== undefined) nodes.set(id, { name: node, dtype });
      });
      continue;
    }
    const values = op.inputs.map(valueOf);
    const inputs = values.length === 0 ? [`^${after}`] : values.map((value) => value.name);
    const types = inferredTypes(op.name, values);
    frame.node(name, op.name, inputs, recordedAttributes(op.attributes, types));
    op.outputs.forEach(({ id, dtype }, output) =>
      nodes.set(id, { name: output === 0 ? name : `${name}:${output}`, dtype }),
    );
  }
  // A target may itself be a constant.
  for (const id of targets) valueOf(id);
}
