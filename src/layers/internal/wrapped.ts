import { argumentError, type Check } from '../../base/checks';
import { layerOfConfig } from '../../tfjs/keras-layer';
import { tf } from '../../tfjs/tensorflow';
import { isLayer, type Layer, type LayerStep, type NewLayer } from './target';

/** A step of `keras-pipe/fp`, or what is wrong with its options. */
export interface LiftedStep {
  readonly step:
    { readonly _tag: 'Right'; readonly right: LayerStep } | { readonly _tag: 'Left'; readonly left: unknown };
}

/** What a wrapper wraps: a layer step, a layer of tfjs, or a model. */
export type SingleSource = LayerStep | LiftedStep | Layer | { readonly tf: Layer };

/** What makes the layers that a wrapper wraps. */
export interface Wrapped {
  readonly newLayer: () => NewLayer;
}

const has = (value: object, field: string): boolean => field in value;

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** A layer that is there already as one to be made. */
const known = (layer: Layer): Wrapped => ({
  newLayer: () => ({
    functionName: 'layerModel',
    baseName: layer.name,
    name: layer.name,
    batchInputShape: undefined,
    defaultInputShape: undefined,
    rank: undefined,
    shapeRequirement: undefined,
    keepsTypes: true,
    definedAt: undefined,
    make: () => layer,
  }),
});

/** Whether a value is a step of `keras-pipe/fp`: a tensor has a `step`, too, which is another thing. */
export const isLiftedStep = (value: object): value is LiftedStep => {
  const { step } = value as { readonly step?: unknown };
  return typeof step === 'object' && step !== null && '_tag' in step;
};

/** Whether a value stands for a layer that a wrapper may wrap. */
export const isWrappable = (value: unknown): boolean =>
  isObject(value) && (isLayer(value) || has(value, 'newLayer') || isLiftedStep(value) || has(value, 'tf'));

/** The check of the layer that a wrapper wraps. */
export const wrapped: Check<Wrapped> = (value, place) => {
  if (isLayer(value)) return known(value);
  if (isObject(value)) {
    if (has(value, 'newLayer')) return value as Wrapped; // a step
    if (isLiftedStep(value)) {
      const { step } = value;
      if (step._tag === 'Right') return step.right;
      throw step.left;
    }
    if ('tf' in value && isLayer(value.tf)) return known(value.tf);
  }
  throw argumentError(
    place,
    'a layer step or a model',
    value,
    `Write ${place.function ?? 'bidirectional'}(layerLstm({ units: 32 }))`,
  );
};

/** The layer of what a wrapper is made with: a layer, or a configuration of one. */
export const layerFrom = (value: unknown): Layer => {
  if (value instanceof tf.layers.Layer) return value;
  return layerOfConfig(value as { className: string; config: object }); // as configurations have it
};

/** A layer as a configuration has it. */
export const configOfLayer = (layer: Layer, name = layer.name): { className: string; config: object } => ({
  className: layer.getClassName(),
  config: { ...layer.getConfig(), name },
});
