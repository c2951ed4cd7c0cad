// What a program that uses the package does, with require().
const assert = require('node:assert');
const {
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  pipe,
  predict,
  setRandomSeed,
} = require('keras-pipe');
const { E, TE, ...fp } = require('keras-pipe/fp');

const x = [[0], [1], [2], [3]];
const y = [1, 3, 5, 7];

const main = async () => {
  setRandomSeed(1);
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 1, inputShape: [1] }),
    compile({ optimizer: 'sgd', loss: 'mse' }),
  );
  const history = await pipe(model, fit(x, y, { epochs: 20, verbose: 0 }));
  assert.ok(history.metrics.loss[19] < history.metrics.loss[0]);
  assert.deepStrictEqual((await predict(model, x)).shape, [4, 1]);
  const task = fp.pipe(E.right(model), TE.fromEither, TE.chain(fp.evaluate(x, y, { verbose: 0 })));
  assert.ok(E.isRight(await task()));
  assert.ok(E.isLeft(fp.layerDense({ units: 0 })(model)));
  // Types only, which a program may import all the same.
  assert.deepStrictEqual(Object.keys(require('keras-pipe/fp/forms')), []);
};

main().then(() => console.log(`require: trained on Node.js ${process.version}`));
