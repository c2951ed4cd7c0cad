import { attribute } from '../../../ops/native';
import { binding, TYPES } from '../../../tfjs/binding';
import { isAll, type RecordedOp, type Recording } from '../recording';
import { usesOf, type SlicedGradient, type Tables } from '../tables';
import { inputOf, outputOf, RewriteContext, shapeOf, type Output, type Shape } from './context';
import { reshapeTo } from './reshape';

/** A step and what it does with its tables. */
export interface WithTables {
  readonly recording: Recording;
  readonly tables: Tables;
}

/** A mean or a sum over the positions of rows that ids name, `[batch, positions]`, and the gradient of what it gives. */
interface Pooling {
  readonly gather: RecordedOp;
  /** The gathered rows as `[batch, positions, columns]`. */
  readonly shaped: RecordedOp;
  readonly pool: RecordedOp;
  /** The id of the table's gradient. */
  readonly gradient: number;
  /** The ids as a list, and how many there are for each row of the batch. */
  readonly ids: number;
  readonly batch: number;
  readonly positions: number;
  readonly columns: number;
  /** The gradient of each row of the batch, which is that of all of its positions. */
  readonly ofBatch: number;
}

/** What is known of the operations. */
interface Whole {
  readonly producers: ReadonlyMap<number, RecordedOp>;
  readonly uses: ReadonlyMap<number, readonly RecordedOp[]>;
  readonly constants: Recording['constants'];
}

type Producers = Pick<Whole, 'producers'>;

const producerOf = ({ producers }: Producers, id: number, name: string): RecordedOp | undefined => {
  const op = producers.get(id);
  return op?.name === name ? op : undefined;
};

/** What a tensor is but for its shape. */
export const rootOf = (whole: Producers, id: number): number => {
  const reshape = producerOf(whole, id, 'Reshape');
  return reshape === undefined ? id : rootOf(whole, inputOf(reshape, 0));
};

const onlyUse = ({ uses }: Whole, op: RecordedOp | undefined, name: string): RecordedOp | undefined => {
  const [use, ...others] = op === undefined ? [] : (uses.get(outputOf(op).id) ?? []);
  return use?.name === name && others.length === 0 ? use : undefined;
};

/** The mean or sum over positions that is all that is made of gathered rows. */
const poolOf = (whole: Whole, gather: RecordedOp): RecordedOp | undefined => {
  const shaped = onlyUse(whole, gather, 'Reshape');
  const pool = onlyUse(whole, shaped, 'Mean') ?? onlyUse(whole, shaped, 'Sum');
  const axes = whole.constants.get(pool === undefined ? 0 : inputOf(pool, 1))?.values;
  const isOverPositions = axes?.length === 1 && axes[0] === 1;
  return isOverPositions && shaped !== undefined && shapeOf(shaped).length === 3 ? pool : undefined;
};

/** What a gradient repeats for each position of `[batch, positions, columns]`. */
const repeatedIn = (
  whole: Whole,
  { values }: SlicedGradient,
  [batch = 0, positions = 0, columns = 0]: Shape,
  shapes: ReadonlyMap<number, Shape>,
): number | undefined => {
  const product = producerOf(whole, rootOf(whole, values), 'Mul');
  if (product?.outputs[0]?.shape.join() !== [batch, positions, columns].join()) return undefined;
  const isOnes = (id: number): boolean => {
    const constant = whole.constants.get(id)?.values;
    return constant?.length === batch * positions * columns && isAll(constant, 1);
  };
  const [one = 0, other = 0] = product.inputs;
  const repeated = isOnes(one) ? other : isOnes(other) ? one : undefined;
  const isRepeated = shapes.get(repeated ?? 0)?.join() === [batch, 1, columns].join();
  return isRepeated ? repeated : undefined;
};

/** Where all that a step makes of a table's rows is a mean or a sum of those of each row of the batch. */
const poolingOf = (
  whole: Whole,
  table: number,
  gradients: Tables['sliced'],
  shapes: ReadonlyMap<number, Shape>,
): Pooling | undefined => {
  const [gather, ...others] = whole.uses.get(table) ?? [];
  if (gather === undefined || others.length > 0) return undefined;
  const pool = poolOf(whole, gather);
  const shaped = pool === undefined ? undefined : whole.producers.get(inputOf(pool, 0));
  if (pool === undefined || shaped === undefined) return undefined;
  const [batch = 0, positions = 0, columns = 0] = shapeOf(shaped);
  const ids = inputOf(gather, 1);
  for (const [gradient, sliced] of gradients) {
    if (rootOf(whole, sliced.indices) !== rootOf(whole, ids)) continue;
    if (shapes.get(gradient)?.join() !== shapes.get(table)?.join()) continue;
    const ofBatch = repeatedIn(whole, sliced, [batch, positions, columns], shapes);
    if (ofBatch !== undefined)
      return { gather, shaped, pool, gradient, ids, batch, positions, columns, ofBatch };
  }
  return undefined;
};

