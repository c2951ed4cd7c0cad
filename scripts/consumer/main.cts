// What the compiler sees of the package in a user's project of CommonJS modules, which await nothing at the top.
import {
  compile,
  fit,
  flow,
  History,
  kerasModelSequential,
  layerConcatenate,
  layerDense,
  layerInput,
  pipe,
  predict,
  tf,
  type SequentialModel,
  type Tensor,
} from 'keras-pipe';
import * as fp from 'keras-pipe/fp';
import type { EitherLayerStep, EitherModelStep } from 'keras-pipe/fp/forms';
import { kerasMatchers, type KerasMatchers } from 'keras-pipe/matchers';

const model: SequentialModel = pipe(
  kerasModelSequential(),
  layerDense({ units: 4, activation: 'relu', inputShape: [2] }),
  compile({ optimizer: 'rmsprop', loss: 'mse', metrics: ['mae'] }),
);
const block = flow(layerDense({ units: 1 }), layerDense({ units: 2 }));
const same: SequentialModel = block(model);
const input = layerInput({ shape: [2] });
const joined: readonly (number | null)[] = layerConcatenate([
  input,
  pipe(input, layerDense({ units: 1 })),
]).shape;
const history: Promise<History> = pipe(model, fit([[1, 2]], [1], { epochs: 1 }));
const output: Promise<Tensor> = predict(model, tf.ones([1, 2]));
const either: fp.E.Either<fp.KerasError, SequentialModel> = pipe(
  fp.kerasModelSequential(),
  fp.E.chain(fp.layerDense({ units: 1 })),
);

const step: EitherLayerStep = fp.layerDense({ units: 1 });
const lifted = fp.pipe(fp.kerasModelSequential(), fp.E.chain(step), fp.E.chain(fp.compile({ loss: 'mse' })));
const square = (t: tf.Tensor): tf.Tensor => tf.square(t);

// @ts-expect-error: a misspelt option
layerDense({ unit: 4 });
// @ts-expect-error: a required option that is missing
layerDense({});
// @ts-expect-error: a misspelt name
layerDense({ units: 4, activation: 'rellu' });
// @ts-expect-error: a misspelt option of fit
fit([[1]], [1], { epoch: 3 });

// What is exported again has to be named in the declarations of the program.
export const myFit = fit;
export const theirFit = fp.fit;
export const theirSummary = fp.summary;
export type { EitherModelStep, KerasMatchers };
export { either, history, joined, kerasMatchers, lifted, output, same, square };
