import { refuseSurplus } from '../base/function-name';
import { checkOptions, nonEmptyString, optional, type OptionCheck, type OptionChecks } from '../base/checks';
import { describe, describeShape, KerasArgumentError, KerasShapeError } from '../base/errors';
import { withNames, type Named, type NameList, type NamesOf } from '../base/registry';
import type { LearningRateSchedule } from '../schedules/schedule';
import { tf, type Tensor } from '../tfjs/tensorflow';
import type { FusedKernel } from './fused';
import { UpdateOptimizer, type Optimizer, type OptionValue } from './optimizer';
import { checkNorms, commonChecks, type OptimizerOptions } from './options';
import type { InitialValue, OwnUpdate, Slots, Updated, UpdateExtras, UpdateInputs } from './update';

/** The options that an optimizer has besides those that all have, and its default learning rate. */
type OwnKeys<Options> = Exclude<keyof Options, keyof OptimizerOptions>;

/** An optimizer's options with the defaults in place. */
export type Settings<Options> = {
  readonly [Key in OwnKeys<Options>]-?: Exclude<Options[Key], undefined>;
};

/** All that is peculiar to an optimizer. */
export interface OptimizerDefinition<Options extends OptimizerOptions, OfSlots, Name extends string> {
  /** The defaults of its own options, and of those that all optimizers have where they differ from none. */
  readonly defaults: Settings<Options> & Partial<OptimizerOptions> & { readonly learningRate: number };
  /** The checks of its own options. */
  readonly checks: { readonly [Key in OwnKeys<Options>]-?: OptionCheck<unknown> };
  /** Its slots with their first values, in groups as Keras saves them: for each group, for each variable, the group's. */
  readonly slots: (options: Settings<Options>) => readonly Readonly<Record<string, InitialValue>>[];
  /** The numbers that the rule and the kernel use which are other ones in each step, counted from 1. */
  readonly numbers?: (options: Settings<Options>) => Readonly<Record<Name, (step: number) => number>>;
  /** A step in tfjs operations: a pure function, of tensors only. */
  readonly update: (inputs: UpdateInputs<OfSlots, Name>, options: Settings<Options>) => Updated<OfSlots>;
  /** Whether the update asks for the variable's name. */
  readonly usesNames?: boolean;
  /** TensorFlow's operation that computes the same, if there is one. */
  readonly fused?: (options: Settings<Options>) => FusedKernel | undefined;
  /** Whether numbers whose gradient is zero stay as they are, and their slots: then only the rows that an embedding took change. */
  readonly keepsWithoutGradient?: (options: Settings<Options>) => boolean;
}

/** A function that makes optimizers of one kind. */
export interface OptimizerFactory<
  Options extends OptimizerOptions = OptimizerOptions,
  Name extends string = string,
> extends Named<Name> {
  (options?: Options): Optimizer;
}

/** Defines an optimizer's part of a step from its definition and its options. */
const ownUpdate = <Options extends OptimizerOptions, OfSlots, Name extends string>(
  functionName: string,
  definition: OptimizerDefinition<Options, OfSlots, Name>,
  settings: Settings<Options>,
): OwnUpdate => {
  const slots = definition.slots(settings);
  const names = slots.flatMap((group) => Object.keys(group));
  const { update } = definition;
  return {
    slots,
    numbers: definition.numbers?.(settings) ?? {},
    kernel: definition.fused?.(settings),
    usesNames: definition.usesNames ?? false,
    keepsWithoutGradient: definition.keepsWithoutGradient?.(settings) ?? false,
    rule: (inputs) => {
      // Slots and numbers are those that the definition names.
      const result = update(inputs as unknown as UpdateInputs<OfSlots, Name>, settings);
      return checkUpdated(functionName, result as unknown as Updated, inputs.variable, names);
    },
  };
};

const checkUpdated = (
  functionName: string,
  result: Updated,
  variable: Tensor,
  names: readonly string[],
): Updated => {
  const returned = result as Partial<Updated> | undefined; // of the user's own, it may give anything
  const all: [string, unknown][] = [
    ['variable', returned?.variable],
    ...names.map((name): [string, unknown] => [
      `slots.${name}`,
      (returned?.slots as Slots | undefined)?.[name],
    ]),
  ];
  for (const [what, value] of all) {
    if (!(value instanceof tf.Tensor)) {
      throw new KerasArgumentError({
        function: functionName,
        argument: 'update',
        expected: `the update must return \`${what}\`, a tensor`,
        received: describe(value),
        advice: 'Return { variable, slots } with the new values of the variable and of every slot',
      });
    }
    const tensor = value as Tensor; // of any rank, which `instanceof` leaves untyped
    if (tensor.dtype === variable.dtype && tf.util.arraysEqual(tensor.shape, variable.shape)) continue;
    throw new KerasShapeError({
      function: functionName,
      argument: 'update',
      expected: `the update must return \`${what}\` as ${variable.dtype} of the variable's shape ${describeShape(variable.shape)}`,
      received: describe(tensor),
      advice: 'Compute element by element, from the variable, its gradient and its slots',
    });
  }
  return result;
};

/** `sgd` → `optimizerSgd` */
const functionNameOf = (name: string): string =>
  `optimizer${name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())}`;

const factories = new WeakSet<object>();

/** Whether a value is a function that makes optimizers. */
export const isOptimizerFactory = (value: unknown): value is OptimizerFactory =>
  typeof value === 'function' && factories.has(value);

/** Makes the function that makes optimizers of one kind. */
export const factoryOf = <
  Options extends OptimizerOptions,
  OfSlots,
  Name extends string,
  const Names extends NameList,
>(
  names: Names,
  functionName: string,
  definition: OptimizerDefinition<Options, OfSlots, Name>,
  isOwn = false,
): OptimizerFactory<Options, NamesOf<Names>> => {
  const make = (userOptions?: Options, ...surplus: []): Optimizer => {
    refuseSurplus(functionName, ['options'], surplus);
    const checks: OptionChecks = {
      ...commonChecks,
      ...definition.checks,
      name: optional(nonEmptyString, names[0]),
    };
    const { name, ...checked } = checkOptions(functionName, userOptions, checks);
    // Null stands for an option that is not set, also where there is a default.
    const options = Object.fromEntries(
      Object.entries({ ...definition.defaults, ...checked }).filter(([, value]) => value !== null),
    ) as Record<string, OptionValue> & UpdateExtras; // of the types that the checks say
    checkNorms(functionName, options);
    return new UpdateOptimizer({
      name: name as string, // as its check says
      functionName,
      isOwn,
      learningRate: options['learningRate'] as number | LearningRateSchedule, // there is a default
      options,
      own: ownUpdate(functionName, definition, options as unknown as Settings<Options>), // defaults, and checked ones
      extras: options,
    });
  };
  const factory = withNames(make, names);
  factories.add(factory);
  return factory;
};

/**
 * Defines an optimizer: Keras's name and those that are no mere spellings of it, then what is peculiar to it. Options that all optimizers have are
 * taken care of.
 */
export const defineOptimizer =
  <const Names extends NameList>(names: Names) =>
  <Options extends OptimizerOptions, OfSlots = object, Name extends string = never>(
    definition: OptimizerDefinition<Options, OfSlots, Name>,
  ): OptimizerFactory<Options, NamesOf<Names>> =>
    factoryOf(names, functionNameOf(names[0]), definition);
