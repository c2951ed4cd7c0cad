import { chain, left, right, type Either } from 'fp-ts/Either';
import { pipe } from 'fp-ts/function';
import type { LayersModel, Sequential, SymbolicTensor } from '@tensorflow/tfjs';
import type { CustomObjects } from '../base/custom-objects';
import { describe, KerasArgumentError, type KerasError } from '../base/errors';
import * as layers from '../layers';
import type {
  Configured,
  FromConfigOptions,
  FunctionalModel,
  FunctionalOptions,
  KerasConfig,
  MadeOf,
  Prediction,
  SequentialModel,
  TensorsOf,
} from '../models';
import type {
  NumberSequence,
  Padded,
  PadSequencesOptions,
  StepSequences,
  SparseMatrix,
  VectorizeSequencesOptions,
} from '../arrays';
import type { Tensor, Tensor2D } from '../tfjs/tensorflow';
import { either } from './either';
import type { EitherLayerStep, EitherRnnFunction, EitherSequence, EitherShared } from './forms';

/**
 * Any number of steps of one type as one step; the first `Left` ends it.
 *
 * @example
 * const deep = sequence(...Array.from({ length: 30 }, () => layerDense({ units: 8 })))
 * const parameters = pipe(kerasModelSequential({ inputShape: [8] }), E.chain(deep), E.chain(countParams))
 * assert.deepStrictEqual(parameters, E.right(30 * (8 * 8 + 8)))
 * @see R keras: the pipe
 */
export const sequence: EitherSequence =
  <T>(...steps: readonly ((object: T) => Either<KerasError, T>)[]) =>
  <U extends T>(object: U): Either<KerasError, U> =>
    // A step of a pipe gives back what it was given, or what has its type.
    steps.reduce<Either<KerasError, T>>(
      (current, step) => pipe(current, chain(step)),
      right(object),
    ) as Either<KerasError, U>;

const notAStep = (step: unknown): Either<KerasError, never> =>
  left(
    new KerasArgumentError({
      function: 'shared',
      argument: 'step',
      expected: '`step` must be a layer step',
      received: describe(step),
      advice: 'Write shared(layerLstm({ units: 32 }))',
    }),
  );

/**
 * One layer for several places: each application uses the same layer, and so the same weights.
 *
 * @example
 * const encoder = shared(layerDense({ units: 4 }))
 * const left = pipe(layerInput({ shape: [3] }), E.chain(encoder))
 * const right = pipe(layerInput({ shape: [3] }), E.chain(encoder))
 * assert.ok(E.isRight(left) && E.isRight(right))
 * assert.strictEqual(left.right.sourceLayer, right.right.sourceLayer)
 * @see R keras: an instance of a layer, called on two tensors
 */
export const shared = ((step: EitherLayerStep) => {
  const untyped: unknown = step; // callers without types give anything
  const once =
    typeof untyped === 'function' && 'step' in untyped
      ? pipe(
          step.step,
          chain((layerStep) => either(() => layers.shared(layerStep))),
        )
      : notAStep(untyped);
  return (tensor: SymbolicTensor, options: layers.SharedCallOptions) =>
    pipe(
      once,
      chain((apply) => either(() => apply(tensor, options))),
    );
}) as EitherShared; // one output or several, as the step says

type Symbols = SymbolicTensor | readonly SymbolicTensor[];
type Sequences = readonly NumberSequence[];
type SparseOptions = VectorizeSequencesOptions & { sparse: true };
type DenseOptions = VectorizeSequencesOptions & { sparse?: false | undefined };

/** Functions whose types say more than the rule for all can carry over. */
export interface Overloaded {
  /** A new layer or model of a configuration. @see R keras `from_config` */
  readonly fromConfig: <Of extends Configured = Configured>(
    config: KerasConfig<Of>,
    options?: FromConfigOptions,
  ) => Either<KerasError, MadeOf<Of>>;
  /** Runs a function in which names stand for functions and classes of one's own. @see R keras `with_custom_object_scope` */
  readonly withCustomObjectScope: <Result>(
    objects: CustomObjects,
    run: () => Result,
  ) => Either<KerasError, Result>;
  /** A model of the functional API, or around a model of tfjs. @see R keras `keras_model` */
  readonly kerasModel: {
    (model: Sequential): Either<KerasError, SequentialModel>;
    (model: LayersModel): Either<KerasError, FunctionalModel<Prediction>>;
    <const Inputs extends Symbols, const Outputs extends Symbols>(
      inputs: Inputs,
      outputs: Outputs,
      options?: FunctionalOptions,
    ): Either<KerasError, FunctionalModel<TensorsOf<Outputs>, TensorsOf<Inputs>>>;
  };
  /** Any cell over sequences. @see R keras `layer_rnn` */
  readonly layerRnn: EitherRnnFunction;
  /** Sequences of different lengths as the rows of one array. @see R keras `pad_sequences` */
  readonly padSequences: {
    (sequences: Sequences, options?: PadSequencesOptions): Either<KerasError, Tensor2D>;
    (sequences: StepSequences, options?: PadSequencesOptions): Either<KerasError, Tensor>;
    (
      options?: PadSequencesOptions,
    ): <Given extends StepSequences>(sequences: Given) => Either<KerasError, Padded<Given>>;
  };
  /** Sequences of ids as rows with a one at each id. @see The book *Deep Learning with R* */
  readonly vectorizeSequences: {
    (sequences: Sequences, options: SparseOptions): Either<KerasError, SparseMatrix>;
    (sequences: Sequences, options?: DenseOptions): Either<KerasError, Tensor2D>;
    (options: SparseOptions): <T extends Sequences>(sequences: T) => Either<KerasError, SparseMatrix>;
    (options?: DenseOptions): <T extends Sequences>(sequences: T) => Either<KerasError, Tensor2D>;
  };
}
