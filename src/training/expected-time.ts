import { sizeOf } from '../base/shapes';
import { EAGER_FLOPS_PER_MILLISECOND, EAGER_MILLISECONDS_PER_TIME_STEP } from '../engine/tuning';
import { hasLayers, type Layer } from '../layers/internal/target';
import type { KerasModel } from '../models/model';
import { allLayers, hasCell } from '../step/layers';
import { innerLayersOf } from '../tfjs/private';
import type { Tensor } from '../tfjs/tensorflow';

type Shape = readonly (number | null)[];

/** A layer's place in a model, with the shapes of what goes in and comes out. */
interface Place {
  readonly input: Shape;
  readonly output: Shape;
}

/** The first place of a layer; undefined for those that other layers call. */
const placeOf = ({ inboundNodes: [node] }: Layer): Place | undefined => {
  // Of several inputs or outputs, the first says enough.
  const [input, output] = [node?.inputTensors[0], node?.outputTensors[0]];
  return input === undefined || output === undefined
    ? undefined
    : { input: input.shape, output: output.shape };
};

/**
 * Milliseconds that a prediction for a batch is expected to take, one operation after the other, from what is known before: the sizes of the
 * layers' kernels, at how many places each is used, and time steps. Less than it takes rather than more.
 */
export const expectedMilliseconds = (model: KerasModel, x: readonly Tensor[]): number => {
  const [rows = 1, time = 1] = x[0]?.shape ?? [];
  // A length that the model leaves open is that of the sequences.
  const places = (shape: Shape): number => sizeOf(shape.slice(1, -1).map((length) => length ?? time));
  let milliseconds = 0;
  for (const layer of allLayers(model.tf.layers)) {
    const place = placeOf(layer);
    if (place === undefined || hasLayers(layer) || layer.getClassName() === 'Embedding') continue;
    const { input, output } = place;
    const isRecurrent = hasCell(layer) || innerLayersOf(layer).some(hasCell);
    const used = isRecurrent || input.length !== output.length ? places(input) : places(output);
    const kernels = layer.weights.filter(({ shape }) => shape.length > 1);
    const elements = kernels.reduce((sum, { shape }) => sum + sizeOf(shape as number[]), 0); // weights have whole shapes
    milliseconds += (2 * rows * elements * used) / EAGER_FLOPS_PER_MILLISECOND;
    if (isRecurrent) milliseconds += used * EAGER_MILLISECONDS_PER_TIME_STEP;
  }
  return milliseconds;
};
