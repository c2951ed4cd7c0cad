import { toTensor, type ArrayLike } from '../arrays/tensors';
import { callable, type Always, type Itself } from '../base/call-styles';
import { boolean, checkOptions, optional, required, type Check, type OptionChecks } from '../base/checks';
import { describe, describeShape, KerasShapeError } from '../base/errors';
import { hasLayers, type Layer } from '../layers/internal/target';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { noOptions, type ModelFunction, type ModelStep, type ModelValue } from './call-styles';
import { builtModel, KerasModel } from './model';
import { paramsOf } from './summary-rows';
import { weighted, type Weighted } from './weighted';

/**
 * The weights of layers, layer by layer, as Keras orders them; tfjs puts all trainable ones first, so that its order
 * changes when a layer is frozen. Those of a shared layer come once.
 */
const inLayerOrder = (layers: readonly Layer[]): Layer['weights'] => [
  ...new Set(layers.flatMap((layer) => (hasLayers(layer) ? inLayerOrder(layer.layers) : layer.weights))),
];

const weightsOf = (object: KerasModel | Layer): Layer['weights'] =>
  inLayerOrder(object instanceof KerasModel ? builtModel(object).layers : [object]);

/** Options of {@link getWeights}. */
export interface WeightsOptions {
  /** Only the weights that training changes, or, if false, only the others; by default all. */
  readonly trainable?: boolean | undefined;
}

/** The weights of layers that are trained as things are now. */
const trainedIn = (layers: readonly Layer[]): ReadonlySet<unknown> =>
  new Set(
    layers.flatMap((layer) => (hasLayers(layer) ? [...trainedIn(layer.layers)] : layer.trainableWeights)),
  );

const someWeightsOf = (object: KerasModel | Layer, trainable: boolean | undefined): Layer['weights'] => {
  const weights = weightsOf(object);
  if (trainable === undefined) return weights;
  const trained = trainedIn(object instanceof KerasModel ? builtModel(object).layers : [object]);
  return weights.filter((weight) => trained.has(weight) === trainable);
};

/**
 * The weights of a model or layer as tensors, in Keras's order. They are copies: later training does not change them.
 * (`model.tf.getWeights()` gives tfjs's own, the trainable ones first.) With `trainable`, the only option, which may be given
 * bare, only those that are trainable, or not, as things are now.
 *
 * @throws KerasStateError if the model has no weights yet.
 * @throws KerasArgumentError for an unknown option.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [2], kernelInitializer: 'ones' }))
 * assert.deepStrictEqual(getWeights(model).map((weight) => weight.arraySync()), [[[1], [1]], [0]])
 * assert.deepStrictEqual(getWeights(model, { trainable: false }), [])
 * @see R keras `get_weights`
 */
export const getWeights: ModelStep<boolean | WeightsOptions, Always<Tensor[]>, Weighted> = callable({
  name: 'getWeights',
  subject: weighted,
  optionNames: ['trainable'],
  bare: { name: 'trainable', is: (value) => typeof value === 'boolean' },
  checkOptions: (options) =>
    checkOptions('getWeights', options, {
      trainable: optional(boolean),
    } satisfies OptionChecks<WeightsOptions>),
  run: (object, _, { trainable }) =>
    someWeightsOf(object, trainable).map((weight) => tf.clone(weight.read())),
}) as unknown as typeof getWeights; // the call styles are told apart by the arguments

const setAll = (object: KerasModel | Layer, weights: readonly unknown[]): void => {
  const current = weightsOf(object);
  const expected = current.map(({ shape }) => describeShape(shape)).join(', ');
  if (weights.length !== current.length) {
    throw new KerasShapeError({
      function: 'setWeights',
      argument: 'weights',
      expected:
        current.length === 0
          ? `'${object.name}' has no weights`
          : `there are ${current.length} weights, of shapes ${expected}`,
      received: `${weights.length} arrays`,
      advice:
        current.length === 0
          ? 'Look which layer it is: getLayer(model, name), or its index from 0'
          : 'Give one array for each weight, as getWeights does',
    });
  }
  const converted: ReturnType<typeof toTensor>[] = [];
  try {
    weights.forEach((weight, index) => {
      const place = { function: 'setWeights', argument: `weights[${index}]` };
      const { tensor, isNew } = toTensor(weight, place, 'float32');
      converted.push({ tensor, isNew });
      const shape = current[index]?.shape ?? [];
      if (describeShape(tensor.shape) === describeShape(shape)) return;
      throw new KerasShapeError({
        function: 'setWeights',
        argument: 'weights',
        expected: `weight ${index}, '${current[index]?.originalName ?? ''}', has the shape ${describeShape(shape)}`,
        received: `shape ${describeShape(tensor.shape)}`,
        advice: `The weights have the shapes ${expected}`,
      });
    });
    converted.forEach(({ tensor }, index) => {
      const value = current[index]?.read() as ReturnType<typeof tf.variable> | undefined; // tfjs keeps a Variable there
      tf.tidy(() => value?.assign(tensor));
    });
  } finally {
    for (const { tensor, isNew } of converted) if (isNew) tensor.dispose();
  }
};

/** What {@link setWeights} sets. */
export type NewWeights = readonly ArrayLike[];

const list: Check<readonly unknown[]> = (value, place) => {
  if (Array.isArray(value)) return value;
  throw new KerasShapeError({
    function: place.function,
    argument: place.argument,
    expected: '`weights` must be a list of arrays, one for each weight',
    received: describe(value),
    advice: 'Give one array for each weight, as getWeights does',
  });
};

/**
 * Sets the weights of a model or layer **in place** and returns it. `weights` are what {@link getWeights} gave, or
 * tensors of the same shapes, which stay the caller's.
 *
 * @throws KerasShapeError if the number or the shapes of the weights differ. Nothing is changed then.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [2] }), setWeights([[[1], [2]], [3]]))
 * assert.deepStrictEqual(getWeights(model).map((weight) => weight.arraySync()), [[[1], [2]], [3]])
 * @see R keras `set_weights`
 */
export const setWeights: ModelFunction<
  [weights: NewWeights | { readonly weights: NewWeights }],
  Itself,
  Weighted
> = callable({
  name: 'setWeights',
  subject: weighted,
  optionNames: ['weights'],
  bare: { name: 'weights', is: Array.isArray, isRequired: true },
  checkOptions: (options) => checkOptions('setWeights', options, { weights: required(list) }),
  run: (object, _, { weights }) => setAll(object, weights),
  givesSubject: true,
}) as unknown as typeof setWeights; // the call styles are told apart by the arguments

/**
 * The number of parameters of a model or layer, trainable or not.
 *
 * @throws KerasStateError if the model has no weights yet.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 10, inputShape: [784] }))
 * assert.strictEqual(countParams(model), 7850)
 * @see R keras `count_params`
 */
export const countParams: ModelValue<number, Weighted> = callable({
  name: 'countParams',
  subject: weighted,
  checkOptions: noOptions('countParams'),
  run: (object) => paramsOf(weightsOf(object)),
}) as unknown as typeof countParams; // the call styles are told apart by the arguments
