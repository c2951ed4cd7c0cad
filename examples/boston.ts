/**
 * Regression: the price of a home from thirteen facts about its neighbourhood.
 *
 * The facts have different units, so each is standardised: minus its mean, divided by its standard deviation, both of the
 * training rows. There are few rows, so a single validation set would say little: four folds each serve as one in turn.
 */
import {
  compile,
  datasetBostonHousing,
  evaluate,
  fit,
  kerasModelSequential,
  layerDense,
  pipe,
  scale,
  setRandomSeed,
  type SequentialModel,
} from 'keras-pipe';
import { runAsProgram, tellSource, type ExampleOptions } from './support';

const FOLDS = 4;

/** A fresh model, since each fold must start from new weights. */
const buildModel = (): SequentialModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 64, activation: 'relu', inputShape: [13] }),
    layerDense({ units: 64, activation: 'relu' }),
    layerDense({ units: 1 }),
    compile({ optimizer: 'rmsprop', loss: 'mse', metrics: ['mae'] }),
  );

type Houses = readonly [x: number[][], y: number[]];

/** Trains on some rows and gives the mean absolute error, in thousand dollars, on others. */
const trainAndTest = async (
  [xTrain, yTrain]: Houses,
  [xTest, yTest]: Houses,
  options: { epochs: number; batchSize: number; verbose: 0 | 1 | 2 | 'auto' },
): Promise<number> => {
  // The test rows are none of the training's business: they are standardised with the same numbers.
  const train = scale(xTrain);
  const test = scale(xTest, { center: train.center, scale: train.scale });
  const model = buildModel();
  await pipe(model, fit(train.x, yTrain, options));
  const { mae = NaN } = await pipe(model, evaluate(test.x, yTest, { verbose: 0 }));
  train.x.dispose();
  test.x.dispose();
  model.dispose();
  return mae;
};

export const main = async ({
  quick = false,
  seed = 1,
  epochs = quick ? 10 : 80,
  embedded = 'fallback',
  verbose = 0,
}: ExampleOptions = {}) => {
  setRandomSeed(seed);

  const boston = await datasetBostonHousing({ embedded });
  tellSource('Boston housing', boston);
  const [trainSet, testSet] = boston;
  const x = trainSet.x.arraySync();
  const y = trainSet.y.arraySync();
  const test: Houses = [testSet.x.arraySync(), testSet.y.arraySync()];
  boston.dispose();
  console.log(`${x.length} rows to train with, ${test[0].length} to test`);

  const options = { epochs, batchSize: 1, verbose };
  const size = Math.ceil(x.length / FOLDS);
  const foldMaes: number[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const inside = (_: unknown, row: number): boolean => Math.floor(row / size) === fold;
    const outside = (_: unknown, row: number): boolean => !inside(_, row);
    const mae = await trainAndTest(
      [x.filter(outside), y.filter(outside)],
      [x.filter(inside), y.filter(inside)],
      options,
    );
    console.log(`Fold ${fold + 1} of ${FOLDS}: mean absolute error ${mae.toFixed(2)} thousand dollars`);
    foldMaes.push(mae);
  }
  const validationMae = foldMaes.reduce((sum, mae) => sum + mae, 0) / FOLDS;
  console.log(`Mean of the folds: ${validationMae.toFixed(2)}`);

  const testMae = await trainAndTest([x, y], test, options);
  console.log(`Trained on all training rows, on the test set: ${testMae.toFixed(2)}`);
  return { validationMae, foldMaes, testMae, source: boston.source };
};

void runAsProgram(module, main);
