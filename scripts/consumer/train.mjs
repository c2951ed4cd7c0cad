// What a program that uses the package does, with import.
import assert from 'node:assert';
import { createRequire } from 'node:module';
import * as everything from 'keras-pipe';
import { compile, fit, kerasModelSequential, layerDense, pipe, setRandomSeed } from 'keras-pipe';
import * as fpEverything from 'keras-pipe/fp';
import { E, TE, evaluate } from 'keras-pipe/fp';
import 'keras-pipe/fp/forms';

// Every name can be imported, and is the same thing as what require() gives.
const require = createRequire(import.meta.url);
for (const [entry, imported] of [
  ['keras-pipe', everything],
  ['keras-pipe/fp', fpEverything],
]) {
  const required = require(entry);
  // What Node.js adds to the names of a CommonJS module.
  const names = Object.keys(imported).filter(
    (name) => !['default', 'module.exports', '__esModule'].includes(name),
  );
  assert.deepStrictEqual(names.sort(), Object.keys(required).sort());
  for (const name of names) assert.strictEqual(imported[name], required[name], name);
}

const x = [[0], [1], [2], [3]];
const y = [1, 3, 5, 7];
setRandomSeed(1);
const model = pipe(
  kerasModelSequential(),
  layerDense({ units: 1, inputShape: [1] }),
  compile({ optimizer: 'sgd', loss: 'mse' }),
);
const { loss } = (await pipe(model, fit(x, y, { epochs: 20, verbose: 0 }))).metrics;
assert.ok(loss[19] < loss[0]);
const task = pipe(E.right(model), TE.fromEither, TE.chain(evaluate(x, y, { verbose: 0 })));
assert.ok(E.isRight(await task()));
// The page on which a fit is watched is in the package.
let page;
await fit(model, x, y, {
  epochs: 3,
  verbose: 0,
  view: { open: false, onAddress: (address) => (page = fetch(address).then((answer) => answer.text())) },
  callbacks: { onTrainBegin: () => page.then(() => undefined) },
});
assert.match(await page, /^<!doctype html>[^]*EventSource/);
console.log(`import: trained on Node.js ${process.version}`);
