import type { LayersModel } from '@tensorflow/tfjs';
import { describeShape } from '../base/errors';
import type { NewLayer } from '../layers/internal/target';

/** A tfjs model as a layer to be added. */
export const asLayer = (model: LayersModel, definedAt: string | undefined): NewLayer => ({
  functionName: 'layerModel',
  baseName: model.name,
  name: model.name,
  batchInputShape: undefined,
  defaultInputShape: undefined,
  rank: undefined,
  shapeRequirement: ([shape = []]) => {
    const expected = model.inputs[0]?.shape ?? [];
    const fits =
      expected.length === shape.length &&
      expected.every((size, axis) => size === null || shape[axis] === null || size === shape[axis]);
    if (fits) return undefined;
    return {
      needs: `input of shape ${describeShape(expected)}`,
      advice: 'A model as a layer takes what the model takes',
    };
  },
  keepsTypes: true,
  definedAt,
  make: () => model,
});
