import type { AwaitedSteps } from '../../base/steps';
import type { StepSeeds } from '../../step/batches';
import { TensorflowError } from '../../native/index';
import { TYPES } from '../../tfjs/binding';
import { deferValues, whenReady } from '../../tfjs/deferred-values';
import { tf, type Tensor, type Variable } from '../../tfjs/tensorflow';
import { GraphBuilder } from '../graph/builder';
import { areSmall, isWorthOptimizing } from '../graph/nodes';
import { Session, tensorsOf, type Fed, type GraphRun } from '../graph/session';
import { readFinished, type VariableGroup } from '../graph/variables';
import { integers } from '../arrays';
import { readSlots, writeSlots } from '../slots';
import { isFed } from '../trace/traced-step';
import { numbersOf } from '../trace/traced-update';
import { flatten, type Flat } from './structure';
import {
  buildFunction,
  DONE,
  numberName,
  optimizersOf,
  STEPS,
  type FunctionGraph,
  type FunctionOptimizer,
} from './function-graph';
import { NAMES, type TracedFunction } from './traced-function';

/** A number of an optimizer's step, and what it is fed to. */
interface FedNumber {
  readonly feed: string;
  /** Its value in a step of a run. */
  readonly value: (step: number) => number;
}

/** The slots of an optimizer, as long as they are in the graph. */
class NativeSlots {
  private end: (() => void) | undefined;

  constructor(
    private readonly of: FunctionOptimizer,
    private readonly variables: readonly Variable[],
    private readonly group: VariableGroup,
    private readonly session: Session,
    /** Waits for a run that is on another thread. */
    private readonly waitForRun: () => void,
  ) {}

  upload(): void {
    if (this.end !== undefined) return;
    const { optimizer } = this.of;
    tf.tidy(() => {
      this.group.upload(this.session, readSlots(optimizer, this.variables), () => true);
    });
    this.end = optimizer.runElsewhere({
      waitForSteps: this.waitForRun,
      fetch: () => this.download(),
      forget: () => this.forget(),
    });
  }

  private forget(): void {
    this.waitForRun();
    this.end?.();
    this.end = undefined;
  }

  download(): void {
    if (this.end === undefined) return;
    this.forget();
    const values = this.group.download(this.session);
    writeSlots(this.of.optimizer, this.variables, values);
    tf.dispose(values);
  }
}

/** A run that is on another thread. */
interface Flight {
  /** Waits for it, and counts it. */
  readonly land: () => void;
  /** It is done, well or not. */
  readonly over: Promise<void>;
}

/** How calls of a function run. */
interface CallKind {
  /** Whether a call is many steps: then arguments and results have one more axis, that of the steps. */
  readonly isLoop?: boolean;
}

/** A call of a function ended in an error, after some steps of it were done. */
export class StoppedCall extends Error {
  constructor(
    readonly done: number,
    cause: TensorflowError,
  ) {
    super(cause.message, { cause });
  }
}

/** The graph of a function, and how it runs. */
interface BuiltFunction {
  readonly parts: FunctionGraph;
  readonly session: Parameters<typeof Session.loading>;
}

const build = (traced: TracedFunction, args: readonly Tensor[], isLoop: boolean): BuiltFunction => {
  const graph = new GraphBuilder();
  const parts = buildFunction(graph, traced, args, isLoop);
  const { ops } = traced.recording;
  return { parts, session: [graph, areSmall(ops) ? 'caller' : 'pool', isWorthOptimizing(ops)] };
};

/** The graph of a function, loaded. */
interface LoadedFunction {
  readonly session: Session;
  readonly parts: FunctionGraph;
}

const loadHere = (traced: TracedFunction, args: readonly Tensor[], isLoop: boolean): LoadedFunction => {
  const { parts, session } = build(traced, args, isLoop);
  return { session: new Session(...session), parts };
};

/** A function of tensors as one call of TensorFlow. Variables and slots are in the graph, until somebody looks at them. */
export class CompiledFunction {
  private readonly session: Session;
  private readonly weights: VariableGroup;
  private readonly variables: readonly Variable[];
  private readonly slots: readonly NativeSlots[];
  private readonly numbers: readonly FedNumber[];
  /** What each optimizer has done in a run. */
  private readonly steps: readonly { readonly of: FunctionOptimizer; readonly count: number }[];
  private readonly prepared: GraphRun;
  private readonly result: Flat;
  /** The places of the outputs among what is fetched. */
  private readonly places: readonly number[];
  private readonly known: (object | undefined)[];
  /** Whether a run changes variables. */
  private readonly changes: boolean;
  private endDeferral: (() => void) | undefined;
  /** Whether a run draws random numbers. */
  private readonly draws: boolean;
  /** Whether it gives something. */
  private readonly isFetched: boolean;
  /** A run that is on another thread. */
  private flight: Flight | undefined;
  private readonly isLoop: boolean;
  /** How many steps of loops were done, by the graph's own count. */
  private finished = 0;

