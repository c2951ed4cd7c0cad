import { CompiledSteps, type TracedProgram } from '../engine/compiled-steps';
import { KerasNativeError, KerasStateError } from '../errors';
import { tf, type Tensor1D } from '../tensorflow';
import { batchOf, type Arrays, type StepSeeds } from './batches';
import type { Compilation } from './compile';
import { train } from './run';
import { testStep, trainableOf, type RunningSums, type StepPlan } from './step';

/** How steps run: one operation after the other from JavaScript, or many steps in one call of TensorFlow. */
export type Engine = 'eager' | 'compiled';

/** What a fit trains and validates on. */
export interface StepperRequest {
  readonly plan: StepPlan;
  readonly training: Arrays;
  readonly validation: { readonly plan: StepPlan; readonly arrays: Arrays } | undefined;
  readonly batchSize: number;
  readonly compilation: Compilation;
  readonly seeds: StepSeeds;
}

/** Runs the steps of a fit. */
export interface Stepper {
  readonly engine: Engine;
  /** Begins an epoch whose rows come in the given order. */
  begin(order: Int32Array | undefined): void;
  /** Runs steps from number `step` on, at most `most` of them; adds their sums and gives how many it ran. */
  train(step: number, most: number, running: RunningSums): number;
  /** The same on the validation data. */
  test(step: number, most: number, running: RunningSums): number;
  /** Brings the weights into the model's layers, where others can see them. */
  settle(): void;
  /** Ends the fit: all state is the model's and the optimizer's again. */
  end(): void;
}

/** How many milliseconds a stretch of compiled steps should take: timers, signals and the progress bar wait as long. */
const STRETCH = 50;

class EagerStepper implements Stepper {
  readonly engine = 'eager';
  private readonly variables;
  private order: Int32Array | undefined;

  constructor(private readonly request: StepperRequest) {
    this.variables = trainableOf(request.plan.model);
  }

  begin(order: Int32Array | undefined): void {
    this.order = order;
  }

  train(step: number, _most: number, running: RunningSums): number {
    const { plan, training, batchSize, compilation, seeds } = this.request;
    const from = step * batchSize;
    const count = Math.min(batchSize, training.rows - from);
    running.add(
      tf.tidy(() => {
        const batch = batchOf(training, from, count, this.order);
        return train(plan, batch, tf.tensor1d(seeds.take(1), 'int32'), compilation.optimizer, this.variables);
      }),
      count,
    );
    return 1;
  }

  test(step: number, _most: number, running: RunningSums): number {
    const { validation, batchSize } = this.request;
    if (validation === undefined) return 0;
    const from = step * batchSize;
    const count = Math.min(batchSize, validation.arrays.rows - from);
    running.add(
      tf.tidy(() => testStep(validation.plan, batchOf(validation.arrays, from, count))),
      count,
    );
    return 1;
  }

  settle(): void {
    // An eager step changes the layers' own weights.
  }

  end(): void {
    this.order = undefined;
  }
}

class CompiledStepper implements Stepper {
  readonly engine = 'compiled';
  private order: Tensor1D | undefined;
  /** Milliseconds of a step of each loop, as last seen; unknown before the first, which also warms up. */
  private readonly cost = new Map<string, number>();

  constructor(
    private readonly request: StepperRequest,
    private readonly program: CompiledSteps,
  ) {}

  begin(order: Int32Array | undefined): void {
    this.order?.dispose();
    const { rows } = this.request.training;
    this.order = tf.keep(
      tf.tensor1d(order ?? Int32Array.from({ length: rows }, (_, index) => index), 'int32'),
    );
  }

  train(step: number, most: number, running: RunningSums): number {
    return this.run('train', this.request.training, step, most, running, this.order);
  }

  test(step: number, most: number, running: RunningSums): number {
    const { validation } = this.request;
    return validation === undefined ? 0 : this.run('test', validation.arrays, step, most, running);
  }

