import type { LayerVariable } from '@tensorflow/tfjs';
import { UpdateOptimizer } from '../../optimizers/optimizer';
import { variableBehind, withApplyRecorder, type Gradients } from '../../optimizers/gradients';
import { withStepSeed } from '../../ops/random';
import { withVariablesNoted } from '../../tfjs/weights-in-use';
import { withActivityLosses } from '../../tfjs/activity';
import { binding, idOf, withBinding } from '../../tfjs/binding';
import { tf, type Tensor, type Variable } from '../../tfjs/tensorflow';
import { record } from '../trace/record';
import { rewriteInSteps } from '../trace/rewrite';
import type { Recording } from '../trace/recording';
import { atOnce, type Steps } from '../../base/steps';
import { updateOf, type TracedUpdate } from '../trace/traced-update';
import { copy, reasonNotTraceable, type NotReplayable } from '../trace/traced-step';
import { flatten, ForeignValue, type Flat } from './structure';

/** What is traced: a function of tensors. */
export type TensorFunction = (...args: never) => unknown;

/** The step of an optimizer in a function: gradients and variables by their numbers. */
export interface TracedApplication {
  readonly optimizer: UpdateOptimizer;
  readonly update: TracedUpdate;
  readonly variables: readonly number[];
  readonly gradients: readonly number[];
}

/** A function of tensors that can be replayed. */
export interface TracedFunction {
  readonly recording: Recording;
  /** What is fed, by id: arguments, the seed, the variables as they are before each optimizer's step. */
  readonly feeds: ReadonlyMap<number, string>;
  readonly variables: readonly Variable[];
  readonly applications: readonly TracedApplication[];
  /** What variables become that the function itself writes, by their positions: moving averages. */
  readonly writes: ReadonlyMap<number, number>;
  readonly outputs: readonly number[];
  readonly result: Flat;
}

/** The names under which a function's graph provides what it is fed. */
export const NAMES = {
  argument: (index: number) => `argument${index}`,
  seed: 'seed',
  variable: (index: number) => `variable${index}`,
  /** A variable after some optimizers' steps, of which one has changed it. */
  version: (index: number, after: number) =>
    after === 0 ? `variable${index}/read` : `variable${index}/after${after}`,
  optimizer: (index: number) => `optimizer${index}`,
} as const;

/** It cannot be replayed, as has turned out while it ran. */
class Refusal extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

/** A variable while a function is traced. */
interface Used {
  readonly variable: Variable;
  readonly first: number;
  readonly before: Tensor;
  /** Its id if only optimizers have changed it. */
  current: number;
}

interface Applied extends Gradients {
  readonly optimizer: UpdateOptimizer;
  readonly positions: readonly number[];
  readonly ids: readonly number[];
}

interface TracedOnce extends Omit<TracedFunction, 'applications'> {
  readonly applied: readonly Applied[];
  readonly shapes: ReadonlyMap<number, readonly number[]>;
}

/** Runs a function once, notes what it computes, and leaves all variables and optimizers as they were. */
class Trace {
  private readonly feeds = new Map<number, string>();
  private readonly shapes = new Map<number, readonly number[]>();
  private readonly used = new Map<Variable, Used>();
  private readonly applied: Applied[] = [];
  private readonly real = binding();

  run(fn: TensorFunction, args: Flat): TracedOnce {
    const seed = tf.tensor1d([1, 1], 'int32');
    // Copies, so that no argument is a variable or another argument.
    const own = args.tensors.map(copy);
    own.forEach((tensor, index) => this.feed(tensor, NAMES.argument(index)));
    this.feed(seed, NAMES.seed);
    const given = args.rebuild(own) as unknown[]; // the arguments as they came
    const call = fn as (...all: unknown[]) => unknown; // its type is the caller's affair
    try {
      const { result, recording } = record(() =>
        withStepSeed(seed, () =>
          withActivityLosses(() =>
            withVariablesNoted(
              (variables) => this.note(variables),
              () =>
                withApplyRecorder(
                  (optimizer, gradients) => this.apply(optimizer, gradients),
                  () => this.outputsOf(call(...given)),
                ),
            ),
          ),
        ),
      );
      return this.outcome(result, recording);
    } finally {
      for (const { variable, first, before } of this.used.values()) {
        if (idOf(variable) !== first) variable.assign(before);
        before.dispose();
      }
    }
  }

  private feed(tensor: Tensor, name: string): number {
    const id = idOf(tensor);
    this.feeds.set(id, name);
    this.shapes.set(id, tensor.shape);
    return id;
  }

  private outputsOf(output: unknown): { readonly flat: Flat; readonly ids: readonly number[] } {
    const flat = flatten(output);
    return { flat, ids: flat.tensors.map(idOf) };
  }

  /** Feeds variables that have not been used yet: outside of the recording. */
  private note(variables: readonly Variable[]): void {
    withBinding(this.real, () => {
      for (const variable of variables) {
        if (this.used.has(variable)) continue;
        if (variable.dtype !== 'float32') throw new Refusal('a weight is not of type float32');
        const before = tf.keep(tf.clone<Tensor>(variable)); // what uses it first may have a scope of its own
        const first = this.feed(variable, NAMES.version(this.used.size, 0));
        this.used.set(variable, { variable, first, before, current: first });
      }
    });
  }

  private apply(optimizer: unknown, { gradients, weights }: Gradients): void {
    if (!(optimizer instanceof UpdateOptimizer))
      throw new Refusal('an optimizer is not one of this library’s');
    const variables = weights.map(variableBehind);
    this.note(variables);
    const ids = gradients.map(idOf);
    const positions = variables.map((variable) => [...this.used.keys()].indexOf(variable));
    this.applied.push({ optimizer, gradients, weights, positions, ids });
    withBinding(this.real, () => {
      variables.forEach((variable, index) => {
        const used = this.used.get(variable) as Used; // noted above
        if (idOf(variable) !== used.current)
          throw new Refusal('a layer writes a weight that an optimizer trains');
        const next = copy(variable);
        variable.assign(next);
        used.current = this.feed(variable, NAMES.version(positions[index] as number, this.applied.length)); // one for each
      });
    });
  }

