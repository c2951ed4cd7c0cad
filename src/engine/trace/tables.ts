import { sizeOf } from '../../base/shapes';
import { TYPES } from '../../tfjs/binding';
import { attribute } from '../../ops/native';
import { MIN_TABLE_ELEMENTS, MIN_TABLE_ROWS_PER_ID } from '../tuning';
import { attributeOf, type RecordedOp, type Recording } from './recording';

/** The gradient of a table of which a step takes some rows: those of the rows, by their numbers; zero elsewhere. */
export interface SlicedGradient {
  /** The numbers of the rows, in which one may be several times. */
  readonly indices: number;
  /** A gradient for each of them. */
  readonly values: number;
  /** Of rows of which each is named once: what the step has read of the table there. */
  readonly read?: number;
  /** The same rows, filled up with others to as many as there are ids, which is the same number in each step. */
  readonly filled?: number;
}

/** What a step does with variables that are tables. */
export interface Tables {
  /** Values of variables of which the step takes some rows, and does nothing else with them. */
  readonly gathered: ReadonlySet<number>;
  /** Gradients that are sums of some rows' gradients, by their ids. */
  readonly sliced: ReadonlyMap<number, SlicedGradient>;
}

/** Whether a step's gradient of a variable of a shape may be kept as that of some rows. */
export const mayBeTable = (shape: readonly number[]): boolean => sizeOf(shape) >= MIN_TABLE_ELEMENTS;

/** Which operations take each tensor; the steps of recurrences count, too. */
export const usesOf = (
  ops: readonly RecordedOp[],
  uses = new Map<number, RecordedOp[]>(),
): Map<number, RecordedOp[]> => {
  for (const op of ops) {
    for (const id of op.inputs) {
      const known = uses.get(id);
      if (known === undefined) uses.set(id, [op]);
      else known.push(op);
    }
    if (op.scan === undefined) continue;
    usesOf(op.scan.body, uses);
  }
  return uses;
};

/** Whether an operation takes rows of its first input. */
const takesRows = (op: RecordedOp, id: number, { constants }: Recording): boolean => {
  const [source, indices, axis = 0] = op.inputs;
  return (
    op.name === 'GatherV2' &&
    source === id &&
    indices !== id &&
    constants.get(axis)?.values[0] === 0 &&
    (attributeOf(op, 'batch_dims') ?? 0) === 0
  );
};

/** Rows of a variable, which the operation reads itself. */
const gatherFromVariable = ({ inputs, outputs, layer, attributes }: RecordedOp): RecordedOp => ({
  name: 'ResourceGather',
  attributes: [
    attribute.type('dtype', 'float'),
    ...attributes.filter(({ name }) => name === 'Tindices'),
    attribute.bool('validate_indices', true),
  ],
  inputs: inputs.slice(0, 2),
  outputs,
  layer,
});

/** What makes the gradient of a large table from those of few of its rows. */
const slicedGradient = (op: RecordedOp | undefined): SlicedGradient | undefined => {
  if (op?.name !== 'UnsortedSegmentSum' || op.outputs[0]?.dtype !== TYPES.float) return undefined;
  const [values = 0, indices = 0] = op.inputs;
  return { indices, values };
};

/**
 * Finds the tables among a step's variables, from which it takes some rows and to which it gives gradients of some rows:
 * embeddings. `variables` are the ids of the variables' values, `gradients` those of gradients, `shapes` tells what else is fed.
 */
export const findTables = (
  recording: Recording,
  variables: readonly number[],
  gradients: readonly number[],
  shapes: ReadonlyMap<number, readonly number[]>,
): Tables => {
  const { ops } = recording;
  const uses = usesOf(ops);
  const outer = new Set(ops);
  const gathered = new Set(
    variables.filter((id) => uses.get(id)?.every((op) => outer.has(op) && takesRows(op, id, recording))),
  );
  const producers = new Map(ops.flatMap((op) => op.outputs.map(({ id }) => [id, op] as const)));
  const sizeOfIds = (id: number): number =>
    sizeOf(shapes.get(id) ?? producers.get(id)?.outputs.find((output) => output.id === id)?.shape ?? []);
  const sliced = new Map<number, SlicedGradient>();
  for (const id of gradients) {
    const op = producers.get(id);
    const found = slicedGradient(op);
    if (found === undefined || uses.has(id)) continue;
    const shape = op?.outputs[0]?.shape ?? [];
    const isLarge = mayBeTable(shape);
    const isSparse = (shape[0] ?? 0) >= MIN_TABLE_ROWS_PER_ID * sizeOfIds(found.indices);
    if (isLarge && isSparse) sliced.set(id, found);
  }
  return { gathered, sliced };
};

/** The same operations, where those that take rows of some variables read them themselves: they are given the variables. */
export const gatherFromVariables = (
  ops: readonly RecordedOp[],
  variables: ReadonlySet<number>,
): readonly RecordedOp[] =>
  variables.size === 0
    ? ops
    : ops.map((op) => (variables.has(op.inputs[0] ?? 0) ? gatherFromVariable(op) : op));
