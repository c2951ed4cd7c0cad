import { refuseSurplus } from '../base/function-name';
import { asOwnMaker } from '../base/made-by';
import {
  anyNumber,
  argumentError,
  boolean,
  checkOptions,
  checkThat,
  isPlainObject,
  nonEmptyString,
  optional,
  required,
  type Check,
  type OptionChecks,
} from '../base/checks';
import { describe, KerasArgumentError } from '../base/errors';
import type { NameList } from '../base/registry';
import type { Tensor } from '../tfjs/tensorflow';
import {
  factoryOf,
  type OptimizerDefinition,
  type OptimizerFactory,
  type Settings,
} from './define-optimizer';
import { commonChecks, type OptimizerOptions } from './options';
import type { InitialValue, Slots, Updated, UpdateInputs } from './update';

type OwnValue = number | boolean | string;

/** `0.9` → `number`: a default's type is that of the option. */
type Widened<Value> = Value extends number ? number : Value extends boolean ? boolean : string;

/** The options of a custom optimizer: its own, by their defaults, and those that all have. */
export type CustomOptions<Defaults> = OptimizerOptions & {
  readonly [Key in Exclude<keyof Defaults, keyof OptimizerOptions>]?: Widened<Defaults[Key]> | undefined;
};

/** What {@link customOptimizer} makes an optimizer of. */
export interface CustomOptimizerDefinition<
  Defaults extends Readonly<Record<string, OwnValue>>,
  SlotName extends string,
  Name extends string,
> {
  /** What `optimizer.name` and errors say. */
  readonly name: string;
  /** The options with their defaults; `learningRate` is 0.001 if it is not among them. */
  readonly defaults?: Defaults | undefined;
  /** What is kept of each variable, with its first value: a number, or 'variable' for the variable's own. */
  readonly slots?: Readonly<Record<SlotName, InitialValue>> | undefined;
  /** Numbers that are other ones in each step, as functions of the step, counted from 1. */
  readonly numbers?:
    | ((options: Settings<CustomOptions<Defaults>>) => Readonly<Record<Name, (step: number) => number>>)
    | undefined;
  /**
   * The new values of a variable and of its slots, as tfjs operations on what is given. A pure function: it may be run at any
   * time, and must neither read values nor keep anything.
   */
  readonly update: (
    inputs: UpdateInputs<Readonly<Record<SlotName, Tensor>>, Name>,
    options: Settings<CustomOptions<Defaults>>,
  ) => Updated<Readonly<Record<SlotName, Tensor>>>;
}

const defaultValues = checkThat(
  'an object of numbers, texts and truth values',
  (value): value is Readonly<Record<string, OwnValue>> =>
    isPlainObject(value) &&
    Object.entries(value).every(
      // Those that all optimizers have are checked with the options.
      ([key, one]) =>
        Object.hasOwn(commonChecks, key) || ['number', 'string', 'boolean'].includes(typeof one),
    ),
);

const firstValues = checkThat(
  "an object of first values, each a number or 'variable'",
  (value): value is Readonly<Record<string, InitialValue>> =>
    isPlainObject(value) &&
    Object.values(value).every((one) => typeof one === 'number' || one === 'variable'),
);

const functionCheck = checkThat('a function', (value): value is () => unknown => typeof value === 'function');

type NumberFunctions = Readonly<Record<string, (step: number) => number>>;

/** The numbers of a step of the user's own, each checked when it is asked for. */
const checkedNumbers = (functionName: string, numbers: unknown): NumberFunctions => {
  const place = { function: functionName, argument: 'numbers' };
  if (!isPlainObject(numbers) || !Object.values(numbers).every((one) => typeof one === 'function'))
    throw argumentError(place, 'a function that returns an object of functions of the step', numbers);
  const checked =
    (name: string, numberOf: (step: number) => unknown) =>
    (step: number): number => {
      const value = numberOf(step);
      if (typeof value === 'number') return value;
      throw new KerasArgumentError({
        ...place,
        expected: `\`${name}\` of \`numbers\` must be a number`,
        received: `${describe(value)} in step ${step}`,
        advice: 'Let it return one for every step, counted from 1',
      });
    };
  const given = numbers as NumberFunctions; // as just seen
  return Object.fromEntries(Object.entries(given).map(([name, numberOf]) => [name, checked(name, numberOf)]));
};

