import { argumentError, checkOptions, oneOf, optional, type OptionChecks } from '../base/checks';
import { asFunction, refuseSurplus } from '../base/function-name';
import { ForeignValue } from '../engine/function/structure';
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

/** A step of a loop by hand. */
export interface CompiledStep<Args extends readonly unknown[], Result> {
  (...args: Args): Result;
  /**
   * The same as a promise, for loops in which timers and other work are to run: a step that takes long runs on another thread, and short
   * ones let others run every few milliseconds. The arguments must stay until it is fulfilled.
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
 * `await step.async(x, y)` lets timers and other work run.
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
  const call = (...args: Args): Result =>
    asFunction('compiledStep', () => {
      try {
        return step.call(args) as Result; // what the function returns
      } catch (error) {
        throw wrapForeign(error);
      }
    });
  const later = (...args: Args): Promise<Result> =>
    asFunction(
      'compiledStep',
      () =>
        step.callLater(args).catch((error: unknown) => {
          throw wrapForeign(error);
        }) as Promise<Result>, // what the function returns
    );
  return Object.defineProperties(call, {
    async: { value: later },
    engine: { get: () => step.engine },
    reasonNotTraceable: { get: () => step.reasonNotTraceable },
  }) as CompiledStep<Args, Result>; // with the properties just defined
};
