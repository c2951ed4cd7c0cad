import { TensorflowError, type FetchedValues } from '../native/index';
import type { UpdateOptimizer } from '../optimizers/optimizer';
import type { Arrays } from '../step/batches';
import { replacing, TYPES } from '../tfjs/binding';
import { deferValues, whenReady } from '../tfjs/deferred-values';
import { variableOf } from '../tfjs/private';
import { tf, type Tensor, type Variable } from '../tfjs/tensorflow';
import { arrayFeeds, integers } from './arrays';
import { endOf, totalOf } from './graph/loop';
import { MAX_LAGGING_STEPS, MAX_XLA_STEPS, MIN_THREAD_BYTES } from './tuning';
import { stepsForXla, XLA_LOOP } from './xla';
import { graphInSteps, type StepsGraph } from './compiled-graph';
import { CompiledStepError } from './compiled-step-error';
import type { AwaitedSteps } from '../base/steps';
import { nodeName } from './graph/emit';
import { tensorsOf, type Fed, type GraphRun, type Session } from './graph/session';
import type { StepNumber } from './graph/steps';
import { readSlots, writeSlots } from './slots';
import { readFinished, type VariableGroup, type Write } from './graph/variables';
import type { RecordedOp } from './trace/recording';
import { FEED_NAMES, isFed, type ReplayableVariable } from './trace/traced-step';
import type { TracedLoop, TracedProgram } from './traced-program';

/** What a run does. */
export interface StepsRequest {
  /** `train` or `test`; the smaller last batch is its `-last` loop. */
  readonly loop: string;
  readonly arrays: Arrays;
  /** The row that it begins with. */
  readonly first: number;
  readonly steps: number;
  /** The seeds of the call and of the first step. */
  readonly seed: readonly [number, number];
  /** The epoch's rows, for training. */
  readonly order: Tensor | undefined;
}

/** What the names of loops begin with that train. */
const TRAINING = 'train';

const isTraining = ({ loop }: StepsRequest): boolean => loop.startsWith(TRAINING);

/** Steps that are being done on another thread. */
interface Flight {
  /** Waits for them, and counts them. */
  readonly land: () => void;
  /** They are done, well or not. */
  readonly over: Promise<void>;
}

/** A model's steps as one graph in TensorFlow, with the model's weights and the optimizer's slots as its variables. */
export class CompiledSteps {
  /** Milliseconds of a step of each loop, as last seen; unknown before the first run, which also warms up. */
  readonly cost = new Map<string, number>();
  private readonly session: Session;
  private readonly weights: readonly ReplayableVariable[];
  private readonly trainable: readonly Variable[];
  private readonly optimizer: UpdateOptimizer | undefined;
  private readonly numbers: readonly StepNumber[];
  private readonly hasLaggingRows: boolean;
  private readonly weightGroup: VariableGroup;
  /** For each trainable variable, its slots. */
  private readonly slotGroup: VariableGroup;
  /** The data that the graph's variables last took or gave; others mean that somebody set the weight since. */
  private readonly known: (object | undefined)[];
  private readonly operations = new Map<string, RecordedOp>();
  private finished = 0;
  private slotsAreUploaded = false;
  /** Set while the trained weights are in the graph only: ends their being fetched when somebody looks. */
  private endDeferral: (() => void) | undefined;
  /** The same for the optimizer's slots. */
  private endSlotDeferral: (() => void) | undefined;
  /** Steps that are being done on another thread. */
  private flight: Flight | undefined;
  private isAwaited = false;
  /** Whether the graph is needed for the weights only that are there. */
  private isRetired = false;
  private readonly stepsForXla: number;
  /** The loops whose steps draw random numbers, and those that change weights or states. */
  private readonly drawing: ReadonlySet<string>;
  private readonly changing: ReadonlySet<string>;
  /** What has become of the loop for XLA. */
  private xla: 'compiled' | 'refused' | undefined;

