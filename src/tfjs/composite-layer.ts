import type { LayerVariable } from '@tensorflow/tfjs';
import { KerasLayer } from './keras-layer';
import { innerLayersOf } from './private';

/** A layer of this library's own with layers inside, whose weights are its own, too: a recurrent layer's cell, what a wrapper wraps. */
export abstract class CompositeLayer<Own extends object> extends KerasLayer<Own> {
  override get trainable(): boolean {
    return this.trainable_;
  }

  override set trainable(trainable: boolean) {
    this.trainable_ = trainable;
    for (const layer of innerLayersOf(this)) layer.trainable = trainable;
  }

  override get trainableWeights(): LayerVariable[] {
    if (!this.trainable) return [];
    return [...super.trainableWeights, ...innerLayersOf(this).flatMap((layer) => layer.trainableWeights)];
  }

  override get nonTrainableWeights(): LayerVariable[] {
    const inner = innerLayersOf(this).flatMap((layer) =>
      this.trainable ? layer.nonTrainableWeights : layer.weights,
    );
    return [...super.nonTrainableWeights, ...inner];
  }

  override setFastWeightInitDuringBuild(value: boolean): void {
    super.setFastWeightInitDuringBuild(value);
    for (const layer of innerLayersOf(this)) layer.setFastWeightInitDuringBuild(value);
  }
}
