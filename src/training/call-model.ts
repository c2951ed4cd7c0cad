import {
  argumentError,
  boolean,
  checkOptions,
  optional,
  type CheckedOptions,
  type OptionChecks,
} from '../base/checks';
import { KerasShapeError } from '../base/errors';
import { asFunction, refuseSurplus } from '../base/function-name';
import { inputMask, masksFor, type InputMask } from '../layers/internal/input-masks';
import { isLayer, type Layer } from '../layers/internal/target';
import {
  modelFunction,
  modelOf,
  type AnyModel,
  type ModelFunction,
  type Predicted,
} from '../models/call-styles';
import { builtModel, type KerasModel } from '../models/model';
import { forward, penalties } from '../step/step';
import { stateVariablesOf } from '../step/layers';
import { useVariables } from '../tfjs/weights-in-use';
import { activityLosses } from '../tfjs/activity';
import { maskOf, noteMask } from '../tfjs/implicit-masks';
import { variableOf } from '../tfjs/private';
import { tf, type Scalar, type SymbolicTensor, type Tensor } from '../tfjs/tensorflow';

/** Options of {@link callModel}. */
export interface CallModelOptions {
  /** Whether layers such as dropout and batch normalization train; false by default. */
  readonly training?: boolean | undefined;
  /**
   * Which steps of the (first) input are there, `[batch, steps]`, or a list of masks, one for each input; null for all. By default the
   * masks that the inputs had with them when they came out of layers or models.
   */
  readonly mask?: InputMask | undefined;
}

const checks = {
  training: optional(boolean, false),
  mask: optional(inputMask),
} satisfies OptionChecks<CallModelOptions>;

/** Throws if numbers come where texts are wanted, or texts where numbers are. */
const checkTexts = (x: readonly Tensor[], symbols: readonly SymbolicTensor[]): void => {
  symbols.forEach(({ dtype, sourceLayer }, index) => {
    const given = x[index]?.dtype;
    if ((dtype === 'string') === (given === 'string')) return;
    const wanted = dtype === 'string' ? 'texts' : 'numbers';
    throw argumentError({ argument: 'inputs' }, `${wanted} for the input '${sourceLayer.name}'`, x[index]);
  });
};

/** What layers added to the loss when a model was last applied in this step. */
const added = new WeakMap<object, readonly Scalar[]>();

const tensorsIn = (inputs: unknown, count: number): Tensor[] => {
  const list: unknown[] = [inputs].flat();
  const wrong = list.find((tensor) => !(tensor instanceof tf.Tensor));
  if (wrong !== undefined || list.length === 0) {
    throw argumentError({ argument: 'inputs' }, 'a tensor, or a list of them', inputs, 'Write tf.tensor(…)');
  }
  if (list.length === count) return list as Tensor[]; // as just seen
  throw new KerasShapeError({
    argument: 'inputs',
    expected: `the model takes ${count} ${count === 1 ? 'tensor' : 'tensors'}`,
    received: `${list.length}`,
    advice: 'Give one tensor for each of its inputs, in a list',
  });
};

/** The outputs, and their masks, which are to stay as long as they. */
const apply = (model: KerasModel, inputs: unknown, { training, mask }: CheckedOptions<typeof checks>) => {
  const first = [inputs].flat()[0];
  if (!model.built && first instanceof tf.Tensor) {
    const { shape, dtype } = first as Tensor; // of any rank, which `instanceof` leaves untyped
    model.buildFor([null, ...shape.slice(1)], ...(dtype === 'string' ? (['string'] as const) : []));
  }
  const { inputs: symbols } = builtModel(model).tf;
  const x = tensorsIn(inputs, symbols.length);
  checkTexts(x, symbols);
  useVariables([...model.tf.weights.map(variableOf), ...stateVariablesOf(model)]);
  const before = activityLosses().length;
  const { outputs: made, masks } = forward(model, x, training, masksFor(x, mask) ?? x.map(maskOf));
  const outputs = made.map((output) => (x.includes(output) ? tf.clone(output) : output));
  outputs.forEach((output, index) => noteMask(output, masks[index] ?? null));
  added.set(model, activityLosses().slice(before));
  const result = outputs.length === 1 ? (outputs[0] as Tensor) : outputs; // of one
  return { result, masks: masks.filter((mask) => mask !== null) };
};

/**
 * A model's outputs for tensors, by operations that have a gradient: what a loop by hand, or a `trainStep`, applies a model with. With
 * `training` dropout drops, and batch normalization follows the batch.
 *
 * Masks go on with what comes out: another model, a layer of `callLayer`, or a layer inside a layer, that it goes into passes over the same
 * steps. An operation of tfjs in between does not hand them on; `mask` does.
 *
 * The tensors of the result are the caller's; in a `tf.tidy`, `gradientsOf` or `compiledStep` they go by themselves.
 *
 * @throws KerasStateError if the model's input shape is not known, and cannot be taken from the input.
 * @throws KerasShapeError if there are not as many tensors as the model has inputs.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 3, inputShape: [2] }), layerDropout({ rate: 0.5 }))
 * assert.deepStrictEqual(callModel(model, tf.ones([4, 2]), { training: true }).shape, [4, 3])
 * @see R: a model is called, `model(x, training = TRUE)`
 */
export const callModel: ModelFunction<
  [inputs: Tensor | readonly Tensor[], options?: CallModelOptions],
  Predicted
> = modelFunction({
  name: 'callModel',
  data: ['inputs'],
  optionNames: Object.keys(checks),
  checkOptions: (options) => checkOptions('callModel', options, checks),
  run: (model, [inputs]: readonly [unknown], options) => tf.tidy(() => apply(model, inputs, options)).result,
});

/** All layers of a model, or a layer. */
type Penalized = AnyModel | Layer;

/**
 * What is added to the loss of a model besides its own: the penalties of regularizers, and what layers added when the model was last
 * applied in this step, by `addLoss` or `activityRegularizer`. Each is one number. Inside `gradientsOf`, after `callModel`.
 *
 * @throws KerasArgumentError if it is no model.
 * @example
 * const model = pipe(
 *   kerasModelSequential(),
 *   layerDense({ units: 1, inputShape: [1], weights: [[[3]], [0]], kernelRegularizer: regularizerL2(0.5) }),
 * )
 * assert.deepStrictEqual(lossesOf(model).map((loss) => loss.arraySync()), [4.5])
 * @see R: `model$losses`
 */
export const lossesOf = (model: Penalized, ...surplus: []): Scalar[] => {
  refuseSurplus('lossesOf', ['model'], surplus);
  return asFunction('lossesOf', () => {
    if (isLayer(model) && !(model instanceof tf.LayersModel)) return model.losses.map((penalty) => penalty());
    const own = modelOf(model);
    const ofCall = (added.get(own) ?? []).filter(({ isDisposed }) => !isDisposed);
    return [...penalties(own), ...ofCall];
  });
};
