import type { LayerVariable } from '@tensorflow/tfjs';
import { argumentError, isPlainObject } from '../base/checks';
import { describe, KerasArgumentError, KerasShapeError } from '../base/errors';
import { asFunction, refuseSurplus } from '../base/function-name';
import { isLayer, type Layer } from '../layers/internal/target';
import { modelOf, modelSubject, type AnyModel } from '../models/call-styles';
import { variableBehind, type Gradients } from '../optimizers/gradients';
import { lossGradients } from '../step/step';
import { useVariables } from '../tfjs/weights-in-use';
import { withActivityLosses } from '../tfjs/activity';
import { tf, type Scalar, type Tensor, type Variable } from '../tfjs/tensorflow';

/** What has weights: a model, a layer, a weight of a layer, a variable of tfjs, or a list of these. */
export type WeightSource = AnyModel | Layer | LayerVariable | Variable | readonly WeightSource[];

/** What a function may give: its loss, or an object with its loss among other tensors. */
export type LossOutput = Tensor | ({ readonly loss: Tensor } & Readonly<Record<string, Tensor>>);

/** What {@link gradientsOf} gives: for an optimizer's `apply`, with the loss and what else the function gave. */
export interface LossGradients<Output extends LossOutput = LossOutput> extends Gradients {
  readonly loss: Scalar;
  /** All that the function gave. */
  readonly values: Output extends Tensor ? { readonly loss: Scalar } : Output;
}

const isWeight = (value: unknown): value is LayerVariable => value instanceof tf.LayerVariable;

/** The weights that are trained of what has weights, each once. */
const weightsIn = (source: unknown): (LayerVariable | Variable)[] => {
  if (source instanceof tf.Variable || isWeight(source)) return [source];
  if (Array.isArray(source)) return [...new Set(source.flatMap(weightsIn))];
  if (modelSubject.is(source)) return [...new Set(modelOf(source).tf.trainableWeights)];
  if (isLayer(source)) return [...new Set(source.trainableWeights)];
  throw argumentError(
    { argument: 'of' },
    'a model, a layer, weights, or a list of these',
    source,
    'Write gradientsOf(() => loss, model)',
  );
};

const notALoss = (received: string): KerasArgumentError =>
  new KerasArgumentError({
    argument: 'fn',
    expected: '`fn` must return the loss, one number as a tensor, or an object with it as `loss`',
    received,
    advice:
      'Write gradientsOf(() => tf.mean(…), model), or gradientsOf(() => ({ loss: tf.mean(…), output }), model)',
  });

const namedTensors = (output: unknown): Readonly<Record<string, Tensor>> => {
  const named = output instanceof tf.Tensor ? { loss: output } : output;
  if (!isPlainObject(named) || !(named['loss'] instanceof tf.Tensor)) throw notALoss(describe(output));
  const wrong = Object.entries(named).find(([, value]) => !(value instanceof tf.Tensor));
  if (wrong !== undefined) throw notALoss(`\`${wrong[0]}\`: ${describe(wrong[1])}`);
  const { loss } = named as Record<'loss', Tensor>; // of tensors, as just seen
  if (loss.rank === 0) return named as Record<string, Tensor>; // the same
  throw new KerasShapeError({
    argument: 'fn',
    expected: 'the loss must be one number',
    received: describe(loss),
    advice: 'Write tf.mean(…), or tf.sum(…)',
  });
};

const compute = (fn: () => LossOutput, of: WeightSource): LossGradients => {
  const weights = weightsIn(of);
  if (weights.length === 0) {
    throw argumentError(
      { argument: 'of' },
      'something with weights that are trained',
      of,
      'Unfreeze some of its layers',
    );
  }
  const variables = weights.map(variableBehind);
  useVariables(variables);
  let kept: Readonly<Record<string, Tensor>> = {};
  try {
    return tf.tidy(() =>
      withActivityLosses(() => {
        const { value, grads } = lossGradients(() => {
          const named = namedTensors(fn());
          // They are needed outside of the gradient's own scope, which frees what it did not return.
          kept = Object.fromEntries(
            Object.entries(named).map(([name, tensor]) => [name, tf.keep(tf.clone(tensor))]),
          );
          return named['loss'] as Scalar; // one number, as seen
        }, variables);
        const values = Object.fromEntries(
          Object.entries(kept).map(([name, tensor]) => [name, tf.clone(tensor)]),
        );
        // A variable on which the loss does not depend has no gradient: it stays as it is.
        const gradients = variables.map((variable) => grads[variable.name] ?? tf.zerosLike(variable));
        return {
          loss: value,
          values: { ...values, loss: value },
          gradients,
          weights,
        } as unknown as LossGradients & Tensor[]; // a tidy takes objects of tensors
      }),
    );
  } finally {
    tf.dispose(kept);
  }
};

/**
 * The gradients of any function of the weights of a model, a layer, or of several, for a loop by hand: `∂ loss / ∂ w` for each weight
 * that is trained. An optimizer takes them: `optimizer.apply(gradientsOf(…))`.
 *
 * `fn` computes the loss by tfjs operations; {@link callModel} applies a model in it. It may give other tensors besides, in one object
 * with `loss`, which come back in `values`. The tensors of the result are the caller's.
 *
 * @throws KerasArgumentError if `fn` gives no loss, or if nothing is trained.
 * @throws KerasStateError if the loss does not depend on the weights.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1], weights: [[[2]], [0]] }))
 * const x = tf.tensor2d([[1], [3]])
 * const { loss, gradients } = gradientsOf(() => tf.mean(callModel(model, x)), model)
 * assert.strictEqual(loss.arraySync(), 4)
 * assert.deepStrictEqual(gradients.map((gradient) => gradient.arraySync()), [[[2]], [1]])
 * @see R's `with(tf$GradientTape() %as% tape, …)`, `tape$gradient(loss, model$trainable_variables)`
 */
export const gradientsOf = <Output extends LossOutput>(
  fn: () => Output,
  of: WeightSource,
  ...surplus: []
): LossGradients<Output> => {
  refuseSurplus('gradientsOf', ['fn', 'of'], surplus);
  return asFunction('gradientsOf', () => {
    if (typeof fn !== 'function') throw notALoss(describe(fn));
    return compute(fn, of) as LossGradients<Output>; // what `fn` gives is in its values
  });
};