  private constructor(
    program: TracedProgram,
    graph: StepsGraph,
    /** Whether the graph has a loop for XLA. */
    private readonly forXla: boolean,
  ) {
    const { traced, weights, trainable, optimizer } = program;
    this.stepsForXla = stepsForXla(program);
    this.weights = weights;
    this.trainable = trainable.map((index) => variableOf(weights[index] as ReplayableVariable)); // positions are of this list
    this.optimizer = optimizer;
    this.numbers = graph.numbers;
    this.hasLaggingRows = graph.hasLaggingRows;
    this.known = weights.map(() => undefined);
    this.weightGroup = graph.weights;
    this.slotGroup = graph.slots;
    this.session = graph.session;
    for (const { loop, step } of traced) this.remember(loop.name, step.recording.ops);
    const names = (list: readonly TracedLoop[]): Set<string> => new Set(list.map(({ loop }) => loop.name));
    this.drawing = names(traced.filter(({ loop, step }) => loop.training || isFed(step, FEED_NAMES.seed)));
    this.changing = names(traced.filter(({ loop, step }) => loop.training || step.updates.size > 0));
  }

  /** Whether the steps of a loop take a seed. */
  draws(loop: string): boolean {
    return this.drawing.has(loop);
  }

  /**
   * Builds the graph of traced steps, loads it, and brings weights and slots there, unless others are at work on them. Step by step:
   * between them others may run, while another thread works if there is something to await. XLA is to compile them, too, if that pays for
   * `asked` steps. Whoever does not go to the end calls `throw`, which frees what there is.
   */
  static *inSteps(program: TracedProgram, asked: number): AwaitedSteps<CompiledSteps> {
    const forXla = asked >= stepsForXla(program);
    const steps = new CompiledSteps(program, yield* graphInSteps(program, forXla), forXla);
    let isDone = false;
    try {
      // Large weights may be in other steps' graph.
      yield whenReady(steps.variables);
      const isIdle = (): boolean => whenReady(steps.variables) === undefined;
      // The first run of a graph is also its preparation, and a large table is copied.
      if (isIdle()) steps.uploadWeights(steps.writeElsewhere);
      yield steps.whenIdle();
      if (isIdle()) steps.uploadSlots(steps.writeElsewhere);
      yield steps.whenIdle();
      steps.prepareDownload();
      yield steps.whenIdle();
      isDone = true;
      return steps;
    } finally {
      if (!isDone) steps.dispose();
    }
  }

  private get variables(): Variable[] {
    return this.weights.map(variableOf);
  }

  /** Writes weights that were set from outside into the graph's variables. */
  private uploadWeights(write?: Write): void {
    // Nobody has set them then.
    if (this.areWeightsElsewhere()) return;
    const { variables, known } = this;
    const isNew = (index: number): boolean => known[index] !== variables[index]?.dataId;
    if (this.weightGroup.upload(this.session, variables, isNew, write)) this.finished = 0;
    variables.forEach(({ dataId }, index) => (known[index] = dataId));
  }

  /** Writes the slots into the graph's variables before the first step. */
  private uploadSlots(write?: Write): void {
    const { optimizer } = this;
    if (optimizer === undefined || this.slotsAreUploaded) return;
    this.waitForSteps();
    if (optimizer.isWithoutSlots(this.trainable) && this.slotGroup.begin(this.session, write)) {
      this.keepSlots(optimizer);
      return;
    }
    tf.tidy(() => {
      this.slotGroup.upload(this.session, readSlots(optimizer, this.trainable), () => true, write);
    });
    this.keepSlots(optimizer);
  }

  /** From now on the slots are in the graph, from which they are fetched when somebody looks. */
  private keepSlots(optimizer: UpdateOptimizer): void {
    this.slotsAreUploaded = true;
    this.endSlotDeferral ??= optimizer.runElsewhere({
      waitForSteps: () => this.waitForSteps(),
      fetch: () => this.downloadSlots(),
      forget: () => this.forgetSlots(),
    });
  }

