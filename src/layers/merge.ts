import { tf } from '../tensorflow';
import { integer, optional } from '../checks';
import { defineMergeLayer } from './define-layer';
import type { LayerOptions } from './options';

/** Options of {@link layerConcatenate}. */
export interface ConcatenateOptions extends LayerOptions {
  /** The axis along which inputs are joined, counted with the batch axis; −1, the last, by default. */
  axis?: number;
}

/**
 * Joins inputs along one axis.
 *
 * In a list of `[batch, …]` that agree in all other axes, out the same with the axis's sizes added up.
 *
 * @throws KerasShapeError if the inputs differ in another axis.
 * @example
 * const a = layerInput({ shape: [2] })
 * const b = layerInput({ shape: [3] })
 * const model = kerasModel([a, b], pipe([a, b], layerConcatenate()))
 * assert.deepStrictEqual(outputShape(model), [null, 5])
 * @see R keras `layer_concatenate`
 */
export const layerConcatenate = defineMergeLayer<ConcatenateOptions>(
  'layerConcatenate',
  tf.layers.concatenate,
  { baseName: 'concatenate', options: { axis: optional(integer) }, defaults: { axis: -1 } },
);

/**
 * The sum of inputs, element by element.
 *
 * In a list of `[batch, …]` of one shape, out that shape.
 *
 * @throws KerasShapeError if the shapes differ.
 * @example
 * const input = layerInput({ shape: [4] })
 * const model = kerasModel(input, layerAdd([input, layerDense(input, { units: 4 })]))
 * assert.deepStrictEqual(outputShape(model), [null, 4])
 * @see R keras `layer_add`
 */
export const layerAdd = defineMergeLayer<LayerOptions>('layerAdd', tf.layers.add, {
  baseName: 'add',
  options: {},
});
