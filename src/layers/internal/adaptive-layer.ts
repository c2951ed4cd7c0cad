/** Layer functions of layers that learn from data before the training. */
import type { callForm, CallForm, WithoutSubject } from '../../base/call-styles';
import { applyTo, layerTarget } from './apply';
import { layerFunction, type Definition, type Make, type OwnChecks } from './define-layer';
import type { Adaptive } from './learned';
import type { LayerOptions } from './options';
import type { LayerStep, LayerTarget } from './target';

/** A layer that learns from data, to be added: see {@link adapt}. */
export interface AdaptiveStep extends LayerStep, Adaptive {}

/** The key by which the compiler knows of which type the tokens of a vocabulary are; there is no such value. */
export declare const tokenType: unique symbol;

/** A layer that has a vocabulary, to be added: see {@link adapt}, {@link getVocabulary}, {@link setVocabulary}. */
export interface VocabularyStep<Token extends string | number> extends AdaptiveStep {
  readonly [tokenType]: Token;
}

/** A layer function of a layer that learns from data, all of whose options may be left out. */
export interface AdaptiveLayerFunction<Options, Step extends AdaptiveStep = AdaptiveStep> {
  (options?: Options & WithoutSubject): Step;
  <T extends LayerTarget>(object: T, options?: Options): T;
  readonly [callForm]: CallForm<['optional layer', Options]>;
}

/** Defines a layer function of a layer that learns from data. */
export const defineAdaptiveLayer = <
  Options extends LayerOptions,
  Checks extends OwnChecks<Options>,
  Step extends AdaptiveStep = AdaptiveStep,
>(
  functionName: string,
  make: Make,
  definition: Definition<Options, Checks>,
): AdaptiveLayerFunction<Options, Step> =>
  // The call styles are told apart by the arguments, which the implementation's type cannot say.
  layerFunction(functionName, make, definition, layerTarget, applyTo) as AdaptiveLayerFunction<Options, Step>;
