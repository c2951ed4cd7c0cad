/**
 * The pipe: `pipe(x, f, g)` is `g(f(x))`, read from left to right, R's `x %>% f() %>% g()`.
 *
 * Every verb has two call styles: `layerDense({ … })` is a step for a pipe, `layerDense(model, { … })` does it at once.
 * Both change the model **in place** and give back that same model, never a copy.
 */
import {
  compile,
  fit,
  flow,
  getWeights,
  kerasModelSequential,
  layerDense,
  layerDropout,
  pipe,
  predict,
  setRandomSeed,
  tf,
  type SequentialModel,
} from 'keras-pipe';
import { runAsProgram, type ExampleOptions } from './support';

const yesOrNo = (answer: boolean): string => (answer ? 'yes' : 'no');

/** All weights of a model as a text. */
const weightsOf = (model: SequentialModel): string =>
  tf.tidy(() =>
    getWeights(model)
      .map((weight) => weight.dataSync().join())
      .join(),
  );

export const main = async ({ seed = 1, epochs = 3, verbose = 0 }: ExampleOptions = {}) => {
  // Piped: reads in the order in which it happens.
  setRandomSeed(seed);
  const piped = pipe(
    kerasModelSequential(),
    layerDense({ units: 8, activation: 'relu', inputShape: [3] }),
    layerDense({ units: 1 }),
    compile({ optimizer: 'rmsprop', loss: 'mse' }),
  );

  // Plain, nested: the same calls from the inside out.
  setRandomSeed(seed);
  const nested = compile(
    layerDense(layerDense(kerasModelSequential(), { units: 8, activation: 'relu', inputShape: [3] }), {
      units: 1,
    }),
    { optimizer: 'rmsprop', loss: 'mse' },
  );

  // Plain, as statements: no result is used, since the model itself is changed.
  setRandomSeed(seed);
  const stated = kerasModelSequential();
  layerDense(stated, { units: 8, activation: 'relu', inputShape: [3] });
  layerDense(stated, { units: 1 });
  compile(stated, { optimizer: 'rmsprop', loss: 'mse' });

  const sameWeights = [nested, stated].every((model) => weightsOf(model) === weightsOf(piped));
  console.log(`Three ways of writing it, the same weights from the same seed: ${yesOrNo(sameWeights)}`);

  // In place: what comes out of a step is what went in.
  const model = kerasModelSequential();
  const returned = pipe(model, layerDense({ units: 4, inputShape: [3] }));
  console.log(`The model that a layer step returns is the one it was given: ${yesOrNo(returned === model)}`);
  console.log(`Layers after one step: ${model.layers.length}`);
  pipe(model, layerDense({ units: 2 }));
  console.log(`Layers after another, whose result nobody kept: ${model.layers.length}`);

  // Steps are values. `flow` joins them to one, which makes new layers each time it is used.
  const block = flow(layerDense({ units: 16, activation: 'relu' }), layerDropout({ rate: 0.2 }));
  const deep = pipe(kerasModelSequential({ inputShape: [3] }), block, block, block, layerDense({ units: 1 }));
  console.log(`A block of two layers, used three times, and one layer: ${deep.layers.length} layers`);

  // `fit` and `predict` take time: they end the pipe with a promise.
  const x = [
    [0, 0, 1],
    [0, 1, 0],
    [1, 0, 0],
    [1, 1, 1],
  ];
  const y = [1, 2, 3, 6];
  const before = weightsOf(piped);
  const history = await pipe(piped, fit(x, y, { epochs, verbose }));
  const trainedInPlace = weightsOf(piped) !== before;
  console.log(`fit gives the history, here of ${history.metrics.loss.length} epochs`);
  console.log(`The model itself now has other weights: ${yesOrNo(trainedInPlace)}`);
  const output = await pipe(piped, predict(x));
  console.log(`predict gives a tensor: ${output.shape[0]} rows of ${output.shape[1]} number`);

  const numbers = {
    sameWeights,
    sameObject: returned === model,
    layers: model.layers.length,
    deepLayers: deep.layers.length,
    trainedInPlace,
    epochs: history.metrics.loss.length,
  };
  output.dispose();
  for (const each of [piped, nested, stated, model, deep]) each.dispose();
  return numbers;
};

void runAsProgram(module, main);
