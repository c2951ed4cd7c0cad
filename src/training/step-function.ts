import { apart, atOnce, type AwaitedSteps } from '../base/steps';
import { describeShape, KerasNativeError, KerasShapeError, KerasStateError } from '../base/errors';
import { CompiledFunction, StoppedCall } from '../engine/function/compiled-function';
import { flatten, type Flat } from '../engine/function/structure';
import { traceFunctionInSteps, type TensorFunction } from '../engine/function/traced-function';
import { MAX_COMPILED_SHAPES, MIN_PREDICTION_THREAD_MILLISECONDS } from '../engine/tuning';
import { TensorflowError } from '../native/index';
import { withStepSeed } from '../ops/random';
import { StepSeeds } from '../step/batches';
import { EventLoopYielder } from '../step/event-loop';
import { withActivityLosses } from '../tfjs/activity';
import { noteMask, withInputMasks } from '../tfjs/implicit-masks';
import { tf, type Tensor, type Variable } from '../tfjs/tensorflow';
import { areVariablesNoted } from '../tfjs/weights-in-use';
import { PendingCompilation } from './pending-compilation';
import { stepError } from './step-error';
import type { Engine } from './step-runners';

/** How a function's calls run. */
export interface StepFunctionOptions {
  /** What the function is called in messages. */
  readonly name: string;
  readonly engine: Engine | 'auto';
  /** Whether a call changes weights. */
  readonly isTraining: boolean;
  /** Says why the calls run one operation after the other. */
  readonly warn: (reason: string) => void;
}

type AnyFunction = (...all: readonly unknown[]) => unknown;

/** Calls a function with tensors as they are, without masks that they have with them: neither comes through a graph of TensorFlow. */
const withoutMasks = (call: AnyFunction, args: readonly unknown[]): unknown => {
  const result = withInputMasks(flatten(args).tensors, [], () => call(...args));
  for (const tensor of flatten(result).tensors) noteMask(tensor, null);
  return result;
};

/** By what the graph of a call is known. */
const keyOf = (isLoop: boolean, { key }: Flat): string => (isLoop ? `each ${key}` : key);

/** A call of the function, or one for each row of the arguments. */
interface Call {
  readonly flat: Flat;
  readonly isLoop: boolean;
  /** What one step is given. */
  readonly step: () => Flat;
  /** Runs it as a part of something that is being traced. */
  readonly directly: () => unknown;
  /** Runs it one operation after the other. */
  readonly eagerly: () => unknown;
}

/** How many steps there are, by the first axis of the arguments. */
const stepsOf = (tensors: readonly Tensor[]): number => {
  const [first] = tensors;
  const sizes = tensors.map(({ shape }) => shape[0]);
  const [steps] = sizes;
  if (first !== undefined && steps !== undefined && steps > 0 && sizes.every((size) => size === steps))
    return steps;
  throw new KerasShapeError({
    argument: 'args',
    expected: 'the first axis of all tensors must be that of the steps, of one length, 1 or more',
    received: first === undefined ? 'no tensor' : tensors.map(({ shape }) => describeShape(shape)).join(', '),
    advice: 'Write step.each(tf.stack(batches)), or x.reshape([steps, batchSize, …])',
  });
};

/** What one of the steps takes of an argument. */
const rowOf = (tensor: Tensor, step: number): Tensor => {
  const inner = tensor.shape.slice(1);
  return tf.reshape(tf.slice(tensor, [step, ...inner.map(() => 0)], [1, ...inner]), inner);
};

/** What several calls have returned, as one of tensors with one more axis. */
const stacked = (results: readonly unknown[]): Tensor => {
  const flat = results.map(flatten);
  const [first] = flat as [Flat, ...Flat[]]; // there is one at least
  if (flat.some(({ key }) => key !== first.key)) {
    throw new KerasStateError({
      expected: 'all steps of a call must return tensors of one type and shape',
      received: [...new Set(flat.map(({ key }) => key))].join(' and '),
      advice: 'Return the same for each step, or call it step by step',
    });
  }
  return first.rebuild(
    first.tensors.map((_, index) => tf.stack(flat.map(({ tensors }) => tensors[index] as Tensor))), // one for each
  ) as Tensor; // a tidy takes lists and objects of tensors, too
};

/**
 * A function of tensors whose calls are each one call of TensorFlow: traced when it is first called with arguments of some types and
 * shapes. Where it cannot be traced, it runs one operation after the other.
 */
