/** After a run of steps: rows of tables that lag behind are brought up to date, all of them. */
import { sizeOf } from '../../base/shapes';
import { TYPES } from '../../tfjs/binding';
import { UPDATE_NAMES } from '../trace/traced-update';
import { LAGGING_ELEMENTS_AT_ONCE, MIN_SWEPT_STEPS, MIN_WHOLE_SWEEP, SWEPT_STEPS } from '../tuning';
import { attr } from './attributes';
import { controlOn } from './controls';
import { int32, type Frame } from './frame';
import { CompiledCall } from './function-frame';
import {
  addRule,
  addUpToDate,
  addZeros,
  namesOf,
  NEVER,
  placesName,
  type LaggingTable,
  type Numbers,
} from './lagging-rows';
import { handleOf, readRows, variableOf, writeRows } from './table-rows';

/** The numbers of the rows for which a vector is true. */
const addList = (frame: Frame, prefix: string, isTrue: string): string => {
  const wide = frame.node(`${prefix}/where`, 'Where', [isTrue], { T: attr.type(TYPES.bool) });
  const narrow = { SrcT: attr.type(TYPES.int64), DstT: attr.type(TYPES.int32) };
  const column = frame.node(`${prefix}/column`, 'Cast', [wide], narrow);
  const types = { ...int32(), ...int32('Tshape') };
  return frame.node(`${prefix}/list`, 'Reshape', [column, frame.ints([-1])], types);
};

/** The numbers of all rows that a run has left behind, and how many there are. */
const addBehind = (outer: Frame, prefix: string, { name }: LaggingTable, after: string) => {
  const places = outer.node(`${prefix}/places`, 'ReadVariableOp', [placesName(name), controlOn(after)], {
    dtype: attr.type(TYPES.int32),
  });
  const isNamed = outer.node(`${prefix}/named`, 'Less', [places, outer.ints(NEVER)], int32());
  const list = addList(outer, prefix, isNamed);
  const size = outer.node(`${prefix}/size`, 'Size', [list], { ...int32(), ...int32('out_type') });
  return { places, list, size };
};

const sweepName = ({ name }: LaggingTable, { loop }: Numbers): string => `${loop}/sweep/${name}`;

/** How many rows of a table are brought up to date at a time. */
const rowsAtOnce = ({ shape: [rows = 0, ...columns] }: LaggingTable): number =>
  Math.max(1, Math.min(rows, Math.floor(LAGGING_ELEMENTS_AT_ONCE / sizeOf(columns))));

/** Loops side by side, so that each processor has one. */
const LOOPS = 2;

/** Brings the rows of a list up to date, some at a time: gives what to wait for. */
const addListed = (
  outer: Frame,
  table: LaggingTable,
  { list, last, chunks, until }: Readonly<Record<'list' | 'last' | 'chunks' | 'until', string>>,
  numbers: Numbers,
): string[] => {
  const sweep = sweepName(table, numbers);
  const count = rowsAtOnce(table);
  const border = (index: number): string => {
    const times = outer.node(`${sweep}/times${index}`, 'Mul', [chunks, outer.ints(index)], int32());
    return outer.node(`${sweep}/border${index}`, 'FloorDiv', [times, outer.ints(LOOPS)], int32());
  };
  const borders = Array.from({ length: LOOPS + 1 }, (_, index) => border(index));
  return borders.slice(1).map((end, index) => {
    const frame = outer.inner(`${sweep}/loop${index}`, false);
    const prefix = frame.name;
    const begin = borders[index] as string; // one more than loops
    const { iteration } = frame.loop({ name: end, dtype: TYPES.int32 }, begin, []);
    const int = (node: string, op: string, inputs: readonly string[]): string =>
      frame.node(`${prefix}/${node}`, op, inputs, int32());
    const enter = (name: string): string => frame.enter({ name, dtype: TYPES.int32 });
    const range = frame.ints(Array.from({ length: count }, (_, row) => row));
    const first = int('first', 'Mul', [iteration, frame.ints(count)]);
    // The last row again and again, at the end.
    const indices = int('indices', 'Minimum', [int('range', 'Add', [range, first]), enter(last)]);
    const types = { Tparams: attr.type(TYPES.int32), ...int32('Tindices'), ...int32('Taxis') };
    const rows = frame.node(`${prefix}/rows`, 'GatherV2', [enter(list), indices, frame.ints(0)], types);
    const values = addUpToDate(frame, prefix, table, { rows, count }, enter(until), numbers);
    const writes = namesOf(table).changed.map((name) => {
      const value = values.get(name) as string; // one of those that are changed
      return writeRows(frame, `${prefix}/write-${name}`, variableOf(table.name, name), [rows, value]);
    });
    frame.next([], [], writes);
    return controlOn(frame.end);
  });
};