  private run(
    loop: string,
    arrays: Arrays,
    step: number,
    most: number,
    running: RunningSums,
    order?: Tensor1D,
  ): number {
    const { batchSize, seeds } = this.request;
    const first = step * batchSize;
    const whole = Math.floor(arrays.rows / batchSize) - step;
    const name = whole > 0 ? loop : `${loop}-last`;
    const rows = whole > 0 ? batchSize : arrays.rows - first;
    const cost = this.cost.get(name);
    const fitting = cost === undefined ? 1 : Math.max(1, Math.floor(STRETCH / cost));
    const steps = whole > 0 ? Math.min(whole, most, fitting) : 1;
    const seed = loop === 'train' ? seeds.take(steps) : ([0, 0] as const);
    const begun = performance.now();
    const sums = this.program.run(name, arrays, first, steps, seed, order);
    const seen = (performance.now() - begun) / steps;
    // The first run of a graph optimises it; it would make the next stretch too short.
    this.cost.set(name, cost === undefined ? Math.min(seen, STRETCH / 4) : (cost + seen) / 2);
    running.addSums(sums, rows, steps);
    return steps;
  }

  settle(): void {
    this.program.bringOut();
  }

  end(): void {
    this.order?.dispose();
    this.order = undefined;
    this.program.bringOut();
    this.program.bringOutSlots();
  }
}

/** What must be the same for a compiled program to serve again. */
const signatureOf = ({ plan, training, validation, batchSize }: StepperRequest): string => {
  const shapes = ({ x, y, weights }: Arrays): unknown => [
    ...x.map(({ shape, dtype }) => [dtype, shape]),
    ...y.map(({ shape, dtype }) => [dtype, shape]),
    ...weights.map((weight) => weight !== undefined),
  ];
  return JSON.stringify([
    batchSize,
    shapes(training),
    validation === undefined ? null : shapes(validation.arrays),
    trainableOf(plan.model).map(({ id }) => id),
    plan.model.tf.weights.map(({ id }) => id),
    plan.names,
  ]);
};

/** Whether compiling saves more time than it takes, by what tracing has shown. */
const pays = ({ operations, stepMilliseconds }: TracedProgram, steps: number): boolean => {
  const building = 150 + 2 * operations;
  // Of a step's time, each operation's way through JavaScript is saved, about 10 µs, and the arithmetic stays.
  const saved = Math.max(0.01 * operations, 0.3 * stepMilliseconds);
  return steps * saved > building;
};

const warned = new WeakSet<Compilation>();

const fallBack = (compilation: Compilation, model: string, reason: string): void => {
  if (warned.has(compilation)) return;
  warned.add(compilation);
  console.warn(
    `fit: the steps of '${model}' run one by one, since they cannot be compiled: ${reason}. ` +
      "Write engine: 'eager' to say so yourself.",
  );
};

/** The stepper for a fit of `steps` steps: the one that is asked for, or for 'auto' the one that pays. */
export const stepperFor = (request: StepperRequest, engine: Engine | 'auto', steps: number): Stepper => {
  const { plan, compilation } = request;
  const eager = (): Stepper => new EagerStepper(request);
  if (engine === 'eager' || (engine === 'auto' && steps < 20)) return eager();
  const signature = signatureOf(request);
  const kept = compilation.compiled;
  if (kept?.signature === signature) return new CompiledStepper(request, kept.program);
  const refuse = (reason: string, cause?: unknown): Stepper => {
    if (engine === 'auto') {
      fallBack(compilation, plan.model.name, reason);
      return eager();
    }
    throw new KerasStateError({
      function: 'fit',
      expected: "with engine: 'compiled', the steps must be such that they can be compiled",
      received: reason,
      advice: "Write engine: 'auto' or 'eager'",
      ...(cause === undefined ? {} : { cause }),
    });
  };
  const traced = CompiledSteps.trace({
    plan,
    batchSize: request.batchSize,
    training: { arrays: request.training, optimizer: compilation.optimizer },
    ...(request.validation === undefined ? {} : { test: request.validation }),
  });
  if ('reason' in traced) return refuse(traced.reason);
  if (engine === 'auto' && !pays(traced, steps)) return eager();
  try {
    const program = new CompiledSteps(traced);
    kept?.program.dispose();
    compilation.compiled = { signature, program };
    return new CompiledStepper(request, program);
  } catch (cause) {
    if (!(cause instanceof KerasNativeError)) throw cause;
    return refuse(cause.received ?? cause.message, cause);
  }
};
