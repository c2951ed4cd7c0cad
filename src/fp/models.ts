import { chain, right, type Either } from 'fp-ts/Either';
import { pipe } from 'fp-ts/function';
import type { SymbolicTensor } from '@tensorflow/tfjs';
import type { KerasError } from '../base/errors';
import * as keras from '../index';
import { either, eitherStep } from './either';

/**
 * A linear stack of layers, empty at first.
 *
 * @example
 * const parameters = pipe(kerasModelSequential({ inputShape: [8] }), E.chain(layerDense({ units: 2 })), E.chain(countParams))
 * assert.deepStrictEqual(parameters, E.right(18))
 * @see {@link keras.kerasModelSequential}
 */
export const kerasModelSequential = (
  options?: keras.SequentialOptions,
): Either<KerasError, keras.SequentialModel> => either(() => keras.kerasModelSequential(options));

/**
 * A model of the functional API.
 *
 * @example
 * const model = pipe(
 *   E.Do,
 *   E.bind('input', () => layerInput({ shape: [8] })),
 *   E.bind('output', ({ input }) => layerDense({ units: 1 })(input)),
 *   E.chain(({ input, output }) => kerasModel(input, output)),
 * )
 * assert.ok(E.isRight(model))
 * @see {@link keras.kerasModel}
 */
export const kerasModel = (
  inputs: SymbolicTensor | readonly SymbolicTensor[],
  outputs: SymbolicTensor | readonly SymbolicTensor[],
  options?: keras.FunctionalOptions,
): Either<KerasError, keras.FunctionalModel<keras.Prediction>> =>
  either(() => keras.kerasModel(inputs, outputs, options));

/** A whole model as one layer. @see {@link keras.layerModel} */
export const layerModel =
  (model: keras.KerasModel) =>
  <T extends keras.LayerTarget>(object: T): Either<KerasError, T> =>
    either(() => keras.layerModel(model)(object));

/** {@link sequence}: of layer steps, which take models and symbolic tensors alike, of steps that take models, or of any of one type. */
interface Sequence {
  (
    ...steps: readonly (<T extends keras.LayerTarget>(object: T) => Either<KerasError, T>)[]
  ): <T extends keras.LayerTarget>(object: T) => Either<KerasError, T>;
  (
    ...steps: readonly (<T extends keras.SequentialModel>(object: T) => Either<KerasError, T>)[]
  ): <T extends keras.SequentialModel>(object: T) => Either<KerasError, T>;
  <T>(
    ...steps: readonly ((object: T) => Either<KerasError, T>)[]
  ): <U extends T>(object: U) => Either<KerasError, U>;
}

/**
 * Any number of steps of one type as one step; the first `Left` ends it.
 *
 * @example
 * const deep = sequence(...Array.from({ length: 30 }, () => layerDense({ units: 8 })))
 * const parameters = pipe(kerasModelSequential({ inputShape: [8] }), E.chain(deep), E.chain(countParams))
 * assert.deepStrictEqual(parameters, E.right(30 * (8 * 8 + 8)))
 * @see {@link keras.sequence}
 */
export const sequence: Sequence =
  <T>(...steps: readonly ((object: T) => Either<KerasError, T>)[]) =>
  <U extends T>(object: U): Either<KerasError, U> =>
    // A step of a pipe gives back what it was given, or what has its type.
    steps.reduce<Either<KerasError, T>>(
      (current, step) => pipe(current, chain(step)),
      right(object),
    ) as Either<KerasError, U>;

/** Prints a model's table, and gives the model back. @see {@link keras.summary} */
export const summary = <Model extends keras.KerasModel>(
  model: Model,
  options?: keras.SummaryOptions,
): Either<KerasError, Model> =>
  either(() => {
    keras.summary(model, options);
    return model;
  });

/** A layer of a model, by name or by `{ index }`. @see {@link keras.getLayer} */
export const getLayer = (
  key: string | { readonly index: number },
): ((model: keras.KerasModel) => Either<KerasError, keras.Layer>) => eitherStep(() => keras.getLayer(key));

/** Removes the last layer of a Sequential model in place. @see {@link keras.popLayer} */
export const popLayer = (model: keras.SequentialModel): Either<KerasError, keras.SequentialModel> =>
  either(() => keras.popLayer(model));

/** The weights of a model or layer as nested arrays. @see {@link keras.getWeights} */
export const getWeights = (object: keras.Weighted): Either<KerasError, keras.Tensor[]> =>
  either(() => keras.getWeights(object));

/**
 * Sets the weights of a model or layer in place.
 *
 * @example
 * const weights = pipe(
 *   kerasModelSequential(),
 *   E.chain(layerDense({ units: 1, inputShape: [2] })),
 *   E.chain(setWeights([[[1], [2]], [3]])),
 *   E.chain(getWeights),
 *   E.map((list) => list.map((weight) => weight.arraySync())),
 * )
 * assert.deepStrictEqual(weights, E.right([[[1], [2]], [3]]))
 * @see {@link keras.setWeights}
 */
export const setWeights =
  (weights: readonly (keras.ArrayLike | keras.Tensor)[]) =>
  <Object extends keras.Weighted>(object: Object): Either<KerasError, Object> =>
    either(() => keras.setWeights(object, weights));

/** The number of parameters of a model or layer. @see {@link keras.countParams} */
export const countParams = (object: keras.Weighted): Either<KerasError, number> =>
  either(() => keras.countParams(object));

/** The shape of a model's input. @see {@link keras.inputShape} */
export const inputShape = (
  model: keras.KerasModel,
): Either<KerasError, keras.BatchShape | keras.BatchShape[]> => either(() => keras.inputShape(model));

/** The shape of a model's output. @see {@link keras.outputShape} */
export const outputShape = (
  model: keras.KerasModel,
): Either<KerasError, keras.BatchShape | keras.BatchShape[]> => either(() => keras.outputShape(model));