  /** Whether it would pay to build these steps anew, for XLA to compile them. */
  isWorthXla(asked: number): boolean {
    return !this.forXla && asked >= this.stepsForXla;
  }

  /** Whether XLA is still to compile the loop that is for it. */
  get isUncompiled(): boolean {
    return this.forXla && this.xla === undefined;
  }

  /** Whether XLA has compiled a loop. */
  isXla(loop: string): boolean {
    return this.xla === 'compiled' && loop === XLA_LOOP;
  }

  /** The most steps that a loop runs at once. */
  maxSteps(loop: string): number {
    return this.fixedSteps(loop) ?? Infinity;
  }

  /** The fewest steps that a loop should run at once, where there are as many: rows that lag behind are brought up to date after each run. */
  minSteps(loop: string): number {
    return this.lags(loop) ? MAX_LAGGING_STEPS : 1;
  }

  /** Whether rows lag behind while a loop runs. */
  private lags(loop: string): boolean {
    return this.hasLaggingRows && loop.startsWith(TRAINING);
  }

  /** For how many steps a loop is fed numbers, where XLA would compile for another count of them anew. */
  private fixedSteps(loop: string): number | undefined {
    if (this.lags(loop)) return MAX_LAGGING_STEPS;
    return this.isXla(loop) ? MAX_XLA_STEPS : undefined;
  }

  /**
   * Has XLA compile the loop that is for it, on another thread, unless that was done before. Where it cannot, TensorFlow runs the
   * steps as ever.
   */
  async compileWithXla(request: StepsRequest): Promise<void> {
    this.xla = 'compiled';
    try {
      await this.runOnThread({ ...request, loop: XLA_LOOP, steps: 0 });
    } catch (error) {
      if (!(error instanceof CompiledStepError)) throw error;
      this.xla = 'refused';
    }
  }

  /** Runs steps of one loop in this thread, and gives the sums over them. */
  run(request: StepsRequest): Float64Array {
    const { run, fed } = this.prepare(request);
    return this.outcomeOf(request, () => run.read(fed));
  }

  /**
   * The same on another thread. Who looks meanwhile at a weight, a slot or the count of steps waits until these steps are done, and
   * sees what they made.
   */
  async runOnThread(request: StepsRequest): Promise<Float64Array> {
    const { run, fed } = this.prepare(request);
    if (this.changing.has(request.loop)) this.deferWeights();
    const pending = run.startReading(fed);
    let outcome: { readonly sums: Float64Array } | { readonly error: unknown } | undefined;
    await this.depart(pending.promise, () => {
      try {
        outcome = { sums: this.outcomeOf(request, () => pending.wait()) };
      } catch (error) {
        // It is for who has asked for the steps, not for who has waited for them.
        outcome = { error };
      }
    });
    const result = outcome as unknown as NonNullable<typeof outcome>; // it has landed
    if ('error' in result) throw result.error;
    return result.sums;
  }

  /** Writes variables on another thread, as steps are done there. */
  private readonly writeElsewhere: Write = (run, fed) => {
    const pending = run.startReading(fed);
    void this.depart(pending.promise, () => pending.wait());
  };

  /** Notes what is under way on another thread, and what its landing does, once. */
  private depart(promise: Promise<unknown>, arrive: () => void): Promise<void> {
    let isOver = false;
    const land = (): void => {
      if (isOver) return;
      isOver = true;
      this.flight = undefined;
      arrive();
    };
    const over = promise.then(land, land);
    this.flight = { land, over };
    return over;
  }

  /** Waits for steps that are being done on another thread. */
  private waitForSteps(): void {
    this.flight?.land();
  }

  /** While steps are being done on another thread: what to wait for before others are begun. */
  whenIdle(): Promise<void> | undefined {
    return this.flight?.over;
  }

  /** Whether somebody has waited for the steps to be done, in order to look at the weights, since this was last asked. */
  takeRequest(): boolean {
    const { isAwaited } = this;
    this.isAwaited = false;
    return isAwaited;
  }

