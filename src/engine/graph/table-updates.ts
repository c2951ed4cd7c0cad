import { sizeOf } from '../../base/shapes';
import { TYPES } from '../../tfjs/binding';
import { UPDATE_NAMES, type TracedRows } from '../trace/traced-update';
import { MAX_PART_ELEMENTS, MAX_PARTS } from '../tuning';
import { attr } from './attributes';
import { emitOperations } from './emit-operations';
import { int32, type Frame } from './frame';
import { addPlace, type LaggingTable } from './lagging-rows';
import { readRows, variableOf, writeRows } from './table-rows';

/** The nodes of the gradient of a table: the numbers of rows, and a gradient for each. */
export interface SlicedNodes {
  readonly indices: string;
  readonly values: string;
  /** The shape of the gradients, of which there may be fewer where ids name a row twice. */
  readonly shape: readonly number[];
  /** Where each row is named once: what there is already of the table and its slots before the step, by the names in the rule. */
  readonly before?: ReadonlyMap<string, string> | undefined;
  /** Where rows lag behind. */
  readonly lagging?: LaggingTable | undefined;
}

/** The name of the variable that holds a table's gradient as a whole. */
export const bufferName = (variable: string): string => `${variable}/gradient-buffer`;

const scatterTypes = () => ({ T: attr.type(TYPES.float), ...int32('Tindices') });

/** A gradient as a whole that is made of some rows, for operations that take all of it. */
export interface BufferedGradient {
  /** The node of its value. */
  readonly gradient: string;
  /** Empties it again, once it was used; gives the node that does. */
  clear(after: readonly string[]): string;
}

/** Rows of a table, the gradient of each, and what there is of it already. */
type Rows = Pick<SlicedNodes, 'indices' | 'values' | 'before'>;

/** A gradient for each row, of those that are named several times the sum. In the same order each time: the sum is the same, too. */
const summedRows = (
  frame: Frame,
  prefix: string,
  { indices, values, before }: SlicedNodes,
  ready: string,
): Pick<SlicedNodes, 'indices' | 'values'> => {
  if (before !== undefined) return { indices, values };
  const rows = frame.node(`${prefix}/rows`, 'Unique', [indices, ready], { ...int32(), ...int32('out_idx') });
  const count = frame.node(`${prefix}/count`, 'Size', [rows], { ...int32(), ...int32('out_type') });
  const sums = frame.node(`${prefix}/row-gradients`, 'UnsortedSegmentSum', [values, `${rows}:1`, count], {
    ...scatterTypes(),
    ...int32('Tnumsegments'),
  });
  return { indices: rows, values: sums };
};

/**
 * The gradient of a table as a whole, in memory that stays from step to step: the rows are written over zeros, and set to zero
 * afterwards, so that of the table's size there is nothing to make and to fill. A variable of the older kind, of which what is
 * read is no copy.
 */
export const bufferGradient = (
  frame: Frame,
  variable: string,
  gradient: SlicedNodes,
  ready: string,
): BufferedGradient => {
  const prefix = `${frame.name}/update/${variable}`;
  // Several threads would add what one row gets in any order.
  const { indices, values } = summedRows(frame, prefix, gradient, ready);
  const buffer = frame.enterReference({ name: bufferName(variable), dtype: TYPES.float });
  const types = { ...scatterTypes(), use_locking: attr.bool(false) };
  const written = frame.node(`${prefix}/rows-written`, 'ScatterUpdate', [buffer, indices, values], types);
  const float = { T: attr.type(TYPES.float) };
  return {
    gradient: frame.node(`${prefix}/whole-gradient`, 'Identity', [written], float),
    clear: (after) => {
      const zeros = frame.node(`${prefix}/no-rows`, 'ZerosLike', [values], float);
      const inputs = [buffer, indices, zeros, ...after.map((node) => `^${node}`)];
      return frame.node(`${prefix}/rows-cleared`, 'ScatterUpdate', inputs, types);
    },
  };
};

