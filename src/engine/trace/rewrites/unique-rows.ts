import { sizeOf } from '../../../base/shapes';
import { attribute } from '../../../ops/native';
import { TYPES } from '../../../tfjs/binding';
import type { RecordedOp } from '../recording';
import { usesOf, type SlicedGradient } from '../tables';
import { inputOf, outputOf, RewriteContext, shapeOf, type Output, type Shape } from './context';
import { rootOf, type WithTables } from './pooled-table';
import { reshapeTo } from './reshape';

/** The id of a table's value, and that of its gradient. */
export interface TableIds {
  readonly value: number;
  readonly gradient: number;
}

const INT = attribute.type('T', 'int32');

/** The operations of a step that concern one table. */
interface Parts {
  readonly gather: RecordedOp;
  /** What adds up the rows' gradients, and those gradients. */
  readonly sum: RecordedOp;
  readonly values: number;
}

/** A table's rows, each read once. */
class UniqueRows {
  private readonly count: number;
  private readonly columns: Shape;
  private readonly rows: Output;
  private readonly places: Output;

  constructor(
    private readonly context: RewriteContext,
    private readonly parts: Parts,
  ) {
    this.columns = shapeOf(parts.sum).slice(1);
    this.count = sizeOf(this.idsIn(shapeOf(parts.gather)));
    this.rows = context.tensor([this.count], TYPES.int32);
    this.places = context.tensor([this.count], TYPES.int32);
  }

  /** The shape of the ids that rows of a shape are of. */
  private idsIn(shape: Shape): Shape {
    return shape.slice(0, shape.length - this.columns.length);
  }

  /** A tensor of integers in another shape. */
  private shaped(source: number, shape: Shape): { readonly id: number; readonly ops: readonly RecordedOp[] } {
    const output = this.context.tensor(shape, TYPES.int32);
    const made = reshapeTo(source, output, this.context);
    return 'alias' in made ? { id: made.alias, ops: [] } : { id: output.id, ops: [made] };
  }

  /** What stands in the place of the gathering. */
  forward(): { readonly ops: readonly RecordedOp[]; readonly read: number } {
    const { context, count, columns, rows, places } = this;
    const { gather } = this.parts;
    const [table = 0, ids = 0, axis = 0] = gather.inputs;
    const list = this.shaped(ids, [count]);
    const read = context.tensor([count, ...columns]);
    const where = this.shaped(places.id, this.idsIn(shapeOf(gather)));
    const attributes = [INT, attribute.type('out_idx', 'int32')];
    const ops = [
      ...list.ops,
      { name: 'Unique', attributes, inputs: [list.id], outputs: [rows, places] },
      { ...gather, inputs: [table, rows.id, axis], outputs: [read] },
      ...where.ops,
      { ...gather, inputs: [read.id, where.id, axis] },
    ];
    return { ops, read: read.id };
  }

  /** What stands in the place of the sum of gradients: one for each row. */
  backward(read: number): { readonly ops: readonly RecordedOp[]; readonly sliced: SlicedGradient } {
    const { context, count, columns, rows, places } = this;
    const { sum, values } = this.parts;
    const where = this.shaped(places.id, this.idsIn(context.shape(values)));
    const size = context.tensor([], TYPES.int32);
    const sums = context.tensor([count, ...columns]);
    const attributes = [INT, attribute.type('out_type', 'int32')];
    const ops = [
      ...where.ops,
      { name: 'Size', attributes, inputs: [rows.id], outputs: [size] },
      { ...sum, inputs: [values, where.id, size.id], outputs: [sums] },
    ];
    return { ops, sliced: { indices: rows.id, values: sums.id, read } };
  }
}

/** The rows that are named once, filled up with the first row of the table. */
const filledUp = (
  context: RewriteContext,
  rows: number,
  count: number,
): { readonly ops: readonly RecordedOp[]; readonly filled: number } => {
  const int = (
    name: string,
    extra: RecordedOp['attributes'],
    inputs: number[],
    length: number,
  ): RecordedOp => ({
    name,
    attributes: [INT, ...extra],
    inputs,
    outputs: [context.tensor([length], TYPES.int32)],
  });
  const joining = [attribute.type('Tidx', 'int32'), attribute.int('N', 2)];
  const zeros = context.ints(Array.from({ length: count }, () => 0));
  const joined = int('ConcatV2', joining, [rows, zeros, context.ints([0], [])], 2 * count);
  const inputs = [outputOf(joined).id, context.ints([0]), context.ints([count])];
  const cut = int('Slice', [attribute.type('Index', 'int32')], inputs, count);
  return { ops: [joined, cut], filled: outputOf(cut).id };
};

/** The only operation that takes rows of a table, and the one that adds up their gradients, where both are by the same ids. */
const partsOf = (
  ops: readonly RecordedOp[],
  { value, gradient }: TableIds,
  { indices, values }: SlicedGradient,
): Parts | undefined => {
  const producers = new Map(ops.flatMap((op) => op.outputs.map(({ id }) => [id, op] as const)));
  const sum = producers.get(gradient);
  const [gather, ...others] = usesOf(ops).get(value) ?? [];
  if (gather === undefined || others.length > 0 || sum === undefined || !producers.has(values))
    return undefined;
  const isSame = rootOf({ producers }, indices) === rootOf({ producers }, inputOf(gather, 1));
  return isSame ? { gather, sum, values } : undefined;
};

/**
 * Where a step takes rows of a table by ids, each row is read once, and its gradient is the sum of those of all ids that name it. The list of
 * these rows is there filled up, too, to a length that is the same in each step: XLA compiles for each length anew. Tables stay as they
 * are of which a step takes rows in several places.
 */
export const uniqueRows = (step: WithTables, tables: readonly TableIds[]): WithTables => {
  let { ops } = step.recording;
  const shapes = new Map<number, Shape>();
  for (const { outputs } of ops) for (const { id, shape } of outputs) shapes.set(id, shape);
  const context = new RewriteContext(step.recording.constants, shapes, (op) => op);
  const all = new Map(step.tables.sliced);
  for (const table of tables) {
    let sliced = all.get(table.gradient);
    if (sliced === undefined) continue;
    if (sliced.read === undefined) {
      const parts = partsOf(ops, table, sliced);
      if (parts === undefined) continue;
      const unique = new UniqueRows(context, parts);
      const forward = unique.forward();
      const backward = unique.backward(forward.read);
      ops = ops.flatMap((op) => (op === parts.gather ? forward.ops : op === parts.sum ? backward.ops : [op]));
      ({ sliced } = backward);
    }
    const { indices } = sliced;
    const { ops: filling, filled } = filledUp(context, indices, sizeOf(context.shape(indices)));
    const makesRows = (op: RecordedOp): boolean => op.outputs.some(({ id }) => id === indices);
    ops = ops.flatMap((op) => (makesRows(op) ? [op, ...filling] : [op]));
    all.set(table.gradient, { ...sliced, filled });
  }
  return {
    recording: { ...step.recording, ops, constants: context.constants },
    tables: { ...step.tables, sliced: all },
  };
};