/**
 * On TensorFlow 2 a sparse product with more columns is slow, since its loop over few of them is one that the compiler made vectors of.
 * A row of many columns is then several rows of fewer. On TensorFlow 1 it is not worth it.
 */
const MAX_COLUMNS = 24;
const MIN_COLUMNS = 8;

/** Into how many parts a row is cut. */
const partsOf = (columns: number): number => {
  if (columns <= MAX_COLUMNS || binding().TF_Version.startsWith('1.')) return 1;
  for (let width = MAX_COLUMNS; width >= MIN_COLUMNS; width--)
    if (columns % width === 0) return columns / width;
  return 1;
};

const FLOAT = attribute.type('T', 'float');
const INT = attribute.type('T', 'int32');
const LONG = attribute.type('T', 'int64');
const TO_LONG = [attribute.type('SrcT', 'int32'), attribute.type('DstT', 'int64')];

/** The operations in the place of a gathering, its mean or sum, and the sums that its gradient is. */
class PooledRows {
  readonly ops: RecordedOp[] = [];
  private readonly parts: number;

  constructor(
    private readonly context: RewriteContext,
    private readonly pooling: Pooling,
  ) {
    this.parts = partsOf(pooling.columns);
  }

  private add(name: string, attributes: RecordedOp['attributes'], inputs: number[], output: Output): number {
    this.ops.push({ name, attributes, inputs, outputs: [output], layer: this.pooling.gather.layer });
    return output.id;
  }

  private int(name: string, inputs: number[], shape: Shape): number {
    return this.add(name, [INT], inputs, this.context.tensor(shape, TYPES.int32));
  }

  /** Places of whole rows as those of their first parts. */
  private firstParts(places: number, count: number): number {
    if (this.parts === 1) return places;
    const inputs = [places, this.context.longs([BigInt(this.parts)], [])];
    return this.add('Mul', [LONG], inputs, this.context.tensor([count], TYPES.int64));
  }

  private reshape(source: number, shape: Shape, dtype: number = TYPES.float): number {
    const made = reshapeTo(source, this.context.tensor(shape, dtype), this.context);
    if ('alias' in made) return made.alias;
    this.ops.push(made);
    return outputOf(made).id;
  }

  /** Each id once, and for each id which of them it is. */
  unique(): { readonly rows: number; readonly places: number } {
    const { context, pooling } = this;
    const count = pooling.batch * pooling.positions;
    const [rows, places] = [context.tensor([count], TYPES.int32), context.tensor([count], TYPES.int32)];
    const ids = this.reshape(pooling.ids, [count], TYPES.int32);
    const attributes = [INT, attribute.type('out_idx', 'int32')];
    this.ops.push({ name: 'Unique', attributes, inputs: [ids], outputs: [rows, places] });
    return { rows: rows.id, places: places.id };
  }

  /** The matrix of which row of the table is how often in which row of the batch, by the coordinates of its ones. */
  matrix(
    rows: number,
    places: number,
  ): { readonly pairs: number; readonly ones: number; readonly shape: number } {
    const { context, parts } = this;
    const { batch, positions } = this.pooling;
    const count = batch * positions;
    // A pair of integers is one wide one, whose lower half comes first: to add the same to many pairs is one operation on vectors.
    const fixed = Array.from({ length: parts * count }, (_, index) => {
      const [part, row] = [Math.floor(index / count), Math.floor((index % count) / positions)];
      return (BigInt(row * parts + part) << 32n) + BigInt(part);
    });
    const widened = this.add('Cast', TO_LONG, [places], context.tensor([count], TYPES.int64));
    const ofParts = [this.firstParts(widened, count), context.longs(fixed, [parts, count])];
    const whole = this.add('Add', [LONG], ofParts, context.tensor([parts, count], TYPES.int64));
    const halves = [attribute.type('T', 'int64'), attribute.type('type', 'int32')];
    const both = this.add('Bitcast', halves, [whole], context.tensor([parts, count, 2], TYPES.int32));
    const pairs = this.reshape(both, [count * parts, 2], TYPES.int32);
    const size = [INT, attribute.type('out_type', 'int32')];
    const number = this.add('Size', size, [rows], context.tensor([], TYPES.int32));
    const tall = this.int('Mul', [number, context.ints([parts, 0])], [2]);
    const sizes = this.int('Add', [tall, context.ints([0, batch * parts])], [2]);
    const shape = this.add('Cast', TO_LONG, [sizes], context.tensor([2], TYPES.int64));
    return { pairs, ones: context.ones(count * parts), shape };
  }

