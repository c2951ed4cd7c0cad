import { isArrayLike, toTensor, type ArrayLike } from '../arrays/tensors';
import { isText, textTensor, type NestedText } from '../arrays/texts';
import { callable, type callForm, type CallForm, type SubjectKind, type Always } from '../base/call-styles';
import {
  argumentError,
  boolean,
  checkOptions,
  optional,
  type CheckedOptions,
  type OptionChecks,
  type Place,
} from '../base/checks';
import { noteMask } from '../tfjs/implicit-masks';
import { applyAlone } from '../tfjs/run-graph';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { useVariables } from '../tfjs/weights-in-use';
import type { AnyLayerStep } from './internal/any-step';
import { definitionOf, makeLayer } from './internal/apply';
import { inputMask, masksFor, type InputMask } from './internal/input-masks';
import { isLayer, type Layer, type LayerStep, type NewLayer } from './internal/target';
import { variablesIn } from './internal/variables-in';
import { KerasLayer } from './keras-layer';

/** Data that a layer is called with: numbers, texts, or a tensor of them, the batch axis first. */
export type LayerData = Tensor | ArrayLike | NestedText;

/** A layer, or the step that makes it. */
export type CallableLayer = AnyLayerStep | Layer;

/** Options of {@link callLayer}. */
export interface CallLayerOptions {
  /** Whether layers such as dropout train; false by default. */
  readonly training?: boolean | undefined;
  /**
   * Which steps of the (first) input are there, `[batch, steps]`, or a list of masks, one for each input; null for all. By default the
   * masks that the inputs had with them when they came out of other layers.
   */
  readonly mask?: InputMask | undefined;
}

type Inputs = LayerData | readonly Tensor[];

/** {@link callLayer}: piped, or plain, with the layer first. */
export interface CallLayerFunction {
  (inputs: Inputs, options?: CallLayerOptions): (layer: CallableLayer) => Tensor;
  (layer: CallableLayer, inputs: Inputs, options?: CallLayerOptions): Tensor;
  /** A layer of several outputs: `callLayer<[Tensor, Tensor]>(layer, x)`. */
  <Outputs extends readonly Tensor[]>(
    layer: CallableLayer,
    inputs: Inputs,
    options?: CallLayerOptions,
  ): Outputs;
  readonly [callForm]: CallForm<
    ['model', [inputs: Inputs, options?: CallLayerOptions], Always<Tensor>, CallableLayer]
  >;
}

const NAME = 'callLayer';
const PLACE: Place = { function: NAME, argument: 'inputs' };
const checks = {
  training: optional(boolean, false),
  mask: optional(inputMask),
} satisfies OptionChecks<CallLayerOptions>;

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
  if (isLayer(layer)) return layer;
  const { newLayer } = layer as LayerStep; // what is no layer was seen to be a step
  const known = alone.get(newLayer);
  if (known !== undefined) return known;
  const description = newLayer();
  const made = makeLayer(description, description.name ?? description.baseName);
  alone.set(newLayer, made);
  return made;
};

const isTensors = (value: unknown): value is readonly Tensor[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => one instanceof tf.Tensor);

const inputsOf = (inputs: unknown): Tensor | Tensor[] => {
  if (isTensors(inputs)) return [...inputs];
  return isText(inputs) ? textTensor(inputs, PLACE) : toTensor(inputs, PLACE).tensor;
};

/** Whether a layer does something with a mask, or hands it on. A class of the user's own may do so in its `call`. */
const takesMasks = (layer: Layer): boolean =>
  layer.supportsMasking || layer instanceof KerasLayer || layer instanceof tf.LayersModel;

/** The outputs, and the masks that go with them, which are to stay as long as they. */
const apply = (callable: CallableLayer, inputs: unknown, options: CheckedOptions<typeof checks>) => {
  const layer = layerOf(callable);
  const x = [inputsOf(inputs)].flat();
  const given = masksFor(x, options.mask);
  if (given?.some((mask) => mask !== null) === true && !takesMasks(layer)) {
    throw argumentError(
      { function: NAME, argument: 'mask' },
      `left out for layer '${layer.name}', which takes no mask`,
      options.mask,
      'Give it to a layer that passes over steps, as layerLstm does, or multiply the inputs by it',
    );
  }
  useVariables(variablesIn(layer));
  const { outputs: made, masks } = applyAlone(tf, layer, x, {
    training: options.training,
    masks: given,
    callArguments: definitionOf(layer)?.callArguments,
  });
  const outputs = made.map((output) => (x.includes(output) ? tf.clone(output) : output));
  outputs.forEach((output, index) => noteMask(output, masks[index] ?? null));
  const result = outputs.length === 1 ? (outputs[0] as Tensor) : outputs; // of one
  return { result, masks: masks.filter((mask) => mask !== null) };
};

/**
 * What a layer makes of data: of a step, `layerStringLookup({ … })`, the layer is made once, and keeps its weights; or of a layer of a
 * model.
 *
 * In data with the batch axis first, or a list of tensors for a layer that takes several; out a new tensor, yours to dispose, or a list of
 * them for a layer that puts out several. The mask that an embedding or a masking layer makes goes on with what comes out: the next layer, or
 * model, that is called on that passes over the same steps. An operation of tfjs in between does not hand it on; `mask` does.
 *
 * @throws KerasArgumentError if the layer does not take such data, or takes no mask.
 * @throws KerasShapeError if their shape does not fit.
 * @example
 * const lookup = layerStringLookup({ vocabulary: ['red', 'green'] })
 * assert.deepStrictEqual(callLayer(lookup, [['green', 'gold']]).arraySync(), [[2, 0]])
 * const dense = layerDense({ units: 2, kernelInitializer: 'ones' })
 * assert.deepStrictEqual(callLayer(dense, [[1, 2, 3]]).arraySync(), [[6, 6]])
 * const embedded = callLayer(layerEmbedding({ inputDim: 4, outputDim: 1, maskZero: true, weights: [[[9], [1], [2], [3]]] }), [[1, 3, 0]])
 * assert.deepStrictEqual(callLayer(layerGlobalAveragePooling1d(), embedded).arraySync(), [[2]])
 * @see R: a layer is called, `layer(x)`
 */
export const callLayer: CallLayerFunction = callable({
  name: NAME,
  subject,
  data: ['inputs'],
  isData: (value) => value instanceof tf.Tensor || isText(value) || isArrayLike(value) || isTensors(value),
  optionNames: Object.keys(checks),
  checkOptions: (options) => checkOptions(NAME, options, checks),
  run: (layer, [inputs]: readonly [unknown], options) =>
    // A tidy takes lists and objects of tensors, too.
    tf.tidy(() => apply(layer, inputs, options) as unknown as { result: Tensor; masks: Tensor[] }).result,
}) as unknown as CallLayerFunction; // the call styles are told apart by the arguments
