import { argumentError, checkOptions, oneOf, optional, type OptionChecks } from '../base/checks';
import { asFunction, refuseSurplus } from '../base/function-name';
import { ForeignValue } from '../engine/function/structure';
import type { Tensor } from '../tfjs/tensorflow';
import { adviceFor, StepFunction } from './step-function';
import type { Engine } from './step-runners';

/** Options of {@link compiledStep}. */
export interface CompiledStepOptions {
  /**
   * 'compiled' makes each call one call of TensorFlow, or an error if that cannot be; 'eager' runs one operation after the other;
   * 'auto', by default, compiles where it can.
   */
  readonly engine?: Engine | 'auto' | undefined;
}

/** Tensors among other values, each with one more axis, that of the steps. */
export type Stacked<Value> = Value extends Tensor
  ? Tensor
  : Value extends object
    ? { -readonly [Key in keyof Value]: Stacked<Value[Key]> }
    : Value;

/** The same of arguments. */
export type StackedArguments<Args extends readonly unknown[]> = {
  [Index in keyof Args]: Stacked<Args[Index]>;
};

/** A step of a loop by hand. */
export interface CompiledStep<Args extends readonly unknown[], Result> {
  (...args: Args): Result;
  /**
   * Many steps in one call, one for each row of the arguments' tensors, whose first axis is that of the steps: `step.each(xs, ys)` does the
   * same as `step(xs[i], ys[i])` for each `i`, and gives what the steps return, stacked. Other arguments are the same for all. It takes as
   * long as the steps do, where calls of tiny ones take longer. An error in one of them leaves those before it done.
   */
  readonly each: {
    (...args: StackedArguments<Args>): Stacked<Result>;
    /** The same as a promise, as `async` is for one step. */
    async(...args: StackedArguments<Args>): Promise<Stacked<Result>>;
  };
  /**
   * The same as a promise, for loops in which timers and other work are to run: a step that takes long runs on another thread, and short
   * ones let others run every few milliseconds; so does the first call, between the two runs of the function that trace it and what is made of
   * them. The arguments must stay until it is fulfilled.
   */
  async(...args: Args): Promise<Result>;
  /** How the last call ran; undefined before the first. */
  readonly engine: Engine | undefined;
  /** Why calls run one operation after the other, once that has turned out. */
  readonly reasonNotTraceable: string | undefined;
}

const wrapForeign = (error: unknown): unknown =>
  error instanceof ForeignValue
    ? argumentError(
        { argument: 'args' },
        'tensors, numbers, texts and truth values, alone or in lists and objects',
        error.value,
        'Give such arguments, and return such values',
      )
    : error;

const checks = {
  engine: optional(oneOf('auto', 'compiled', 'eager'), 'auto'),
} satisfies OptionChecks<CompiledStepOptions>;

/**
 * A function of tensors as a step that runs in one call of TensorFlow, as the steps of `fit` do: forward, gradients, the updates of
 * one or several optimizers.
 *
 * The function is traced when it is first called with arguments of some types and shapes: run twice, without effect on weights, to see
 * what it computes. Then only TensorFlow runs, and the weights and the optimizers' slots are there until somebody looks at them. What
 * changes from call to call must be an argument: tensors, alone or in lists and objects; numbers, texts and truth values among them are
 * taken as constants, and other ones are traced anew. Where the function cannot be traced, since it reads values, for example, it runs
 * one operation after the other, and says so once.
 *
 * The numbers are the same either way. The tensors that it returns are the caller's. A call holds up the event loop;
 * `await step.async(x, y)` lets timers and other work run. `step.each(xs, ys)` runs many steps in one call, which is as fast as `fit` also
 * where steps are tiny. Masks that tensors came with out of layers stay outside of a step: what it takes and gives are plain tensors.
 *
 * @throws KerasArgumentError if it is no function, or is called with something else than tensors and plain values.
 * @throws KerasStateError for `engine: 'compiled'`, if it cannot be traced.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' }))
 * const optimizer = optimizerSgd({ learningRate: 0.1 })
 * const step = compiledStep((x: tf.Tensor, y: tf.Tensor) => {
 *   const gradients = gradientsOf(() => tf.mean(tf.squaredDifference(callModel(model, x), y)), model)
 *   optimizer.apply(gradients)
 *   return gradients.loss
 * })
 * const [x, y] = [tf.tensor2d([[1], [2]]), tf.tensor2d([[2], [4]])]
 * assert.strictEqual(step(x, y).arraySync(), 10)
 * assert.ok(step(x, y).arraySync() < 10)
 * assert.strictEqual(step.engine, 'compiled')
 *
 * const losses = step.each(tf.stack([x, x, x]), tf.stack([y, y, y]))
 * assert.deepStrictEqual(losses.shape, [3])
 * @see R's `tf_function`
 */
export const compiledStep = <Args extends readonly unknown[], Result>(
  fn: (...args: Args) => Result,
  options?: CompiledStepOptions,
  ...surplus: []
): CompiledStep<Args, Result> => {
  refuseSurplus('compiledStep', ['fn', 'options'], surplus);
  const { engine } = checkOptions('compiledStep', options, checks);
  if (typeof fn !== 'function') {
    throw argumentError({ function: 'compiledStep', argument: 'fn' }, 'a function of tensors', fn);
  }
  const name = fn.name === '' ? 'the function' : `the function '${fn.name}'`;
  const step = new StepFunction(fn, {
    name,
    engine,
    isTraining: true,
    warn: (reason) => {
      // eslint-disable-next-line no-console -- a warning is for standard error
      console.warn(
        `compiledStep: ${name} runs one operation after the other, since ${reason}. ${adviceFor(reason)}.`,
      );
    },
  });
  /** A call, with its errors in this library's words. */
  const called =
    <Given extends readonly unknown[], Returned>(run: (args: Given) => unknown) =>
    (...args: Given): Returned =>
      asFunction('compiledStep', () => {
        try {
          return run(args) as Returned; // what the function returns, or a promise of it
        } catch (error) {
          throw wrapForeign(error);
        }
      });
  const later = (run: (args: readonly unknown[]) => Promise<unknown>) =>
    called((args: readonly unknown[]) =>
      run(args).catch((error: unknown) => {
        throw wrapForeign(error);
      }),
    );
  const each = Object.assign(
    called((args: readonly unknown[]) => step.callEach(args)),
    { async: later((args) => step.callEachLater(args)) },
  );
  return Object.defineProperties(
    called((args: readonly unknown[]) => step.call(args)),
    {
      async: { value: later((args) => step.callLater(args)) },
      each: { value: each },
      engine: { get: () => step.engine },
      reasonNotTraceable: { get: () => step.reasonNotTraceable },
    },
  ) as unknown as CompiledStep<Args, Result>; // with the properties just defined
};
