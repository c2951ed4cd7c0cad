/**
 * `keras-pipe/fp/forms`: what the functions of `keras-pipe` become in `keras-pipe/fp`, family by family. An entry of its own, so that
 * a program that exports one of them can name its type.
 */
import type { Either } from 'fp-ts/Either';
import type { TaskEither } from 'fp-ts/TaskEither';
import type { SymbolicTensor } from '@tensorflow/tfjs';
import type { Apply, callForm, CallForm, TypeFunction, WithoutSubject } from '../base/call-styles';
import type { KerasError } from '../base/errors';
import type {
  ManyOutputsStep,
  NoReturnState,
  recurrentForm,
  ReturnState,
} from '../layers/internal/define-recurrent';
import type { LayerStep, LayerTarget } from '../layers/internal/target';
import type {
  NestedRnnOptions,
  NestedRnnOutputs,
  PipedNestedRnnOptions,
  RnnOptions,
  RnnOutputs,
} from '../layers/rnn';
import type { SharedLayer } from '../layers/shared';
import type { AfterData, AnyModel, SequentialModel } from '../models';

/** A layer to be added. Each application to a model or tensor builds a fresh layer. */
export interface EitherLayerStep {
  <T extends LayerTarget>(object: T): Either<KerasError, T>;
  /** The step of `keras-pipe`, or what is wrong with its options. */
  readonly step: Either<KerasError, LayerStep>;
}

/** A layer function one of whose options is required. */
export interface EitherLayerFunction<Options> {
  (options: Options & WithoutSubject): EitherLayerStep;
  <T extends LayerTarget>(object: T, options: Options): Either<KerasError, T>;
}

/** A layer function that makes a layer of something: a model, or a layer of tfjs. */
export interface EitherLayerOf<Source> {
  (source: Source): EitherLayerStep;
  <T extends LayerTarget>(object: T, source: Source): Either<KerasError, T>;
}

/** A layer function whose options may all be left out. */
export interface EitherOptionalLayerFunction<Options> {
  (options?: Options & WithoutSubject): EitherLayerStep;
  <T extends LayerTarget>(object: T, options?: Options): Either<KerasError, T>;
}

/** A merging layer: takes a list of symbolic tensors. */
export interface EitherMergeLayerFunction<Options> {
  (tensors: readonly SymbolicTensor[], options?: Options): Either<KerasError, SymbolicTensor>;
  (
    options?: Options,
  ): <T extends readonly SymbolicTensor[]>(tensors: T) => Either<KerasError, SymbolicTensor>;
}

/** The step of a recurrent layer that puts out its states, too. */
export interface EitherManyOutputsStep<Outputs extends readonly SymbolicTensor[]> {
  (tensor: SymbolicTensor): Either<KerasError, Outputs>;
  /** The step of `keras-pipe`, or what is wrong with its options. */
  readonly step: Either<KerasError, ManyOutputsStep<Outputs>>;
}

/** `shared`: of a layer that puts out one tensor, or several. */
export interface EitherShared {
  (step: EitherLayerStep): SharedLayer<Either<KerasError, SymbolicTensor>>;
  <Outputs extends readonly SymbolicTensor[]>(
    step: EitherManyOutputsStep<Outputs>,
  ): SharedLayer<Either<KerasError, Outputs>>;
}

/** A recurrent layer. */
export interface EitherRecurrentLayerFunction<
  Options,
  Outputs extends readonly SymbolicTensor[],
> extends EitherLayerFunction<Options & NoReturnState> {
  // First for options whose type says nothing, and inherited last, for the messages of mistakes.
  (options: Options & NoReturnState & WithoutSubject): EitherLayerStep;
  <T extends LayerTarget>(object: T, options: Options & NoReturnState): Either<KerasError, T>;
  (options: Options & ReturnState & WithoutSubject): EitherManyOutputsStep<Outputs>;
  (object: SymbolicTensor, options: Options & ReturnState): Either<KerasError, Outputs>;
}

/** `layerRnn`: also of a list of sequences. */
export interface EitherRnnFunction extends EitherRecurrentLayerFunction<RnnOptions, RnnOutputs> {
  (options: RnnOptions & NoReturnState & WithoutSubject): EitherLayerStep;
  <T extends LayerTarget>(object: T, options: RnnOptions & NoReturnState): Either<KerasError, T>;
  (sequences: readonly SymbolicTensor[], options: NestedRnnOptions): Either<KerasError, NestedRnnOutputs>;
  (
    options: PipedNestedRnnOptions,
  ): <Given extends readonly SymbolicTensor[]>(sequences: Given) => Either<KerasError, NestedRnnOutputs>;
}

