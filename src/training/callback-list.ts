import { argumentError, type Place } from '../base/checks';
import { isPromise } from '../base/streams';
import { nearest } from '../base/suggestions';
import { KerasArgumentError } from '../base/errors';
import type { Tensor } from '../tfjs/tensorflow';
import type { FitKeeper } from './fit-state';

/**
 * Values by name: loss and metrics. A callback may add to them; what it adds in `onEpochEnd` goes into the
 * history.
 */
export type Logs = Record<string, number>;

/** What a callback learns of the call that it takes part in. */
export interface CallbackParams {
  readonly verbose: number;
  readonly epochs: number;
  /** Batches in an epoch; Infinity where they come from a stream that has not yet said how many there are. */
  readonly steps: number;
  readonly samples?: number;
  readonly batchSize?: number;
  readonly doValidation?: boolean;
  readonly metrics?: readonly string[];
}

type Hooked = void | Promise<void>;

/** What a callback keeps from hook to hook: numbers, texts, truth values, null and tensors, in lists and objects. */
export type CallbackState =
  | number
  | string
  | boolean
  | null
  | Tensor
  | readonly CallbackState[]
  | { readonly [name: string]: CallbackState };

/** Where a callback has what keeps the fit, if it does. */
export const FIT_KEEPER: unique symbol = Symbol('fit keeper');

/**
 * Keras's hooks, each optional, each sync or async: `fit`, `evaluate` and `predict` wait for the promises
 * they return. Epochs and batches are counted from 0. To stop training, keep the model of `setModel` and set
 * its `stopTraining`.
 *
 * @see R keras `KerasCallback`
 */
export interface Callback<Model = unknown> {
  setParams?(params: CallbackParams): void;
  /** Called before every other hook. */
  setModel?(model: Model): void;
  onTrainBegin?(logs: Logs): Hooked;
  onTrainEnd?(logs: Logs): Hooked;
  onEpochBegin?(epoch: number, logs: Logs): Hooked;
  onEpochEnd?(epoch: number, logs: Logs): Hooked;
  onTrainBatchBegin?(batch: number, logs: Logs): Hooked;
  onTrainBatchEnd?(batch: number, logs: Logs): Hooked;
  /** The same as `onTrainBatchBegin`, which comes first if both are there. */
  onBatchBegin?(batch: number, logs: Logs): Hooked;
  /** The same as `onTrainBatchEnd`, which comes first if both are there. */
  onBatchEnd?(batch: number, logs: Logs): Hooked;
  onTestBegin?(logs: Logs): Hooked;
  onTestEnd?(logs: Logs): Hooked;
  onTestBatchBegin?(batch: number, logs: Logs): Hooked;
  onTestBatchEnd?(batch: number, logs: Logs): Hooked;
  onPredictBegin?(logs: Logs): Hooked;
  onPredictEnd?(logs: Logs): Hooked;
  onPredictBatchBegin?(batch: number, logs: Logs): Hooked;
  onPredictBatchEnd?(batch: number, logs: Logs): Hooked;
  /** What it keeps from hook to hook, for `callbackBackupAndRestore`. Tensors stay the callback's. */
  saveState?(): CallbackState;
  /**
   * Takes what `saveState` gave, in another process that goes on with the fit; after `onTrainBegin`. Tensors are the callback's then.
   * If the fit goes on in the middle of an epoch, there is no `onEpochBegin` of that epoch for it.
   */
  restoreState?(state: CallbackState): void;
  /** Whether it shows the progress itself, so that the call's own bar is not shown. */
  readonly showsProgress?: boolean;
  /** @internal */
  readonly [FIT_KEEPER]?: FitKeeper;
}

/** Every hook; the compiler sees that none is forgotten. */
const hooks: Readonly<Record<Exclude<keyof Callback, 'showsProgress' | typeof FIT_KEEPER>, true>> = {
  setParams: true,
  setModel: true,
  onTrainBegin: true,
  onTrainEnd: true,
  onEpochBegin: true,
  onEpochEnd: true,
  onTrainBatchBegin: true,
  onTrainBatchEnd: true,
  onBatchBegin: true,
  onBatchEnd: true,
  onTestBegin: true,
  onTestEnd: true,
  onTestBatchBegin: true,
  onTestBatchEnd: true,
  onPredictBegin: true,
  onPredictEnd: true,
  onPredictBatchBegin: true,
  onPredictBatchEnd: true,
  saveState: true,
  restoreState: true,
};
const hookNames = Object.keys(hooks);

