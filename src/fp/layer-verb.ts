import { chain, type Either } from 'fp-ts/Either';
import { pipe } from 'fp-ts/function';
import type { SymbolicTensor } from '@tensorflow/tfjs';
import type { KerasError } from '../base/errors';
import type {
  LayerFunction,
  MergeLayerFunction,
  OptionalLayerFunction,
} from '../layers/internal/define-layer';
import type { LayerStep, LayerTarget } from '../layers/internal/target';
import { either, eitherStep } from './either';

/** A layer to be added. Each application to a model or tensor builds a fresh layer. */
export interface EitherLayerStep {
  <T extends LayerTarget>(object: T): Either<KerasError, T>;
  /** The step of `keras-pipe`, or what is wrong with its options. */
  readonly step: Either<KerasError, LayerStep>;
}

/** A layer function one of whose options is required. */
export type LayerVerb<Options> = (options: Options) => EitherLayerStep;

/** A layer function all of whose options may be left out. */
export type OptionalLayerVerb<Options> = (options?: Options) => EitherLayerStep;

/** A merging layer: its step takes a list of symbolic tensors. */
export type MergeLayerVerb<Options> = (
  options?: Options,
) => (tensors: readonly SymbolicTensor[]) => Either<KerasError, SymbolicTensor>;

const layerStep = (make: () => LayerStep): EitherLayerStep => {
  const step = either(make);
  return Object.assign(
    <T extends LayerTarget>(object: T): Either<KerasError, T> =>
      pipe(
        step,
        chain((add) => either(() => add(object))),
      ),
    { step },
  );
};

export const layerVerb =
  <Options>(verb: LayerFunction<Options>): LayerVerb<Options> =>
  (options) =>
    layerStep(() => verb(options as never));

export const optionalLayerVerb =
  <Options>(verb: OptionalLayerFunction<Options>): OptionalLayerVerb<Options> =>
  (options) =>
    layerStep(() => verb(options as never));

export const mergeLayerVerb =
  <Options>(verb: MergeLayerFunction<Options>): MergeLayerVerb<Options> =>
  (options) =>
    eitherStep(() => verb(options));
