/** Saves two models in turn in a folder, until it is killed. */
import {
  getWeights,
  kerasModelSequential,
  layerDense,
  pipe,
  saveModelTfjs,
  setWeights,
  tf,
} from '../../src/index';

const main = async (): Promise<void> => {
  const model = pipe(kerasModelSequential(), layerDense({ units: 1200, inputShape: [1200] }));
  for (let value = 1; ; value = 3 - value) {
    setWeights(
      model,
      getWeights(model).map(({ shape }) => tf.fill(shape, value)),
    );
    await saveModelTfjs(model, process.argv[2] ?? '');
    process.stdout.write('saved\n');
  }
};

void main();
