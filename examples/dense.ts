/**
 * What a dense layer computes: `output = activation(dot(input, weight) + bias)`.
 *
 * Here its weights are taken out and the sum is done again by hand, number by number.
 */
import {
  getLayer,
  getWeights,
  kerasModelSequential,
  layerDense,
  pipe,
  predict,
  setRandomSeed,
  tf,
} from 'keras-pipe';
import { runAsProgram, type ExampleOptions } from './support';

const show = (title: string, rows: readonly number[][]): void => {
  console.log(title);
  for (const row of rows) console.log(`  ${row.map((value) => value.toFixed(4).padStart(8)).join('')}`);
};

const relu = (x: number): number => Math.max(x, 0);

/** One output: the inputs times their weights, added up, plus the bias, through the activation. */
const unit = (input: readonly number[], weights: readonly number[], bias: number): number =>
  relu(input.reduce((sum, value, index) => sum + value * (weights[index] ?? 0), bias));

export const main = async ({ seed = 1 }: ExampleOptions = {}) => {
  setRandomSeed(seed);
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 4, activation: 'relu', inputShape: [3], biasInitializer: 'random_uniform' }),
  );

  // weight[i][j] goes from input i to unit j.
  const weights = getWeights(getLayer(model, 'dense'));
  const [weight, bias] = (await Promise.all(weights.map((tensor) => tensor.array()))) as [
    number[][], // of two axes
    number[], // and of one
  ];
  show('weight, 3 inputs × 4 units:', weight);
  show('bias, 4 units:', [bias]);

  const inputs = [
    [1, 2, 3],
    [-1, 0.5, 0],
  ];
  const byHand = inputs.map((input) =>
    bias.map((b, j) =>
      unit(
        input,
        weight.map((row) => row[j] ?? 0),
        b,
      ),
    ),
  );

  const output = await pipe(model, predict(inputs));
  const byLayer = (await output.array()) as number[][]; // a tensor of two axes
  show('Two rows of input, through the layer:', byLayer);
  show('The same by hand:', byHand);

  const differences = byHand.flat().map((value, index) => Math.abs(value - (byLayer.flat()[index] ?? NaN)));
  const largestDifference = Math.max(...differences);
  console.log(
    `Largest difference: ${largestDifference.toExponential(1)}; TensorFlow counts with about seven digits`,
  );

  tf.dispose([output, ...weights]);
  model.dispose();
  return { byLayer, byHand, largestDifference };
};

void runAsProgram(module, main);