/** Where a loop over all of a table begins and ends; the node of all rows' places, and that of the steps to do. */
type WholeParts = Readonly<Record<'first' | 'end' | 'until' | 'places', string>>;

/** A call of what XLA compiles for all of a table, which is read, and written at the end. */
class WholeCall {
  readonly call: CompiledCall;
  /** What there is of the table and its slots, by the names in the rule. */
  private readonly now: Map<string, string>;
  private readonly zeros: string;

  constructor(
    frame: Frame,
    private readonly prefix: string,
    private readonly table: LaggingTable,
    private readonly numbers: Numbers,
  ) {
    this.call = new CompiledCall(frame, `${prefix}/up-to-date`);
    this.zeros = addZeros(this.call, prefix, frame, table.shape);
    this.now = new Map(
      namesOf(table).all.map((name) => [
        name,
        this.call.node(`${prefix}/before-of-${name}`, 'ReadVariableOp', [this.handleOf(name)], {
          dtype: attr.type(TYPES.float),
        }),
      ]),
    );
  }

  private handleOf(name: string): string {
    return handleOf(this.call, variableOf(this.table.name, name));
  }

  int(name: string): string {
    return this.call.enter({ name, dtype: TYPES.int32 });
  }

  /** Does a step, of all rows or of those that lack it. */
  add(prefix: string, step: string, lacks?: string): void {
    const { call, table, numbers, now, zeros } = this;
    const valueOf = (name: string): string =>
      name === UPDATE_NAMES.gradient ? zeros : (now.get(name) as string); // one of all
    for (const [name, value] of addRule(call, prefix, table, step, lacks, numbers, valueOf))
      now.set(name, value);
  }

  /** Writes what there is then. Gives the node that does. */
  end(body: string, after: readonly string[] = []): string {
    const { call, prefix, table, now } = this;
    const writes = namesOf(table).changed.map((name) =>
      call.node(
        `${prefix}/write-${name}`,
        'AssignVariableOp',
        [this.handleOf(name), now.get(name) as string],
        {
          dtype: attr.type(TYPES.float),
        },
      ),
    );
    const done = call.node(`${prefix}/done`, 'Identity', [call.ints(0), ...writes.map(controlOn)], int32());
    call.call([{ name: done, dtype: TYPES.int32 }], `rows/${table.name}/${body}`, after);
    return call.name;
  }
}

/** Does steps for all rows of the table that lack them, so many at a time. Gives the end of the loop. */
const addBlocks = (
  outer: Frame,
  table: LaggingTable,
  { first, end, until, places }: WholeParts,
  numbers: Numbers,
): string => {
  const prefix = `${sweepName(table, numbers)}/blocks`;
  const frame = outer.inner(prefix, false);
  const { iteration } = frame.loop({ name: end, dtype: TYPES.int32 }, first, []);
  const whole = new WholeCall(frame, prefix, table, numbers);
  const { call } = whole;
  const enter = (name: string): string => whole.int(frame.enter({ name, dtype: TYPES.int32 }));
  const shape = call.ints([table.shape[0] ?? 0, ...table.shape.slice(1).map(() => 1)]);
  const types = { ...int32(), ...int32('Tshape') };
  const from = call.node(`${prefix}/from`, 'Reshape', [enter(places), shape], types);
  const begin = call.node(`${prefix}/begin`, 'Mul', [whole.int(iteration), call.ints(SWEPT_STEPS)], int32());
  const limit = enter(until);
  for (let index = 0; index < SWEPT_STEPS; index++) {
    const own = `${prefix}/${index}`;
    const step = call.node(`${own}/step`, 'Add', [begin, call.ints(index)], int32());
    const isStep = call.node(`${own}/is-step`, 'Less', [step, limit], int32());
    const lacking = call.node(`${own}/lacking`, 'SelectV2', [isStep, step, call.ints(-1)], int32());
    whole.add(own, step, call.node(`${own}/lacks`, 'GreaterEqual', [lacking, from], int32()));
  }
  frame.next([], [], [whole.end('blocks')]);
  return frame.end;
};

