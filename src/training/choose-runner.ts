import { CompiledSteps } from '../engine/compiled-steps';
import { inTurns } from '../base/steps';
import { traceProgram, type Pause, type TracedProgram } from '../engine/traced-program';
import type { NotReplayable } from '../engine/trace/traced-step';
import {
  BUILD_MILLISECONDS,
  BUILD_MILLISECONDS_PER_OPERATION,
  MIN_STEPS_TO_COMPILE,
  OVERHEAD_MILLISECONDS_PER_OPERATION,
  SAVED_FRACTION,
} from '../engine/tuning';
import { SparseInput } from '../arrays/sparse-input';
import { KerasNativeError, KerasStateError } from '../base/errors';
import { trainableOf } from '../step/plan';
import { ownRunner } from './own-steps';
import { KeptSteps, lastSteps, stepsOfShortCalls, streamSteps } from './programs';
import { eagerError, placeOfStep } from './step-error';
import {
  CompiledRunner,
  EagerRunner,
  type Engine,
  type Planned,
  type RunnerRequest,
  type StepRunner,
} from './step-runners';
import { withSparseRows } from './sparse-arrays';
import { hasTexts, readTexts } from './text-arrays';

/** What must be the same of an array's shape: of a part of a stream, not how many rows it has. */
const shapeIn = ({ firstStep }: Planned, { shape }: { readonly shape: readonly number[] }) =>
  firstStep === undefined ? shape : ['any', ...shape.slice(1)];

const isOfStream = ({ training, test }: RunnerRequest): boolean =>
  (training ?? test)?.firstStep !== undefined;

/** What must be the same for compiled steps to serve again. */
const signatureOf = ({ model, training, test, batchSize }: RunnerRequest): string => {
  const shapes = (planned: Planned | undefined): unknown =>
    planned === undefined
      ? null
      : [
          planned.plan.names,
          planned.plan.checkNumerics,
          planned.arrays.x.map((x) => [
            x instanceof SparseInput
              ? `${x.parts.values === undefined ? 'ones' : 'numbers'} but for ${x.parts.frequent?.size ?? 0} columns`
              : x.dtype,
            shapeIn(planned, x),
          ]),
          planned.arrays.y.map((labels) => [
            labels?.dtype,
            labels === undefined ? undefined : shapeIn(planned, labels),
          ]),
          planned.arrays.weights.map((weight) => weight !== undefined),
        ];
  return JSON.stringify([
    batchSize,
    shapes(training),
    shapes(test),
    training === undefined ? null : trainableOf(training.plan).map(({ id }) => id),
    // In an order of their own: tfjs's changes when a layer is frozen.
    model.tf.weights.map(({ id }) => id).sort((a, b) => a - b),
  ]);
};

/** Whether compiling saves more time than it takes, by what tracing has shown. */
const isWorthCompiling = ({ operations, eager }: TracedProgram, steps: number): boolean => {
  const building = BUILD_MILLISECONDS + BUILD_MILLISECONDS_PER_OPERATION * operations;
  // Of a step's time, each operation's way through JavaScript is saved, and of the rest some.
  const saved = Math.max(
    OVERHEAD_MILLISECONDS_PER_OPERATION * eager.operations,
    SAVED_FRACTION * eager.milliseconds,
  );
  return steps * saved > building;
};

/** The model's steps run one by one from now on, and the user reads so once. */
const fallBack = ({ compilation, model, functionName }: RunnerRequest, reason: string): void => {
  if (compilation.reasonNotTraceable !== undefined) return;
  compilation.reasonNotTraceable = reason;
  // eslint-disable-next-line no-console -- a warning is for standard error
  console.warn(
    `${functionName}: the steps of '${model.name}' run one by one, since they cannot be compiled: ${reason}. ` +
      "Write engine: 'eager' to say so yourself.",
  );
};

/** The runner where the steps cannot be compiled; an error if the user insists. */
const refuse = (
  request: RunnerRequest,
  engine: 'compiled' | 'auto',
  reason: string,
  cause?: unknown,
): StepRunner => {
  if (engine === 'auto') {
    fallBack(request, reason);
    return new EagerRunner(request);
  }
  throw new KerasStateError({
    expected: "with engine: 'compiled', the steps must be such that they can be compiled",
    received: reason,
    advice: "Write engine: 'auto' or 'eager'",
    ...(cause === undefined ? {} : { cause }),
  });
};

const trace = async (
  { model, batchSize, training, test, compilation }: RunnerRequest,
  pause: Pause,
): Promise<TracedProgram | NotReplayable> => {
  try {
    return await traceProgram(
      {
        model,
        batchSize,
        ...(training === undefined ? {} : { training: { ...training, optimizer: compilation.optimizer } }),
        ...(test === undefined ? {} : { test }),
      },
      pause,
    );
  } catch (error) {
    // What happened while others ran.
    if (error instanceof KerasStateError) throw error;
    // What is traced is the first step.
    throw eagerError({ place: placeOfStep(0, undefined, false), isTraining: training !== undefined }, error);
  }
};

/** A runner whose steps XLA has compiled, if it is to. */
const ready = async (runner: CompiledRunner, pause: Pause): Promise<CompiledRunner> => {
  try {
    if (await runner.compileWithXla()) await pause();
    return runner;
  } catch (error) {
    runner.end();
    throw error;
  }
};

/** A runner that frees something when it ends. */
const freeing = (runner: StepRunner, free: () => void): StepRunner => {
  const end = runner.end.bind(runner);
  return Object.assign(runner, {
    end: () => {
      try {
        end();
      } finally {
        free();
      }
    },
  });
};

