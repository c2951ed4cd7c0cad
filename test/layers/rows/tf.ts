import type { LayerVariable } from '@tensorflow/tfjs';
import * as all from '../../../src/index';
import type { Tensor } from '../../../src/index';
import type { Row } from './row';

const { tf } = all;

/** A layer of a user's own: a factor for each feature. */
class Factors extends tf.layers.Layer {
  static readonly className = 'Factors';
  private factors: LayerVariable | undefined;

  override build(inputShape: (number | null)[]): void {
    const features = inputShape.at(-1) as number; // known in the row
    this.factors = this.addWeight('factors', [features], 'float32', tf.initializers.ones());
    super.build(inputShape);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.mul([inputs].flat()[0] as Tensor, (this.factors as LayerVariable).read()); // one input; it has been built
  }
}
tf.serialization.registerClass(Factors);

/** A layer of tfjs's kind. */
export const tfRow: Row = {
  functionName: 'layerTf',
  options: {},
  piped: () => all.layerTf(() => new Factors({})),
  plain: (object) => all.layerTf(object, new Factors({})),
  wrong: (options) => all.layerTf({ layer: all.tf.layers.flatten(), ...options } as never),
  nearName: "Use one of: 'layer'",
  input: [4, 4, 3],
  output: [4, 4, 3],
  params: 3,
};
