export type {
  AnyModel,
  InputOf,
  InputShape,
  ModelFunction,
  ModelProperty,
  ModelStep,
  ModelTask,
  StreamTask,
  AfterData,
  ModelValue,
  OutputShape,
  Predicted,
  PredictionOf,
  ShapeOf,
} from './call-styles';
export * from './config';
export type { CompileOptions, LossLike, PerOutput } from './compilation';
export * from './functional';
export * from './functional-model';
export * from './freeze';
export * from './inspect';
export type { LayerRange } from './layer-range';
export type { SummaryForm, SummaryStyle } from './summary';
export * from './layer-model';
export type { ModelMetadata } from './metadata';
export { KerasModel } from './model';
export type { BatchShape, Layer, Prediction } from './model';
export * from './pipe';
export * from './reset-states';
export * from './sequential';
export type { Weighted } from './weighted';
export type { SummaryContent } from './summary-rows';
export * from './weights';