  /** @throws KerasNativeError if TensorFlow refuses the graph. */
  constructor(
    traced: TracedFunction,
    args: readonly Tensor[],
    private readonly seeds: Pick<StepSeeds, 'take'>,
    { isLoop = false }: CallKind = {},
    { session, parts }: LoadedFunction = loadHere(traced, args, isLoop),
  ) {
    this.isLoop = isLoop;
    const { weights, slots, outputs } = parts;
    this.session = session;
    this.weights = weights;
    this.variables = traced.variables;
    this.known = traced.variables.map(() => undefined);
    const optimizers = optimizersOf(traced);
    this.slots = optimizers.map((of, index) => {
      const own = of.variables.map((variable) => traced.variables[variable] as Variable); // positions are of this list
      return new NativeSlots(of, own, slots[index] as VariableGroup, this.session, () => this.wait()); // one for each
    });
    this.steps = optimizers.map((of) => ({
      of,
      count: traced.applications.filter(({ optimizer }) => optimizer === of.optimizer).length,
    }));
    this.numbers = numbersFor(traced);
    this.result = traced.result;
    this.changes = traced.applications.length > 0 || traced.writes.size > 0;
    const fetches = [...new Set(outputs)];
    this.places = outputs.map((node) => fetches.indexOf(node));
    // Without arguments, it is what a run begins with.
    this.draws = args.length === 0 || isFed(traced, NAMES.seed);
    const feeds = [
      ...args.map((_, index) => NAMES.argument(index)),
      ...(isLoop ? [STEPS] : []),
      ...(this.draws ? [NAMES.seed] : []),
      ...this.numbers.map(({ feed }) => feed),
    ];
    // Who waits for a run on another thread looks for what it fetches.
    this.isFetched = fetches.length > 0;
    this.prepared = this.session.prepare(
      feeds,
      this.isFetched ? fetches : [DONE],
      this.isFetched && this.changes ? [DONE] : [],
    );
  }

  /**
   * Makes one in steps, between which others may run, while another thread loads the graph. Whoever does not go to the end calls `throw`.
   *
   * @throws KerasNativeError if TensorFlow refuses the graph.
   */
  static *inSteps(
    traced: TracedFunction,
    args: readonly Tensor[],
    seeds: Pick<StepSeeds, 'take'>,
    { isLoop = false }: CallKind = {},
  ): AwaitedSteps<CompiledFunction> {
    const { parts, session } = build(traced, args, isLoop);
    yield;
    const loaded = { session: yield* Session.loading(...session), parts };
    return new CompiledFunction(traced, args, seeds, { isLoop }, loaded);
  }

  /** Whether a variable of it is gone. */
  get isOver(): boolean {
    return this.variables.some(({ isDisposed }) => isDisposed);
  }

  /** Runs the function, and gives what it returns. The caller frees the tensors. */
  run(args: readonly Tensor[]): unknown {
    const fed = this.feedsFor(args);
    const steps = this.stepsOf(args);
    return this.outcomeOf(
      this.counting(steps, () => this.prepared.run(fed)),
      steps,
    );
  }

  /** How many steps a call has. */
  private stepsOf([first]: readonly Tensor[]): number {
    return this.isLoop ? (first?.shape[0] ?? 0) : 1;
  }

  /** Gives what a run has made. Where it ends in an error, the steps before count. */
  private counting(steps: number, run: () => Tensor[]): Tensor[] {
    try {
      const made = run();
      this.finished += steps;
      return made;
    } catch (error) {
      if (!this.isLoop || !(error instanceof TensorflowError)) throw error;
      const done = (readFinished(this.session) ?? this.finished) - this.finished;
      this.finished += done;
      this.count(done);
      throw new StoppedCall(done, error);
    }
  }

  /** Counts steps that were done. */
  private count(steps: number): void {
    if (steps === 0) return;
    for (const { of, count } of this.steps) of.optimizer.advance(count * steps);
    if (this.changes) this.defer();
  }

