import { KerasNativeError, KerasStateError } from '../base/errors';
import { CompiledFunction } from '../engine/function/compiled-function';
import { flatten, type Flat } from '../engine/function/structure';
import { traceFunction, type TensorFunction } from '../engine/function/traced-function';
import { MAX_COMPILED_SHAPES, MIN_PREDICTION_THREAD_MILLISECONDS } from '../engine/tuning';
import { TensorflowError } from '../native/index';
import { withStepSeed } from '../ops/random';
import { StepSeeds } from '../step/batches';
import { EventLoopYielder } from '../step/event-loop';
import { areVariablesNoted } from '../step/weights-in-use';
import { withActivityLosses } from '../tfjs/activity';
import { tf, type Tensor } from '../tfjs/tensorflow';
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

/**
 * A function of tensors whose calls are each one call of TensorFlow: traced when it is first called with arguments of some types and
 * shapes. Where it cannot be traced, it runs one operation after the other.
 */
export class StepFunction {
  private readonly programs = new Map<string, CompiledFunction>();
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
    const call = this.fn as (...all: readonly unknown[]) => unknown; // its type is the caller's affair
    // A part of something that is being traced is traced with it.
    if (areVariablesNoted()) return call(...args);
    const { engine } = this.options;
    if (engine === 'eager' || this.reasonNotTraceable !== undefined) return this.eager(call, args);
    const flat = flatten(args);
    const program = this.programFor(flat);
    if (program === undefined) return this.eager(call, args);
    this.engine = 'compiled';
    try {
      return program.run(flat.tensors);
    } catch (error) {
      throw this.failed(error);
    }
  }

  /**
   * The same where other work is to run meanwhile: what takes long runs on another thread, and what is short lets others run now and
   * then.
   */
  async callLater(args: readonly unknown[]): Promise<unknown> {
    const yielder = new EventLoopYielder();
    const flat = flatten(args);
    const { engine } = this.options;
    const isEager = engine === 'eager' || this.reasonNotTraceable !== undefined || areVariablesNoted();
    const program = isEager ? undefined : this.programFor(flat);
    if (program === undefined) {
      const result = this.call(args);
      if (yielder.isDue()) await yielder.yieldToEventLoop();
      return result;
    }
    this.engine = 'compiled';
    for (let busy = program.whenIdle(); busy !== undefined; busy = program.whenIdle()) await busy;
    const cost = this.costs.get(program) ?? Infinity;
    const begun = performance.now();
    try {
      if (cost >= MIN_PREDICTION_THREAD_MILLISECONDS) return await program.runOnThread(flat.tensors);
      const result = program.run(flat.tensors);
      if (yielder.isDue()) await yielder.yieldToEventLoop();
      return result;
    } catch (error) {
      throw this.failed(error);
    } finally {
      this.costs.set(program, Math.min(cost, performance.now() - begun));
    }
  }

  private failed(error: unknown): unknown {
    if (!(error instanceof TensorflowError)) return error;
    const { reason } = error;
    return stepError({ place: 'the step', isTraining: this.options.isTraining }, { reason, cause: error });
  }

  /** Traces the function for arguments that are about to come, and tells how it will run. */
  prepare(args: readonly unknown[]): Engine {
    const isEager = this.options.engine === 'eager' || this.reasonNotTraceable !== undefined;
    return isEager || this.programFor(flatten(args)) === undefined ? 'eager' : 'compiled';
  }

  private eager(call: (...all: readonly unknown[]) => unknown, args: readonly unknown[]): unknown {
    this.engine = 'eager';
    const given = new Set(flatten(args).tensors);
    const own = (tensor: Tensor): Tensor =>
      given.has(tensor) || tensor instanceof tf.Variable ? tf.clone(tensor) : tensor;
    return tf.tidy(() => {
      const seed = tf.tensor1d(this.seeds.take(1), 'int32');
      const output = withStepSeed(seed, () => withActivityLosses(() => flatten(call(...args))));
      return output.rebuild(output.tensors.map(own)) as Tensor; // a tidy takes lists and objects of tensors, too
    });
  }

  private programFor(args: Flat): CompiledFunction | undefined {
    const { programs } = this;
    const known = programs.get(args.key);
    if (known?.isOver === false) {
      // Those that were called last are kept.
      programs.delete(args.key);
      programs.set(args.key, known);
      return known;
    }
    const program = this.compile(args);
    if (program === undefined) return undefined;
    const [oldest] = programs.keys();
    if (programs.size >= MAX_COMPILED_SHAPES && oldest !== undefined) programs.delete(oldest);
    programs.set(args.key, program);
    return program;
  }

  private compile(args: Flat): CompiledFunction | undefined {
    const traced = traceFunction(this.fn, args);
    if ('reason' in traced) {
      this.refuse(traced.reason);
      return;
    }
    try {
      return new CompiledFunction(traced, args.tensors, this.seeds);
    } catch (cause) {
      if (!(cause instanceof KerasNativeError)) throw cause;
      this.refuse(cause.received ?? cause.message, cause);
      return;
    }
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
