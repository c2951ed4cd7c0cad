import {
  callMethod,
  className,
  classOptions,
  functionNameFor,
  method,
  type Fields,
  type OptionsArgument,
} from '../base/class-definition';
import { checkOptions, optional, required, type OptionChecks } from '../base/checks';
import { asOwnMaker, noteOwnClass } from '../base/made-by';
import { refuseSurplus } from '../base/function-name';
import type { Tensor } from '../tfjs/tensorflow';
import type { LearningRateSchedule } from './schedule';

/** What {@link newLearningRateScheduleClass} makes a class of. */
export interface ScheduleClassDefinition<Options extends object, Made> {
  /** The name of the class. */
  readonly classname: string;
  /** Called with the options that the schedule is made with; what it returns is on `this`. */
  readonly initialize?: ((options: Options) => Made) | undefined;
  /** The rate of a step, counted from 0: a number, or a scalar of tfjs operations. It must be the same for the same step. */
  readonly call: (this: Fields<Made>, step: number) => number | Tensor;
  /** What the schedule's configuration has; its options by default. */
  readonly getConfig?: ((this: Fields<Made>) => Readonly<Record<string, unknown>>) | undefined;
}

const classChecks = {
  classname: required(className),
  initialize: optional(method),
  call: required(method),
  getConfig: optional(method),
} satisfies OptionChecks;

/** A schedule of a class, which tells its configuration. */
export type ConfiguredSchedule = LearningRateSchedule & {
  readonly getConfig: () => Readonly<Record<string, unknown>>;
};

/**
 * A class of learning-rate schedules of one's own, by its methods, as the function that makes such schedules for an optimizer's
 * `learningRate`. A model that is saved with one is read with this function under the class's name in `customObjects`.
 *
 * @throws KerasArgumentError if the name or `call` is missing; when it is used, if `call` gives no number of 0 or more.
 * @example
 * const scheduleInverse = newLearningRateScheduleClass({
 *   classname: 'Inverse',
 *   initialize: ({ first }: { first: number }) => ({ first }),
 *   call(step) {
 *     return this.first / (1 + step)
 *   },
 * })
 * const schedule = scheduleInverse({ first: 1 })
 * assert.deepStrictEqual([0, 1, 3].map(schedule), [1, 0.5, 0.25])
 * assert.strictEqual(optimizerSgd({ learningRate: schedule }).learningRate, 1)
 * @see R keras `new_learning_rate_schedule_class`
 */
export const newLearningRateScheduleClass = <Options extends object = object, Made = unknown>(
  definition: ScheduleClassDefinition<Options, Made>,
  ...surplus: []
): ((...options: OptionsArgument<Options>) => ConfiguredSchedule) => {
  refuseSurplus('newLearningRateScheduleClass', ['definition'], surplus);
  const { classname, initialize, call, getConfig } = checkOptions(
    'newLearningRateScheduleClass',
    definition,
    classChecks,
  );
  const functionName = functionNameFor('learningRateSchedule', classname);
  return asOwnMaker((options?: object, ...more: unknown[]) => {
    refuseSurplus(functionName, ['options'], more);
    const own = classOptions(functionName, options);
    const self: unknown = initialize === undefined ? {} : (callMethod(initialize, undefined, own) ?? {});
    const schedule = (step: number): number | Tensor => callMethod(call, self, step) as number; // what it gives is checked when it is used
    const config = (): typeof own =>
      getConfig === undefined ? own : (callMethod(getConfig, self) as typeof own); // its own affair
    return noteOwnClass(Object.assign(schedule, { getConfig: config }), functionName, classname, config);
  });
};
