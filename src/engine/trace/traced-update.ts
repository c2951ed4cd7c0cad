import type { LayerVariable } from '@tensorflow/tfjs';
import type { FusedKernel } from '../../optimizers/fused';
import {
  changed,
  CLIP_SCALE,
  globalScale,
  type Operations,
  type Update,
  type UpdateInputs,
} from '../../optimizers/update';
import { idOf } from '../../tfjs/binding';
import { constraintOf, variableOf } from '../../tfjs/private';
import { tf, type Scalar, type Tensor } from '../../tfjs/tensorflow';
import type { Steps } from '../../base/steps';
import { record } from './record';
import type { Recording } from './recording';
import { rewrite } from './rewrite';
import { sizeOf } from '../../base/shapes';
import { MIN_ELEMENTS_BY_ROWS } from '../tuning';
import { hasXla } from '../xla';
import { mayBeTable } from './tables';
import { reasonNotTraceable, type NotReplayable } from './traced-step';

/** The names of what operations of an update take and give. */
export const UPDATE_NAMES = {
  variable: 'variable',
  gradient: 'gradient',
  /** The gradient of one of all variables, by position. */
  gradientOf: (index: number) => `gradient${index}`,
  slot: (name: string) => `slot/${name}`,
  number: (name: string) => `number/${name}`,
} as const;

/** Operations of an update, recorded. */
export interface TracedOperations {
  readonly recording: Recording;
  /** What they take, by id. */
  readonly feeds: ReadonlyMap<number, string>;
  /** What they give: ids by name. */
  readonly results: ReadonlyMap<string, number>;
}

/** A part of a variable's update: recorded operations, or one of TensorFlow's kernels. */
export type TracedStage = TracedOperations | { readonly kernel: FusedKernel };

/** What an optimizer does in a step. */
export interface TracedUpdate {
  /** What all gradients are multiplied by, if something is. */
  readonly clipScale: TracedOperations | undefined;
  /** For each variable, what is done to it one after the other. */
  readonly stages: readonly (readonly TracedStage[])[];
  /** For each variable, what is done to some of its rows and to the others; undefined where that would not do or not pay. */
  readonly ofRows: readonly (TracedRows | undefined)[];
}

/** What is done to some rows of a variable, which have a gradient, and to the others. */
export interface TracedRows {
  readonly operations: TracedOperations;
  /** Whether the others, whose gradient is zero, stay as they are; else XLA compiles the same operations for them. */
  readonly keepsOthers: boolean;
  /** Whether those of them stay as they are whose slots are zero, too. */
  readonly keepsFresh: boolean;
}

type Constraint = NonNullable<ReturnType<typeof constraintOf>>;

const asOperations = (constraint: Constraint): Operations => ({
  slots: [],
  run: ({ variable }) => ({ variable: constraint.apply(variable) }),
});

/** A tensor for tracing; its values do not matter. Made by TensorFlow, so that a large one does not go through JavaScript. */
const blank = (shape: readonly number[]): Tensor => tf.fill([...shape], 1);

/** Records a function of named tensors twice: only what is the same both times can be replayed. */
const traceTwice = (
  shapes: ReadonlyMap<string, readonly number[]>,
  run: (tensors: ReadonlyMap<string, Tensor>) => ReadonlyMap<string, Tensor>,
): TracedOperations | NotReplayable => {
  const once = (): TracedOperations => {
    let traced: TracedOperations | undefined;
    tf.tidy(() => {
      const tensors = new Map([...shapes].map(([name, shape]) => [name, blank(shape)]));
      const feeds = new Map([...tensors].map(([name, tensor]) => [idOf(tensor), name]));
      const { result, recording } = record(() => run(tensors));
      traced = {
        recording,
        feeds,
        results: new Map([...result].map(([name, tensor]) => [name, idOf(tensor)])),
      };
    });
    return traced as unknown as TracedOperations; // the tidy ran its function, or threw
  };
  const first = once();
  const reason = reasonNotTraceable(first, once());
  if (reason !== undefined) return { reason };
  const byId = new Map([...first.feeds].map(([id, name]) => [id, shapes.get(name) ?? []]));
  const { recording, resolve } = rewrite(first.recording, byId);
  return {
    recording,
    feeds: first.feeds,
    results: new Map([...first.results].map(([name, id]) => [name, resolve(id)])),
  };
};