export class StepFunction {
  private readonly programs = new Map<string, CompiledFunction>();
  /** Calls for which the function is being compiled. */
  private readonly pending = new Set<PendingCompilation<CompiledFunction | undefined>>();
  /** Milliseconds that a call of each has taken at least. */
  private readonly costs = new WeakMap<CompiledFunction, number>();
  readonly seeds = new StepSeeds();
  /** How the last call ran. */
  engine: Engine | undefined;
  /** Why calls run one operation after the other, once that has turned out. */
  reasonNotTraceable: string | undefined;

  constructor(
    private readonly fn: TensorFunction,
    private readonly options: StepFunctionOptions,
  ) {}

  /** Calls the function. The caller frees what it returns. */
  call(args: readonly unknown[]): unknown {
    return this.run(this.callOf(args));
  }

  /**
   * Calls it once for each row of the arguments' tensors, in one call of TensorFlow. What the calls return is stacked. The caller frees
   * it.
   */
  callEach(args: readonly unknown[]): unknown {
    return this.run(this.callsOf(args));
  }

  /**
   * The same where other work is to run meanwhile: what takes long runs on another thread, and what is short lets others run now and
   * then.
   */
  async callLater(args: readonly unknown[]): Promise<unknown> {
    return this.runLater(this.callOf(args));
  }

  /** {@link callEach}, likewise. */
  async callEachLater(args: readonly unknown[]): Promise<unknown> {
    return this.runLater(this.callsOf(args));
  }

  private callOf(args: readonly unknown[]): Call {
    const flat = flatten(args);
    const call = this.fn as AnyFunction; // its type is the caller's affair
    return {
      flat,
      isLoop: false,
      step: () => flat,
      directly: () => withoutMasks(call, args),
      eagerly: () => this.eager(call, args),
    };
  }

  private callsOf(args: readonly unknown[]): Call {
    const flat = flatten(args);
    const steps = stepsOf(flat.tensors);
    const call = this.fn as AnyFunction; // its type is the caller's affair
    const argumentsOf = (step: number): unknown[] =>
      flat.rebuild(flat.tensors.map((one) => rowOf(one, step))) as unknown[]; // as they came
    const each = (run: (own: readonly unknown[]) => unknown): unknown =>
      tf.tidy(
        () =>
          stacked(
            Array.from({ length: steps }, (_, step) => tf.tidy(() => run(argumentsOf(step)) as Tensor)),
          ), // of tensors
      );
    return {
      flat,
      isLoop: true,
      step: () => flatten(argumentsOf(0)),
      directly: () => each((own) => withoutMasks(call, own)),
      eagerly: () => each((own) => this.eager(call, own)),
    };
  }

  private run(call: Call): unknown {
    for (const pending of this.pending) pending.land();
    // A part of something that is being traced is traced with it.
    if (areVariablesNoted()) return call.directly();
    const program = this.isEager ? undefined : this.programFor(call);
    if (program === undefined) return call.eagerly();
    this.engine = 'compiled';
    try {
      return program.run(call.flat.tensors);
    } catch (error) {
      throw this.failed(error);
    }
  }

  private async runLater(call: Call): Promise<unknown> {
    const yielder = new EventLoopYielder();
    if (this.isEager || areVariablesNoted()) {
      const result = this.run(call);
      if (yielder.isDue()) await yielder.yieldToEventLoop();
      return result;
    }
    for (let [pending] = this.pending; pending !== undefined; [pending] = this.pending)
      await pending.result.catch(() => undefined); // it is told to who has called
    const program = this.knownProgram(call);
    return program === undefined ? this.compileLater(call, yielder) : this.runProgram(program, call, yielder);
  }

  /** Compiles the function in turns with others, and then calls it. */
  private async compileLater(call: Call, yielder: EventLoopYielder): Promise<unknown> {
    const pending = new PendingCompilation({
      steps: (note) => this.compileInSteps(call, note),
      begin: async (program) => {
        this.pending.delete(pending);
        if (program !== undefined) return this.runProgram(program, call, yielder);
        const result = call.eagerly();
        // Who waits for it here and now may do so in a scope that frees what is made in it.
        for (const tensor of flatten(result).tensors) tf.keep(tensor);
        return result;
      },
      yielder,
    });
    this.pending.add(pending);
    try {
      await pending.run();
      return await pending.result;
    } finally {
      this.pending.delete(pending);
    }
  }

  private async runProgram(
    program: CompiledFunction,
    call: Call,
    yielder: EventLoopYielder,
  ): Promise<unknown> {
    this.engine = 'compiled';
    for (let busy = program.whenIdle(); busy !== undefined; busy = program.whenIdle()) await busy;
    const cost = this.costs.get(program) ?? Infinity;
    const begun = performance.now();
    const { tensors } = call.flat;
    try {
      if (cost >= MIN_PREDICTION_THREAD_MILLISECONDS) return await program.runOnThread(tensors);
      const result = program.run(tensors);
      if (yielder.isDue()) await yielder.yieldToEventLoop();
      return result;
    } catch (error) {
      throw this.failed(error);
    } finally {
      this.costs.set(program, Math.min(cost, performance.now() - begun));
    }
  }