/** Does steps one by one for all rows of the table, and brings those back that lacked nothing. Gives the end of the loop. */
const addSingles = (
  outer: Frame,
  table: LaggingTable,
  { first, end, places }: WholeParts,
  numbers: Numbers,
): string => {
  const prefix = `${sweepName(table, numbers)}/singles`;
  const frame = outer.inner(prefix, false);
  const { iteration } = frame.loop({ name: end, dtype: TYPES.int32 }, first, []);
  const { changed } = namesOf(table);
  const all = frame.enter({ name: places, dtype: TYPES.int32 });
  const isLater = frame.node(`${prefix}/is-later`, 'Greater', [all, iteration], int32());
  // Those that have never been named stay as they are by the rule.
  const isNamed = frame.node(`${prefix}/is-named`, 'Less', [all, frame.ints(NEVER)], int32());
  const isDone = frame.node(`${prefix}/is-done`, 'LogicalAnd', [isLater, isNamed]);
  const rows = addList(frame, prefix, isDone);
  const kept = changed.map((name) =>
    readRows(frame, `${prefix}/kept-of-${name}`, variableOf(table.name, name), rows),
  );
  const whole = new WholeCall(frame, prefix, table, numbers);
  whole.add(prefix, whole.int(iteration));
  const swept = controlOn(whole.end('singles', kept.map(controlOn)));
  const writes = changed.map((name, index) =>
    writeRows(
      frame,
      `${prefix}/bring-back-${name}`,
      variableOf(table.name, name),
      [rows, kept[index] as string], // one for each
      { after: [swept] },
    ),
  );
  frame.next([], [], writes);
  return frame.end;
};

/**
 * Brings all rows of a table up to date, once a loop has `ended`: the node of how many steps it has done. Rows that lack something are taken
 * from the table and written there, if they are few; else all of it is gone through, in fewer operations. Gives the node that is done when they
 * are.
 */
export const addSweep = (outer: Frame, table: LaggingTable, ended: string, numbers: Numbers): string => {
  const sweep = sweepName(table, numbers);
  const [rows = 0] = table.shape;
  // In the place of the count another may be fed: what only waited for it would not know.
  const until = outer.node(`${sweep}/steps`, 'Identity', [ended], int32());
  const { places, list, size } = addBehind(outer, sweep, table, until);
  const int = (node: string, op: string, inputs: readonly string[]): string =>
    outer.node(`${sweep}/${node}`, op, inputs, int32());
  const isMost = int('is-most', 'GreaterEqual', [size, outer.ints(Math.floor(rows * MIN_WHOLE_SWEEP))]);
  const choose = (node: string, most: string, few: string): string =>
    outer.node(`${sweep}/${node}`, 'SelectV2', [isMost, most, few], int32());
  const count = rowsAtOnce(table);
  const all = int('all', 'FloorDiv', [int('more', 'Add', [size, outer.ints(count - 1)]), outer.ints(count)]);
  const chunks = choose('chunks', outer.ints(0), all);
  const last = int('last', 'Sub', [size, outer.ints(1)]);
  const listed = addListed(outer, table, { list, last, chunks, until }, numbers);
  const most = int('with-block', 'Add', [until, outer.ints(SWEPT_STEPS - MIN_SWEPT_STEPS)]);
  const blocks = choose(
    'blocks',
    int('whole-blocks', 'FloorDiv', [most, outer.ints(SWEPT_STEPS)]),
    outer.ints(0),
  );
  const parts = { until, places };
  const swept = addBlocks(outer, table, { ...parts, first: outer.ints(0), end: blocks }, numbers);
  const first = int('first-single', 'Mul', [swept, outer.ints(SWEPT_STEPS)]);
  const end = choose('end', until, outer.ints(0));
  const done = addSingles(outer, table, { ...parts, first, end }, numbers);
  const options = { after: [...listed, controlOn(done)], dtype: TYPES.int32 };
  return writeRows(outer, `${sweep}/done`, placesName(table.name), [list, outer.ints(0)], options);
};
