import type { AwaitedSteps } from '../base/steps';
import type { EventLoopYielder } from '../step/event-loop';
import { deferValues } from '../tfjs/deferred-values';
import type { Variable } from '../tfjs/tensorflow';

/** How a compilation is done. */
interface CompilationPlan<T> {
  /** What compiles, in steps; tells in the first of them which variables are used. */
  readonly steps: (note: (variables: readonly Variable[]) => void) => AwaitedSteps<T>;
  /** Begins the call for which it is done. */
  readonly begin: (made: T) => Promise<unknown>;
  readonly yielder: EventLoopYielder;
}

type Step<T> = IteratorResult<Promise<unknown> | undefined, T>;

/**
 * A call whose function is compiled in turns with others. The first step is done at once. Who then looks at a variable that the function uses
 * sees what the call makes of it: the rest is done here and now.
 */
export class PendingCompilation<T> {
  /** What the call gives. */
  readonly result: Promise<unknown>;
  private readonly steps: AwaitedSteps<T>;
  private variables: readonly Variable[] = [];
  private endDeferral: (() => void) | undefined;
  private isAtWork = false;
  private isBegun = false;
  private readonly settle: { resolve(result: Promise<unknown>): void; reject(error: unknown): void };

  constructor(private readonly plan: CompilationPlan<T>) {
    let settle: typeof this.settle | undefined;
    this.result = new Promise((resolve, reject) => (settle = { resolve, reject }));
    this.settle = settle as unknown as typeof this.settle; // set by then
    this.steps = plan.steps((variables) => (this.variables = variables));
  }

  /** Does it, and begins the call. */
  async run(): Promise<void> {
    const { yielder } = this.plan;
    const isLast = ({ value }: Step<T>): boolean => value !== undefined || yielder.isDue();
    let resume = (): Step<T> => this.steps.next();
    for (let wait = this.work(resume, isLast); wait !== undefined; wait = this.work(resume, isLast)) {
      resume = () => this.steps.next();
      try {
        await wait();
      } catch (error) {
        resume = () => this.steps.throw(error);
      }
    }
  }

  /** Does the rest here and now, and begins the call. */
  land(): void {
    if (this.isAtWork) return;
    this.work(
      () => this.steps.next(),
      () => false,
    );
  }

  /** Does steps until one after which others are to run. Gives what to wait for then; undefined once the call has begun. */
  private work(
    resume: () => Step<T>,
    isLast: (step: Step<T>) => boolean,
  ): (() => Promise<unknown>) | undefined {
    if (this.isBegun) return undefined;
    this.endDeferral?.();
    this.endDeferral = undefined;
    this.isAtWork = true;
    try {
      let step = resume();
      while (step.done !== true && !isLast(step)) step = this.steps.next();
      if (step.done !== true) {
        this.defer();
        const { value = this.plan.yielder.yieldToEventLoop() } = step;
        return () => value;
      }
      this.isBegun = true;
      this.settle.resolve(this.plan.begin(step.value));
    } catch (error) {
      this.isBegun = true;
      this.settle.reject(error);
    } finally {
      this.isAtWork = false;
    }
    return undefined;
  }

  private defer(): void {
    const there = this.variables.filter(({ isDisposed }) => !isDisposed);
    const over = this.result.then(
      () => undefined,
      () => undefined,
    );
    this.endDeferral = deferValues(there, { fetch: () => this.land(), whenReady: () => over });
  }
}
