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
} from './call-styles';
export type { CompileOptions, LossLike, PerOutput } from './compilation';
export { FunctionalModel, kerasModel } from './functional';
export type { FunctionalOptions, KerasModelFunction, TensorsOf } from './functional';
export * from './inspect';
export * from './layer-model';
export { KerasModel } from './model';
export type { BatchShape, Layer, Prediction } from './model';
export * from './pipe';
export * from './sequential';
export * from './weights';
