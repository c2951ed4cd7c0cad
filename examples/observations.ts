/**
 * Why layers need activations.
 *
 * A dense layer without an activation is an affine map, `x · W + b`. One after the other they are again an affine map:
 * `(x · W₁ + b₁) · W₂ + b₂ = x · (W₁ · W₂) + (b₁ · W₂ + b₂)`. So a deep stack of them can do no more than one layer.
 * With relu in between it can: the map bends, and the stack learns what no affine map can.
 */
import {
  compile,
  evaluate,
  fit,
  getWeights,
  kerasModelSequential,
  layerDense,
  pipe,
  predict,
  setRandomSeed,
  tf,
  type SequentialModel,
  type Tensor,
  type Tensor2D,
} from 'keras-pipe';
import { runAsProgram, type ExampleOptions } from './support';

/** Four layers, all with the same activation but the last, which has none. */
const stack = (activation: 'linear' | 'relu'): SequentialModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 16, activation, inputShape: [1], biasInitializer: 'random_normal' }),
    layerDense({ units: 16, activation, biasInitializer: 'random_normal' }),
    layerDense({ units: 16, activation, biasInitializer: 'random_normal' }),
    layerDense({ units: 1, biasInitializer: 'random_normal' }),
    compile({ optimizer: 'adam', loss: 'mse' }),
  );

/** The one affine map that a stack would be without its activations: all its layers multiplied out. */
const multipliedOut = (model: SequentialModel): { weight: Tensor; bias: Tensor } =>
  tf.tidy(() => {
    const tensors = getWeights(model); // kernels and biases
    let weight: Tensor = tf.eye(1);
    let bias: Tensor = tf.zeros([1]);
    for (let layer = 0; layer < tensors.length; layer += 2) {
      const [kernel, own] = tensors.slice(layer, layer + 2) as [Tensor, Tensor]; // weights come in pairs
      weight = tf.matMul(weight, kernel);
      bias = tf.add(tf.squeeze(tf.matMul(tf.expandDims(bias, 0), kernel), [0]), own);
    }
    return { weight, bias };
  });

/** How far, at most, a stack's output is from that affine map. */
const distanceFromAffine = async (model: SequentialModel, x: Tensor): Promise<number> => {
  const output = await pipe(model, predict(x));
  const map = multipliedOut(model);
  const distance = tf.tidy(() => {
    const affine = tf.add(tf.matMul(x as Tensor2D, map.weight as Tensor2D), map.bias);
    return tf.max(tf.abs(tf.sub(output, affine))).dataSync()[0] ?? NaN;
  });
  tf.dispose([output, map.weight, map.bias]);
  return distance;
};

export const main = async ({ seed = 1, epochs = 200, verbose = 0 }: ExampleOptions = {}) => {
  setRandomSeed(seed);
  const linear = stack('linear');
  const bent = stack('relu');
  const x = tf.tidy(() => tf.expandDims(tf.linspace(-1, 1, 101), 1));

  const linearDistance = await distanceFromAffine(linear, x);
  const reluDistance = await distanceFromAffine(bent, x);
  console.log('How far four layers are from one affine map:');
  console.log(`  without activations: ${linearDistance.toExponential(1)}, which is rounding`);
  console.log(`  with relu:           ${reluDistance.toExponential(1)}`);

  // |x| has a bend. The best affine map for it is the constant 0.5, whose mean squared error is about 0.085.
  const y = tf.abs(x);
  await pipe(linear, fit(x, y, { epochs, verbose }));
  await pipe(bent, fit(x, y, { epochs, verbose }));
  const { loss: linearLoss } = await pipe(linear, evaluate(x, y, { verbose: 0 }));
  const { loss: reluLoss } = await pipe(bent, evaluate(x, y, { verbose: 0 }));
  console.log(`Mean squared error after learning |x| for ${epochs} epochs:`);
  console.log(`  without activations: ${linearLoss.toFixed(4)}`);
  console.log(`  with relu:           ${reluLoss.toFixed(4)}`);

  tf.dispose([x, y]);
  linear.dispose();
  bent.dispose();
  return { linearDistance, reluDistance, linearLoss, reluLoss };
};

void runAsProgram(module, main);