const checkOf = (value: unknown): Check<unknown> =>
  typeof value === 'number' ? anyNumber : typeof value === 'boolean' ? boolean : nonEmptyString;

/**
 * Defines an optimizer of one's own: a function of options, as `optimizerAdam` is. It runs in the eager and the compiled
 * engine alike, and has the options that all optimizers have: schedules, clipping, weight decay, moving averages. A model that is saved
 * with one is read with this function under the optimizer's `name` in `customObjects`.
 *
 * @throws KerasArgumentError if the definition is not complete; in a step, if `update` does not return the new values.
 * @example
 * const optimizerSignSgd = customOptimizer({
 *   name: 'sign_sgd',
 *   defaults: { learningRate: 0.01, momentum: 0.9 },
 *   slots: { mean: 0 },
 *   update: ({ variable, gradient, slots, numbers: { learningRate } }, { momentum }) => {
 *     const mean = tf.add(tf.mul(slots.mean, momentum), tf.mul(gradient, 1 - momentum))
 *     return { variable: tf.sub(variable, tf.mul(tf.sign(mean), learningRate)), slots: { mean } }
 *   },
 * })
 * const model = pipe(
 *   kerasModelSequential(),
 *   layerDense({ units: 1, inputShape: [3] }),
 *   compile({ optimizer: optimizerSignSgd({ momentum: 0.5, clipnorm: 1 }), loss: 'mse' }),
 * )
 * assert.strictEqual(optimizerOf(model).getConfig().momentum, 0.5)
 * @see Keras 2.13 `Optimizer.update_step`
 */
export const customOptimizer = <
  // Without defaults there are no options but those that all optimizers have.
  const Defaults extends Readonly<Record<string, OwnValue>> = { readonly learningRate: number },
  SlotName extends string = never,
  Name extends string = never,
>(
  definition: CustomOptimizerDefinition<Defaults, SlotName, Name>,
  ...surplus: []
): OptimizerFactory<CustomOptions<Defaults>> => {
  refuseSurplus('customOptimizer', ['definition'], surplus);
  checkOptions('customOptimizer', definition, {
    name: required(nonEmptyString),
    defaults: optional(defaultValues),
    slots: optional(firstValues),
    numbers: optional(functionCheck),
    update: required(functionCheck),
  } satisfies OptionChecks<CustomOptimizerDefinition<Defaults, SlotName, Name>>);
  const { name, defaults, slots, numbers, update } = definition;
  const ownOptions = Object.entries(defaults ?? {}).filter(([key]) => !Object.hasOwn(commonChecks, key));
  return asOwnMaker(
    factoryOf<CustomOptions<Defaults>, Readonly<Record<SlotName, Tensor>>, Name, NameList>(
      [name],
      name,
      {
        // Each option has the type of its default.
        defaults: { learningRate: 0.001, ...defaults } as unknown as Settings<CustomOptions<Defaults>> & {
          learningRate: number;
        },
        // One check for each of its own options.
        checks: Object.fromEntries(
          ownOptions.map(([key, value]) => [key, optional(checkOf(value))]),
        ) as unknown as OptimizerDefinition<CustomOptions<Defaults>, Slots, Name>['checks'],
        slots: () => (slots === undefined ? [] : [slots]),
        ...(numbers === undefined
          ? {}
          : {
              // Under the names that the definition has.
              numbers: (options) => checkedNumbers(name, numbers(options)) as ReturnType<typeof numbers>,
            }),
        update,
      },
      true,
    ),
  );
};
