import { SparseInput } from '../../arrays/sparse-input';
import { KerasStateError } from '../../base/errors';
import { isPromise } from '../../base/streams';
import {
  ASSUMED_STREAM_STEPS,
  MAX_STREAM_KINDS,
  MIN_QUEUED_BATCHES,
  MIN_STEPS_TO_COMPILE,
} from '../../engine/tuning';
import type { Compilation } from '../../models/compilation';
import type { Arrays } from '../../step/batches';
import { StepSeeds } from '../../step/batches';
import { RunningSums, type StepPlan } from '../../step/plan';
import { checkOneBatch } from '../batch-size';
import { runnerFor } from '../choose-runner';
import type { Pass } from '../passes';
import { placeOfStep } from '../step-error';
import { hasTexts } from '../text-arrays';
import type { Engine, Planned, RunnerRequest, StepRunner } from '../step-runners';
import type { Chunk } from './chunk';
import { StreamReader, type ReaderRequest } from './reader';

/** What steps on a stream are for, and how they run. */
export interface StreamRequest extends Omit<ReaderRequest, 'purpose'> {
  readonly compilation: Compilation;
  readonly engine: Engine | 'auto';
  readonly isTraining: boolean;
  /** How many steps a pass has; undefined where the stream's end says so. */
  readonly steps: number | undefined;
  /** What `steps` is called, and what passes are. */
  readonly stepsOption: string;
  /** How many passes there will be at most. */
  readonly passes: number;
  readonly planFor: (arrays: Arrays) => StepPlan;
  /** Lets others run; throws where what is needed is gone. */
  readonly pause: () => Promise<void>;
}

/** What a runner runs on, which is other data each time. */
type Current = { -readonly [Key in keyof Planned]: Planned[Key] };

/** The steps on batches of one kind. */
interface Kind {
  runner: StepRunner;
  readonly current: Current;
  readonly request: RunnerRequest;
  readonly engine: Engine | 'auto';
  /** How many steps there were. */
  seen: number;
  /** After how many it is looked at again whether to compile them. */
  nextLook: number;
}

/** Training, validation or an evaluation on a stream of batches. */
export class StreamPass implements Pass {
  readonly reader: StreamReader;
  readonly seeds = new StepSeeds();
  private readonly kinds = new Map<string, Kind>();
  private last: Kind | undefined;
  private epoch: number | undefined;
  private epochs = 0;
  private stepsDone = 0;
  private rowsDone = 0;
  /** Steps of the last whole pass of a stream that says by its end how many it has. */
  private known: number | undefined;
  #plan: StepPlan | undefined;
  /** Rows of the first batch. */
  batchSize = 0;

  constructor(private readonly request: StreamRequest) {
    this.reader = new StreamReader({ ...request, purpose: 'training' });
  }

  /** Opens the stream, and looks at its first batch, by which a model is built that is not built yet. */
  async open(): Promise<void> {
    const { steps = Infinity, planFor } = this.request;
    const chunk = await this.reader.open(steps, this.placeOf(0));
    if (chunk === undefined) throw this.tooFew(0);
    this.batchSize = chunk.batchSize;
    this.#plan = planFor(chunk.arrays);
    await this.kindFor(chunk, 0);
  }

  get plan(): StepPlan {
    return this.#plan as StepPlan; // there once the stream is open
  }

  get steps(): number | undefined {
    return this.request.steps ?? this.known;
  }

  /** How many steps and rows the last pass had. */
  get counts(): { readonly steps: number; readonly rows: number } {
    return { steps: this.stepsDone, rows: this.rowsDone };
  }

  /** What runs the steps on the batches of the kind that came most often. */
  get runner(): StepRunner {
    const [most] = [...this.kinds.values()].sort((a, b) => b.seen - a.seen);
    return (most as Kind).runner; // there once the stream is open
  }

  async begin(epoch: number | undefined): Promise<void> {
    const { steps, isTraining } = this.request;
    this.epoch = epoch;
    this.epochs++;
    this.stepsDone = 0;
    this.rowsDone = 0;
    // What trains for so many steps goes on where it was, as in Keras; else each pass begins anew.
    await this.reader.begin(!isTraining || steps === undefined);
    if (epoch !== undefined) for (const { runner } of this.kinds.values()) runner.begin(epoch, undefined);
  }

  newSums(): RunningSums {
    return this.runner.newSums?.(this.plan) ?? new RunningSums(this.plan, this.loop);
  }

  async run(step: number, maxSteps: number, running: RunningSums): Promise<number> {
    const chunk = await this.nextChunk(step, maxSteps);
    if (chunk === undefined) return this.ended(step);
    try {
      const kind = await this.kindFor(chunk, step);
      for (let done = 0; done < chunk.steps;) {
        const after = maxSteps - chunk.steps;
        done += await this.runSteps(kind, { step: step + done, most: chunk.steps - done, after }, running);
      }
      kind.seen += chunk.steps;
      this.stepsDone += chunk.steps;
      this.rowsDone += chunk.arrays.rows;
      return chunk.steps;
    } finally {
      chunk.dispose();
    }
  }

  /** The end of training that nothing broke off. */
  finalize(): void {
    this.runner.finalize();
  }

  /** Ends the steps: the weights are the model's again. */
  end(): void {
    for (const { runner } of this.kinds.values()) runner.end();
    this.kinds.clear();
  }

  /** Closes the source, which may take a while. */
  close(): Promise<void> {
    return this.reader.close();
  }

  private placeOf(step: number): string {
    return placeOfStep(step, this.epoch, !this.request.isTraining);
  }

