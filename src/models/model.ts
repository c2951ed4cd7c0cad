import { inspect } from 'node:util';
import type { LayersModel } from '@tensorflow/tfjs';
import { describe, KerasArgumentError, KerasStateError } from '../base/errors';
import type { Layer } from '../layers/internal/target';
import { release } from './ref-counts';
import { ModelState } from './state';
import { summaryText } from './summary';

/**
 * A model: a wrapped tfjs model. All state, layers and weights alike, is the tfjs model's, reachable as `tf`.
 *
 * Functions that change a model change it in place and return it.
 */
export abstract class KerasModel {
  /** Set it while training, in a callback, and training stops after the batch. */
  stopTraining = false;
  /** @internal What the model is compiled to, and what else belongs to it beside the tfjs model. */
  readonly state = new ModelState();
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

  /** @internal Builds a model whose first layer has no input shape, from the shape of the first data. */
  buildFor(_verb: string, _batchShape: readonly (number | null)[]): void {}

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
    return this.toString();
  }
}

/** The argument as a model that can be used, or an error that says what it is instead. */
export const usableModel = (verb: string, value: unknown): KerasModel => {
  if (!(value instanceof KerasModel)) {
    throw new KerasArgumentError({
      function: verb,
      argument: 'model',
      expected: '`model` must be a model made by kerasModelSequential() or kerasModel() in this process',
      received: describe(value),
      advice:
        'Build one in this process: a model cannot be sent to another process or worker, or copied with JSON or ' +
        'structuredClone; its weights can, with getWeights and setWeights',
    });
  }
  if (value.isDisposed) {
    throw new KerasStateError({
      function: verb,
      expected: 'the model must not be disposed',
      received: `the model '${value.name}', whose weights have been freed by dispose()`,
      advice: 'Build the model again, or call dispose() later',
    });
  }
  return value;
};

/** The same, for what needs weights. */
export const builtModel = (verb: string, value: unknown): KerasModel => {
  const model = usableModel(verb, value);
  if (!model.built) {
    const isEmpty = model.depth === 0;
    throw new KerasStateError({
      function: verb,
      expected: 'the shape of the input must be known',
      received: `the model '${model.name}', which has no ${isEmpty ? 'layers' : 'weights'} yet`,
      advice: isEmpty
        ? 'Add layers: pipe(model, layerDense({ units: 10, inputShape: [784] }))'
        : 'Give the first layer an inputShape, or fit the model first',
    });
  }
  return model;
};
