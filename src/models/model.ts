import { inspect } from 'node:util';
import type { LayersModel } from '@tensorflow/tfjs';
import { describe, KerasArgumentError, KerasStateError, THIS_FUNCTION } from '../base/errors';
import { isPromise } from '../base/streams';
import type { InputType } from '../layers/internal/options';
import { isLayer, isSymbolicTensor, type Layer as TfjsLayer } from '../layers/internal/target';
import type { SymbolicTensor, Tensor } from '../tfjs/tensorflow';
import { checkedMetadata, type ModelMetadata } from './metadata';
import { release } from './ref-counts';
import { ModelState } from './state';
import { summaryText } from './summary';

/** A shape with its batch axis; unknown sizes are `null`. */
export type BatchShape = (number | null)[];

/** The models of this library around those of tfjs: one for each, whether it was made here or by the user. */
const wrappers = new WeakMap<LayersModel, KerasModel<Prediction>>();

/** The model around a tfjs model, if there is one already. */
export const knownWrapper = (model: LayersModel): KerasModel<Prediction> | undefined => wrappers.get(model);

/** Notes that a model is the one around a tfjs model. */
export const noteWrapper = (model: LayersModel, wrapper: KerasModel<Prediction>): void => {
  wrappers.set(model, wrapper);
};

/** What a model predicts: a tensor, or a list of them for a model with several outputs. */
export type Prediction = Tensor | Tensor[];

/** A model's class of the user's own, and what makes one of it again. */
export interface OwnClass {
  readonly name: string;
  readonly constructor: ModelConstructor;
  readonly config: Readonly<Record<string, unknown>>;
}

/** What makes a model of its configuration. */
export type ModelConstructor = new (config: never) => KerasModel<Prediction>;

/** A layer of a model: tfjs's. A layer with several outputs has a list of them as `output` when the program runs. */
export interface Layer extends TfjsLayer {
  readonly input: SymbolicTensor;
  readonly output: SymbolicTensor;
}

/** The key of what a model takes and predicts, which is there in types only. */
export declare const signature: unique symbol;

/**
 * A model: a wrapped tfjs model. All state, layers and weights alike, is the tfjs model's, reachable as `tf`.
 *
 * Functions that change a model change it in place and return it. `Output` is what it predicts: a tensor, unless the type
 * says otherwise, or a list of tensors for several outputs; `Input` says the same of what it takes.
 */
export abstract class KerasModel<Output extends Prediction = Tensor, Input extends Prediction = Prediction> {
  declare readonly [signature]: { readonly output: Output; readonly input: Input };
  /** Set it while training, in a callback, and training stops after the batch. */
  stopTraining = false;
  /** @internal What the model is compiled to, and what else belongs to it beside the tfjs model. */
  readonly state: ModelState = new ModelState(this);
  private disposed = false;

  /** The tfjs model. */
  abstract get tf(): LayersModel;
  /** @internal The tfjs model, which may not be ready to run. */
  protected abstract get container(): LayersModel;
  /** The model's name. */
  abstract get name(): string;
  /** The layers, in order. For Sequential models without the input. */
  abstract get layers(): readonly Layer[];
  /** How many layers were added, those that wait for an input shape included. */
  get depth(): number {
    return this.layers.length;
  }
  /** Whether the input's shape is known, and so the weights exist. */
  abstract get built(): boolean;

  /** @internal Builds a model whose first layer has no input shape, from the shape of the first data, and its type if it is texts. */
  buildFor(_batchShape: readonly (number | null)[], _type?: InputType): void {}

  /** @internal What the configuration of a model of a class of its own says; undefined for those that are made of layers alone. */
  get ownClass(): OwnClass | undefined {
    return undefined;
  }

  /**
   * What is kept with the model for those who use it: the names of its classes, how inputs are prepared for it, or any other values of
   * JSON. All formats that whole models are saved in have it, and it comes back; setting it takes a copy, and undefined leaves none.
   *
   * @example
   * const model = pipe(kerasModelSequential(), layerDense({ units: 2, activation: 'softmax', inputShape: [3] }))
   * model.metadata = { classNames: ['cat', 'dog'], preprocessing: { mean: [0.5, 0.4, 0.3] } }
   * await saveModel(model, 'pets.keras')
   * const again = await loadModel('pets.keras')
   * assert.deepStrictEqual(again.metadata?.classNames, ['cat', 'dog'])
   */
  get metadata(): ModelMetadata | undefined {
    return this.state.metadata;
  }

  set metadata(value: ModelMetadata | undefined) {
    this.state.metadata = checkedMetadata(value);
  }

  get isDisposed(): boolean {
    return this.disposed;
  }

  /**
   * Frees the weights, except those of layers that other models use, too. The model cannot be used afterwards; a second
   * call does nothing.
   */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.state.dispose();
    release(this, this.container);
  }

  /** The summary: what a model prints as. */
  toString(): string {
    return this.disposed ? `Model: "${this.name}" (disposed)` : summaryText(this);
  }

  [inspect.custom](): string {
    return this.disposed ? this.toString() : summaryText(this, {}, process.stdout.columns);
  }
}

/** What to do about something else in a model's place. */
const adviceFor = (value: unknown): string => {
  if (typeof value === 'function') {
    return 'That is a step of a pipe, which waits for what it is applied to: pipe(model, step)';
  }
  if (typeof value === 'object' && value !== null) {
    if (isPromise(value)) return 'Await the promise first';
    if (isSymbolicTensor(value)) return 'Make a model of its input and it: kerasModel(input, output)';
    if (isLayer(value)) return 'Put the layer into a model first';
    // What a copy keeps of a model: its own fields.
    if ('stopTraining' in value) {
      return (
        'Build one in this process: a model cannot be sent to another process or worker, or copied with JSON or ' +
        'structuredClone; its weights can, with getWeights and setWeights'
      );
    }
    return `The model comes first: ${THIS_FUNCTION}(model, …), or pipe(model, ${THIS_FUNCTION}(…))`;
  }
  return 'Make one with kerasModelSequential() or kerasModel()';
};

/** The error for something else in a model's place. */
export const notAModel = (value: unknown): KerasArgumentError =>
  new KerasArgumentError({
    argument: 'model',
    expected: '`model` must be a model, as kerasModelSequential() and kerasModel() make them, or one of tfjs',
    received: typeof value === 'object' && value !== null && isPromise(value) ? 'a promise' : describe(value),
    advice: adviceFor(value),
  });

/** The argument as a model that can be used, or an error that says what it is instead. */
export const usableModel = (value: unknown): KerasModel => {
  if (!(value instanceof KerasModel)) throw notAModel(value);
  if (value.isDisposed) {
    throw new KerasStateError({
      expected: 'the model must not be disposed',
      received: `the model '${value.name}', whose weights have been freed by dispose()`,
      advice: 'Build the model again, or call dispose() later',
    });
  }
  return value as KerasModel; // of whatever output
};

/** The same, for what needs weights. */
export const builtModel = (value: unknown): KerasModel => {
  const model = usableModel(value);
  if (!model.built) {
    const isEmpty = model.depth === 0;
    throw new KerasStateError({
      expected: 'the shape of the input must be known',
      received: `the model '${model.name}', which has no ${isEmpty ? 'layers' : 'weights'} yet`,
      advice: isEmpty
        ? 'Add layers: pipe(model, layerDense({ units: 10, inputShape: [784] }))'
        : 'Give the first layer an inputShape, or fit the model first',
    });
  }
  return model;
};
