/** The normalization that only Keras 3 has: see test/reference/keras3/normalization.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  getLayer,
  kerasModelSequential,
  layerRmsNormalization,
  pipe,
  type RmsNormalizationOptions,
  type Tensor,
} from '../../src/index';
import { distance, outcome, waves } from './support';

interface Case {
  readonly options: RmsNormalizationOptions;
  readonly shape: number[];
  readonly output: number[];
  readonly gradients: number[][];
}

const { rms } = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/keras3/normalization.json'), 'utf8'),
) as { rms: Case[] }; // as its program prints it

test.each(rms.map((one) => [JSON.stringify(one.options), one] as const))(
  'layerRmsNormalization of %s',
  (_, { options, shape, output, gradients }) => {
    const model = pipe(kerasModelSequential({ inputShape: shape.slice(1) }), layerRmsNormalization(options));
    const layer = getLayer(model, { index: 0 });
    layer.setWeights(layer.weights.map((weight) => waves(weight.shape as number[], 1)));
    const results = outcome(layer, waves(shape, 0.3));
    [output, ...gradients].forEach((expected, index) =>
      expect(distance(results[index] as Tensor, expected)).toBeLessThan(1e-5),
    );
  },
);