  /**
   * The same on another thread. Who looks meanwhile at a weight or a slot waits until it is done, and sees what it made.
   */
  async runOnThread(args: readonly Tensor[]): Promise<unknown> {
    const fed = this.feedsFor(args);
    const steps = this.stepsOf(args);
    if (this.changes) this.defer();
    const pending = this.prepared.start(fed);
    let outcome: { readonly result: unknown } | { readonly error: unknown } | undefined;
    const land = (): void => {
      if (outcome !== undefined) return;
      this.flight = undefined;
      try {
        const result = this.outcomeOf(
          this.counting(steps, () => tensorsOf(pending.wait())),
          steps,
        );
        // Who waits for it here and now may do so in a scope that frees what is made in it.
        for (const tensor of flatten(result).tensors) tf.keep(tensor);
        outcome = { result };
      } catch (error) {
        outcome = { error };
      }
    };
    const over = pending.promise.then(land, land);
    this.flight = { land, over };
    await over;
    const result = outcome as unknown as NonNullable<typeof outcome>; // it has landed
    if ('error' in result) throw result.error;
    return result.result;
  }

  /** Waits for a run that is on another thread. */
  private wait(): void {
    this.flight?.land();
  }

  /** While a run is on another thread, of this function or another one of the same weights: what to wait for before the next is begun. */
  whenIdle(): Promise<void> | undefined {
    return this.flight?.over ?? whenReady(this.variables);
  }

  /** What a run is fed. Weights and slots are then in the graph. */
  private feedsFor(args: readonly Tensor[]): Fed[] {
    this.wait();
    this.upload();
    const { isLoop } = this;
    const steps = this.stepsOf(args);
    return [
      ...args,
      ...(isLoop ? [integers([], [steps])] : []),
      ...(this.draws ? [integers([2], this.seeds.take(steps))] : []),
      ...this.numbers.map(({ value }): Fed => ({
        shape: isLoop ? [steps] : [],
        dtype: TYPES.float,
        values: Float32Array.from({ length: steps }, (_, step) => value(step)),
      })),
    ];
  }

  /** What the function returns, of what a run has made. */
  private outcomeOf(made: Tensor[], steps: number): unknown {
    if (!this.isFetched) made.pop()?.dispose(); // that all is done
    this.count(steps);
    const first = new Set<number>();
    const outputs = this.places.map((place) => {
      const output = made[place] as Tensor; // one for each
      if (first.has(place)) return tf.clone(output);
      first.add(place);
      return output;
    });
    return this.result.rebuild(outputs);
  }

  /** Frees the graph. Weights and slots go back, unless they are gone. */
  dispose(): void {
    for (const slots of this.slots) slots.download();
    this.download();
    this.session.dispose();
  }

  /** Writes weights and slots that were set from outside into the graph. */
  private upload(): void {
    if (this.endDeferral === undefined) {
      const { variables, known } = this;
      const isNew = (index: number): boolean => known[index] !== variables[index]?.dataId;
      if (this.weights.upload(this.session, variables, isNew)) this.finished = 0;
      variables.forEach(({ dataId }, index) => (known[index] = dataId));
    }
    for (const slots of this.slots) slots.upload();
  }

  /** From now on the weights are in the graph, from which they are fetched when somebody looks. */
  private defer(): void {
    this.endDeferral ??= deferValues(this.variables, {
      fetch: () => this.download(),
      whenReady: () => this.flight?.over,
    });
  }

  private download(): void {
    if (this.endDeferral === undefined) return;
    this.wait();
    this.endDeferral();
    this.endDeferral = undefined;
    const values = this.weights.download(this.session);
    this.variables.forEach((variable, index) => {
      if (variable.isDisposed) return;
      variable.assign(values[index] as Tensor); // one for each
      this.known[index] = variable.dataId;
    });
    tf.dispose(values);
  }
}

/** The numbers that the optimizers' steps are fed: those of the next steps of each. */
const numbersFor = ({ applications }: TracedFunction): FedNumber[] =>
  applications.flatMap(({ optimizer, update }, index) => {
    const isSame = (other: { readonly optimizer: unknown }): boolean => other.optimizer === optimizer;
    const before = applications.slice(0, index).filter(isSame).length;
    const perStep = applications.filter(isSame).length;
    return [...numbersOf(update)].map((number) => ({
      feed: numberName(index, number),
      value: (step: number) => optimizer.numberAt(number, optimizer.iterations + step * perStep + before + 1),
    }));
  });
