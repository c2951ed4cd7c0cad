export { flow, pipe, sequence } from './models/pipe';
export { tf } from './tfjs/tensorflow';
export type {
  Scalar,
  SymbolicTensor,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
} from './tfjs/tensorflow';
export {
  describe,
  describeShape,
  KerasArgumentError,
  KerasDatasetError,
  KerasError,
  KerasFileError,
  KerasNativeError,
  KerasShapeError,
  KerasStateError,
} from './base/errors';
export type { KerasErrorDetails, KerasErrorKind } from './base/errors';
export { setRandomSeed } from './base/random';

export * from './activations';
export type { ActivationLike, ActivationName } from './activations/registry';
export * from './constraints';
export type { Constraint, ConstraintLike, ConstraintName } from './constraints/registry';
export * from './initializers';
export type { Initializer, InitializerLike, InitializerName } from './initializers/registry';
export * from './regularizers';
export type { Regularizer, RegularizerLike, RegularizerName } from './regularizers/registry';
export type { BareOption, MakerFunction, NoOptions } from './base/maker';
export type { Named } from './base/registry';

export { kerasModelSequential, SequentialModel } from './models/sequential';
export type { SequentialOptions } from './models/sequential';
export { FunctionalModel, kerasModel } from './models/functional';
export type { FunctionalOptions, KerasModelFunction, TensorsOf } from './models/functional';
export { layerModel } from './models/layer-model';
export type { LayerModelFunction } from './models/layer-model';
export { KerasModel } from './models/model';
export type { BatchShape, Layer, Prediction } from './models/model';
export type {
  AnyModel,
  InputOf,
  InputShape,
  ModelFunction,
  ModelProperty,
  ModelStep,
  ModelTask,
  ModelValue,
  OutputShape,
  Predicted,
  PredictionOf,
  ShapeOf,
} from './models/call-styles';
export type {
  Always,
  Apply,
  CallForm,
  DataFunction,
  Itself,
  OptionedDataFunction,
  TypeFunction,
  WithoutSubject,
} from './base/call-styles';
export { getLayer, inputShape, outputShape, popLayer, summary } from './models/inspect';
export type { LayerKey, SummaryOptions } from './models/inspect';
export { countParams, getWeights, setWeights } from './models/weights';
export type { NewWeights, Weighted } from './models/weights';

export { layerDense, layerFlatten, layerInput, layerReshape } from './layers/core';
export type {
  DenseOptions,
  FlattenOptions,
  InputOptions,
  KernelOptions,
  ReshapeOptions,
} from './layers/core';
export {
  layerActivation,
  layerActivationElu,
  layerActivationLeakyRelu,
  layerActivationParametricRelu,
  layerActivationRelu,
  layerActivationSelu,
  layerActivationSoftmax,
  layerActivationThresholdedRelu,
} from './layers/activation';
export type {
  ActivationOptions,
  EluOptions,
  LeakyReluOptions,
  ParametricReluOptions,
  ReluOptions,
  SoftmaxOptions,
  ThresholdedReluOptions,
} from './layers/activation';
export { layerTf } from './layers/custom';
export type { TfLayerFunction, TfLayerSource } from './layers/custom';
export { layerConv1d, layerConv2d } from './layers/convolutional';
export type { Conv1dOptions, Conv2dOptions } from './layers/convolutional';
export { layerDropout } from './layers/dropout';
export type { DropoutOptions } from './layers/dropout';
export { layerEmbedding } from './layers/embedding';
export type { EmbeddingOptions } from './layers/embedding';
export { layerAdd, layerConcatenate } from './layers/merge';
export type { ConcatenateOptions } from './layers/merge';
export { layerBatchNormalization } from './layers/normalization';
export type { BatchNormalizationOptions } from './layers/normalization';
export { layerGlobalAveragePooling1d, layerMaxPooling2d } from './layers/pooling';
export type { GlobalAveragePooling1dOptions, MaxPooling2dOptions } from './layers/pooling';
export * from './layers/reshaping';
export { layerGru, layerLstm, layerSimpleRnn } from './layers/recurrent';
export type { GruOptions, LstmOptions, RecurrentOptions } from './layers/recurrent';
export { shared } from './layers/shared';
export type { LayerOptions } from './layers/internal/options';
export type { LayerStack, LayerStep, LayerTarget } from './layers/internal/target';
export type {
  LayerFunction,
  MergeLayerFunction,
  OptionalLayerFunction,
} from './layers/internal/define-layer';

export { compile, optimizerOf } from './training/compile';
export type { CompileOptions, LossLike, PerOutput } from './training/compile';
export { evaluate } from './training/evaluate';
export type { EvaluateOptions } from './training/evaluate';
export { fit } from './training/fit';
export type { FitOptions } from './training/fit';
export { History } from './training/history';
export type { HistoryParams, HistoryRow } from './training/history';
export { testOnBatch, trainOnBatch } from './training/on-batch';
export type { TestOnBatchOptions, TrainOnBatchOptions } from './training/on-batch';
export { predict, predictClasses, predictOnBatch, predictProba } from './training/predict';
export type { PredictOptions } from './training/predict';
export type { Result } from './step/plan';
export type { Verbose } from './training/progress';
export type { Engine } from './training/step-runners';
export type { DataFor } from './training/data';
export type { ArrayLike, DataArray, NestedArray, ShapedArray } from './arrays/tensors';
export type { Callback, CallbackParams, Logs } from './training/callback-list';
export * from './callbacks';

export * from './losses';
export type { LossName } from './losses/registry';
export * from './optimizers/index';
export { customOptimizer } from './optimizers/custom';
export type { CustomOptimizerDefinition } from './optimizers/custom';
export type { OptimizerFactory } from './optimizers/define-optimizer';
export type { Optimizer } from './optimizers/optimizer';
export type { OptimizerOptions } from './optimizers/options';
export type { OptimizerName } from './optimizers/registry';
export type { InitialValue, UpdateInputs, Updated } from './optimizers/update';
export * from './schedules/index';
export * from './metrics';
export type { MetricLike, MetricName } from './metrics/registry';

export { arrayReshape } from './arrays/array-reshape';
export type { ArrayReshapeOptions } from './arrays/array-reshape';
export { normalize } from './arrays/normalize';
export type { NormalizeOptions } from './arrays/normalize';
export { padSequences } from './arrays/pad-sequences';
export type { PadSequencesOptions } from './arrays/pad-sequences';
export { scale } from './arrays/scale';
export type { Scaled, ScaleOptions } from './arrays/scale';
export type { NumberSequence } from './arrays/sequences';
export { SparseMatrix } from './arrays/sparse-matrix';
export { toCategorical } from './arrays/to-categorical';
export type { ToCategoricalOptions } from './arrays/to-categorical';
export { vectorizeSequences } from './arrays/vectorize-sequences';
export type { VectorizeSequences, VectorizeSequencesOptions } from './arrays/vectorize-sequences';

export * from './datasets';
