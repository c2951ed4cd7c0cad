/**
 * `keras-pipe/fp`: the verbs of `keras-pipe` for those who keep errors as values.
 *
 * What is done at once gives an `Either<KerasError, A>` of fp-ts, what takes time a `TaskEither<KerasError, A>`. Verbs that
 * `keras-pipe` has in two styles are here in the piped one, to be used with `E.chain` and `TE.chain`; the others take the same
 * arguments as there. Nothing is thrown for a mistake in arguments, data or files, and a wrong option comes as `Left` where
 * the step is applied. Losses, metrics, optimizers, regularizers and `tf` are the same here and there: take
 * them from `keras-pipe`.
 *
 * @example
 * const prediction = pipe(
 *   kerasModelSequential(),
 *   E.chain(layerDense({ units: 8, activation: 'relu', inputShape: [2] })),
 *   E.chain(layerDense({ units: 1 })),
 *   E.chain(compile({ optimizer: 'rmsprop', loss: 'mse' })),
 *   TE.fromEither,
 *   TE.chainFirst(fit([[0, 1], [1, 0]], [1, 2], { epochs: 2, verbose: 0 })),
 *   TE.chain(predict([[0, 1]])),
 *   TE.map((output) => output.shape),
 * )
 * assert.deepStrictEqual(await prediction(), E.right([1, 1]))
 */
export * as E from 'fp-ts/Either';
export * as TE from 'fp-ts/TaskEither';
export { flow, pipe } from '../models/pipe';
export { KerasError } from '../base/errors';
export { either, taskEither } from './either';
export type { EitherLayerStep, LayerVerb, MergeLayerVerb, OptionalLayerVerb } from './layer-verb';
export {
  layerActivation,
  layerActivationElu,
  layerActivationLeakyRelu,
  layerActivationParametricRelu,
  layerActivationRelu,
  layerActivationSelu,
  layerActivationSoftmax,
  layerActivationThresholdedRelu,
  layerAdd,
  layerBatchNormalization,
  layerConcatenate,
  layerConv1d,
  layerConv2d,
  layerDense,
  layerDropout,
  layerEmbedding,
  layerFlatten,
  layerGlobalAveragePooling1d,
  layerGru,
  layerInput,
  layerLstm,
  layerMaxPooling2d,
  layerPermute,
  layerRepeatVector,
  layerReshape,
  layerSimpleRnn,
  layerTf,
  shared,
} from './layers';
export {
  countParams,
  getLayer,
  getWeights,
  inputShape,
  kerasModel,
  kerasModelSequential,
  layerModel,
  outputShape,
  popLayer,
  sequence,
  setWeights,
  summary,
} from './models';
export {
  compile,
  evaluate,
  fit,
  optimizerOf,
  predict,
  predictClasses,
  predictOnBatch,
  predictProba,
  testOnBatch,
  trainOnBatch,
} from './training';
export {
  arrayReshape,
  datasetBostonHousing,
  datasetImdb,
  datasetImdbWordIndex,
  datasetMnist,
  normalize,
  padSequences,
  scale,
  setRandomSeed,
  toCategorical,
  vectorizeSequences,
} from './data';