  /** What a run is fed. The weights and slots are then in the graph. */
  private prepare(request: StepsRequest): { readonly run: GraphRun; readonly fed: readonly Fed[] } {
    this.waitForSteps();
    this.uploadWeights();
    this.uploadSlots();
    const { loop, arrays, first, steps, seed, order } = request;
    const feeds: Record<string, Fed> = {
      ...arrayFeeds(loop, arrays),
      ...(isTraining(request) ? this.numberFeeds(loop, this.fixedSteps(loop) ?? steps) : {}),
      [`${loop}/steps`]: integers([], [steps]),
      [`${loop}/first`]: integers([], [first]),
      [`${loop}/seed`]: integers([2], seed),
      ...(order === undefined ? {} : { [`${loop}/order`]: order }),
    };
    const run = this.session.prepare(Object.keys(feeds), [totalOf(loop, this.isXla(loop))]);
    return { run, fed: run.order(feeds) };
  }

  /** The sums of a run, once its steps are counted. */
  private outcomeOf(request: StepsRequest, read: () => readonly FetchedValues[]): Float64Array {
    try {
      const [total] = read();
      this.count(request.steps, request);
      return sumsIn(total?.values as Float32Array); // what the loop's total is
    } catch (error) {
      if (!(error instanceof TensorflowError)) throw error;
      const failure = this.explain(error);
      if (this.lags(request.loop)) this.sweep(request.loop, failure.done);
      this.count(failure.done, request);
      throw failure;
    }
  }

  /** Brings rows up to date that lag behind, after so many steps of a run that was broken off. */
  private sweep(loop: string, steps: number): void {
    const { steps: count, swept } = endOf(loop);
    const feeds = { ...this.numberFeeds(loop, MAX_LAGGING_STEPS), [count]: integers([], [steps]) };
    tf.dispose(this.session.run(feeds, [swept]));
  }

  /** The numbers of the next steps, as a loop is fed them. */
  private numberFeeds(loop: string, steps: number): Record<string, Fed> {
    const { optimizer } = this;
    if (optimizer === undefined) return {};
    return Object.fromEntries(
      this.numbers.map(({ name, perStep }) => {
        const at = (step: number): number => optimizer.numberAt(name, optimizer.iterations + step + 1);
        const length = perStep ? steps : 1;
        return [
          `${loop}/${name}`,
          {
            shape: perStep ? [steps] : [],
            dtype: TYPES.float,
            values: Float32Array.from({ length }, (_, step) => at(step)),
          },
        ];
      }),
    );
  }

  /** Counts steps that were done. */
  private count(steps: number, request: StepsRequest): void {
    this.finished += steps;
    if (steps === 0) return;
    if (isTraining(request)) this.optimizer?.advance(steps);
    // A test changes some, too: the averages of layers that train whatever the model does, and states that layers keep.
    if (this.changing.has(request.loop)) this.deferWeights();
  }

  /** From now on the weights are in the graph, from which they are fetched when somebody looks. */
  private deferWeights(): void {
    this.endDeferral ??= deferValues(this.variables, {
      fetch: () => this.downloadWeights(),
      whenReady: () => {
        if (this.flight !== undefined) this.isAwaited = true;
        return this.flight?.over ?? this.downloadLargeWeights();
      },
      abandon: () => this.weightsAreBack(),
    });
  }

  /** Remembers the operations by the names of their nodes. */
  private remember(prefix: string, ops: readonly RecordedOp[]): void {
    ops.forEach((op, index) => {
      const node = nodeName(prefix, index);
      this.operations.set(node, op);
      if (op.scan !== undefined) this.remember(node, op.scan.body);
    });
  }

  /** What an error of TensorFlow's is about, and how many steps of the run were done before. */
  private explain(error: TensorflowError): CompiledStepError {
    const finished = readFinished(this.session) ?? this.finished;
    const { name, layer } = this.operations.get(error.node ?? '') ?? {};
    return new CompiledStepError(finished - this.finished, error.reason, name, layer, error);
  }

