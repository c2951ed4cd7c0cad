import { describe, KerasArgumentError } from '../../base/errors';
import { noteMask } from '../../tfjs/implicit-masks';
import { applyAlone } from '../../tfjs/run-graph';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import type { AnyLayerStep } from './any-step';
import { definitionOf, freeName, makeLayer } from './apply';
import { callContext } from './call-context';
import { masksFor, type InputMask } from './input-masks';
import { isLayer, type Layer, type LayerStep } from './target';

/** What an inner layer is called with besides its inputs. */
export interface SubLayerOptions {
  /** Whether it trains; as the layer around it by default. */
  readonly training?: boolean | undefined;
  /** Which steps of the (first) input are there, or a list of masks; as the layer that the input comes from says by default, and null for all. */
  readonly mask?: InputMask | undefined;
}

/** A layer inside of a layer: a function of tensors. */
export interface SubLayer {
  (inputs: Tensor | readonly Tensor[], options?: SubLayerOptions): Tensor;
  /** A layer of several outputs: `lstm<[Tensor, Tensor, Tensor]>(x)`. */
  <Outputs extends Tensor[]>(inputs: Tensor | readonly Tensor[], options?: SubLayerOptions): Outputs;
  /** The layer itself. */
  readonly layer: Layer;
}

/** What becomes an inner layer: `layerDense({ units: 3 })`, a layer, or a model. */
export type SubLayerSource = AnyLayerStep | Layer | { readonly tf: Layer };

const isStep = (value: unknown): value is LayerStep =>
  typeof value === 'function' && 'newLayer' in value && typeof value.newLayer === 'function';

const isModel = (value: unknown): value is { readonly tf: Layer } =>
  typeof value === 'object' && value !== null && 'tf' in value && isLayer(value.tf);

/** The layer that a source stands for; a step's is made, under the first name that is free. */
export const layerOf = (source: unknown, owner: string, taken: ReadonlySet<string>): Layer => {
  if (isStep(source)) {
    const layer = source.newLayer();
    return makeLayer(layer, layer.name ?? freeName(layer.baseName, taken), layer.batchInputShape);
  }
  if (isLayer(source)) return source;
  if (isModel(source)) return source.tf;
  throw new KerasArgumentError({
    function: 'addLayer',
    argument: 'layer',
    layer: owner,
    expected: '`layer` must be a layer step, a layer or a model',
    received: describe(source),
    advice: 'Write this.addLayer(layerDense({ units: 32 }))',
  });
};

/** Builds a model that has not seen its input yet, by the shape of the first. */
const buildFor = (source: unknown, inputs: unknown): void => {
  if (!isModel(source) || !('built' in source) || source.built === true || !('buildFor' in source)) return;
  const [first] = [inputs].flat();
  if (!(first instanceof tf.Tensor)) return;
  const build = source.buildFor as (shape: readonly (number | null)[], type?: string) => void; // of a model of this library
  const { shape, dtype } = first as Tensor; // of any rank, which `instanceof` leaves untyped
  Reflect.apply(build, source, [[null, ...shape.slice(1)], ...(dtype === 'string' ? [dtype] : [])]);
};

/** An inner layer as a function. It trains if the layer around it does, unless it is told otherwise. */
export const asFunctionOf = (layer: Layer, source: unknown): SubLayer => {
  const call = (inputs: Tensor | readonly Tensor[], options: SubLayerOptions = {}): Tensor | Tensor[] => {
    const given = Array.isArray(inputs) ? [...(inputs as readonly Tensor[])] : (inputs as Tensor); // as just seen
    buildFor(source, inputs);
    const { training = callContext()?.training ?? false, mask } = options;
    const all = [given].flat();
    const { outputs, masks } = applyAlone(tf, layer, all, {
      training,
      masks: masksFor(all, mask),
      callArguments: definitionOf(layer)?.callArguments,
    });
    outputs.forEach((output, index) => noteMask(output, masks[index] ?? null));
    return outputs.length === 1 ? (outputs[0] as Tensor) : outputs; // of one
  };
  return Object.assign(call, { layer }) as SubLayer; // who calls it says how many outputs there are
};

/** Weights as they are, to be put back if something changed them: a moving average, for example. */
export const keepingWeights = <T>(weights: Layer['weights'], run: () => T): T => {
  const before = weights.map((weight) => ({
    weight,
    value: tf.clone(weight.read()),
    id: weight.read().dataId,
  }));
  try {
    return run();
  } finally {
    for (const { weight, value, id } of before) {
      if (weight.read().dataId !== id) weight.write(value);
      value.dispose();
    }
  }
};
