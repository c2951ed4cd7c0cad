/**
 * Tables all rows of which change in each step, by a rule that is for each number alone. What a step does to rows that have no gradient
 * is not done in that step: a row lags behind until its number is named again, or until the last step of the run. It is brought up to date
 * then by the same rule with gradients of zero, as many times as it lacks. A row is read and written once for all of that, instead of once
 * in each step. Rows that have never been named stay as they are, where the rule leaves what has a gradient and slots of zero.
 */
import { TYPES } from '../../tfjs/binding';
import { UPDATE_NAMES, type TracedRows } from '../trace/traced-update';
import { LAGGING_ELEMENTS_AT_ONCE, MIN_SWEPT_STEPS, MIN_WHOLE_SWEEP, SWEPT_STEPS } from '../tuning';
import { sizeOf } from '../../base/shapes';
import { attr } from './attributes';
import { controlOn } from './controls';
import { emitOperations } from './emit-operations';
import { int32, type Frame, type LoopVariable } from './frame';
import { CompiledCall } from './function-frame';
import type { GraphBuilder } from './builder';
import { numberOfStep, type StepNumber } from './steps';
import type { GraphVariable } from './variables';

/** A table whose rows may lag behind. */
export interface LaggingTable extends GraphVariable {
  readonly rule: TracedRows;
}

/** What a loop is fed for the rules of its steps. */
interface Numbers {
  readonly loop: string;
  readonly numbers: readonly StepNumber[];
}

/** For each row the number of the step of a run from which on it lacks what was done: 0 between runs. */
const PLACE = 'lacks-from';

/** The same of rows that lack nothing, as nothing changes them: those that have never been named. */
const NEVER = 2 ** 30;

const placesName = (table: string): string => `${table}/${PLACE}`;
const float = () => ({ T: attr.type(TYPES.float) });
const indexed = (dtype: number) => ({ dtype: attr.type(dtype), ...int32('Tindices') });

/** The variable that says of the rows of a table how far they are. */
export const placesOf = ({ name, shape }: GraphVariable): GraphVariable => ({
  name: placesName(name),
  shape: shape.slice(0, 1),
  dtype: TYPES.int32,
  isScratch: true,
});

/** What a rule reads of a table and its slots, and what of it it changes. */
const namesOf = ({ rule: { operations } }: LaggingTable): { readonly all: string[]; readonly changed: string[] } => {
  const isOfTable = (name: string): boolean =>
    name === UPDATE_NAMES.variable || name.startsWith(UPDATE_NAMES.slot(''));
  const changed = [...operations.results.keys()].filter(isOfTable);
  return { changed, all: [...new Set([...changed, ...[...operations.feeds.values()].filter(isOfTable)])] };
};

/** The graph's variable behind a name in a rule. */
const variableOf = ({ name }: LaggingTable, inRule: string): string =>
  inRule === UPDATE_NAMES.variable ? name : `${name}/${inRule.slice(UPDATE_NAMES.slot('').length)}`;

/** What all rows' places are while the slots are the first: `numbers`. */
export const firstPlace = ({ rule }: LaggingTable, numbers: readonly number[]): number =>
  rule.keepsFresh && numbers.every((number) => number === 0) ? NEVER : 0;

/**
 * Adds the assignment to make once slots were brought: which rows lack nothing, as they have never been named. `slotOf` gives the node of what
 * was brought for a slot. Gives the node that assigns.
 */
