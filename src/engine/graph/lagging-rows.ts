/**
 * Tables all rows of which change in each step, by a rule that is for each number alone. What a step does to rows that have no gradient
 * is not done in that step: a row lags behind until its number is named again, or until the last step of the run. It is brought up to date
 * then by the same rule with gradients of zero, as many times as it lacks. A row is read and written once for all of that, instead of once
 * in each step. Rows that have never been named stay as they are, where the rule leaves what has a gradient and slots of zero.
 */
import { TYPES } from '../../tfjs/binding';
import { UPDATE_NAMES, type TracedRows } from '../trace/traced-update';
import { attr } from './attributes';
import { emitOperations } from './emit-operations';
import { int32, type Frame, type LoopVariable } from './frame';
import { CompiledCall } from './function-frame';
import type { GraphBuilder } from './builder';
import { numberOfStep, type StepNumber } from './steps';
import { readRows, variableOf, writeRows } from './table-rows';
import type { GraphVariable } from './variables';

/** A table whose rows may lag behind. */
export interface LaggingTable extends GraphVariable {
  readonly rule: TracedRows;
}

/** What a loop is fed for the rules of its steps. */
export interface Numbers {
  readonly loop: string;
  readonly numbers: readonly StepNumber[];
}

/** For each row the number of the step of a run from which on it lacks what was done: 0 between runs. */
const PLACE = 'lacks-from';

/** The same of rows that lack nothing, as nothing changes them: those that have never been named. */
export const NEVER = 2 ** 30;

export const placesName = (table: string): string => `${table}/${PLACE}`;
export const float = () => ({ T: attr.type(TYPES.float) });

/** The variable that says of the rows of a table how far they are. */
export const placesOf = ({ name, shape }: GraphVariable): GraphVariable => ({
  name: placesName(name),
  shape: shape.slice(0, 1),
  dtype: TYPES.int32,
  isScratch: true,
});

/** What a rule reads of a table and its slots, and what of it it changes. */
export const namesOf = ({
  rule: { operations },
}: LaggingTable): { readonly all: string[]; readonly changed: string[] } => {
  const isOfTable = (name: string): boolean =>
    name === UPDATE_NAMES.variable || name.startsWith(UPDATE_NAMES.slot(''));
  const changed = [...operations.results.keys()].filter(isOfTable);
  return { changed, all: [...new Set([...changed, ...[...operations.feeds.values()].filter(isOfTable)])] };
};

/** What all rows' places are while the slots are the first: `numbers`. */
export const firstPlace = ({ rule }: LaggingTable, numbers: readonly number[]): number =>
  rule.keepsFresh && numbers.every((number) => number === 0) ? NEVER : 0;

/**
 * Adds the assignment to make once slots were brought: which rows lack nothing, as they have never been named. `slotOf` gives the node of what
 * was brought for a slot. Gives the node that assigns.
 */
export const addPlaces = (
  graph: GraphBuilder,
  table: LaggingTable,
  slotOf: (slot: string) => string,
): string => {
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
    const inputs = [slotOf(variableOf(name, slot)), zero];
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
  return graph.node(`${prefix}/assign`, 'AssignVariableOp', [prefix, value], {
    dtype: attr.type(TYPES.int32),
  });
};

/** A gradient of zeros for a compiled call: as an argument, since XLA would compute what depends on a constant while it compiles. */
export const addZeros = (
  call: CompiledCall,
  prefix: string,
  around: Frame,
  shape: readonly number[],
): string => {
  const zero = around.constant({ dtype: TYPES.float, shape: [], values: [0] });
  const inputs = [call.ints(shape), call.enter({ name: zero, dtype: TYPES.float })];
  return call.node(`${prefix}/zeros`, 'Fill', inputs, { ...float(), ...int32('index_type') });
};

/** What the rule makes of rows in a step, of all or of those that lack it: by the names of what it changes. */
export const addRule = (
  frame: Frame,
  prefix: string,
  table: LaggingTable,
  step: string,
  lacks: string | undefined,
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
    namesOf(table).changed.map((name) => {
      const next = after.get(name) as string; // one for each
      if (lacks === undefined) return [name, next];
      return [
        name,
        frame.node(`${prefix}/next-of-${name}`, 'SelectV2', [lacks, next, valueOf(name)], float()),
      ];
    }),
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
  const before = new Map(
    all.map((name) => {
      const node = nodes.get(name) ?? `${prefix}/before-of-${name}`;
      return [name, readRows(frame, node, variableOf(table.name, name), rows)];
    }),
  );
  const places = readRows(frame, `${prefix}/places`, placesName(table.name), rows, { dtype: TYPES.int32 });
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
      frame.node(`${prefix}/first-of-${name}`, 'Slice', [node, begin, sizes], {
        ...float(),
        ...int32('Index'),
      }),
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
  const options = { after, dtype: TYPES.int32 };
  return writeRows(frame, `${prefix}/write-places`, placesName(name), [rows, next], options);
};
