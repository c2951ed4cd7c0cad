/**
 * Layers: the bricks of a model.
 *
 * A layer turns tensors into tensors. Some have no state, and most have one: weights, which training changes. Different
 * layers suit different kinds of data, and a layer only fits behind another whose output it can take.
 */
import {
  countParams,
  KerasShapeError,
  kerasModelSequential,
  layerConv2d,
  layerDense,
  layerFlatten,
  layerLstm,
  outputShape,
  pipe,
  predict,
  setRandomSeed,
  tf,
  type SequentialModel,
  type Tensor,
} from 'keras-pipe';
import { runAsProgram, type ExampleOptions } from './support';

const apply = async (name: string, model: SequentialModel, data: Tensor): Promise<number[]> => {
  const output = await pipe(model, predict(data));
  console.log(`  ${name}: ${data.shape.join(' × ')} → ${output.shape.join(' × ')}`);
  tf.dispose([data, output]);
  model.dispose();
  return output.shape;
};

export const main = async ({ seed = 1 }: ExampleOptions = {}) => {
  setRandomSeed(seed);

  console.log('With and without state:');
  const flatten = pipe(kerasModelSequential(), layerFlatten({ inputShape: [28, 28] }));
  const dense = pipe(kerasModelSequential(), layerDense({ units: 32, inputShape: [784] }));
  const statelessParams = countParams(flatten);
  const statefulParams = countParams(dense);
  console.log(`  layerFlatten has ${statelessParams} weights: it only rearranges its input`);
  console.log(`  layerDense has ${statefulParams} weights: 784 inputs × 32 units, and 32 biases`);

  console.log('Kinds of data, with five samples each:');
  // Vectors, (samples, features): the 2D case, for dense layers.
  const vectors = await apply(
    'vectors through a dense layer',
    pipe(kerasModelSequential(), layerDense({ units: 32, inputShape: [784] })),
    tf.ones([5, 784]),
  );
  // Sequences, (samples, timesteps, features): the 3D case, for recurrent layers.
  const sequences = await apply(
    'sequences through an LSTM layer',
    pipe(kerasModelSequential(), layerLstm({ units: 32, inputShape: [100, 8] })),
    tf.ones([5, 100, 8]),
  );
  // Images, (samples, height, width, channels): the 4D case, for convolutional layers.
  const images = await apply(
    'images through a convolutional layer',
    pipe(kerasModelSequential(), layerConv2d({ filters: 32, kernelSize: [3, 3], inputShape: [28, 28, 3] })),
    tf.ones([5, 28, 28, 3]),
  );

  console.log('Compatibility:');
  // Only the first layer is told the shape of its input. Each later one takes it from the layer before.
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 32, inputShape: [784] }),
    layerDense({ units: 10 }),
  );
  const inferred = countParams(model) - statefulParams;
  console.log(`  The second layer found out that it has 32 inputs: ${inferred} weights, 32 × 10 + 10`);
  console.log(
    `  The model puts out ${JSON.stringify(outputShape(model))}: any number of samples, ten numbers each`,
  );
  let clash = '';
  try {
    // An LSTM reads sequences, and a dense layer on vectors puts out vectors.
    pipe(model, layerLstm({ units: 32 }));
  } catch (error) {
    if (!(error instanceof KerasShapeError)) throw error;
    clash = error.message;
    console.log('  An LSTM does not fit behind it:');
    console.log(`    ${clash}`);
  }

  for (const each of [flatten, dense, model]) each.dispose();
  return { statelessParams, statefulParams, inferred, vectors, sequences, images, clash };
};

void runAsProgram(module, main);