/** What a step has computed: the nodes of the fed numbers, a control input that all is there, and the iteration's number. */
interface RowSources {
  readonly numbers: ReadonlyMap<string, string>;
  readonly ready: string;
  readonly iteration: string;
}

/** TensorFlow cuts a tensor where a row of it is so many floats, or a multiple of that, without copying it. */
const ALIGNED_ELEMENTS = 16;

/** Into how many parts rows of a shape are cut. */
const partsOf = (shape: readonly number[]): number => {
  const parts = Math.ceil(sizeOf(shape) / MAX_PART_ELEMENTS);
  const isAligned = sizeOf(shape.slice(1)) % ALIGNED_ELEMENTS === 0;
  return isAligned && parts <= MAX_PARTS ? parts : 1;
};

/**
 * Cuts rows into parts, of which none has more than one row more than another: what is done to a part is done in one thread, whose processor
 * has it in its cache.
 */
const cutRows = (frame: Frame, prefix: string, rows: Rows, shape: readonly number[]): Rows[] => {
  const count = partsOf(shape);
  if (count === 1) return [rows];
  const parts = Array.from({ length: count }, (_, part) => part);
  const number = frame.node(`${prefix}/count`, 'Size', [rows.indices], { ...int32(), ...int32('out_type') });
  const raised = frame.node(`${prefix}/raised`, 'Add', [number, frame.ints(parts)], int32());
  const sizes = frame.node(`${prefix}/sizes`, 'FloorDiv', [raised, frame.ints(count)], int32());
  const cut = (source: string, name: string, dtype: number = TYPES.float): ((part: number) => string) => {
    const node = frame.node(`${prefix}/${name}`, 'SplitV', [source, sizes, frame.ints(0)], {
      T: attr.type(dtype),
      ...int32('Tlen'),
      num_split: attr.int(count),
    });
    return (part) => (part === 0 ? node : `${node}:${part}`);
  };
  const indices = cut(rows.indices, 'indices', TYPES.int32);
  const values = cut(rows.values, 'gradients');
  const before = [...(rows.before ?? [])].map(([name, node]) => [name, cut(node, name)] as const);
  return parts.map((part) => ({
    indices: indices(part),
    values: values(part),
    before: new Map(before.map(([name, partOf]) => [name, partOf(part)])),
  }));
};

/**
 * An update of those rows of a table and its slots that have a gradient: each once, with the sum of its gradients. Gives the nodes that
 * write.
 */
export const updateRows = (
  frame: Frame,
  variable: { readonly name: string; readonly gradient: SlicedNodes; readonly rule: TracedRows },
  { numbers, ready, iteration }: RowSources,
): string[] => {
  const prefix = `${frame.name}/update/${variable.name}`;
  const { before, lagging, shape } = variable.gradient;
  const rows = { ...summedRows(frame, prefix, variable.gradient, ready), before };
  const number = UPDATE_NAMES.number('');
  const after = [ready];
  const update = (part: string, { indices, values, before: known }: Rows): string[] => {
    const valueOf = (name: string): string => {
      if (name === UPDATE_NAMES.gradient) return values;
      if (name.startsWith(number)) return numbers.get(name.slice(number.length)) as string; // all that are used are fed
      return (
        known?.get(name) ??
        readRows(frame, `${part}/rows-of-${name}`, variableOf(variable.name, name), indices, { after })
      );
    };
    const results = emitOperations(frame, `${part}/rule`, variable.rule.operations, valueOf, iteration);
    return [...results].map(([name, node]) =>
      writeRows(frame, `${part}/write-rows-of-${name}`, variableOf(variable.name, name), [indices, node], {
        after,
      }),
    );
  };
  if (lagging !== undefined)
    return [...update(prefix, rows), addPlace(frame, prefix, lagging, rows.indices, iteration, after)];
  return cutRows(frame, `${prefix}/parts`, rows, shape).flatMap((part, index) =>
    update(`${prefix}/parts/${index}`, part),
  );
};