/** Records operations on a variable of a shape, one after the other. */
const traceOperations = (
  operations: readonly Operations[],
  shape: readonly number[],
  numbers: readonly string[],
  variableName: string,
): TracedOperations | NotReplayable => {
  const slots = [...new Set(operations.flatMap((one) => one.slots))];
  const shapes = new Map<string, readonly number[]>([
    [UPDATE_NAMES.variable, shape],
    [UPDATE_NAMES.gradient, shape],
    ...slots.map((name) => [UPDATE_NAMES.slot(name), shape] as const),
    ...numbers.map((name) => [UPDATE_NAMES.number(name), []] as const),
  ]);
  return traceTwice(shapes, (tensors) => {
    const tensor = (name: string): Tensor => tensors.get(name) as Tensor; // one for each name
    const byName = (names: readonly string[], full: (name: string) => string) =>
      Object.fromEntries(names.map((name) => [name, tensor(full(name))]));
    const before: UpdateInputs = {
      variable: tensor(UPDATE_NAMES.variable),
      gradient: tensor(UPDATE_NAMES.gradient),
      slots: byName(slots, UPDATE_NAMES.slot),
      numbers: byName(numbers, UPDATE_NAMES.number) as unknown as UpdateInputs['numbers'], // scalars
      name: variableName,
    };
    const after = operations.reduce((inputs, { run }) => changed(inputs, run(inputs)), before);
    return new Map([
      ...(after.variable === before.variable ? [] : [[UPDATE_NAMES.variable, after.variable] as const]),
      ...(after.gradient === before.gradient ? [] : [[UPDATE_NAMES.gradient, after.gradient] as const]),
      ...Object.entries(after.slots)
        .filter(([name, slot]) => slot !== before.slots[name])
        .map(([name, slot]) => [UPDATE_NAMES.slot(name), slot] as const),
    ]);
  });
};

/** What is done to a variable, in which operations that follow each other are recorded together. */
const stagesOf = (
  update: Update,
  { shape, name }: { readonly shape: readonly number[]; readonly name: string },
  constraint: Constraint | null,
): readonly TracedStage[] | NotReplayable => {
  const numbers = ['learningRate', 'step', ...Object.keys(update.numbers), CLIP_SCALE];
  const stages = constraint === null ? update.stages : [...update.stages, asOperations(constraint)];
  const traced: TracedStage[] = [];
  let operations: Operations[] = [];
  const flush = (): NotReplayable | undefined => {
    if (operations.length === 0) return undefined;
    const made = traceOperations(operations, shape, numbers, name);
    operations = [];
    if ('reason' in made) return made;
    traced.push(made);
    return undefined;
  };
  for (const stage of stages) {
    if (!('kernel' in stage)) {
      operations.push(stage);
      continue;
    }
    const refused = flush();
    if (refused !== undefined) return refused;
    traced.push(stage);
  }
  return flush() ?? traced;
};

/** Weights that a rule is tried on. */
const TRIED = [1.5, -3, 1e-30, -1e30];

/** Whether weights whose gradient and slots are zero stay as they are, and so do the slots: by trying it. */
const keepsFresh = ({ slots, run }: Operations, numbers: Update['numbers']): boolean => {
  let isKept = true;
  const isSame = (after: Tensor, before: readonly number[]): boolean =>
    after.dataSync().every((value, index) => value === Math.fround(before[index] ?? NaN));
  const zeros = TRIED.map(() => 0);
  tf.tidy(() => {
    for (const step of [1, 1000]) {
      const given = Object.entries(numbers).map(([name, at]) => [name, tf.scalar(at(step))] as const);
      const after = run({
        variable: tf.tensor2d([TRIED]),
        gradient: tf.tensor2d([zeros]),
        slots: Object.fromEntries(slots.map((name) => [name, tf.tensor2d([zeros])])),
        numbers: { learningRate: tf.scalar(0.5), step: tf.scalar(step), ...Object.fromEntries(given) },
        name: '',
      });
      const isKeptNow =
        (after.variable === undefined || isSame(after.variable, TRIED)) &&
        Object.values(after.slots ?? {}).every((slot) => isSame(slot, zeros));
      isKept &&= isKeptNow;
    }
  });
  return isKept;
};

/** Rows to trace with, of which the graph may have another number. */
const TRACED_ROWS = 2;

/**
 * The operations for some rows of a variable. What knows how many rows there are could not be used for another number: constants
 * may be scalars only.
 */
