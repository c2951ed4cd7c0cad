import {
  callMethod,
  className,
  classOptions,
  functionNameFor,
  method,
  snakeCase,
  type Fields,
  type OptionsArgument,
} from '../base/class-definition';
import {
  argumentError,
  checkOptions,
  nonEmptyString,
  oneOf,
  optional,
  required,
  type OptionChecks,
} from '../base/checks';
import { refuseSurplus } from '../base/function-name';
import { asOwnMaker, noteOwnClass } from '../base/made-by';
import { tf, type Tensor } from '../tfjs/tensorflow';
import type { Loss, LossOptions } from './define-loss';

/** What {@link newLossClass} makes a class of. */
export interface LossClassDefinition<Options extends object, Made> {
  /** The name of the class; losses are called after it: `PairWise` makes `pair_wise`. */
  readonly classname: string;
  /** Called with the options that the loss is made with; what it returns is on `this`. */
  readonly initialize?: ((options: Options) => Made) | undefined;
  /** The loss of each sample, `[batch]`, of tfjs operations. */
  readonly call: (this: Fields<Made>, yTrue: Tensor, yPred: Tensor) => Tensor;
  /** What the loss's configuration has besides its name and reduction; its options by default. */
  readonly getConfig?: ((this: Fields<Made>) => Readonly<Record<string, unknown>>) | undefined;
}

const classChecks = {
  classname: required(className),
  initialize: optional(method),
  call: required(method),
  getConfig: optional(method),
} satisfies OptionChecks;

const lossChecks = {
  reduction: optional(oneOf('auto', 'none', 'sum', 'sum_over_batch_size'), 'auto'),
  name: optional(nonEmptyString),
} satisfies OptionChecks<LossOptions>;

/** The part of options that all losses have, and the rest. */
const separated = ({ reduction, name, ...own }: Readonly<Record<string, unknown>>) => ({
  common: { reduction, name },
  own,
});

/**
 * A class of losses of one's own, by its methods, as the function that makes such losses for `compile`. `call` gives the loss of each
 * sample; weights of samples and the reduction are taken care of. Besides its own options the function takes `reduction` and `name`.
 * A model that is saved with one is read with this function under the class's name in `customObjects`.
 *
 * @throws KerasArgumentError if the name or `call` is missing; when it is used, if `call` gives no tensor.
 * @example
 * const lossPower = newLossClass({
 *   classname: 'Power',
 *   initialize: ({ exponent }: { exponent: number }) => ({ exponent }),
 *   call(yTrue, yPred) {
 *     return tf.mean(tf.pow(tf.abs(tf.sub(yTrue, yPred)), this.exponent), -1)
 *   },
 * })
 * const model = pipe(
 *   kerasModelSequential(),
 *   layerDense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' }),
 *   compile({ loss: lossPower({ exponent: 3 }) }),
 * )
 * assert.strictEqual(testOnBatch(model, [[1], [1]], [2, 0]).loss, 4)
 * @see R keras `new_loss_class`
 */
export const newLossClass = <Options extends object = object, Made = unknown>(
  definition: LossClassDefinition<Options, Made>,
  ...surplus: []
): ((...options: OptionsArgument<Options & LossOptions>) => Loss) => {
  refuseSurplus('newLossClass', ['definition'], surplus);
  const { classname, initialize, call, getConfig } = checkOptions('newLossClass', definition, classChecks);
  const functionName = functionNameFor('loss', classname);
  return asOwnMaker((options?: object, ...more: unknown[]): Loss => {
    refuseSurplus(functionName, ['options'], more);
    const { common, own } = separated(classOptions(functionName, options));
    const { reduction, name = snakeCase(classname) } = checkOptions(functionName, common, lossChecks);
    const self: unknown = initialize === undefined ? {} : (callMethod(initialize, undefined, own) ?? {});
    const config = (): typeof own =>
      getConfig === undefined ? own : (callMethod(getConfig, self) as typeof own); // its own affair
    const loss: Loss = {
      name,
      reduction,
      labels: 'same',
      call: (yTrue, yPred) => {
        const losses = callMethod(call, self, yTrue, yPred);
        if (losses instanceof tf.Tensor) return losses as Tensor; // of any rank, which `instanceof` leaves untyped
        const advice =
          losses === undefined ? 'Write return before what it computes' : 'Let it return a tensor [batch]';
        throw argumentError(
          { function: functionName, argument: 'call' },
          'a function that returns a tensor',
          losses,
          advice,
        );
      },
    };
    return noteOwnClass(loss, functionName, classname, () => ({ reduction, name, ...config() }));
  });
};
