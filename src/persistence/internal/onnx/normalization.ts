/** Normalizations. */
import type { LayerVariable } from '@tensorflow/tfjs';
import { reshaped, type Emitter, type Shape, type Value } from './emitter';
import {
  ADVICE,
  axesOf,
  axisOf,
  neededWeight,
  numberIn,
  refuse,
  weightOf,
  type LayerWriter,
  type LayerWriters,
  type Written,
} from './layer';

/** A weight of some axes in a shape that goes with all of them. */
const spread = (emit: Emitter, weight: LayerVariable, shape: Shape, axes: readonly number[]): Value => {
  const sizes = shape.map((size, axis) => (axes.includes(axis) ? Number(size) : 1));
  // Those before the first that is named go without saying.
  const from = Math.min(...axes);
  return emit.weight(weight, `spread ${sizes.slice(from).join(',')}`, (numbers) =>
    reshaped(numbers, sizes.slice(from)),
  );
};

const affine = ({ emit, layer }: Written, x: Value, axes: readonly number[]): Value => {
  const [gamma, beta] = [weightOf(layer, 'gamma'), weightOf(layer, 'beta')];
  const scaled = gamma === undefined ? x : emit.mul(x, spread(emit, gamma, x.shape, axes));
  return beta === undefined ? scaled : emit.add(scaled, spread(emit, beta, x.shape, axes));
};

/** `(x − mean) / √(variance + epsilon)` along axes. */
const standardized = (emit: Emitter, x: Value, axes: readonly number[], epsilon: number): Value => {
  const centered = emit.sub(x, emit.reduce('ReduceMean', x, axes, true));
  const variance = emit.reduce('ReduceMean', emit.mul(centered, centered), axes, true);
  return emit.div(centered, emit.op('Sqrt', [emit.add(variance, epsilon)]));
};

const batchNormalization: LayerWriter = ({ emit, layer, config }, x) => {
  const [axis = 1] = axesOf(config['axis'], x.shape.length);
  const values = (name: string): Float32Array | undefined =>
    weightOf(layer, name)?.read().dataSync<'float32'>();
  const mean = neededWeight(layer, 'moving_mean').read().dataSync<'float32'>();
  const variance = neededWeight(layer, 'moving_variance').read().dataSync<'float32'>();
  const [gamma, beta] = [values('gamma'), values('beta')];
  const epsilon = numberIn(config, 'epsilon');
  const factor = variance.map((value, index) => (gamma?.[index] ?? 1) / Math.sqrt(value + epsilon));
  const offset = mean.map((value, index) => (beta?.[index] ?? 0) - value * (factor[index] ?? 0));
  const shape = [mean.length, ...Array<number>(x.shape.length - 1 - axis).fill(1)];
  const scaled = emit.mul(x, emit.numbers('factor', { values: factor, shape }));
  return emit.add(scaled, emit.numbers('offset', { values: offset, shape }));
};

const layerNormalization: LayerWriter = (written, x) => {
  const { emit, layer, config } = written;
  const axes = axesOf(config['axis'], x.shape.length).toSorted((a, b) => a - b);
  const epsilon = numberIn(config, 'epsilon');
  const first = axes[0] as number; // there is one
  const isEnd = axes.length === x.shape.length - first;
  const [gamma, beta] = [weightOf(layer, 'gamma'), weightOf(layer, 'beta')];
  // The weights are in the order in which the axes are named.
  const isOrdered = axesOf(config['axis'], x.shape.length).every((axis, index) => axis === axes[index]);
  if (!isOrdered)
    return refuse(layer, 'its axes are not named in their order', 'Name them from the first to the last');
  if (!isEnd || gamma === undefined) return affine(written, standardized(emit, x, axes, epsilon), axes);
  return emit.op(
    'LayerNormalization',
    [x, emit.weight(gamma), ...(beta === undefined ? [] : [emit.weight(beta)])],
    { axis: first, epsilon: { float: epsilon } },
  );
};

const groupNormalization: LayerWriter = (written, x) => {
  const { emit, layer, config } = written;
  const rank = x.shape.length;
  const axis = axisOf(numberIn(config, 'axis'), rank);
  const size = x.shape[axis] as number; // known, as the layer has checked
  const groups = numberIn(config, 'groups') === -1 ? size : numberIn(config, 'groups');
  const sizes = [...x.shape.slice(0, axis), groups, size / groups, ...x.shape.slice(axis + 1)];
  if (sizes.slice(axis).filter((one) => one === null).length > 1)
    return refuse(layer, 'more than one size of its input is not known', ADVICE);
  // Those before the groups stay; of those after, one may be what is left.
  const target = sizes.map((one, index) => (index < axis ? 0 : (one ?? -1)));
  const divided = emit.reshape(x, target, sizes);
  const others = sizes.map((_, index) => index).filter((index) => index !== 0 && index !== axis);
  const normal = standardized(emit, divided, others, numberIn(config, 'epsilon'));
  return affine(written, emit.reshapeTo(normal, emit.shapeOf(x), x.shape), [axis]);
};

const rmsNormalization: LayerWriter = ({ emit, layer, config }, x) => {
  const axes = axesOf(config['axis'], x.shape.length);
  const squares = emit.reduce('ReduceMean', emit.mul(x, x), axes, true);
  const normal = emit.div(x, emit.op('Sqrt', [emit.add(squares, numberIn(config, 'epsilon'))]));
  return emit.mul(normal, spread(emit, neededWeight(layer, 'scale'), x.shape, axes));
};

export const normalizationWriters: LayerWriters = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  GroupNormalization: groupNormalization,
  RMSNormalization: rmsNormalization,
};