const traceRows = ({ ofRows, numbers }: Update, shape: readonly number[]): TracedRows | undefined => {
  if (ofRows === undefined || shape.length < 2) return undefined;
  const { operations, keepsOthers } = ofRows;
  if (!keepsOthers && (sizeOf(shape) < MIN_ELEMENTS_BY_ROWS || !hasXla())) return undefined;
  const names = ['learningRate', 'step', ...Object.keys(numbers)];
  const made = traceOperations([operations], [TRACED_ROWS, ...shape.slice(1)], names, '');
  if ('reason' in made) return undefined;
  const { ops, constants } = made.recording;
  const isScalar = (id: number): boolean => (constants.get(id)?.shape.length ?? 0) === 0;
  if (!ops.every(({ inputs }) => inputs.every(isScalar))) return undefined;
  return { operations: made, keepsOthers, keepsFresh: keepsOthers || keepsFresh(operations, numbers) };
};

const traceClipScale = (
  norm: number,
  shapes: readonly (readonly number[])[],
): TracedOperations | NotReplayable =>
  traceTwice(
    new Map(shapes.map((shape, index) => [UPDATE_NAMES.gradientOf(index), shape])),
    (tensors): ReadonlyMap<string, Scalar> =>
      new Map([[UPDATE_NAMES.number(CLIP_SCALE), globalScale([...tensors.values()], norm)]]),
  );

/**
 * Traces what an optimizer does to the trainable variables in a step, or says why that cannot be replayed. Step by step: between them
 * others may run.
 */
export function* updateOf(
  update: Update,
  variables: readonly LayerVariable[],
): Steps<TracedUpdate | NotReplayable> {
  const shapes = variables.map(({ shape }) => shape as number[]); // weights have whole shapes
  const { globalClipnorm } = update;
  const clipScale = globalClipnorm === undefined ? undefined : traceClipScale(globalClipnorm, shapes);
  if (clipScale !== undefined) yield;
  if (clipScale !== undefined && 'reason' in clipScale) return clipScale;
  // Variables of one shape are treated alike, unless they have constraints.
  const known = new Map<string, readonly TracedStage[]>();
  const stages: (readonly TracedStage[])[] = [];
  const rows = new Map<string, TracedRows | undefined>();
  const rowsOf = (shape: readonly number[]): TracedRows | undefined => {
    if (!mayBeTable(shape)) return undefined;
    const key = shape.join();
    if (!rows.has(key)) rows.set(key, traceRows(update, shape));
    return rows.get(key);
  };
  const ofRows: (TracedRows | undefined)[] = [];
  for (const variable of variables) {
    const constraint = constraintOf(variable);
    const { name } = variableOf(variable);
    const alike = `${variable.shape.join()}${update.usesNames ? name : ''}`;
    const key = constraint === null ? alike : undefined;
    let made: readonly TracedStage[] | NotReplayable | undefined =
      key === undefined ? undefined : known.get(key);
    if (made === undefined) {
      made = stagesOf(update, { shape: variable.shape as number[], name }, constraint);
      yield;
    }
    if ('reason' in made) return made;
    if (key !== undefined) known.set(key, made);
    stages.push(made);
    ofRows.push(constraint === null ? rowsOf(variable.shape as number[]) : undefined); // weights have whole shapes
  }
  return { clipScale, stages, ofRows };
}

/** The numbers that an update uses, by name: of those that are fed. */
export const numbersOf = ({ clipScale, stages, ofRows }: TracedUpdate): ReadonlySet<string> => {
  const prefix = UPDATE_NAMES.number('');
  const used = new Set<string>();
  const addOf = ({ recording, feeds, results }: TracedOperations): void => {
    const ids = [...recording.ops.flatMap(({ inputs }) => inputs), ...results.values()];
    for (const id of ids) {
      const name = feeds.get(id);
      if (name?.startsWith(prefix) === true) used.add(name.slice(prefix.length));
    }
  };
  if (clipScale !== undefined) addOf(clipScale);
  for (const rows of ofRows) if (rows !== undefined) addOf(rows.operations);
  for (const stage of new Set(stages.flat())) {
    if (!('kernel' in stage)) addOf(stage);
    else {
      for (const input of stage.kernel.inputs) {
        if (typeof input === 'object' && 'number' in input) used.add(input.number);
      }
    }
  }
  used.delete(CLIP_SCALE);
  return used;
};