  private async nextChunk(step: number, maxSteps: number): Promise<Chunk | undefined> {
    const { reader } = this;
    const most = Math.min(maxSteps, this.last?.runner.stepsAtOnce?.(this.loop) ?? 1);
    const chunk = await reader.next(most, this.placeOf(step));
    // A stream that ended exactly with the pass before begins anew.
    if (chunk !== undefined || step > 0 || this.epochs <= 1 || !reader.source.canRestart) return chunk;
    await reader.restart();
    return reader.next(most, this.placeOf(step));
  }

  private get loop(): 'train' | 'test' {
    return this.request.isTraining ? 'train' : 'test';
  }

  /** Runs some of a chunk's steps, and has the next batches made meanwhile, of which there are to be `after` at most. */
  private runSteps(
    { runner }: Kind,
    { step, most, after }: { readonly step: number; readonly most: number; readonly after: number },
    running: RunningSums,
  ): number | Promise<number> {
    const atOnce = runner.stepsAtOnce?.(this.loop) ?? 1;
    const prefetch = (): void => this.reader.prefetch(Math.max(MIN_QUEUED_BATCHES, atOnce));
    if (this.reader.isAsynchronous) prefetch();
    const ran = this.request.isTraining
      ? runner.train(step, most, running)
      : runner.test(step, most, running);
    if (isPromise(ran)) {
      prefetch();
      // It fails never: what is wrong is said with the step of the batch.
      void this.reader.joinAhead(Math.min(after, atOnce));
    }
    return ran;
  }

  /** The end of the stream, before a step. */
  private ended(step: number): number {
    if (step === 0 || this.request.steps !== undefined) throw this.tooFew(step);
    this.known = step;
    return 0;
  }

  private tooFew(step: number): KerasStateError {
    const { argument, steps, stepsOption, passes, isTraining } = this.request;
    const { total, source } = this.reader;
    const batches = (count: number): string => (count === 1 ? '1 batch' : `${count} batches`);
    const needed = steps === undefined ? undefined : steps * (isTraining ? passes : 1);
    const where = this.epoch === undefined ? '' : `, in ${this.placeOf(step).replace(/^step \d+ of /, '')}`;
    return new KerasStateError({
      argument,
      expected:
        needed === undefined
          ? `\`${argument}\` must give batches in each epoch`
          : isTraining
            ? `\`${argument}\` must give at least ${stepsOption} × epochs batches, in this case ${needed}`
            : `\`${argument}\` must give at least \`${stepsOption}\` batches, in this case ${needed}`,
      received: total === 0 ? 'its end before the first batch' : `its end after ${batches(total)}${where}`,
      advice: source.canRestart
        ? `Give fewer steps, or a source that gives more`
        : 'Give a function that returns an iterator, which begins anew each time, or ask for fewer steps; the model keeps the ' +
          'weights that it has',
    });
  }

  private async kindFor(chunk: Chunk, step: number): Promise<Kind> {
    const known = this.kinds.get(chunk.key);
    const kind = known ?? (await this.newKind(chunk));
    // The last to be used is the last to go.
    this.kinds.delete(chunk.key);
    this.kinds.set(chunk.key, kind);
    Object.assign(kind.current, { arrays: chunk.arrays, firstStep: step });
    const { engine, seen, nextLook } = kind;
    if (known !== undefined && engine === 'auto' && kind.runner.engine === 'eager' && seen >= nextLook) {
      kind.nextLook = 2 * seen;
      // As many as there were are to be expected again.
      await this.choose(kind, seen);
    }
    this.last = kind;
    return kind;
  }

  private async newKind(chunk: Chunk): Promise<Kind> {
    const { model, compilation, isTraining, steps = ASSUMED_STREAM_STEPS, passes } = this.request;
    checkOneBatch(model, chunk.batchSize);
    const { plan, seeds } = this;
    const current: Current = { plan, seeds, arrays: chunk.arrays, firstStep: 0 };
    // Those of other kinds come one by one, and differ in more than their shapes.
    const isPlain = !hasTexts(chunk.arrays) && !chunk.arrays.x.some((x) => x instanceof SparseInput);
    const kind: Kind = {
      // Replaced at once.
      runner: undefined as unknown as StepRunner,
      current,
      request: {
        functionName: isTraining ? 'fit' : 'evaluate',
        model,
        batchSize: chunk.batchSize,
        compilation,
        ...(isTraining ? { training: current } : { test: current }),
      },
      engine: isPlain ? this.request.engine : 'eager',
      seen: 0,
      nextLook: MIN_STEPS_TO_COMPILE,
    };
    // The first kind is taken for the usual one.
    await this.choose(kind, this.kinds.size === 0 ? steps * passes : 0);
    return kind;
  }

  /** Chooses how steps run of which so many are to be expected. */
  private async choose(kind: Kind, expected: number): Promise<void> {
    const before = kind.runner as StepRunner | undefined;
    const runner = await runnerFor(kind.request, kind.engine, expected, this.request.pause);
    before?.end();
    kind.runner = runner;
    if (this.epoch !== undefined) runner.begin(this.epoch, undefined);
    if (runner.engine === 'compiled') this.makeRoom(kind);
  }

  /** Ends the steps of the kind whose last use is longest ago, if too many are compiled. */
  private makeRoom(kept: Kind): void {
    const compiled = [...this.kinds].filter(([, kind]) => kind !== kept && kind.runner.engine === 'compiled');
    for (const [key, { runner }] of compiled.slice(0, Math.max(0, compiled.length + 1 - MAX_STREAM_KINDS))) {
      runner.end();
      this.kinds.delete(key);
    }
  }
}
