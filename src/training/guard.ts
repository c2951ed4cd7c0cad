import { SparseInput } from '../arrays/sparse-input';
import { describe, KerasStateError, THIS_FUNCTION } from '../base/errors';
import type { KerasModel } from '../models/model';
import { variableOf } from '../tfjs/private';
import type { Tensor, Variable } from '../tfjs/tensorflow';
import type { NamedArray } from './data';

/**
 * Sees that what a call works with is still there: callbacks, timers and whatever else runs between two steps may dispose
 * the model or the data.
 */
export class Guard {
  private readonly tensors: readonly { readonly what: string; readonly tensor: Tensor }[];
  private readonly weights: readonly { readonly name: string; readonly variable: Variable }[];

  constructor(
    private readonly model: KerasModel,
    arrays: readonly NamedArray[],
  ) {
    this.tensors = arrays.flatMap(({ what, tensor }) =>
      tensor instanceof SparseInput ? [] : [{ what, tensor }],
    );
    this.weights = model.tf.weights.map((weight) => ({
      name: weight.originalName,
      variable: variableOf(weight),
    }));
  }

  /** Throws if something was disposed. */
  readonly check = (): void => {
    if (this.model.isDisposed) {
      throw disposed(
        'a model',
        `the model '${this.model.name}', disposed`,
        'to stop earlier, set model.stopTraining = true',
      );
    }
    const gone = this.tensors.find(({ tensor }) => tensor.isDisposed);
    if (gone !== undefined)
      throw disposed(gone.what, describe(gone.tensor), 'the data are needed to the end');
    const weight = this.weights.find(({ variable }) => variable.isDisposed);
    if (weight !== undefined) {
      throw disposed(
        `the weights of the model '${this.model.name}'`,
        `the weight '${weight.name}', disposed`,
        'the layers are needed to the end',
      );
    }
  };
}

const disposed = (what: string, received: string, advice: string): KerasStateError =>
  new KerasStateError({
    expected: `${what} must not be disposed before ${THIS_FUNCTION}() is done`,
    received: `${received} in the middle of ${THIS_FUNCTION}()`,
    advice: `Await the promise that ${THIS_FUNCTION}() returned before dispose(); ${advice}`,
  });
