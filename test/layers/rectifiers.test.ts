import type { Variable } from '@tensorflow/tfjs';
import {
  getLayer,
  kerasModelSequential,
  layerActivationElu,
  layerActivationLeakyRelu,
  layerActivationParametricRelu,
  layerActivationRelu,
  layerActivationThresholdedRelu,
  pipe,
  tf,
  type Layer,
  type LayerStep,
  type Tensor,
} from '../../src/index';
import { apply, distance } from './support';

const layerOf = (step: LayerStep, inputShape: readonly number[] = [7]): Layer =>
  getLayer(pipe(kerasModelSequential({ inputShape }), step), { index: 0 });

const x = tf.keep(tf.tensor2d([[-3.5, -1.2, -0.4, 0, 0.3, 1.7, 6.5]]));

const steps: Readonly<Record<string, LayerStep>> = {
  'leaky, alpha 0.3': layerActivationLeakyRelu(),
  'elu, alpha 0.5': layerActivationElu({ alpha: 0.5 }),
  'thresholded, theta 0.3': layerActivationThresholdedRelu({ theta: 0.3 }),
  'relu, from 0.25 to 6, slope 0.1': layerActivationRelu({
    maxValue: 6,
    threshold: 0.25,
    negativeSlope: 0.1,
  }),
  'relu, slope 0.1': layerActivationRelu({ negativeSlope: 0.1 }),
};

// Values, and gradients of the values' sum weighted by 1 to 7, by PyTorch:
//
// import torch, torch.nn.functional as F
// x = torch.tensor([-3.5, -1.2, -0.4, 0.0, 0.3, 1.7, 6.5], dtype=torch.float64)
// def show(name, f):
//     t = x.clone().requires_grad_(); y = f(t); (y * torch.arange(1, 8)).sum().backward()
//     print(f"  {name}: [{[round(float(v), 6) for v in y]}, {[round(float(v), 6) for v in t.grad]}],")
// show("'leaky, alpha 0.3'", lambda t: F.leaky_relu(t, 0.3))
// show("'elu, alpha 0.5'", lambda t: F.elu(t, 0.5))
// show("'thresholded, theta 0.3'", lambda t: torch.where(t > 0.3, t, torch.zeros_like(t)))
// show("'relu, from 0.25 to 6, slope 0.1'", lambda t: torch.where(t >= 6, torch.full_like(t, 6), torch.where(t >= 0.25, t, 0.1 * (t - 0.25))))
// show("'relu, slope 0.1'", lambda t: F.leaky_relu(t, 0.1))
const references: Readonly<Record<string, readonly [number[], number[]]>> = {
  'leaky, alpha 0.3': [
    [-1.05, -0.36, -0.12, 0.0, 0.3, 1.7, 6.5],
    [0.3, 0.6, 0.9, 1.2, 5.0, 6.0, 7.0],
  ],
  'elu, alpha 0.5': [
    [-0.484901, -0.349403, -0.16484, 0.0, 0.3, 1.7, 6.5],
    [0.015099, 0.301194, 1.00548, 2.0, 5.0, 6.0, 7.0],
  ],
  'thresholded, theta 0.3': [
    [0.0, 0.0, 0.0, 0.0, 0.0, 1.7, 6.5],
    [0.0, 0.0, 0.0, 0.0, 0.0, 6.0, 7.0],
  ],
  'relu, from 0.25 to 6, slope 0.1': [
    [-0.375, -0.145, -0.065, -0.025, 0.3, 1.7, 6.0],
    [0.1, 0.2, 0.3, 0.4, 5.0, 6.0, 0.0],
  ],
  'relu, slope 0.1': [
    [-0.35, -0.12, -0.04, 0.0, 0.3, 1.7, 6.5],
    [0.1, 0.2, 0.3, 0.4, 5.0, 6.0, 7.0],
  ],
};

test.each(Object.entries(references))('%s: values and gradient', (about, [values, gradient]) => {
  const layer = layerOf(steps[about] as LayerStep);
  const weights = tf.range(1, 8);
  expect(distance(apply(layer, x), values)).toBeLessThan(2e-6);
  const slope = tf.grad((input) => tf.sum(tf.mul(apply(layer, input), weights)))(x);
  // A kink has a slope from either side.
  const smooth = [...slope.dataSync()].map((value, index) => (index === 3 ? (gradient[3] ?? NaN) : value));
  expect(distance(tf.tensor1d(smooth), gradient)).toBeLessThan(4e-6);
});

test('a parametric relu learns its slopes, one for each feature or shared along axes', () => {
  const layer = layerOf(layerActivationParametricRelu({ sharedAxes: 1 }), [2, 3]);
  layer.setWeights([tf.tensor2d([[0.1, 0.2, 0.3]])]);
  const input = tf.tensor3d([[[-1, -1, -1], [2, 3, -4]]]); // prettier-ignore
  expect(distance(apply(layer, input), [-0.1, -0.2, -0.3, 2, 3, -1.2])).toBeLessThan(1e-6);
  const [slopes] = layer.weights.map((weight) => weight.read() as Variable);
  const { grads } = tf.variableGrads(() => tf.sum(apply(layer, input)), [slopes as Variable]);
  // The sums of the inputs below zero.
  expect(distance(grads[(slopes as Variable).name] as Tensor, [-1, -1, -5])).toBe(0);
});

test.each([
  [
    () => layerActivationRelu({ maxValue: -1 }),
    'layerActivationRelu: `maxValue` must be a number of 0 or more',
  ],
  [
    () => layerActivationRelu({ threshold: NaN }),
    'layerActivationRelu: `threshold` must be a number of 0 or more',
  ],
  [() => layerActivationLeakyRelu({ alpha: -0.1 }), '`alpha` must be a number of 0 or more. Received: -0.1.'],
  [
    () => layerActivationThresholdedRelu({ theta: '1' as never }),
    "`theta` must be a number of 0 or more. Received: '1'.",
  ],
  [
    () => layerActivationParametricRelu({ sharedAxes: [0] }),
    '`sharedAxes` must be a positive integer. Received: 0.',
  ],
])('options out of range: %s', (make, message) => expect(make).toThrow(message));