/** The runner of a call whose data are texts: the numbers that layers make of them come before the steps. */
const runnerForTexts = async (
  request: RunnerRequest,
  engine: 'compiled' | 'auto',
  steps: number,
  pause: Pause,
): Promise<StepRunner> => {
  const { model } = request;
  const freed: (() => void)[] = [];
  const free = (): void => freed.forEach((one) => one());
  const read = async <P extends Planned>(
    planned: P | undefined,
    training: boolean,
  ): Promise<P | NotReplayable | undefined> => {
    if (planned === undefined) return undefined;
    const { plan, arrays } = planned;
    const numbers = await readTexts(model, { plan, arrays, training }, pause);
    if ('reason' in numbers) return numbers;
    freed.push(numbers.free);
    return { ...planned, arrays: numbers.arrays };
  };
  try {
    const training = await read(request.training, true);
    const test = training !== undefined && 'reason' in training ? undefined : await read(request.test, false);
    for (const refused of [training, test]) {
      if (refused === undefined || !('reason' in refused)) continue;
      free();
      return refuse(request, engine, refused.reason);
    }
    const numbers = { ...request, training, test } as RunnerRequest; // neither of them has been refused
    return freeing(await runnerForNumbers(numbers, engine, steps, pause), free);
  } catch (error) {
    free();
    throw error;
  }
};

/** How many steps a call counts for that is too short by itself, undefined if it remains so. Parts of streams, texts and sparse rows are others each time. */
const countedSteps = (request: RunnerRequest, steps: number, isOfTexts: boolean): number | undefined =>
  isOfStream(request) || isOfTexts || request.sparseRows === true
    ? undefined
    : stepsOfShortCalls(request.model, request.functionName, signatureOf(request), steps);

/**
 * The runner for a call of `steps` steps: the one that is asked for, or for 'auto' the one that is worth it. Tracing takes a while,
 * in which `pause` lets others run now and then.
 */
export const runnerFor = async (
  request: RunnerRequest,
  engine: Engine | 'auto',
  steps: number,
  pause: Pause,
): Promise<StepRunner> => {
  const first = request.training ?? request.test;
  const isOfTexts = first !== undefined && hasTexts(first.arrays);
  const isShort = engine === 'auto' && steps < MIN_STEPS_TO_COMPILE;
  const counted = isShort ? countedSteps(request, steps, isOfTexts) : steps;
  const isRefused = counted === undefined || request.compilation.reasonNotTraceable !== undefined;
  const chosen = engine === 'auto' && isRefused ? 'eager' : engine;
  const own = ownRunner(request, counted === undefined ? 'eager' : engine);
  if (own !== undefined) return own;
  const { sparseRows = chosen === 'auto' && !isShort && !isOfStream(request) && !isOfTexts } = request;
  const sparse = sparseRows ? await withSparseRows(request, steps, pause) : undefined;
  try {
    const choose = isOfTexts ? runnerForTexts : runnerForNumbers;
    const numbers = sparse?.request ?? request;
    const runner =
      chosen === 'eager' ? new EagerRunner(numbers) : await choose(numbers, chosen, counted ?? steps, pause);
    return sparse === undefined
      ? runner
      : Object.assign(
          freeing(runner, sparse.free),
          sparse.names.length > 0 && { sparseInputs: sparse.names },
        );
  } catch (error) {
    sparse?.free();
    throw error;
  }
};

const runnerForNumbers = async (
  request: RunnerRequest,
  engine: 'compiled' | 'auto',
  steps: number,
  pause: Pause,
): Promise<StepRunner> => {
  const { model } = request;
  const isParts = isOfStream(request);
  const store = (isParts ? streamSteps : lastSteps)(model, request.functionName);
  const signature = signatureOf(request);
  const kept = store.kept(signature);
  // Many short calls add up: the steps of those before count, too.
  const asked = steps + (kept?.steps ?? 0);
  // Parts of streams are of other lengths each time, for each of which XLA would compile anew.
  const forXla = isParts ? 0 : asked;
  if (kept?.program instanceof CompiledSteps && !kept.program.isWorthXla(forXla)) {
    kept.steps = asked;
    return ready(new CompiledRunner(request, kept.program, kept.use()), pause);
  }
  const traced =
    kept === undefined || kept.program instanceof CompiledSteps ? await trace(request, pause) : kept.program;
  if ('reason' in traced) return refuse(request, engine, traced.reason);
  // Who compiles the model while others run wants other steps the next time.
  const isCurrent = (): boolean => model.state.compilation === request.compilation;
  // What sparse rows were to save, they save in compiled steps.
  if (engine === 'auto' && request.sparseRows !== true && !isWorthCompiling(traced, asked)) {
    if (isCurrent()) store.keep(new KeptSteps(signature, asked, traced));
    return new EagerRunner(request);
  }
  // Before the new ones are built: both at once would take twice the memory.
  store.makeRoom();
  try {
    const program = await inTurns(CompiledSteps.inSteps(traced, forXla), pause);
    const made = new KeptSteps(signature, asked, program);
    const release = made.use();
    if (isCurrent()) store.keep(made);
    else made.dispose();
    return await ready(new CompiledRunner(request, program, release), pause);
  } catch (cause) {
    if (!(cause instanceof KerasNativeError)) throw cause;
    return refuse(request, engine, cause.received ?? cause.message, cause);
  }
};
