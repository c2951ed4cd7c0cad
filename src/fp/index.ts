/**
 * `keras-pipe/fp`: the functions of `keras-pipe` for those who keep errors as values.
 *
 * What is done at once gives an `Either<KerasError, A>` of fp-ts, what takes time a `TaskEither<KerasError, A>`, which begins
 * when it is run. The forms of call are the same as there: `E.chain(layerDense({ units: 10 }))` in a pipe, or
 * `layerDense(model, { units: 10 })`. Nothing is thrown for a mistake in arguments, data or files, and a wrong option comes as
 * `Left` where the step is applied. Classes, `tf`, `pipe` and `flow` are the same here and there.
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
import '../base/not-bundled';
import '../base/compile-cache';
import * as activations from '../activations';
import * as arrays from '../arrays';
import * as backend from '../backend';
import * as base from '../base';
import * as callbacks from '../callbacks';
import * as constraints from '../constraints';
import * as datasets from '../datasets';
import * as initializers from '../initializers';
import * as layers from '../layers';
import * as losses from '../losses';
import * as metrics from '../metrics';
import * as models from '../models';
import * as optimizers from '../optimizers';
import * as persistence from '../persistence';
import * as plots from '../plots';
import * as preprocessing from '../preprocessing';
import * as regularizers from '../regularizers';
import * as schedules from '../schedules';
import * as tfjs from '../tfjs';
import * as training from '../training';
import { sequence, shared, type Overloaded } from './composition';
import { either, taskEither } from './either';
import * as fpTs from './fp-ts';
import type * as forms from './forms';
import { lift } from './lift';
import '../tfjs/ready';

/** What stands here as it is: it composes, or cannot fail. */
interface Kept {
  /** A call as an `Either`, for whatever is not here. @see {@link either} */
  readonly either: typeof either;
  /** A call that gives a promise as a `TaskEither`. @see {@link taskEither} */
  readonly taskEither: typeof taskEither;
  /** fp-ts's `pipe`. */
  readonly pipe: typeof models.pipe;
  /** fp-ts's `flow`. */
  readonly flow: typeof models.flow;
  /** Any number of steps of one type as one step; the first `Left` ends it. @see {@link sequence} */
  readonly sequence: forms.EitherSequence;
  /** One layer for several places. @see {@link shared} */
  readonly shared: typeof shared;
  /** tfjs on TensorFlow's C library, whose functions throw. @see {@link tfjs.tf} */
  readonly tf: typeof tfjs.tf;
  /** A value in words. @see {@link base.describe} */
  readonly describe: typeof base.describe;
  /** A shape in words. @see {@link base.describeShape} */
  readonly describeShape: typeof base.describeShape;
}

/** The families, each lifted by the same rule. */
type Families = forms.Lifted<typeof base> &
  forms.Lifted<typeof arrays> &
  forms.Lifted<typeof backend> &
  forms.Lifted<typeof activations> &
  forms.Lifted<typeof initializers> &
  forms.Lifted<typeof constraints> &
  forms.Lifted<typeof regularizers> &
  forms.Lifted<typeof losses> &
  forms.Lifted<typeof metrics> &
  forms.Lifted<typeof schedules> &
  forms.Lifted<typeof optimizers> &
  forms.Lifted<typeof layers> &
  forms.Lifted<typeof models> &
  forms.Lifted<typeof training> &
  forms.Lifted<typeof callbacks> &
  forms.Lifted<typeof datasets> &
  forms.Lifted<typeof preprocessing> &
  forms.Lifted<typeof persistence> &
  forms.Lifted<typeof plots>;

type Fp = Omit<Families, keyof Kept | keyof Overloaded> & Overloaded & Kept & typeof fpTs;

const fp = {
  ...lift(base),
  ...lift(arrays),
  ...lift(backend),
  ...lift(activations),
  ...lift(initializers),
  ...lift(constraints),
  ...lift(regularizers),
  ...lift(losses),
  ...lift(metrics),
  ...lift(schedules),
  ...lift(optimizers),
  ...lift(layers),
  ...lift(models),
  ...lift(training),
  ...lift(callbacks),
  ...lift(datasets, true),
  ...lift(preprocessing),
  ...lift(persistence),
  ...lift(plots),
  ...fpTs,
  either,
  taskEither,
  pipe: models.pipe,
  flow: models.flow,
  sequence,
  shared,
  tf: tfjs.tf,
  describe: base.describe,
  describeShape: base.describeShape,
} as unknown as Fp; // the overloaded ones are as the interface says

/* eslint-disable @typescript-eslint/no-namespace -- the types of a module whose values are those of one object */
declare namespace fp {
  /** The base of every error of this library: what is in a `Left`. */
  export type KerasError = base.KerasError;
  /** A layer to be added. */
  export type EitherLayerStep = forms.EitherLayerStep;
  /** A layer function one of whose options is required. */
  export type EitherLayerFunction<Options> = forms.EitherLayerFunction<Options>;
  /** A layer function whose options may all be left out. */
  export type EitherOptionalLayerFunction<Options> = forms.EitherOptionalLayerFunction<Options>;
  /** A merging layer. */
  export type EitherMergeLayerFunction<Options> = forms.EitherMergeLayerFunction<Options>;
  /** An attention layer. */
  export type EitherAttentionLayerFunction<Options> = forms.EitherAttentionLayerFunction<Options>;
  /** An attention layer whose options may all be left out. */
  export type EitherOptionalAttentionLayerFunction<Options> =
    forms.EitherOptionalAttentionLayerFunction<Options>;
  /** `shared`: of a layer that puts out one tensor, or several. */
  export type EitherShared = forms.EitherShared;
  export namespace E {
    export type Either<Left, Right> = fpTs.E.Either<Left, Right>;
    export type Left<Value> = fpTs.E.Left<Value>;
    export type Right<Value> = fpTs.E.Right<Value>;
  }
  export namespace TE {
    export type TaskEither<Left, Right> = fpTs.TE.TaskEither<Left, Right>;
  }
}
/* eslint-enable @typescript-eslint/no-namespace */

// An object, so that no function has to be listed a second time. The build adds the names that an import looks for.
export = fp;
