import {
  callMethod,
  className,
  classOptions,
  functionNameFor,
  method,
  type Fields,
  type Method,
  type OptionsArgument,
} from '../base/class-definition';
import { checkOptions, optional, required, type OptionChecks } from '../base/checks';
import { KerasArgumentError } from '../base/errors';
import { refuseSurplus } from '../base/function-name';
import type { Callback, FIT_KEEPER } from '../training/callback-list';
import type { KerasModel } from '../models/model';
import { KerasCallback } from './keras-callback';

type Hooks = Omit<Callback<KerasModel>, 'setModel' | 'setParams' | 'showsProgress' | typeof FIT_KEEPER>;

/** Hooks as methods of the callback. */
type MethodsOf<Self> = {
  readonly [Name in keyof Hooks]?:
    | ((this: Self, ...args: Parameters<NonNullable<Hooks[Name]>>) => ReturnType<NonNullable<Hooks[Name]>>)
    | undefined;
};

/** What {@link newCallbackClass} makes a class of: hooks, as {@link Callback} lists them. */
export type CallbackClassDefinition<Options extends object, Made> = {
  /** The name of the class. */
  readonly classname: string;
  /** Called with the options that the callback is made with; what it returns is on `this`. */
  readonly initialize?: ((options: Options) => Made) | undefined;
} & MethodsOf<KerasCallback & Fields<Made>>;

const hookChecks = {
  onEpochBegin: optional(method),
  onEpochEnd: optional(method),
  onTrainBegin: optional(method),
  onTrainEnd: optional(method),
  onBatchBegin: optional(method),
  onBatchEnd: optional(method),
  onPredictBatchBegin: optional(method),
  onPredictBatchEnd: optional(method),
  onPredictBegin: optional(method),
  onPredictEnd: optional(method),
  onTestBatchBegin: optional(method),
  onTestBatchEnd: optional(method),
  onTestBegin: optional(method),
  onTestEnd: optional(method),
  onTrainBatchBegin: optional(method),
  onTrainBatchEnd: optional(method),
  saveState: optional(method),
  restoreState: optional(method),
} satisfies OptionChecks<Hooks>;

const classChecks = {
  classname: required(className),
  initialize: optional(method),
  ...hookChecks,
} satisfies OptionChecks;

/**
 * A class of callbacks of one's own, by its hooks, as the function that makes such callbacks. In a hook `this` is the callback, with
 * `model` and `params` of {@link KerasCallback} and what `initialize` returned; what a hook keeps, it keeps there.
 *
 * Hooks of batches make compiled steps run one at a time.
 *
 * @throws KerasArgumentError if the name is missing, a hook unknown, or if there is none.
 * @example
 * const callbackHistory = newCallbackClass({
 *   classname: 'History',
 *   initialize: ({ every }: { every: number }) => ({ every, losses: [] as (number | undefined)[] }),
 *   onEpochEnd(epoch, logs) {
 *     if (epoch % this.every === 0) this.losses.push(logs['loss'])
 *   },
 * })
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }), compile({ loss: 'mse' }))
 * const history = callbackHistory({ every: 2 })
 * await fit(model, [[1]], [[2]], { epochs: 5, verbose: 0, callbacks: history })
 * assert.strictEqual(history.losses.length, 3)
 * @see R keras `new_callback_class`
 */
export const newCallbackClass = <Options extends object = object, Made = unknown>(
  definition: CallbackClassDefinition<Options, Made>,
  ...surplus: []
): ((...options: OptionsArgument<Options>) => KerasCallback & Fields<Made>) => {
  refuseSurplus('newCallbackClass', ['definition'], surplus);
  const { classname, initialize, ...hooks } = checkOptions('newCallbackClass', definition, classChecks);
  const functionName = functionNameFor('callback', classname);
  if (Object.keys(hooks).length === 0) {
    throw new KerasArgumentError({
      function: 'newCallbackClass',
      argument: 'definition',
      expected: 'there must be one hook at least',
      received: 'none',
      advice: "Write newCallbackClass({ classname: 'Watch', onEpochEnd(epoch, logs) { … } })",
    });
  }
  class OfHooks extends KerasCallback {}
  Object.defineProperty(OfHooks, 'name', { value: classname });
  for (const [name, hook] of Object.entries<Method>(hooks)) {
    Object.assign(OfHooks.prototype, {
      [name](this: KerasCallback, ...args: unknown[]) {
        return callMethod(hook, this, ...args);
      },
    });
  }
  return (options?: object, ...more: unknown[]) => {
    refuseSurplus(functionName, ['options'], more);
    const own = classOptions(functionName, options);
    const fields = initialize === undefined ? {} : callMethod(initialize, undefined, own);
    return Object.assign(new OfHooks(), fields) as KerasCallback & Fields<Made>; // as its type says
  };
};
