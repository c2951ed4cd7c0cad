import type { LayersModel, Sequential } from '@tensorflow/tfjs';
import { isArrayLike } from '../arrays/tensors';
import { SparseMatrix } from '../arrays/sparse-matrix';
import {
  callable,
  type Apply,
  type callForm,
  type CallableDefinition,
  type CallForm,
  type Itself,
  type SubjectKind,
  type TypeFunction,
} from '../base/call-styles';
import { checkOptions } from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { wrapperOf } from './wrapper';
import { KerasModel, usableModel, type BatchShape, type Prediction, type signature } from './model';

/** What functions of models take for one: a model of this library, or any of tfjs. */
export type AnyModel = KerasModel<Prediction> | LayersModel;

/** What a model predicts: a tensor for one output, a list for several. */
export type PredictionOf<Model> = Model extends { readonly [signature]: { readonly output: infer Output } }
  ? Output
  : Model extends Sequential
    ? Tensor
    : Prediction;

/** What a model takes, as {@link PredictionOf} says it of what it predicts. */
export type InputOf<Model> = Model extends { readonly [signature]: { readonly input: infer Input } }
  ? Input
  : Model extends Sequential
    ? Tensor
    : Prediction;

/** The shape of a tensor, or the shapes of a list of them. */
export type ShapeOf<Tensors> = Tensors extends Tensor
  ? BatchShape
  : { -readonly [Index in keyof Tensors]: BatchShape };

/** The result is what the model predicts. */
export interface Predicted extends TypeFunction {
  readonly result: PredictionOf<this['subject']>;
}

/** The result is the shape of the model's output, or the shapes of its outputs. */
export interface OutputShape extends TypeFunction {
  readonly result: ShapeOf<PredictionOf<this['subject']>>;
}

/** The result is the shape of the model's input, or the shapes of its inputs. */
export interface InputShape extends TypeFunction {
  readonly result: ShapeOf<InputOf<this['subject']>>;
}

/** A function of a model: piped, or plain, with the model first. */
export interface ModelFunction<Args extends readonly unknown[], Result extends TypeFunction, Of = AnyModel> {
  (...args: Args): <Model extends Of>(model: Model) => Apply<Result, Model>;
  <Model extends Of>(model: Model, ...args: Args): Apply<Result, Model>;
  readonly [callForm]: CallForm<['model', Args, Result, Of]>;
}

/** A function of a model that gives a promise: piped, or plain, with the model first. */
export interface ModelTask<Args extends readonly unknown[], Result extends TypeFunction> {
  (...args: Args): <Model extends AnyModel>(model: Model) => Promise<Apply<Result, Model>>;
  <Model extends AnyModel>(model: Model, ...args: Args): Promise<Apply<Result, Model>>;
  readonly [callForm]: CallForm<['task', Args, Result, AnyModel]>;
}

/**
 * What comes after the data: of a stream, which has all parts of it, `StreamRest`, and after others `Rest`; after data of type any
 * `AnyRest`.
 */
export type AfterData<X, Stream, StreamRest, Rest, AnyRest> = 0 extends 1 & X
  ? AnyRest
  : [X] extends [never]
    ? Rest
    : [X] extends [Stream]
      ? StreamRest
      : Rest;

/** A function of a model and its data, arrays or a stream, that gives a promise. */
export interface StreamTask<
  Data,
  Rest extends readonly unknown[],
  Stream,
  StreamRest extends readonly unknown[],
  Result extends TypeFunction,
> {
  <X extends Data | Stream>(
    x: X,
    ...rest: AfterData<X, Stream, StreamRest, Rest, StreamRest | Rest>
  ): <Model extends AnyModel>(model: Model) => Promise<Apply<Result, Model>>;
  <Model extends AnyModel, X extends Data | Stream>(
    model: Model,
    x: X,
    // Of type any it is taken for an array: `fit(x, y, options)`, with x in the model's place, is none of these.
    ...rest: AfterData<X, Stream, StreamRest, Rest, Rest>
  ): Promise<Apply<Result, Model>>;
  readonly [callForm]: CallForm<['stream task', Data, Rest, Stream, StreamRest, Result]>;
}

/**
 * A function of a model whose options may all be left out, so that it stands in a pipe as it is: `pipe(model, summary)`. It
 * has one signature, since of several the pipe would take the last and forget the model's type.
 */
export interface ModelStep<Options, Result extends TypeFunction = Itself, Of = AnyModel> {
  <Model>(
    ...args:
      | []
      | [
          modelOrOptions: [Model] extends [Of] ? Model : Options | Of | undefined,
          options?: Options | undefined,
        ]
  ): [Model] extends [Of] ? Apply<Result, Model> : <M extends Of>(model: M) => Apply<Result, M>;
  readonly [callForm]: CallForm<['step', Options, Result, Of]>;
}

/**
 * A function of a model and nothing else, whose result depends on the model's type: `pipe(model, outputShape)`. For its one
 * signature see {@link ModelStep}.
 */
export interface ModelProperty<Result extends TypeFunction, Of = AnyModel> {
  <Model>(
    ...args: [] | [model: [Model] extends [Of] ? Model : Of]
  ): [Model] extends [Of] ? Apply<Result, Model> : <M extends Of>(model: M) => Apply<Result, M>;
  readonly [callForm]: CallForm<['property', Result, Of]>;
}

/** A function of a model and nothing else, whose result has one type: `pipe(model, countParams)`. */
export interface ModelValue<Result, Of = AnyModel> {
  (): <Model extends Of>(model: Model) => Result;
  (model: Of): Result;
  readonly [callForm]: CallForm<['value', Result, Of]>;
}

const isModel = (value: unknown): boolean => value instanceof KerasModel || value instanceof tf.LayersModel;

/** A value as a model that can be used, a model of tfjs as its wrapper, or an error that says what it is instead. */
export const modelOf = (value: unknown): KerasModel =>
  usableModel(value instanceof tf.LayersModel ? wrapperOf(value) : value);

export const modelSubject: SubjectKind<KerasModel> = {
  argument: 'model',
  is: isModel,
  check: (_, value) => modelOf(value),
};

const isData = (value: unknown): boolean => isArrayLike(value) || value instanceof SparseMatrix;

type ModelDefinition<Data extends readonly unknown[], Options> = Omit<
  CallableDefinition<KerasModel, Data, Options, unknown>,
  'subject' | 'isData'
>;

/** Makes both call styles of a function of a model: a {@link ModelFunction}, or another of these types. */
export const modelFunction = <
  Form extends { readonly [callForm]: CallForm },
  Data extends readonly unknown[],
  Options,
>(
  definition: ModelDefinition<Data, Options>,
): Form =>
  // The call styles are told apart by the arguments, which the implementation's type cannot say.
  callable({
    ...definition,
    subject: modelSubject,
    isData: (value) => isData(value) || definition.isStream?.(value) === true,
  }) as unknown as Form;

/** For functions that have no options. */
export const noOptions = (functionName: string) => (options: unknown) =>
  checkOptions(functionName, options, {});
