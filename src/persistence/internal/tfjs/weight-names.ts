/** The names of layers and weights in a `model.json`: TensorFlow.js finds weights by them alone. */
import type { LayersModel, LayerVariable } from '@tensorflow/tfjs';
import { hasLayers, type Layer } from '../../../layers/internal/target';
import { innerLayersOf } from '../../../tfjs/private';
import { orderedWeights, type NamedWeight } from '../layer-weights';

const isModel = (layer: Layer): layer is LayersModel => hasLayers(layer) && 'inputs' in layer;

/** The layer of a wrapper that TensorFlow.js gives names of its own: the wrapper's name stands before what is inside. */
const innerScopes = (layer: Layer, scope: string): { readonly layer: Layer; readonly scope: string }[] => {
  const inner = innerLayersOf(layer);
  if (layer.getClassName() === 'Bidirectional')
    return inner.map((one) => ({ layer: one, scope: `${scope}/${one.name}` }));
  if (layer.getClassName() === 'StackedRNNCells')
    return inner.map((one, index) => ({ layer: one, scope: `${scope}/RNNCell_${index}` }));
  return inner.map((one) => ({ layer: one, scope }));
};

const lastOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** A name that is not taken yet. */
const unique = (name: string, taken: Set<string>): string => {
  let candidate = name;
  for (let number = 1; taken.has(candidate); number++) candidate = `${name}_${number}`;
  taken.add(candidate);
  return candidate;
};

/** The names in a file. */
export class TfjsNames {
  private readonly layers = new Map<LayersModel, Map<Layer, string>>();
  private readonly taken = new Set<string>();
  private readonly weightNames = new Set<string>();
  readonly weights: NamedWeight[] = [];

  constructor(model: LayersModel) {
    this.visitModel(model);
  }

  /** The name of a layer of a model: its own, unless a layer of another model has it, inside or around. */
  nameOf(model: LayersModel, layer: Layer): string {
    return this.layers.get(model)?.get(layer) ?? layer.name;
  }

  private visitModel(model: LayersModel): void {
    if (this.layers.has(model)) return;
    const names = new Map<Layer, string>();
    this.layers.set(model, names);
    // The names of the outermost stay; so do those of layers without weights, which nothing looks for.
    for (const layer of model.layers)
      if (!isModel(layer) && layer.weights.length > 0) names.set(layer, unique(layer.name, this.taken));
    for (const layer of model.layers) {
      if (isModel(layer)) this.visitModel(layer);
      else this.visit(layer, names.get(layer) ?? layer.name);
    }
  }

  private visit(layer: Layer, scope: string): void {
    const inner = innerScopes(layer, scope);
    const ofInner = new Set<LayerVariable>();
    for (const one of inner) {
      for (const weight of one.layer.weights) ofInner.add(weight);
      if (isModel(one.layer)) this.visitModel(one.layer);
      else this.visit(one.layer, one.scope);
    }
    for (const weight of orderedWeights(layer)) {
      if (ofInner.has(weight)) continue;
      this.weights.push({
        name: unique(`${scope}/${lastOf(weight.originalName)}`, this.weightNames),
        weight,
      });
    }
  }
}