/** The names of all functions of an object, its classes' included. */
const functionNames = (value: object): string[] => {
  const names = new Set<string>();
  for (
    let level: object | null = value;
    level !== null && level !== Object.prototype;
    level = Object.getPrototypeOf(level) as object | null
  ) {
    for (const name of Object.getOwnPropertyNames(level)) {
      const property = Object.getOwnPropertyDescriptor(level, name);
      if (typeof property?.value === 'function' && name !== 'constructor') names.add(name);
    }
  }
  return [...names];
};

const checkCallback = <Model>(value: unknown, place: Place): Callback<Model> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw argumentError(
      place,
      'a callback, or an array of callbacks',
      value,
      typeof value === 'function'
        ? 'Give the object that it makes, not the function or class itself'
        : 'Write callbacks: { onEpochEnd(epoch, logs) { … } }',
    );
  }
  const names = functionNames(value);
  // Other functions are the callback's own business; what begins like a hook would wait in vain to be called.
  const unknown = names.find((name) => /^on[A-Z_]/.test(name) && !Object.hasOwn(hooks, name));
  if (unknown !== undefined) {
    const near = nearest(unknown, hookNames);
    throw new KerasArgumentError({
      function: place.function,
      argument: place.argument,
      expected: 'the hooks of a callback must be known ones',
      received: `the unknown hook \`${unknown}\``,
      advice:
        near.length > 0
          ? `Did you mean ${near.map((name) => `'${name}'`).join(' or ')}?`
          : `The hooks are ${hookNames.filter((name) => name.startsWith('on')).join(', ')}; name others differently`,
    });
  }
  for (const name of hookNames) {
    const hook = (value as Record<string, unknown>)[name]; // any object can be read by name
    if (hook !== undefined && typeof hook !== 'function') {
      throw argumentError({ ...place, argument: name }, 'a function', hook);
    }
  }
  if (!names.some((name) => Object.hasOwn(hooks, name))) {
    throw argumentError(
      place,
      'an object with at least one hook',
      value,
      'Write callbacks: { onEpochEnd(epoch, logs) { … } }',
    );
  }
  return value; // what it has of the hooks are functions, checked above
};

/** Callbacks under their class and their number among those of the class. */
const namedCallbacks = <Model>(callbacks: readonly Callback<Model>[]): [string, Callback<Model>][] => {
  const counts = new Map<string, number>();
  return callbacks.map((callback) => {
    const { name } = callback.constructor;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return [`${name} ${count}`, callback];
  });
};

const onlyKeeper = <Model>(callbacks: readonly Callback<Model>[], place: Place): FitKeeper | undefined => {
  const [keeper, ...others] = callbacks.flatMap((callback) => callback[FIT_KEEPER] ?? []);
  if (others.length === 0) return keeper;
  throw new KerasArgumentError({
    ...place,
    expected: 'of the callbacks one at most may back up and restore',
    received: `${1 + others.length} of them`,
    advice: 'Leave out all but one callbackBackupAndRestore',
  });
};

type Call<Model> = (callback: Callback<Model>) => unknown;

/**
 * Callbacks that run one after the other. A hook of the list returns a promise only if one of the callbacks
 * did: callers await only then, so that a step without asynchronous hooks costs no turn of the event loop.
 */
export class CallbackList<Model = unknown> {
  readonly callbacks: readonly Callback<Model>[];
  /** Whether any of them wants to know of the batches of training, of evaluation, of prediction. */
  readonly hasTrainBatchHooks: boolean;
  readonly hasTestBatchHooks: boolean;
  readonly hasPredictBatchHooks: boolean;
  /** Whether any of them shows the progress itself. */
  readonly showsProgress: boolean;
  /** What keeps the fit, if one of them does. */
  readonly keeper: FitKeeper | undefined;
  #check: (() => void) | undefined;
  /** Those to which their state was given back. */
  #restored: readonly Callback<Model>[] = [];

  /** Takes one callback, an array of them, or undefined for none. */
  constructor(value: unknown, place: Place) {
    const list: unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
    this.callbacks = list.map((item) => checkCallback<Model>(item, place));
    const any = (...names: (keyof Callback)[]): boolean =>
      this.callbacks.some((callback) => names.some((name) => callback[name] !== undefined));
    this.keeper = onlyKeeper(this.callbacks, place);
    this.showsProgress = this.callbacks.some((callback) => callback.showsProgress === true);
    this.hasTrainBatchHooks = any('onTrainBatchBegin', 'onTrainBatchEnd', 'onBatchBegin', 'onBatchEnd');
    this.hasTestBatchHooks = any('onTestBatchBegin', 'onTestBatchEnd');
    this.hasPredictBatchHooks = any('onPredictBatchBegin', 'onPredictBatchEnd');
  }

  /** Runs a check after each hook but those of the end, after which nothing is needed any more. */
  checkAfterHooks(check: () => void): void {
    this.#check = check;
  }

