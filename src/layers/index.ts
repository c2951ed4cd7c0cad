export * from './activation';
export * from './attention';
export * from './call-layer';
export * from './cells';
export * from './conv-lstm';
export * from './convolutional';
export * from './convolutional-transpose';
export * from './core';
export * from './cropping';
export * from './custom';
export * from './depthwise';
export * from './dot';
export * from './dropout';
export * from './einsum-dense';
export * from './elementwise';
export * from './embedding';
export * from './global-pooling';
export * from './group-query-attention';
export * from './keras-layer';
export * from './lambda';
export * from './layer-class';
export * from './layer-normalization';
export * from './masking';
export * from './merge';
export * from './noise';
export * from './normalization';
export * from './pooling';
export * from './rectifiers';
export * from './preprocessing-audio';
export * from './preprocessing-categorical';
export * from './preprocessing-audio-mel';
export * from './preprocessing-image';
export * from './preprocessing-image-color';
export * from './preprocessing-image-size';
export * from './preprocessing-image-transform';
export * from './preprocessing-lookup';
export * from './preprocessing-numeric';
export * from './preprocessing-text';
export * from './recurrent';
export * from './reshaping';
export * from './rnn';
export * from './separable';
export * from './shared';
export * from './spectral-normalization';
export * from './upsampling';
export * from './wrappers';
export * from './zero-padding';
export type {
  AttentionLayerFunction,
  LayerFunction,
  ListLayerFunction,
  MergeLayerFunction,
  OptionalAttentionLayerFunction,
  OptionalLayerFunction,
} from './internal/define-layer';
export type {
  InitialState,
  ManyOutputsStep,
  RecurrentLayerFunction,
  NoReturnState,
  ReturnState,
} from './internal/define-recurrent';
export type {
  CellContext,
  CellRecipe,
  CellSource,
  CellWeight,
  NestedRnnCell,
  RnnCell,
} from './internal/cell-sources';
export type { StateSize } from './internal/recurrent-cell';
export type { TfjsCell } from './internal/own-cells';
export type { MergeMode } from './internal/bidirectional-layer';
export type { LiftedStep, SingleSource } from './internal/wrapped';
export type { ActivityOption, KernelOptions } from './internal/kernel-options';
export type { RecurrenceOptions } from './internal/recurrence-options';
export type { AdaptiveLayerFunction, AdaptiveStep, VocabularyStep } from './internal/adaptive-layer';
export type { Adaptive } from './internal/learned';
export type { VocabularySource } from './internal/lookup-options';
export type { Split, Standardize } from './internal/word-splitting';
export type { DataFormatName } from './internal/data-format';
export type { Border, FormatOption } from './internal/border-options';
export type { Sizes1d, Sizes2d, Sizes3d, WindowOptions } from './internal/window-options';
export type { FillMode, Sampling } from '../ops/affine-transform';
export type { Interpolation } from '../ops/resample';
export type { AnyLayerStep } from './internal/any-step';
export type { InputMask } from './internal/input-masks';
export type { SubLayer, SubLayerOptions, SubLayerSource } from './internal/sublayer';
export type { Factor } from './internal/image-layer';
export type { SignalWindow } from './internal/signal-window';
export type { InputType, LayerOptions } from './internal/options';
export type { LayerStack, LayerStep, LayerTarget } from './internal/target';