export const addPlaces = (graph: GraphBuilder, table: LaggingTable, slotOf: (slot: string) => string): string => {
  const { name, shape, rule } = table;
  const prefix = placesName(name);
  const [rows = 0] = shape;
  const slots = namesOf(table).all.filter((one) => one !== UPDATE_NAMES.variable);
  const filled = (value: number, node: string): string =>
    graph.node(`${prefix}/${node}`, 'Fill', [graph.ints([rows]), graph.ints(value)], {
      ...int32(),
      ...int32('index_type'),
    });
  const from = filled(0, 'from-first');
  const isNamed = slots.map((slot, index) => {
    const zero = graph.constant({ dtype: TYPES.float, shape: [], values: [0] });
    const inputs = [slotOf(variableOf(table, slot)), zero];
    const differs = graph.node(`${prefix}/differs${index}`, 'NotEqual', inputs, float());
    const axes = graph.ints(shape.slice(1).map((_, axis) => axis + 1));
    const types = { ...int32('Tidx'), keep_dims: attr.bool(false) };
    return graph.node(`${prefix}/any${index}`, 'Any', [differs, axes], types);
  });
  const value = rule.keepsFresh
    ? isNamed.reduce(
        (now, any, index) => graph.node(`${prefix}/from${index}`, 'SelectV2', [any, from, now], int32()),
        filled(NEVER, 'never'),
      )
    : from;
  return graph.node(`${prefix}/assign`, 'AssignVariableOp', [prefix, value], { dtype: attr.type(TYPES.int32) });
};

/** A gradient of zeros for a compiled call: as an argument, since XLA would compute what depends on a constant while it compiles. */
const addZeros = (call: CompiledCall, prefix: string, around: Frame, shape: readonly number[]): string => {
  const zero = around.constant({ dtype: TYPES.float, shape: [], values: [0] });
  const inputs = [call.ints(shape), call.enter({ name: zero, dtype: TYPES.float })];
  return call.node(`${prefix}/zeros`, 'Fill', inputs, { ...float(), ...int32('index_type') });
};

/** What the rule makes of rows in a step, of those that it is lacking: by the names of what it changes. */
const addRule = (
  frame: Frame,
  prefix: string,
  table: LaggingTable,
  step: string,
  lacks: string,
  { loop, numbers }: Numbers,
  valueOf: (name: string) => string,
): ReadonlyMap<string, string> => {
  const number = UPDATE_NAMES.number('');
  const numberOf = (name: string): string => {
    const fed = frame.enterFromOutside({ name: `${loop}/${name}`, dtype: TYPES.float });
    const isPerStep = numbers.some((one) => one.name === name && one.perStep);
    return isPerStep ? numberOfStep(frame, `${prefix}/number/${name}`, fed, step) : fed;
  };
  const operations = table.rule.operations;
  const inputOf = (name: string): string =>
    name.startsWith(number) ? numberOf(name.slice(number.length)) : valueOf(name);
  const after = emitOperations(frame, `${prefix}/rule`, operations, inputOf, step);
  return new Map(
    namesOf(table).changed.map((name) => [
      name,
      // Both are there: one for each name.
      frame.node(`${prefix}/next-of-${name}`, 'SelectV2', [lacks, after.get(name) as string, valueOf(name)], float()),
    ]),
  );
};

/** Rows by a list of their numbers, of which there are always so many. */
interface Listed {
  readonly rows: string;
  readonly count: number;
}

/**
 * What rows of a table and its slots are after all steps before step `until`, by the names in the rule: what they lack is made up for. `nodes`
 * has names for the nodes that read.
 */
