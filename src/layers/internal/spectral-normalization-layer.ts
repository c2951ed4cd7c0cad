import type { LayerVariable } from '@tensorflow/tfjs';
import { nextSeed } from '../../base/random';
import { KerasStateError } from '../../base/errors';
import { CompositeLayer } from '../../tfjs/composite-layer';
import { register } from '../../tfjs/keras-layer';
import { singleInput, type CallOptions, type LayerConfig, type Shape } from '../../tfjs/layer-classes';
import { scopeWeights, variableOf } from '../../tfjs/private';
import { tf, type Tensor, type Tensor2D } from '../../tfjs/tensorflow';
import type { Layer } from './target';
import { configOfLayer, layerFrom } from './wrapped';

interface SpectralNormalizationFields {
  readonly powerIterations: number;
}

/** The names of the weights that are normalized. */
const KERNELS = ['kernel', 'embeddings'];

/** The weight of a layer that is normalized: its own kernel, or its embeddings. */
export const kernelOf = (layer: Layer): LayerVariable => {
  const found = layer.weights.filter(({ originalName }) =>
    KERNELS.includes(originalName.split('/').at(-1) ?? ''),
  );
  const [kernel] = found;
  if (kernel !== undefined && found.length === 1 && !('cell' in layer)) return kernel;
  throw new KerasStateError({
    function: 'layerSpectralNormalization',
    layer: layer.name,
    expected: 'the layer inside must have one kernel, or embeddings',
    received: `layer '${layer.name}' of class ${layer.getClassName()}, with the weights ${layer.weights.map(({ originalName }) => `'${originalName}'`).join(', ') || 'none'}`,
    advice: 'Wrap layerDense, a convolution, or layerEmbedding',
  });
};

/** A vector of the length 1, or zeros. */
const normalized = (vector: Tensor): Tensor2D =>
  tf.mul(vector, tf.rsqrt(tf.maximum(tf.sum(tf.square(vector)), 1e-12)));

/** A layer whose kernel is divided by its largest singular value, which power iterations follow, before each step of training. */
export class SpectralNormalization extends CompositeLayer<SpectralNormalizationFields> {
  static readonly className: string = 'SpectralNormalization';
  /** Under this name layers inside of layers are looked for. */
  readonly layer: Layer;
  private kernel: LayerVariable | undefined;
  private vectorU: LayerVariable | undefined;

  constructor({ layer, ...args }: { readonly layer: unknown }) {
    super(args, { powerIterations: 1 });
    this.layer = layerFrom(layer);
    this.supportsMasking = false;
  }

  override build(inputShape: Shape | Shape[]): void {
    const { layer } = this;
    if (!layer.built) {
      scopeWeights(layer, layer.name);
      layer.build(inputShape);
      layer.built = true;
    }
    this.kernel = kernelOf(layer);
    const columns = this.kernel.shape.at(-1) as number; // weights have whole shapes
    this.vectorU = this.addWeight(
      'vector_u',
      [1, columns],
      'float32',
      tf.initializers.truncatedNormal({ stddev: 0.02, seed: nextSeed() }),
      undefined,
      false,
    );
    this.inputSpec = layer.inputSpec;
    super.build(inputShape);
  }

  /** Divides the kernel by its largest singular value, and keeps the vector that leads to it. */
  private normalize(): void {
    const [kernel, vector] = [this.kernel, this.vectorU] as [LayerVariable, LayerVariable]; // it has been built
    tf.tidy(() => {
      const before = kernel.read();
      const matrix: Tensor2D = tf.reshape(before, [-1, vector.shape[1] as number]); // as it was made
      let u = vector.read() as Tensor2D; // the same
      let v = u;
      for (let iteration = 0; iteration < this.own.powerIterations; iteration++) {
        v = normalized(tf.matMul(u, matrix, false, true));
        u = normalized(tf.matMul(v, matrix));
      }
      const largest = tf.matMul(tf.matMul(v, matrix), u, false, true);
      // There is no direction in a kernel of zeros, which stays as it is.
      const isZero = tf.equal(tf.max(tf.abs(matrix)), 0);
      const divided = tf.div(matrix, tf.where(isZero, tf.onesLike(largest), largest));
      variableOf(vector).assign(tf.where(isZero, vector.read(), u));
      variableOf(kernel).assign(tf.reshape(divided, before.shape));
    });
  }

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor | Tensor[] {
    if (options['training'] === true) this.normalize();
    return this.layer.call(singleInput(inputs), options);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return this.layer.computeOutputShape(inputShape);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), layer: configOfLayer(this.layer) } as LayerConfig; // as tfjs has it
  }
}
register(SpectralNormalization);
