import type { Values } from '../../tfjs/binding';
import { areSameBits, type RecordedOp, type RecordedScan, type Recording } from './recording';

/** Names of tensors that are known before a computation begins. */
type Known = ReadonlyMap<number, string>;

/** Names for a recording's tensors that are the same in two recordings of the same computation. */
const originsOf = (
  ops: readonly RecordedOp[],
  { constants }: Recording,
  known: Known,
): ((id: number) => string) => {
  const outputs = new Map<number, string>();
  ops.forEach((op, index) => op.outputs.forEach(({ id }, output) => outputs.set(id, `${index}:${output}`)));
  return (id) => {
    const name = known.get(id) ?? outputs.get(id);
    if (name !== undefined) return name;
    const constant = constants.get(id);
    // A tensor from before, which is neither fed nor made here, is the same one in both recordings or it differs.
    return constant === undefined ? `outside ${id}` : `constant ${constant.dtype} ${constant.shape.join()}`;
  };
};

const sameValues = (a: Values, b: Values): boolean => {
  if (a.length !== b.length) return false;
  if (areSameBits(a, b)) return true;
  for (let index = 0; index < a.length; index++) {
    if (!Object.is(a[index], b[index])) return false;
  }
  return true;
};

/** What is known inside a recurrence's step: its own tensors, and all that is known outside. */
const knownInside = (
  { feeds }: RecordedScan,
  outer: (id: number) => string,
  ids: readonly number[],
): Known => {
  const known = new Map(ids.map((id) => [id, `outer ${outer(id)}`]));
  feeds.sequences.forEach((id, index) => known.set(id, `sequence ${index}`));
  known.set(feeds.state, 'state');
  for (const [name, id] of Object.entries(feeds.backward ?? {})) known.set(id, name);
  return known;
};

const compare = (
  first: { ops: readonly RecordedOp[]; recording: Recording; known: Known },
  second: { ops: readonly RecordedOp[]; recording: Recording; known: Known },
): string | undefined => {
  if (first.ops.length !== second.ops.length) return 'the number of operations differs from step to step';
  const origin = originsOf(first.ops, first.recording, first.known);
  const otherOrigin = originsOf(second.ops, second.recording, second.known);
  for (const [index, op] of first.ops.entries()) {
    const other = second.ops[index];
    if (other === undefined || op.name !== other.name) return `operation ${index}, ${op.name}, differs`;
    if (JSON.stringify(op.attributes) !== JSON.stringify(other.attributes)) {
      return `an attribute of ${op.name} differs from step to step`;
    }
    for (const [position, id] of op.inputs.entries()) {
      const otherId = other.inputs[position] ?? -1;
      if (origin(id) !== otherOrigin(otherId)) return `an input of ${op.name} differs from step to step`;
      const values = first.recording.constants.get(id)?.values;
      const otherValues = second.recording.constants.get(otherId)?.values;
      if (values !== undefined && otherValues !== undefined && !sameValues(values, otherValues)) {
        return `a constant of ${op.name} has other values in each step, such as random numbers drawn in JavaScript`;
      }
    }
    const inner =
      op.scan === undefined || other.scan === undefined ? undefined : compareScans(op.scan, other.scan);
    if (inner !== undefined) return inner;
  }
  return undefined;

  function compareScans(scan: RecordedScan, otherScan: RecordedScan): string | undefined {
    const ids = ({ body }: RecordedScan): number[] => body.flatMap(({ inputs }) => inputs);
    const made = ({ body }: RecordedScan): Set<number> =>
      new Set(body.flatMap(({ outputs }) => outputs.map(({ id }) => id)));
    const outside = (one: RecordedScan, constants: Recording['constants']): number[] => {
      const own = made(one);
      return ids(one).filter((id) => !own.has(id) && !constants.has(id));
    };
    return compare(
      {
        ops: scan.body,
        recording: first.recording,
        known: knownInside(scan, origin, outside(scan, first.recording.constants)),
      },
      {
        ops: otherScan.body,
        recording: second.recording,
        known: knownInside(otherScan, otherOrigin, outside(otherScan, second.recording.constants)),
      },
    );
  }
};

/**
 * What differs between two recordings of the same computation, or undefined. A difference means that the computation
 * depends on something else than its tensors: random numbers of JavaScript's, a counter, the time.
 */
export const difference = (
  first: Recording,
  second: Recording,
  known: readonly [Known, Known],
): string | undefined => {
  if (first.readValues) return 'JavaScript read the values of a tensor';
  return compare(
    { ops: first.ops, recording: first, known: known[0] },
    { ops: second.ops, recording: second, known: known[1] },
  );
};