  /** Whether weights are so large that they stay in the graph until somebody looks at them. */
  get hasLargeWeights(): boolean {
    return this.weightGroup.bytes >= MIN_THREAD_BYTES;
  }

  /** Reads small weights once on another thread: the first reading is also its preparation, for which the end of a fit would wait. */
  private prepareDownload(): void {
    if (this.changing.size === 0 || this.hasLargeWeights || this.flight !== undefined) return;
    const pending = this.weightGroup.reading(this.session)?.start([]);
    if (pending === undefined) return;
    void this.depart(pending.promise, () => tf.dispose(tensorsOf(pending.wait())));
  }

  /** Reads the trained weights into the model's layers; when somebody looks at them, that happens by itself. */
  downloadWeights(): void {
    if (!this.areWeightsElsewhere()) return;
    this.waitForSteps();
    // Another thread may have brought them.
    if (this.areWeightsElsewhere())
      replacing(() => this.takeWeights(this.weightGroup.download(this.session)));
  }

  /** The same, where they are large, on another thread. Undefined if there is nothing to wait for. */
  downloadLargeWeights(): Promise<void> | undefined {
    if (!this.areWeightsElsewhere() || !this.hasLargeWeights) return undefined;
    this.waitForSteps();
    const pending = this.weightGroup.reading(this.session)?.start([]);
    if (pending === undefined) return undefined;
    return this.depart(pending.promise, () =>
      replacing(() => this.takeWeights(this.weightGroup.valuesOf(tensorsOf(pending.wait())))),
    );
  }

  /** Whether the trained weights are in the graph only. */
  areWeightsElsewhere(): boolean {
    return this.endDeferral !== undefined;
  }

  /** The weights are the model's again, or nobody's. */
  private weightsAreBack(): void {
    this.endDeferral?.();
    this.endDeferral = undefined;
    if (this.isRetired) this.session.dispose();
  }

  private takeWeights(values: readonly Tensor[]): void {
    this.weightsAreBack();
    this.variables.forEach((variable, index) => {
      // The model may be gone by now.
      if (variable.isDisposed) return;
      variable.assign(values[index] as Tensor); // one for each
      this.known[index] = variable.dataId;
    });
    tf.dispose([...values]);
  }

  /** Reads the slots into the optimizer; when somebody looks at them, or steps run elsewhere, that happens by itself. */
  downloadSlots(): void {
    const { optimizer } = this;
    if (optimizer === undefined || !this.slotsAreUploaded) return;
    this.forgetSlots();
    const values = this.slotGroup.download(this.session);
    writeSlots(optimizer, this.trainable, values);
    tf.dispose(values);
  }

  /** The slots are the optimizer's, where they may change: the next run takes them from there. */
  private forgetSlots(): void {
    this.waitForSteps();
    this.endSlotDeferral?.();
    this.endSlotDeferral = undefined;
    this.slotsAreUploaded = false;
  }

  /**
   * Frees the graph, once somebody has looked at the weights that are there, or all of them are gone. What it has of the optimizer's
   * slots goes back, unless the weights are gone that they belong to.
   */
  dispose(): void {
    if (!this.trainable.some(({ isDisposed }) => isDisposed)) this.downloadSlots();
    this.endSlotDeferral?.();
    this.endSlotDeferral = undefined;
    this.isRetired = true;
    if (!this.areWeightsElsewhere()) this.session.dispose();
  }
}

/** The sums that a loop gives: two float32 parts that add up to the double that they were summed in. */
const sumsIn = (parts: Float32Array): Float64Array => {
  const half = parts.length / 2;
  return Float64Array.from({ length: half }, (_, index) => {
    const sum = parts[index] ?? 0;
    // What rounding took from an infinite sum is no number.
    return Number.isFinite(sum) ? sum + (parts[half + index] ?? 0) : sum;
  });
};