export const addUpToDate = (
  frame: Frame,
  prefix: string,
  table: LaggingTable,
  { rows, count }: Listed,
  until: string,
  numbers: Numbers,
  nodes: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> => {
  const { all, changed } = namesOf(table);
  const gather = (node: string, name: string, dtype: number): string => {
    const handle = frame.enterFromOutside({ name, dtype: TYPES.resource });
    return frame.node(node, 'ResourceGather', [handle, rows], {
      ...indexed(dtype),
      validate_indices: attr.bool(true),
    });
  };
  const before = new Map(
    all.map((name) => [
      name,
      gather(nodes.get(name) ?? `${prefix}/before-of-${name}`, variableOf(table, name), TYPES.float),
    ]),
  );
  const places = gather(`${prefix}/places`, placesName(table.name), TYPES.int32);
  const call = new CompiledCall(frame, `${prefix}/up-to-date`);
  const valueOf = (name: string): string =>
    call.enter({ name: before.get(name) as string, dtype: TYPES.float }); // one of all
  const loopVariables: LoopVariable[] = changed.map((name) => ({
    name,
    first: { name: valueOf(name), dtype: TYPES.float },
  }));
  const columns = table.shape.slice(1);
  const shape = call.ints([count, ...columns.map(() => 1)]);
  const inputs = [call.enter({ name: places, dtype: TYPES.int32 }), shape];
  const from = call.node(`${prefix}/from`, 'Reshape', inputs, { ...int32(), ...int32('Tshape') });
  const zeros = addZeros(call, prefix, frame, [count, ...columns]);
  const steps = call.inner(`${prefix}/steps`);
  const limit = { name: call.enter({ name: until, dtype: TYPES.int32 }), dtype: TYPES.int32 };
  const { iteration, now } = steps.loop(limit, call.ints(0), loopVariables);
  const lacking = [iteration, steps.enter({ name: from, dtype: TYPES.int32 })];
  const lacks = steps.node(`${prefix}/lacks`, 'GreaterEqual', lacking, int32());
  const made = addRule(steps, prefix, table, iteration, lacks, numbers, (name) => {
    if (name === UPDATE_NAMES.gradient) return steps.enter({ name: zeros, dtype: TYPES.float });
    return now[changed.indexOf(name)] ?? steps.enter({ name: valueOf(name), dtype: TYPES.float });
  });
  const exits = steps.next(loopVariables, [...made.values()]);
  const body = `rows/${table.name}/${count}/up-to-date`;
  const given = call.call(
    exits.map((name) => ({ name, dtype: TYPES.float })),
    body,
  );
  const after = changed.map((name, index) => [name, given[index] as string] as const); // one for each
  return new Map([...before, ...after]);
};

/** The first rows of what there is of the rows of a list that was filled up. */
export const addFirstRows = (
  frame: Frame,
  prefix: string,
  { shape }: LaggingTable,
  values: ReadonlyMap<string, string>,
  rows: string,
): ReadonlyMap<string, string> => {
  const size = frame.node(`${prefix}/count`, 'Size', [rows], { ...int32(), ...int32('out_type') });
  const all = [size, ...shape.slice(1).map((columns) => frame.ints(columns))];
  const sizes = frame.node(`${prefix}/sizes`, 'Pack', all, {
    ...int32(),
    N: attr.int(all.length),
    axis: attr.int(0),
  });
  const begin = frame.ints(shape.map(() => 0));
  return new Map(
    [...values].map(([name, node]) => [
      name,
      frame.node(`${prefix}/first-of-${name}`, 'Slice', [node, begin, sizes], { ...float(), ...int32('Index') }),
    ]),
  );
};

/** Notes, once rows were written in a step, that they lack nothing before the next one. Gives the node that does. */
export const addPlace = (
  frame: Frame,
  prefix: string,
  { name }: LaggingTable,
  rows: string,
  step: string,
  after: readonly string[],
): string => {
  const next = frame.node(`${prefix}/next-step`, 'Add', [step, frame.ints(1)], int32());
  const handle = frame.enterFromOutside({ name: placesName(name), dtype: TYPES.resource });
  const inputs = [handle, rows, next, ...after];
  return frame.node(`${prefix}/write-places`, 'ResourceScatterUpdate', inputs, indexed(TYPES.int32));
};

/** The numbers of all rows that a run has left behind, and how many there are. */
const addBehind = (outer: Frame, prefix: string, { name }: LaggingTable, after: string) => {
  const places = outer.node(`${prefix}/places`, 'ReadVariableOp', [placesName(name), controlOn(after)], {
    dtype: attr.type(TYPES.int32),
  });
  const isNamed = outer.node(`${prefix}/named`, 'Less', [places, outer.ints(NEVER)], int32());
  const wide = outer.node(`${prefix}/where`, 'Where', [isNamed], { T: attr.type(TYPES.bool) });
  const narrow = { SrcT: attr.type(TYPES.int64), DstT: attr.type(TYPES.int32) };
  const column = outer.node(`${prefix}/column`, 'Cast', [wide], narrow);
  const list = outer.node(`${prefix}/rows`, 'Reshape', [column, outer.ints([-1])], {
    ...int32(),
    ...int32('Tshape'),
  });
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
      const handle = frame.enterFromOutside({ name: variableOf(table, name), dtype: TYPES.resource });
      const value = values.get(name) as string; // one of those that are changed
      return frame.node(`${prefix}/write-${name}`, 'ResourceScatterUpdate', [handle, rows, value], indexed(TYPES.float));
    });
    frame.next([], [], writes);
    return controlOn(frame.end);
  });
};