  private get isEager(): boolean {
    return this.options.engine === 'eager' || this.reasonNotTraceable !== undefined;
  }

  private failed(error: unknown): unknown {
    const { isTraining } = this.options;
    if (error instanceof StoppedCall) {
      const { reason } = error.cause as TensorflowError; // as it is made
      const place = `step ${error.done + 1} of the call`;
      return stepError({ place, isTraining }, { reason, cause: error.cause });
    }
    if (!(error instanceof TensorflowError)) return error;
    return stepError({ place: 'the step', isTraining }, { reason: error.reason, cause: error });
  }

  /** Traces the function for arguments that are about to come, and tells how it will run. */
  prepare(args: readonly unknown[]): Engine {
    return this.isEager || this.programFor(this.callOf(args)) === undefined ? 'eager' : 'compiled';
  }

  private eager(call: AnyFunction, args: readonly unknown[]): unknown {
    this.engine = 'eager';
    const given = new Set(flatten(args).tensors);
    const own = (tensor: Tensor): Tensor =>
      given.has(tensor) || tensor instanceof tf.Variable ? tf.clone(tensor) : tensor;
    return tf.tidy(() => {
      const seed = tf.tensor1d(this.seeds.take(1), 'int32');
      const output = withStepSeed(seed, () => withActivityLosses(() => flatten(withoutMasks(call, args))));
      return output.rebuild(output.tensors.map(own)) as Tensor; // a tidy takes lists and objects of tensors, too
    });
  }

  private programFor(call: Call): CompiledFunction | undefined {
    return this.knownProgram(call) ?? atOnce(this.compileInSteps(call));
  }

  private knownProgram({ isLoop, flat }: Call): CompiledFunction | undefined {
    const { programs } = this;
    const key = keyOf(isLoop, flat);
    const known = programs.get(key);
    if (known?.isOver !== false) return undefined;
    // Those that were called last are kept.
    programs.delete(key);
    programs.set(key, known);
    return known;
  }

  /**
   * Compiles the function for a call, in steps, between which others may run, and while a promise is awaited another thread works. `note` is
   * told in the first step which variables the function uses.
   */
  private *compileInSteps(
    call: Call,
    note?: (variables: readonly Variable[]) => void,
  ): AwaitedSteps<CompiledFunction | undefined> {
    let args: Flat | undefined;
    tf.tidy(() => {
      args = call.step();
      for (const tensor of call.isLoop ? args.tensors : []) tf.keep(tensor);
    });
    const step = args as unknown as Flat; // the tidy has run
    try {
      const program = yield* this.programInSteps(call, step, note);
      if (program !== undefined) this.keepProgram(keyOf(call.isLoop, call.flat), program);
      return program;
    } finally {
      if (call.isLoop) tf.dispose([...step.tensors]);
    }
  }

  private *programInSteps(
    call: Call,
    args: Flat,
    note?: (variables: readonly Variable[]) => void,
  ): AwaitedSteps<CompiledFunction | undefined> {
    const traced = yield* apart(traceFunctionInSteps(this.fn, args, note), () => true);
    if ('reason' in traced) {
      this.refuse(traced.reason);
      return undefined;
    }
    yield;
    try {
      // Without a note, nobody awaits it.
      return note === undefined
        ? new CompiledFunction(traced, args.tensors, this.seeds, call)
        : yield* CompiledFunction.inSteps(traced, args.tensors, this.seeds, call);
    } catch (cause) {
      if (!(cause instanceof KerasNativeError)) throw cause;
      this.refuse(cause.received ?? cause.message, cause);
      return undefined;
    }
  }

  private keepProgram(key: string, program: CompiledFunction): void {
    const { programs } = this;
    const [oldest] = programs.keys();
    if (programs.size >= MAX_COMPILED_SHAPES && oldest !== undefined) programs.delete(oldest);
    programs.set(key, program);
  }

  private refuse(reason: string, cause?: unknown): void {
    this.reasonNotTraceable = reason;
    if (this.options.engine === 'auto') {
      this.options.warn(reason);
      return;
    }
    throw new KerasStateError({
      expected: `with engine: 'compiled', ${this.options.name} must be such that it can be compiled`,
      received: reason,
      advice: adviceFor(reason),
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

/** What to do about a function that cannot be traced. */
export const adviceFor = (reason: string): string =>
  reason.includes('outside')
    ? 'Give what changes as an argument, and apply models with callModel'
    : "Compute with tfjs operations only, without reading values, or write engine: 'eager'";
