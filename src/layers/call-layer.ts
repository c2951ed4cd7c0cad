import { isArrayLike, toTensor, type ArrayLike } from '../arrays/tensors';
import { isText, textTensor, type NestedText } from '../arrays/texts';
import { callable, type callForm, type CallForm, type SubjectKind, type Always } from '../base/call-styles';
import {
  argumentError,
  boolean,
  checkOptions,
  optional,
  type OptionChecks,
  type Place,
} from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { makeLayer } from './internal/apply';
import { isLayer, type Layer, type LayerStep, type NewLayer } from './internal/target';

/** Data that a layer is called with: numbers, texts, or a tensor of them, the batch axis first. */
export type LayerData = Tensor | ArrayLike | NestedText;

/** A layer, or the step that makes it. */
export type CallableLayer = LayerStep | Layer;

/** Options of {@link callLayer}. */
export interface CallLayerOptions {
  /** Whether layers such as dropout train; false by default. */
  readonly training?: boolean | undefined;
}

/** {@link callLayer}: piped, or plain, with the layer first. */
export interface CallLayerFunction {
  (inputs: LayerData | readonly Tensor[], options?: CallLayerOptions): (layer: CallableLayer) => Tensor;
  (layer: CallableLayer, inputs: LayerData | readonly Tensor[], options?: CallLayerOptions): Tensor;
  readonly [callForm]: CallForm<
    [
      'model',
      [inputs: LayerData | readonly Tensor[], options?: CallLayerOptions],
      Always<Tensor>,
      CallableLayer,
    ]
  >;
}

const NAME = 'callLayer';
const PLACE: Place = { function: NAME, argument: 'inputs' };
const checks = { training: optional(boolean, false) } satisfies OptionChecks<CallLayerOptions>;

const isStep = (value: unknown): value is LayerStep =>
  typeof value === 'function' && 'newLayer' in value && typeof value.newLayer === 'function';

const subject: SubjectKind<CallableLayer> = {
  argument: 'layer',
  is: (value) => isStep(value) || isLayer(value),
  check: (functionName, value) => {
    if (isStep(value) || isLayer(value)) return value;
    const advice =
      'Write callLayer(layerStringLookup({ … }), data), or give a layer of a model: getLayer(model, name)';
    throw argumentError(
      { function: functionName, argument: 'layer' },
      'a layer, or a step that makes one',
      value,
      advice,
    );
  },
};

/** The layers that steps are called by. */
const alone = new WeakMap<() => NewLayer, Layer>();

const layerOf = (layer: CallableLayer): Layer => {
  if (!isStep(layer)) return layer;
  const known = alone.get(layer.newLayer);
  if (known !== undefined) return known;
  const newLayer = layer.newLayer();
  const made = makeLayer(newLayer, newLayer.name ?? newLayer.baseName);
  alone.set(layer.newLayer, made);
  return made;
};

const isTensors = (value: unknown): value is readonly Tensor[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => one instanceof tf.Tensor);

const inputsOf = (inputs: unknown): Tensor | Tensor[] => {
  if (isTensors(inputs)) return [...inputs];
  return isText(inputs) ? textTensor(inputs, PLACE) : toTensor(inputs, PLACE).tensor;
};

/**
 * What a layer makes of data: of a step, `layerStringLookup({ … })`, the layer is made once, and keeps its weights; or of a layer of a
 * model.
 *
 * In data with the batch axis first, or a list of tensors for a layer that takes several; out a new tensor, yours to dispose.
 *
 * @throws KerasArgumentError if the layer does not take such data.
 * @throws KerasShapeError if their shape does not fit.
 * @example
 * const lookup = layerStringLookup({ vocabulary: ['red', 'green'] })
 * assert.deepStrictEqual(callLayer(lookup, [['green', 'gold']]).arraySync(), [[2, 0]])
 * const dense = layerDense({ units: 2, kernelInitializer: 'ones' })
 * assert.deepStrictEqual(callLayer(dense, [[1, 2, 3]]).arraySync(), [[6, 6]])
 * @see R: a layer is called, `layer(x)`
 */
export const callLayer: CallLayerFunction = callable({
  name: NAME,
  subject,
  data: ['inputs'],
  isData: (value) => value instanceof tf.Tensor || isText(value) || isArrayLike(value) || isTensors(value),
  optionNames: Object.keys(checks),
  checkOptions: (options) => checkOptions(NAME, options, checks),
  run: (layer, [inputs]: readonly [unknown], { training }) =>
    tf.tidy(() => {
      const x = inputsOf(inputs);
      const output = layerOf(layer).apply(x, { training }) as Tensor; // of tensors
      return [x].flat().includes(output) ? tf.clone(output) : output;
    }),
}) as unknown as CallLayerFunction; // the call styles are told apart by the arguments