  /** The product of that matrix, or of its transpose, with rows. */
  private multiply(matrix: ReturnType<PooledRows['matrix']>, by: number, isTransposed: boolean): number {
    const { context, parts } = this;
    const { batch, positions, columns } = this.pooling;
    const attributes = [
      FLOAT,
      attribute.type('Tindices', 'int32'),
      attribute.bool('adjoint_a', isTransposed),
      attribute.bool('adjoint_b', false),
    ];
    const width = columns / parts;
    const [few, many] = [batch * parts, batch * positions * parts];
    const [height, inner] = isTransposed ? [few, many] : [many, few];
    const cut = parts === 1 ? by : this.cut(by, inner, width);
    const inputs = [matrix.pairs, matrix.ones, matrix.shape, cut];
    return this.add('SparseTensorDenseMatMul', attributes, inputs, context.tensor([height, width]));
  }

  /** Rows of fewer columns, or of more, at most so many: how many there are of the table, nobody knows before. */
  private cut(rows: number, height: number, width: number): number {
    const shape = this.context.ints([-1, width]);
    const attributes = [FLOAT, attribute.type('Tshape', 'int32')];
    return this.add('Reshape', attributes, [rows, shape], this.context.tensor([height, width]));
  }

  /** What the step reads of the table, and what it makes of that. */
  pool(rows: number, matrix: ReturnType<PooledRows['matrix']>): number {
    const { context } = this;
    const { gather, pool, batch, positions, columns } = this.pooling;
    const read = context.tensor([batch * positions, columns]);
    const [table = 0, , axis = 0] = gather.inputs;
    this.ops.push({ ...gather, inputs: [table, rows, axis], outputs: [read] });
    const sums = this.reshape(this.multiply(matrix, read.id, true), [batch, columns]);
    const pooled = outputOf(pool);
    const isSum = pool.name === 'Sum';
    const whole = isSum ? pooled : context.tensor(pooled.shape);
    const attributes = [FLOAT, attribute.type('Tshape', 'int32')];
    this.ops.push({
      name: 'Reshape',
      attributes,
      inputs: [sums, context.ints(pooled.shape)],
      outputs: [whole],
    });
    if (!isSum) this.add('RealDiv', [FLOAT], [whole.id, context.float(positions)], pooled);
    return read.id;
  }

  /** The gradient of each of the rows. */
  gradient(matrix: ReturnType<PooledRows['matrix']>): number {
    const { batch, positions, columns, ofBatch } = this.pooling;
    const flat = this.reshape(ofBatch, [batch, columns]);
    const sums = this.multiply(matrix, flat, false);
    return this.parts === 1 ? sums : this.cut(sums, batch * positions, columns);
  }
}

/** The operations of a recording, with others for a pooling. */
const replaced = (
  ops: readonly RecordedOp[],
  pooling: Pooling,
  context: RewriteContext,
): { readonly ops: readonly RecordedOp[]; readonly sliced: SlicedGradient } => {
  const rewritten = new PooledRows(context, pooling);
  const taken = (): readonly RecordedOp[] => rewritten.ops.splice(0);
  const { rows, places } = rewritten.unique();
  const matrix = rewritten.matrix(rows, places);
  const first = taken();
  const read = rewritten.pool(rows, matrix);
  const forward = taken();
  const values = rewritten.gradient(matrix);
  const backward = taken();
  const made = ops.flatMap((op) => {
    if (op === pooling.gather) return first;
    if (op === pooling.shaped) return [];
    if (op === pooling.pool) return forward;
    return op.outputs.some(({ id }) => id === pooling.gradient) ? backward : [op];
  });
  return { ops: made, sliced: { indices: rows, values, read } };
};

/**
 * Where a step takes rows of a table by ids and makes nothing of them but their means or sums over positions, as an embedding before a
 * global average pooling: each row is read once, and means and gradients are products with the sparse matrix of which row of the table is
 * how often in which row of the batch. Neither a vector for each position nor its gradient is ever made, and rows that are named
 * twice are summed by the way.
 */
export const poolTables = (
  recording: Recording,
  tables: Tables,
  shapes: ReadonlyMap<number, Shape>,
): WithTables => {
  let { ops } = recording;
  const all = new Map(shapes);
  for (const { outputs } of ops) for (const { id, shape } of outputs) all.set(id, shape);
  const context = new RewriteContext(recording.constants, all, (op) => op);
  const sliced = new Map(tables.sliced);
  for (const table of tables.gathered) {
    const producers = new Map(ops.flatMap((op) => op.outputs.map(({ id }) => [id, op] as const)));
    const whole: Whole = { producers, uses: usesOf(ops), constants: recording.constants };
    const pooling = poolingOf(whole, table, tables.sliced, all);
    if (pooling === undefined) continue;
    const made = replaced(ops, pooling, context);
    ops = made.ops;
    sliced.set(pooling.gradient, made.sliced);
  }
  return { recording: { ...recording, ops, constants: context.constants }, tables: { ...tables, sliced } };
};
