import { chain, type Either } from 'fp-ts/Either';
import { pipe } from 'fp-ts/function';
import type { SymbolicTensor } from '@tensorflow/tfjs';
import type { KerasError } from '../base/errors';
import * as keras from '../index';
import { either } from './either';
import { layerVerb, mergeLayerVerb, optionalLayerVerb, type EitherLayerStep } from './layer-verb';

/**
 * The input of a model of the functional API.
 *
 * @example
 * const output = pipe(layerInput({ shape: [784] }), E.chain(layerDense({ units: 10 })))
 * assert.ok(E.isRight(output))
 * @see {@link keras.layerInput}
 */
export const layerInput = (options: keras.InputOptions): Either<KerasError, SymbolicTensor> =>
  either(() => keras.layerInput(options));

/**
 * Adds a densely connected layer.
 *
 * @example
 * const model = pipe(kerasModelSequential(), E.chain(layerDense({ units: 10, inputShape: [784] })), E.chain(outputShape))
 * assert.deepStrictEqual(model, E.right([null, 10]))
 * const mistake = pipe(kerasModelSequential(), E.chain(layerDense({ units: -1 })))
 * assert.ok(E.isLeft(mistake))
 * assert.strictEqual(mistake.left.argument, 'units')
 * @see {@link keras.layerDense}
 */
export const layerDense = layerVerb(keras.layerDense);
/** Flattens each sample. @see {@link keras.layerFlatten} */
export const layerFlatten = optionalLayerVerb(keras.layerFlatten);
/** Gives each sample another shape. @see {@link keras.layerReshape} */
export const layerReshape = layerVerb(keras.layerReshape);
/** A vector as a sequence of itself. @see {@link keras.layerRepeatVector} */
export const layerRepeatVector = layerVerb(keras.layerRepeatVector);
/** Puts axes in another order. @see {@link keras.layerPermute} */
export const layerPermute = layerVerb(keras.layerPermute);
/** Applies an activation function. @see {@link keras.layerActivation} */
export const layerActivation = layerVerb(keras.layerActivation);
/** Applies the exponential linear unit. @see {@link keras.layerActivationElu} */
export const layerActivationElu = optionalLayerVerb(keras.layerActivationElu);
/** Applies a leaky relu. @see {@link keras.layerActivationLeakyRelu} */
export const layerActivationLeakyRelu = optionalLayerVerb(keras.layerActivationLeakyRelu);
/** Applies a leaky relu with slopes that are learned. @see {@link keras.layerActivationParametricRelu} */
export const layerActivationParametricRelu = optionalLayerVerb(keras.layerActivationParametricRelu);
/** Applies relu. @see {@link keras.layerActivationRelu} */
export const layerActivationRelu = optionalLayerVerb(keras.layerActivationRelu);
/** Applies the scaled exponential linear unit. @see {@link keras.layerActivationSelu} */
export const layerActivationSelu = optionalLayerVerb(keras.layerActivationSelu);
/** Applies softmax. @see {@link keras.layerActivationSoftmax} */
export const layerActivationSoftmax = optionalLayerVerb(keras.layerActivationSoftmax);
/** Applies relu above a threshold. @see {@link keras.layerActivationThresholdedRelu} */
export const layerActivationThresholdedRelu = optionalLayerVerb(keras.layerActivationThresholdedRelu);
/** Adds a layer of tfjs. @see {@link keras.layerTf} */
export const layerTf = layerVerb(keras.layerTf as unknown as keras.LayerFunction<keras.TfLayerSource>); // of the same styles
/** Adds a convolution over sequences. @see {@link keras.layerConv1d} */
export const layerConv1d = layerVerb(keras.layerConv1d);
/** Adds a convolution over images. @see {@link keras.layerConv2d} */
export const layerConv2d = layerVerb(keras.layerConv2d);
/** Takes the largest value of each window of an image. @see {@link keras.layerMaxPooling2d} */
export const layerMaxPooling2d = optionalLayerVerb(keras.layerMaxPooling2d);
/** Takes the mean of a sequence. @see {@link keras.layerGlobalAveragePooling1d} */
export const layerGlobalAveragePooling1d = optionalLayerVerb(keras.layerGlobalAveragePooling1d);
/** Randomly zeroes inputs while training. @see {@link keras.layerDropout} */
export const layerDropout = layerVerb(keras.layerDropout);
/** Normalizes activations by the statistics of the batch. @see {@link keras.layerBatchNormalization} */
export const layerBatchNormalization = optionalLayerVerb(keras.layerBatchNormalization);
/** Turns ids into vectors. @see {@link keras.layerEmbedding} */
export const layerEmbedding = layerVerb(keras.layerEmbedding);
/** Adds a gated recurrent unit. @see {@link keras.layerGru} */
export const layerGru = layerVerb(keras.layerGru);
/** Adds a long short-term memory. @see {@link keras.layerLstm} */
export const layerLstm = layerVerb(keras.layerLstm);
/** Adds a fully connected recurrent layer. @see {@link keras.layerSimpleRnn} */
export const layerSimpleRnn = layerVerb(keras.layerSimpleRnn);
/** Adds inputs up. @see {@link keras.layerAdd} */
export const layerAdd = mergeLayerVerb(keras.layerAdd);
/** Joins inputs along one axis. @see {@link keras.layerConcatenate} */
export const layerConcatenate = mergeLayerVerb(keras.layerConcatenate);

/**
 * One layer for several places: each application uses the same layer, and so the same weights.
 *
 * @example
 * const encoder = shared(layerDense({ units: 4 }))
 * const left = pipe(layerInput({ shape: [3] }), E.chain(encoder))
 * const right = pipe(layerInput({ shape: [3] }), E.chain(encoder))
 * assert.ok(E.isRight(left) && E.isRight(right))
 * assert.strictEqual(left.right.sourceLayer, right.right.sourceLayer)
 * @see {@link keras.shared}
 */
export const shared = (
  step: EitherLayerStep,
): ((tensor: SymbolicTensor) => Either<KerasError, SymbolicTensor>) => {
  const once = pipe(
    step.step,
    chain((layerStep) => either(() => keras.shared(layerStep))),
  );
  return (tensor) =>
    pipe(
      once,
      chain((apply) => either(() => apply(tensor))),
    );
};
