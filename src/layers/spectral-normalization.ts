import { optional, positiveInteger, required } from '../base/checks';
import { defineLayer } from './internal/define-layer';
import type { LayerOptions } from './internal/options';
import { SpectralNormalization } from './internal/spectral-normalization-layer';
import { wrapped, type SingleSource, type Wrapped } from './internal/wrapped';

/** Options of {@link layerSpectralNormalization}. */
export interface SpectralNormalizationOptions extends LayerOptions {
  /** The layer whose kernel is normalized: `layerDense({ units: 32 })`, a convolution, or `layerEmbedding`. */
  layer: SingleSource;
  /** How often the estimate of the singular value is made better in a step; 1 by default. */
  powerIterations?: number | undefined;
}

const checks = { layer: required(wrapped), powerIterations: optional(positiveInteger, 1) };

/**
 * A layer whose kernel has the largest singular value 1, which bounds how much its output changes with its input: before each step of
 * training the kernel is divided by that value, which `powerIterations` of `v = u Wᵀ / ‖u Wᵀ‖`, `u = v W / ‖v W‖` estimate, from step to
 * step nearer. Otherwise it is the layer.
 *
 * In and out as of the layer. Weights: the layer's, which training changes **in place**, and `vector_u`, `[1, columns of the kernel]`,
 * which is not trained. Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `layer` is none.
 * @throws KerasStateError if the layer has not one kernel, or embeddings.
 * @example
 * const model = pipe(kerasModelSequential(), layerSpectralNormalization({ layer: layerDense({ units: 4 }), inputShape: [8] }))
 * assert.deepStrictEqual(outputShape(model), [null, 4])
 * assert.strictEqual(countParams(model), 8 * 4 + 4 + 4)
 * @see R keras3 `layer_spectral_normalization`; Miyato et al. 2018
 */
export const layerSpectralNormalization = defineLayer<SpectralNormalizationOptions, typeof checks>(
  'layerSpectralNormalization',
  ({ layer, ...args }: { readonly layer: Wrapped }) => {
    const inner = layer.newLayer();
    return new SpectralNormalization({ ...args, layer: inner.make(inner.name ?? inner.baseName) });
  },
  {
    baseName: 'spectral_normalization',
    options: checks,
    keepsTypes: true,
    // What is said of the layer inside holds for its input.
    refine: (layer, { layer: inner }) => {
      const { rank, shapeRequirement, batchInputShape } = inner.newLayer();
      return { ...layer, rank, shapeRequirement, batchInputShape: layer.batchInputShape ?? batchInputShape };
    },
  },
);