/** Whether the attention scores come out, too. */
interface ScoresOption<Scores extends boolean> {
  /** Whether the distribution of attention is put out, too, as the second of two outputs; false by default. */
  returnAttentionScores?: Scores | undefined;
}

/** The output of an attention layer, and the scores if they are asked for. */
type EitherAttended<Scores extends boolean> = Either<
  KerasError,
  Scores extends true ? [output: SymbolicTensor, scores: SymbolicTensor] : SymbolicTensor
>;

/** An attention layer: takes a list of symbolic tensors. */
export interface EitherAttentionLayerFunction<Options> {
  <Scores extends boolean = false>(
    tensors: readonly SymbolicTensor[],
    options: Options & ScoresOption<Scores>,
  ): EitherAttended<Scores>;
  <Scores extends boolean = false>(
    options: Options & ScoresOption<Scores>,
  ): (tensors: readonly SymbolicTensor[]) => EitherAttended<Scores>;
}

/** An attention layer whose options may all be left out. */
export interface EitherOptionalAttentionLayerFunction<Options> {
  <Scores extends boolean = false>(
    tensors: readonly SymbolicTensor[],
    options?: Options & ScoresOption<Scores>,
  ): EitherAttended<Scores>;
  <Scores extends boolean = false>(
    options?: Options & ScoresOption<Scores>,
  ): (tensors: readonly SymbolicTensor[]) => EitherAttended<Scores>;
}

/** A function of a model. */
export interface EitherModelFunction<Args extends readonly unknown[], Result extends TypeFunction, Of> {
  (...args: Args): <Model extends Of>(model: Model) => Either<KerasError, Apply<Result, Model>>;
  <Model extends Of>(model: Model, ...args: Args): Either<KerasError, Apply<Result, Model>>;
}

/** A function of a model that takes time. */
export interface ModelTaskEither<Args extends readonly unknown[], Result extends TypeFunction, Of> {
  (...args: Args): <Model extends Of>(model: Model) => TaskEither<KerasError, Apply<Result, Model>>;
  <Model extends Of>(model: Model, ...args: Args): TaskEither<KerasError, Apply<Result, Model>>;
}

/** A function of a model and its data, arrays or a stream, that takes time. */
export interface StreamTaskEither<
  Data,
  Rest extends readonly unknown[],
  Stream,
  StreamRest extends readonly unknown[],
  Result extends TypeFunction,
> {
  <X extends Data | Stream>(
    x: X,
    ...rest: AfterData<X, Stream, StreamRest, Rest, StreamRest | Rest>
  ): <Model extends AnyModel>(model: Model) => TaskEither<KerasError, Apply<Result, Model>>;
  <Model extends AnyModel, X extends Data | Stream>(
    model: Model,
    x: X,
    // Of type any it is taken for an array: `fit(x, y, options)`, with x in the model's place, is none of these.
    ...rest: AfterData<X, Stream, StreamRest, Rest, Rest>
  ): TaskEither<KerasError, Apply<Result, Model>>;
}

/** A function of a model whose options may all be left out. */
export interface EitherModelStep<Options, Result extends TypeFunction, Of> {
  <Model>(
    ...args:
      | []
      | [
          modelOrOptions: [Model] extends [Of] ? Model : Options | Of | undefined,
          options?: Options | undefined,
        ]
  ): [Model] extends [Of]
    ? Either<KerasError, Apply<Result, Model>>
    : <M extends Of>(model: M) => Either<KerasError, Apply<Result, M>>;
}

/** A function of a model and nothing else, whose result depends on the model's type. */
export interface EitherModelProperty<Result extends TypeFunction, Of> {
  <Model>(
    ...args: [] | [model: [Model] extends [Of] ? Model : Of]
  ): [Model] extends [Of]
    ? Either<KerasError, Apply<Result, Model>>
    : <M extends Of>(model: M) => Either<KerasError, Apply<Result, M>>;
}

/** A function of a model and nothing else. */
export interface EitherModelValue<Result, Of> {
  (): <Model extends Of>(model: Model) => Either<KerasError, Result>;
  (model: Of): Either<KerasError, Result>;
}

/** A function of data. */
export interface EitherDataFunction<Data, Args extends readonly unknown[], Result> {
  (x: Data, ...args: Args): Either<KerasError, Result>;
  (...args: Args): <X extends Data>(x: X) => Either<KerasError, Result>;
}

/** A loss or a metric: gives the values of labels and predictions, or, without them, makes one. */
export interface EitherValuesOrMade<Labels, Predictions, Options, Values, Own, Made> {
  (yTrue: Labels, yPred: Predictions, options?: Options): Either<KerasError, Values>;
  (options?: Own): Either<KerasError, Made>;
}