  setParams(params: CallbackParams): void {
    for (const callback of this.callbacks) callback.setParams?.(params);
  }

  setModel(model: Model): void {
    for (const callback of this.callbacks) callback.setModel?.(model);
  }

  onTrainBegin(logs: Logs = {}): Hooked {
    return this.#run((callback) => callback.onTrainBegin?.(logs));
  }

  onTrainEnd(logs: Logs = {}): Hooked {
    return this.#run((callback) => callback.onTrainEnd?.(logs), false);
  }

  /** An epoch that `isUnderWay` has begun already, before the fit was broken off: callbacks with a state know it. */
  onEpochBegin(epoch: number, isUnderWay = false): Hooked {
    const knows = (callback: Callback<Model>): boolean => isUnderWay && this.#restored.includes(callback);
    return this.#run((callback) => (knows(callback) ? undefined : callback.onEpochBegin?.(epoch, {})));
  }

  /** What the callbacks keep, each under its class and number. */
  saveStates(): Record<string, CallbackState> {
    return Object.fromEntries(
      namedCallbacks(this.callbacks).flatMap(([name, callback]) => {
        const state = callback.saveState?.();
        return state === undefined ? [] : [[name, state] as const];
      }),
    );
  }

  /** Gives callbacks what they kept. Of one that is gone, it is gone. */
  restoreStates(states: Readonly<Record<string, CallbackState>>): void {
    const restored = namedCallbacks(this.callbacks).filter(
      ([name, callback]) => Object.hasOwn(states, name) && callback.restoreState !== undefined,
    );
    for (const [name, callback] of restored) callback.restoreState?.(states[name] as CallbackState); // as just seen
    this.#restored = restored.map(([, callback]) => callback);
  }

  onEpochEnd(epoch: number, logs: Logs): Hooked {
    return this.#run((callback) => callback.onEpochEnd?.(epoch, logs));
  }

  onTrainBatchBegin(batch: number, logs: Logs = {}): Hooked {
    if (!this.hasTrainBatchHooks) return undefined;
    return this.#run((callback) =>
      callback.onTrainBatchBegin === undefined
        ? callback.onBatchBegin?.(batch, logs)
        : callback.onTrainBatchBegin(batch, logs),
    );
  }

  onTrainBatchEnd(batch: number, logs: Logs): Hooked {
    if (!this.hasTrainBatchHooks) return undefined;
    return this.#run((callback) =>
      callback.onTrainBatchEnd === undefined
        ? callback.onBatchEnd?.(batch, logs)
        : callback.onTrainBatchEnd(batch, logs),
    );
  }

  onTestBegin(logs: Logs = {}): Hooked {
    return this.#run((callback) => callback.onTestBegin?.(logs));
  }

  onTestEnd(logs: Logs): Hooked {
    return this.#run((callback) => callback.onTestEnd?.(logs), false);
  }

  onTestBatchBegin(batch: number, logs: Logs = {}): Hooked {
    if (!this.hasTestBatchHooks) return undefined;
    return this.#run((callback) => callback.onTestBatchBegin?.(batch, logs));
  }

  onTestBatchEnd(batch: number, logs: Logs): Hooked {
    if (!this.hasTestBatchHooks) return undefined;
    return this.#run((callback) => callback.onTestBatchEnd?.(batch, logs));
  }

  onPredictBegin(logs: Logs = {}): Hooked {
    return this.#run((callback) => callback.onPredictBegin?.(logs));
  }

  onPredictEnd(logs: Logs = {}): Hooked {
    return this.#run((callback) => callback.onPredictEnd?.(logs), false);
  }

  onPredictBatchBegin(batch: number, logs: Logs = {}): Hooked {
    if (!this.hasPredictBatchHooks) return undefined;
    return this.#run((callback) => callback.onPredictBatchBegin?.(batch, logs));
  }

  onPredictBatchEnd(batch: number, logs: Logs = {}): Hooked {
    if (!this.hasPredictBatchHooks) return undefined;
    return this.#run((callback) => callback.onPredictBatchEnd?.(batch, logs));
  }

  #run(call: Call<Model>, isChecked = true): Hooked {
    const check = isChecked ? this.#check : undefined;
    for (const [index, callback] of this.callbacks.entries()) {
      const result = call(callback);
      if (isPromise(result)) return this.#after(result, index + 1, call, check);
    }
    check?.();
    return undefined;
  }

  async #after(
    pending: PromiseLike<unknown>,
    next: number,
    call: Call<Model>,
    check: (() => void) | undefined,
  ): Promise<void> {
    await pending;
    for (const callback of this.callbacks.slice(next)) await call(callback);
    check?.();
  }
}