/** The same for all rows of the table, so many steps at a time: from step `first` of them on to before `end`. Gives the end of the loop. */
const addWhole = (
  outer: Frame,
  table: LaggingTable,
  stepsAtOnce: number,
  { first, end, until, places }: Readonly<Record<'first' | 'end' | 'until' | 'places', string>>,
  numbers: Numbers,
): string => {
  const prefix = `${sweepName(table, numbers)}/whole${stepsAtOnce}`;
  const frame = outer.inner(prefix, false);
  const { iteration } = frame.loop({ name: end, dtype: TYPES.int32 }, first, []);
  const call = new CompiledCall(frame, `${prefix}/up-to-date`);
  const int = (name: string): string => call.enter({ name, dtype: TYPES.int32 });
  const enterInt = (name: string): string => int(frame.enter({ name, dtype: TYPES.int32 }));
  const { all, changed } = namesOf(table);
  const handles = new Map(
    all.map((name) => [name, call.enterFromOutside({ name: variableOf(table, name), dtype: TYPES.resource })]),
  );
  const types = { dtype: attr.type(TYPES.float) };
  const now = new Map(
    [...handles].map(([name, handle]) => [name, call.node(`${prefix}/before-of-${name}`, 'ReadVariableOp', [handle], types)]),
  );
  const shape = call.ints([table.shape[0] ?? 0, ...table.shape.slice(1).map(() => 1)]);
  const from = call.node(`${prefix}/from`, 'Reshape', [enterInt(places), shape], { ...int32(), ...int32('Tshape') });
  const zeros = addZeros(call, prefix, frame, table.shape);
  const begin = call.node(`${prefix}/begin`, 'Mul', [int(iteration), call.ints(stepsAtOnce)], int32());
  const limit = enterInt(until);
  for (let index = 0; index < stepsAtOnce; index++) {
    const step = call.node(`${prefix}/step${index}`, 'Add', [begin, call.ints(index)], int32());
    const isStep = call.node(`${prefix}/is-step${index}`, 'Less', [step, limit], int32());
    const lacking = call.node(`${prefix}/lacking${index}`, 'SelectV2', [isStep, step, call.ints(-1)], int32());
    const lacks = call.node(`${prefix}/lacks${index}`, 'GreaterEqual', [lacking, from], int32());
    const next = addRule(call, `${prefix}/${index}`, table, step, lacks, numbers, (name) =>
      name === UPDATE_NAMES.gradient ? zeros : (now.get(name) as string), // one of all
    );
    for (const [name, value] of next) now.set(name, value);
  }
  const writes = changed.map((name) =>
    call.node(`${prefix}/write-${name}`, 'AssignVariableOp', [handles.get(name) as string, now.get(name) as string], types),
  );
  const done = call.node(`${prefix}/done`, 'Identity', [call.ints(0), ...writes.map(controlOn)], int32());
  call.call([{ name: done, dtype: TYPES.int32 }], `rows/${table.name}/whole${stepsAtOnce}`);
  frame.next([], [], [call.name]);
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
  const blocks = choose('blocks', int('whole-blocks', 'FloorDiv', [most, outer.ints(SWEPT_STEPS)]), outer.ints(0));
  const parts = { until, places };
  const swept = addWhole(outer, table, SWEPT_STEPS, { ...parts, first: outer.ints(0), end: blocks }, numbers);
  const first = int('first-single', 'Mul', [swept, outer.ints(SWEPT_STEPS)]);
  const end = choose('end', until, outer.ints(0));
  const done = addWhole(outer, table, 1, { ...parts, first, end }, numbers);
  const inputs = [placesName(table.name), list, outer.ints(0), ...listed, controlOn(done)];
  return outer.node(`${sweep}/done`, 'ResourceScatterUpdate', inputs, indexed(TYPES.int32));
};
