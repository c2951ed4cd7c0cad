import type { Either } from 'fp-ts/Either';
import type { TaskEither } from 'fp-ts/TaskEither';
import type { Tensor2D } from '@tensorflow/tfjs';
import type { KerasError } from '../base/errors';
import * as keras from '../index';
import { either, taskEither } from './either';

/**
 * Boston housing.
 *
 * @example
 * const rows = pipe(datasetBostonHousing({ embedded: true }), TE.map((boston) => boston.train.x.shape[0]))
 * assert.deepStrictEqual(await rows(), E.right(404))
 * @see {@link keras.datasetBostonHousing}
 */
export const datasetBostonHousing = (
  options?: keras.BostonHousingOptions,
): TaskEither<KerasError, keras.BostonHousingDataset> =>
  taskEither(() => keras.datasetBostonHousing(options));

/** IMDB's movie reviews. @see {@link keras.datasetImdb} */
export const datasetImdb = (options?: keras.ImdbOptions): TaskEither<KerasError, keras.ImdbDataset> =>
  taskEither(() => keras.datasetImdb(options));

/** The ids of the words of IMDB's reviews. @see {@link keras.datasetImdbWordIndex} */
export const datasetImdbWordIndex = (
  options?: keras.DatasetOptions,
): TaskEither<KerasError, keras.ImdbWordIndex> => taskEither(() => keras.datasetImdbWordIndex(options));

/** MNIST's handwritten digits. @see {@link keras.datasetMnist} */
export const datasetMnist = (options?: keras.DatasetOptions): TaskEither<KerasError, keras.MnistDataset> =>
  taskEither(() => keras.datasetMnist(options));

/** An array in another shape. @see {@link keras.arrayReshape} */
export const arrayReshape = (
  x: keras.ArrayLike,
  shape: number | readonly number[],
): Either<KerasError, keras.Tensor> => either(() => keras.arrayReshape(x, shape));

/** Vectors of length 1. @see {@link keras.normalize} */
export const normalize = (
  x: keras.ArrayLike,
  options?: keras.NormalizeOptions,
): Either<KerasError, keras.Tensor> => either(() => keras.normalize(x, options));

/** Sequences of one length. @see {@link keras.padSequences} */
export const padSequences = (
  sequences: readonly keras.NumberSequence[],
  options?: keras.PadSequencesOptions,
): Either<KerasError, Tensor2D> => either(() => keras.padSequences(sequences, options));

/** Columns with mean 0 and standard deviation 1. @see {@link keras.scale} */
export const scale = (x: keras.ArrayLike, options?: keras.ScaleOptions): Either<KerasError, keras.Scaled> =>
  either(() => keras.scale(x, options));

/**
 * Class numbers as rows with a one in the column of the class.
 *
 * @example
 * const rows = pipe(toCategorical([0, 2]), E.map((tensor) => tensor.shape))
 * assert.deepStrictEqual(rows, E.right([2, 3]))
 * @see {@link keras.toCategorical}
 */
export const toCategorical = (
  y: keras.DataArray,
  options?: keras.ToCategoricalOptions,
): Either<KerasError, keras.Tensor> => either(() => keras.toCategorical(y, options));

/** {@link vectorizeSequences}: a tensor, or a sparse matrix. */
interface VectorizeSequences {
  (
    sequences: readonly keras.NumberSequence[],
    options: keras.VectorizeSequencesOptions & { sparse: true },
  ): Either<KerasError, keras.SparseMatrix>;
  (
    sequences: readonly keras.NumberSequence[],
    options?: keras.VectorizeSequencesOptions & { sparse?: false },
  ): Either<KerasError, Tensor2D>;
}

/** Sequences of ids as rows with a one at each id. @see {@link keras.vectorizeSequences} */
export const vectorizeSequences = ((
  sequences: readonly keras.NumberSequence[],
  options?: keras.VectorizeSequencesOptions & { sparse?: false },
) => either(() => keras.vectorizeSequences(sequences, options))) as VectorizeSequences; // `sparse` decides

/** Makes everything random that follows repeatable. @see {@link keras.setRandomSeed} */
export const setRandomSeed = (seed: number): Either<KerasError, void> =>
  either(() => {
    keras.setRandomSeed(seed);
  });
