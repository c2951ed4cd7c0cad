import {
  argumentError,
  checkOptions,
  checkThat,
  isPlainObject,
  optional,
  type OptionChecks,
} from '../base/checks';
import { KerasStateError } from '../base/errors';
import { isLoss, resolveLoss } from '../losses/registry';
import { resolveMetric } from '../metrics/registry';
import type { Itself } from '../base/call-styles';
import { modelFunction, noOptions, type ModelFunction, type ModelValue } from '../models/call-styles';
import type { CompileOptions } from '../models/compilation';
import { builtModel, type KerasModel } from '../models/model';
import { ownerOfOptimizer } from '../models/state';
import { trainableState } from '../models/trainable';
import { CustomModel } from './custom-model';
import { at, checkNames, compilationOf, isMetricLike, outputsFor } from './outputs';
import { resolveOptimizer, type Optimizer } from '../optimizers/registry';

const anything = optional((value: unknown) => value);

const COMPILE_CHECKS: OptionChecks<CompileOptions> = {
  optimizer: anything,
  loss: { check: (value) => value, required: true },
  metrics: anything,
  weightedMetrics: anything,
  lossWeights: optional(
    checkThat(
      'an array or an object of numbers',
      (value): value is object => typeof value === 'object' && value !== null,
    ),
  ),
};

const checkCompile = (unchecked: unknown): CompileOptions => {
  checkOptions('compile', unchecked, COMPILE_CHECKS);
  const options = unchecked as CompileOptions; // an object with these names, whose values are checked here and with the shapes
  // Checked now, so that a misspelt name is an error at the line that has it; shapes are checked once they are known.
  const { loss } = options;
  if (loss === null) return options;
  const isOne = !Array.isArray(loss) && (isLoss(loss) || !isPlainObject(loss));
  const losses: unknown[] = isOne ? [loss] : Object.values(loss);
  const trainedLosses = isOne ? losses : losses.filter((one) => one !== null);
  if (trainedLosses.length === 0 && losses.length > 0) {
    throw argumentError(at('loss'), 'given for one output at least', loss);
  }
  const resolved = trainedLosses.map((one) => resolveLoss(one, at('loss')));
  const unreduced = resolved.find(({ reduction }) => reduction === 'none');
  if (unreduced !== undefined) {
    throw argumentError(
      at('loss'),
      'one number for each batch',
      `${unreduced.name} with reduction: 'none'`,
      "Leave `reduction` out for the mean over the samples, or use 'sum'",
    );
  }
  const [first = resolveLoss('mse', at('loss'))] = resolved;
  const namesOf = (argument: 'metrics' | 'weightedMetrics'): string[][] =>
    metricLists(options[argument]).map((list) =>
      list.map((metric) => resolveMetric(metric, { shape: [null, 2], loss: first }, at(argument)).name),
    );
  const [plain, weighted] = [namesOf('metrics'), namesOf('weightedMetrics')];
  for (const names of plain) checkNames(names, 'metrics');
  for (const names of weighted) checkNames(names, 'weightedMetrics');
  // Lists for each output, by name perhaps, are checked when they are matched.
  if (plain.length === 1 && weighted.length === 1)
    checkNames([...plain, ...weighted].flat(), 'weightedMetrics');
  return options;
};

/** Metrics as they may be given, one list for each output or one for all. */
const metricLists = (metrics: unknown): unknown[][] => {
  if (metrics === undefined) return [];
  if (isPlainObject(metrics) && !isMetricLike(metrics))
    return Object.values(metrics).map((list) => [list].flat());
  const list = [metrics].flat();
  return list.some((item) => Array.isArray(item)) ? list.map((item) => [item].flat()) : [list];
};

/** Whether a value is one of tfjs's own optimizers, as `tf.train.adam()` makes them. */
const isOfTfjs = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'minimize' in value && 'applyGradients' in value;

const optimizerFor = (model: KerasModel, value: unknown): Optimizer => {
  if (isOfTfjs(value)) {
    throw argumentError(
      at('optimizer'),
      "the name of an optimizer, or one of this library's",
      value,
      "tfjs's own compute differently from Keras. Write optimizer: optimizerAdam({ learningRate: 0.001 }), for example",
    );
  }
  const optimizer = resolveOptimizer(value === undefined ? 'rmsprop' : value, at('optimizer'));
  const owner = ownerOfOptimizer(optimizer);
  if (owner !== undefined && owner !== model) {
    throw argumentError(
      at('optimizer'),
      'an optimizer of its own for each model',
      `the ${optimizer.name} optimizer of the model '${owner.name}'`,
      "Its state belongs to that model's weights. Make a new one for each model, or give its name",
    );
  }
  return optimizer;
};

const compileModel = (model: KerasModel, options: CompileOptions): void => {
  if (model.state.runs.includes('fit')) {
    throw new KerasStateError({
      function: 'compile',
      expected: 'a model must not be compiled while it is being fitted',
      received: `the model '${model.name}', in the middle of fit()`,
      advice: 'Await the promise that fit() returned first',
    });
  }
  const value: unknown = model;
  // Which throws: only a model with steps of its own has none.
  if (options.loss === null && !(value instanceof CustomModel)) resolveLoss(options.loss, at('loss'));
  const optimizer = optimizerFor(model, options.optimizer);
  // What does not fit is found before anything is changed.
  if (model.built) outputsFor(model, options);
  model.state.compile({
    optimizer,
    options,
    trainable: model.built ? trainableState(model) : undefined,
    added: { train: [], test: [] },
    reasonNotTraceable: undefined,
  });
};

/**
 * A compiled model's optimizer, whose learning rate may be set at any time.
 *
 * @throws KerasStateError if the model is not compiled.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [3] }), compile({ optimizer: 'sgd', loss: 'mse' }))
 * optimizerOf(model).learningRate /= 10
 * assert.strictEqual(optimizerOf(model).learningRate, 0.001)
 * @see R keras `model$optimizer`
 */
export const optimizerOf: ModelValue<Optimizer> = modelFunction({
  name: 'optimizerOf',
  checkOptions: noOptions('optimizerOf'),
  run: (model) => compilationOf(builtModel(model)).optimizer,
});

/**
 * Says how a model is trained: optimizer, loss and metrics. Changes the model **in place** and returns it.
 *
 * `metrics` keep the name under which they are given: 'accuracy' → `history.metrics.accuracy`. Compiling again starts
 * the optimizer afresh, unless it is the same object; the weights stay. Each model needs an optimizer object of its own.
 * `sampleWeight` and `classWeight` count in the loss and in `weightedMetrics`, not in `metrics`.
 *
 * @throws KerasArgumentError for an unknown option or name, or a loss or metric for an output that there is not.
 * @example
 * const model = pipe(
 *   kerasModelSequential(),
 *   layerDense({ units: 1, inputShape: [3] }),
 *   compile({ optimizer: 'rmsprop', loss: 'mse', metrics: ['mae'] }),
 * )
 * assert.strictEqual(optimizerOf(model).learningRate, 0.001)
 * @see R keras `compile`
 */
export const compile: ModelFunction<[options: CompileOptions], Itself> = modelFunction({
  name: 'compile',
  optionNames: ['optimizer', 'loss', 'metrics', 'lossWeights', 'weightedMetrics'],
  checkOptions: checkCompile,
  run: (model, _, options) => compileModel(model, options),
  givesSubject: true,
});