/** `sequence`: of layer steps, which take models and symbolic tensors alike, of steps that take models, or of any of one type. */
export interface EitherSequence {
  (
    ...steps: readonly (<T extends LayerTarget>(object: T) => Either<KerasError, T>)[]
  ): <T extends LayerTarget>(object: T) => Either<KerasError, T>;
  (
    ...steps: readonly (<T extends SequentialModel>(object: T) => Either<KerasError, T>)[]
  ): <T extends SequentialModel>(object: T) => Either<KerasError, T>;
  <T>(
    ...steps: readonly ((object: T) => Either<KerasError, T>)[]
  ): <U extends T>(object: U) => Either<KerasError, U>;
}

/** What a function with both call styles becomes, by its family. */
type LiftForm<Family> = Family extends readonly ['layer', infer Options]
  ? EitherLayerFunction<Options>
  : Family extends readonly ['layer of', infer Source]
    ? EitherLayerOf<Source>
    : Family extends readonly ['optional layer', infer Options]
      ? EitherOptionalLayerFunction<Options>
      : Family extends readonly ['merging layer', infer Options]
        ? EitherMergeLayerFunction<Options>
        : Family extends readonly ['attention layer', infer Options]
          ? EitherAttentionLayerFunction<Options>
          : Family extends readonly ['optional attention layer', infer Options]
            ? EitherOptionalAttentionLayerFunction<Options>
            : Family extends readonly [
                  'model',
                  infer Args extends readonly unknown[],
                  infer Result extends TypeFunction,
                  infer Of,
                ]
              ? EitherModelFunction<Args, Result, Of>
              : Family extends readonly [
                    'task',
                    infer Args extends readonly unknown[],
                    infer Result extends TypeFunction,
                    infer Of,
                  ]
                ? ModelTaskEither<Args, Result, Of>
                : Family extends readonly [
                      'stream task',
                      infer Data,
                      infer Rest extends readonly unknown[],
                      infer Stream,
                      infer StreamRest extends readonly unknown[],
                      infer Result extends TypeFunction,
                    ]
                  ? StreamTaskEither<Data, Rest, Stream, StreamRest, Result>
                  : Family extends readonly [
                        'step',
                        infer Options,
                        infer Result extends TypeFunction,
                        infer Of,
                      ]
                    ? EitherModelStep<Options, Result, Of>
                    : Family extends readonly ['property', infer Result extends TypeFunction, infer Of]
                      ? EitherModelProperty<Result, Of>
                      : Family extends readonly ['value', infer Result, infer Of]
                        ? EitherModelValue<Result, Of>
                        : Family extends readonly [
                              'data',
                              infer Data,
                              infer Args extends readonly unknown[],
                              infer Result,
                            ]
                          ? EitherDataFunction<Data, Args, Result>
                          : never;

/** A function with two forms of call, without what both have in common. */
type LiftOverloads<Value> = Value extends {
  (...args: infer First): infer A;
  (...args: infer Second): infer B;
}
  ? [First, A, Second, B] extends [Second, B, First, A]
    ? (...args: Second) => Either<KerasError, B>
    : {
        (...args: First): Either<KerasError, A>;
        (...args: Second): Either<KerasError, B>;
      }
  : never;

/**
 * What a value of `keras-pipe` becomes: a function gives an `Either`, one that gives a promise a `TaskEither`; classes and what
 * is no function stay as they are.
 */
export type Lift<Value> = Value extends {
  readonly [recurrentForm]: {
    readonly options: infer Options;
    readonly outputs: infer Outputs extends readonly SymbolicTensor[];
  };
}
  ? EitherRecurrentLayerFunction<Options, Outputs>
  : Value extends { readonly [callForm]: CallForm<infer Family> }
    ? LiftForm<Family>
    : Value extends {
          readonly givesValues: true;
          (yTrue: infer Labels, yPred: infer Predictions, options?: infer Options): infer Values;
          (options?: infer Own): infer Made;
        }
      ? EitherValuesOrMade<Labels, Predictions, Options, Values, Own, Made>
      : Value extends abstract new (...args: never) => unknown
        ? Value
        : Value extends (...args: infer Args) => Promise<infer Result>
          ? (...args: Args) => TaskEither<KerasError, Result>
          : Value extends (...args: never) => unknown
            ? LiftOverloads<Value>
            : Value;

/** The exports of a family, lifted. */
export type Lifted<Family> = { readonly [Name in keyof Family]: Lift<Family[Name]> };