  private outcome(
    { flat, ids }: { readonly flat: Flat; readonly ids: readonly number[] },
    recording: Recording,
  ): TracedOnce {
    const writes = new Map<number, number>();
    [...this.used.values()].forEach(({ variable, current, first }, index) => {
      const id = idOf(variable);
      if (id === current) return;
      if (current !== first) throw new Refusal('a layer writes a weight that an optimizer trains');
      writes.set(index, id);
    });
    return {
      recording,
      feeds: this.feeds,
      shapes: this.shapes,
      variables: [...this.used.keys()],
      applied: this.applied,
      writes,
      outputs: ids,
      result: flat,
    };
  }
}

/** What tensors are, in words that are the same for the same computation. */
const originsOf = ({ recording, feeds }: TracedOnce): ((id: number) => string | undefined) => {
  const made = new Map<number, string>();
  recording.ops.forEach(({ outputs }, index) =>
    outputs.forEach(({ id }, output) => made.set(id, `${index}:${output}`)),
  );
  return (id) => {
    const constant = recording.constants.get(id);
    const known = feeds.get(id) ?? made.get(id);
    return known ?? (constant === undefined ? undefined : `constant ${String(constant.values)}`);
  };
};

/** All that goes out of a function, one after the other. */
const targetsOf = ({ outputs, applied, writes }: TracedOnce): number[] => [
  ...outputs,
  ...applied.flatMap(({ ids }) => ids),
  ...writes.values(),
];

/** Why two traces are not of one computation, if they are not. */
const differenceOf = (first: TracedOnce, second: TracedOnce): string | undefined => {
  const reason = reasonNotTraceable(first, second);
  if (reason !== undefined) return reason;
  if (first.result.key !== second.result.key) return 'what it returns differs from call to call';
  const isSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
    a.length === b.length && a.every((one, index) => one === b[index]);
  const steps = ({ applied }: TracedOnce): unknown[] =>
    applied.flatMap(({ optimizer, positions }) => [optimizer, ...positions]);
  if (!isSame(first.variables, second.variables) || !isSame(steps(first), steps(second))) {
    return 'the weights that it uses differ from call to call';
  }
  const [origins, others] = [
    targetsOf(first).map(originsOf(first)),
    targetsOf(second).map(originsOf(second)),
  ];
  if (others.includes(undefined)) return 'it returns a tensor from outside of the step';
  return isSame(origins, others) && isSame([...first.writes.keys()], [...second.writes.keys()])
    ? undefined
    : 'what it returns differs from call to call';
};

const traceOnce = (fn: TensorFunction, args: Flat): TracedOnce => {
  let traced: TracedOnce | undefined;
  tf.tidy(() => {
    traced = new Trace().run(fn, args);
  });
  return traced as unknown as TracedOnce; // the tidy ran its function, or threw
};

/** An optimizer's step as it is in the graph. */
function* applicationOf(
  { optimizer, weights, positions, ids }: Applied,
  resolve: (id: number) => number,
): Steps<TracedApplication | NotReplayable> {
  const constrained = weights.map((weight) =>
    weight instanceof tf.Variable
      ? ({ shape: weight.shape, constraint: null, read: () => weight } as unknown as LayerVariable) // what is asked of one
      : weight,
  );
  const update = yield* updateOf(optimizer.update, constrained);
  if ('reason' in update) return { reason: `the update of ${optimizer.name}: ${update.reason}` };
  return { optimizer, update, variables: positions, gradients: ids.map(resolve) };
}

/** Traces a function for arguments of some shapes, or says why it cannot be replayed. */
export const traceFunction = (fn: TensorFunction, args: Flat): TracedFunction | NotReplayable =>
  atOnce(traceFunctionInSteps(fn, args));

/** The same in steps, between which others may run. `note` is told after the first which variables the function uses. */
export function* traceFunctionInSteps(
  fn: TensorFunction,
  args: Flat,
  note: (variables: readonly Variable[]) => void = () => undefined,
): Steps<TracedFunction | NotReplayable> {
  if (args.tensors.some(({ dtype }) => dtype === 'string'))
    return { reason: 'it takes texts, of which layers make numbers in JavaScript' };
  let first: TracedOnce;
  try {
    first = traceOnce(fn, args);
    note(first.variables);
    yield;
    let second = traceOnce(fn, args);
    yield;
    let reason = differenceOf(first, second);
    if (reason !== undefined) {
      // The first may have made the weights of layers.
      first = second;
      note(first.variables);
      yield;
      second = traceOnce(fn, args);
      reason = differenceOf(first, second);
    }
    if (reason !== undefined) return { reason };
  } catch (error) {
    if (error instanceof Refusal) return { reason: error.reason };
    if (error instanceof ForeignValue) return { reason: 'it returns something that is no tensor' };
    throw error;
  }
  yield;
  const { recording, resolve } = yield* rewriteInSteps(first.recording, first.shapes);
  const applications: TracedApplication[] = [];
  for (const applied of first.applied) {
    yield;
    const application = yield* applicationOf(applied, resolve);
    if ('reason' in application) return application;
    applications.push(application);
  }
  return {
    recording,
    feeds: first.feeds,
    variables: first.variables,
    applications,
    writes: new Map([...first.writes].map(([variable, id]) => [variable, resolve(id)])),
    outputs: first.outputs.map(resolve),
    result: first.result,
  };
}
