import type { LayersModel } from '@tensorflow/tfjs';
import type { Tensor } from '../tfjs/tensorflow';
import { KerasModel, noteWrapper, type Layer, type Prediction } from './model';
import { retain } from './ref-counts';

/**
 * A directed acyclic graph of layers. Made by {@link kerasModel}. `Output` is what it predicts: a tensor, unless the
 * type says otherwise, or a list of tensors for several outputs; `Input` says the same of what it takes.
 */
export class FunctionalModel<
  Output extends Prediction = Tensor,
  Input extends Prediction = Prediction,
> extends KerasModel<Output, Input> {
  constructor(readonly tf: LayersModel) {
    super();
    noteWrapper(tf, this);
    retain(this, tf);
    for (const layer of tf.layers) retain(tf, layer);
  }

  protected get container(): LayersModel {
    return this.tf;
  }

  get name(): string {
    return this.tf.name;
  }

  get layers(): readonly Layer[] {
    return this.tf.layers as readonly Layer[]; // tfjs's types do not know how many outputs each has
  }

  get built(): boolean {
    return true;
  }
}
