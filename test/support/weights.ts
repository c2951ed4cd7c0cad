import { getWeights, type NestedArray, type Weighted } from '../../src/index';

/** The weights of a model or layer as nested arrays, and no tensors left. */
export const weightArrays = (object: Weighted): NestedArray[] =>
  getWeights(object).map((weight) => {
    const values = weight.arraySync();
    weight.dispose();
    return values;
  });
