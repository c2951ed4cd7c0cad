/** Activations as operations of ONNX. */
import type { Layer } from '../../../layers/internal/target';
import type { Emitter, Value } from './emitter';
import { ADVICE, axesOf, axisOf, numberIn, refuse, type LayerWriters } from './layer';

type Activation = (emit: Emitter, x: Value) => Value;

/** Cuts values off below and above. */
export const clip = (emit: Emitter, x: Value, min: number | undefined, max: number | undefined): Value =>
  emit.op('Clip', [
    x,
    min === undefined ? undefined : emit.scalar(min),
    max === undefined ? undefined : emit.scalar(max),
  ]);

const zeros = (emit: Emitter): Value => emit.scalar(0);

const compare = (
  emit: Emitter,
  op: 'Greater' | 'Less' | 'LessOrEqual' | 'GreaterOrEqual',
  x: Value,
  limit: number,
): Value => emit.binary(op, x, limit, 'bool');

const timesSigmoid: Activation = (emit, x) => emit.mul(x, emit.op('Sigmoid', [x]));

const simple =
  (op: string, attributes: Parameters<Emitter['op']>[2] = {}): Activation =>
  (emit, x) =>
    emit.op(op, [x], attributes);

const softmax = (emit: Emitter, x: Value, axis: number): Value =>
  emit.op('Softmax', [x], { axis: axisOf(axis, x.shape.length) });

/** `x · Φ(x)` by the error function. */
const gelu: Activation = (emit, x) => {
  const half = emit.add(emit.op('Erf', [emit.mul(x, Math.SQRT1_2)]), 1);
  return emit.mul(emit.mul(x, 0.5), half);
};

const hardShrink: Activation = (emit, x) =>
  emit.where(compare(emit, 'Greater', emit.op('Abs', [x]), 0.5), x, zeros(emit));

const sparsePlus: Activation = (emit, x) => {
  const sum = emit.add(x, 1);
  const bend = emit.where(compare(emit, 'Less', x, 1), emit.mul(emit.mul(sum, sum), 0.25), x);
  return emit.where(compare(emit, 'LessOrEqual', x, -1), zeros(emit), bend);
};

/** The nearest point whose numbers add up to 1 and are none below 0: see `activationSparsemax`. */
const sparsemax: Activation = (emit, x) => {
  const axis = x.shape.length - 1;
  const along = emit.op('Squeeze', [emit.integers([axis])], {}, { shape: [], dtype: 'int64' });
  const [sorted] = emit.many('TopK', [x, emit.shapeOf(x, axis, axis + 1)], [x, { ...x, dtype: 'int64' }], {
    axis,
  }) as [Value, Value]; // two
  const ones = emit.op('Add', [emit.mul(sorted, 0), emit.scalar(1)]);
  const counts = emit.op('CumSum', [ones, along]);
  const excess = emit.sub(emit.op('CumSum', [sorted, along]), 1);
  const kept = emit.cast(emit.binary('Greater', emit.mul(sorted, counts), excess, 'bool'), 'float32');
  const sums = emit.sub(emit.reduce('ReduceSum', emit.mul(sorted, kept), [axis], true), 1);
  return emit.op('Relu', [emit.sub(x, emit.div(sums, emit.reduce('ReduceSum', kept, [axis], true)))]);
};

/** Keras's activations. */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  linear: (_emit, x) => x,
  relu: simple('Relu'),
  relu6: (emit, x) => clip(emit, x, 0, 6),
  sigmoid: simple('Sigmoid'),
  tanh: simple('Tanh'),
  elu: simple('Elu'),
  selu: simple('Selu'),
  softplus: simple('Softplus'),
  softsign: simple('Softsign'),
  exponential: simple('Exp'),
  softmax: (emit, x) => softmax(emit, x, -1),
  log_softmax: (emit, x) => emit.op('LogSoftmax', [x], { axis: x.shape.length - 1 }),
  hard_sigmoid: simple('HardSigmoid', { alpha: { float: 0.2 }, beta: { float: 0.5 } }),
  hard_sigmoid_keras3: simple('HardSigmoid', { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }),
  swish: timesSigmoid,
  gelu,
  mish: (emit, x) => emit.mul(x, emit.op('Tanh', [emit.op('Softplus', [x])])),
  leaky_relu: simple('LeakyRelu', { alpha: { float: 0.2 } }),
  celu: simple('Celu'),
  squareplus: (emit, x) => emit.mul(emit.add(x, emit.op('Sqrt', [emit.add(emit.mul(x, x), 4)])), 0.5),
  log_sigmoid: (emit, x) => emit.op('Neg', [emit.op('Softplus', [emit.op('Neg', [x])])]),
  tanh_shrink: (emit, x) => emit.sub(x, emit.op('Tanh', [x])),
  hard_tanh: (emit, x) => clip(emit, x, -1, 1),
  hard_silu: (emit, x) =>
    emit.mul(x, emit.op('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } })),
  hard_shrink: hardShrink,
  soft_shrink: simple('Shrink', { lambd: { float: 0.5 }, bias: { float: 0.5 } }),
  sparse_plus: sparsePlus,
  sparse_sigmoid: (emit, x) => clip(emit, emit.mul(emit.add(x, 1), 0.5), 0, 1),
  sparsemax,
};

/** Other names of activations. */
const ALIASES: Readonly<Record<string, string>> = { silu: 'swish', hard_swish: 'hard_silu' };

/** The names of activations that are written, in Keras's spelling. */
export const onnxActivations: readonly string[] = [...Object.keys(ACTIVATIONS), ...Object.keys(ALIASES)];

/** An activation of a layer's option. */
export const activate = (emit: Emitter, layer: Layer, name: unknown, x: Value): Value => {
  if (name === null || name === undefined) return x;
  const known = typeof name === 'string' ? (Object.hasOwn(ALIASES, name) ? ALIASES[name] : name) : undefined;
  const activation =
    known !== undefined && Object.hasOwn(ACTIVATIONS, known) ? ACTIVATIONS[known] : undefined;
  if (activation !== undefined) return activation(emit, x);
  return refuse(
    layer,
    `its activation is ${typeof name === 'string' ? `'${name}'` : 'a function of your own'}`,
    `Use one of ${onnxActivations.join(', ')}. ${ADVICE}`,
  );
};

/** Activations as layers. */
export const activationWriters: LayerWriters = {
  Activation: ({ emit, layer, config }, x) => activate(emit, layer, config['activation'], x),
  ReLU: ({ emit, config }, x) => {
    const slope = Number(config['negative_slope'] ?? 0);
    const threshold = Number(config['threshold'] ?? 0);
    const max = config['max_value'] === null ? undefined : Number(config['max_value']);
    if (slope !== 0 && max === undefined && threshold === 0)
      return emit.op('LeakyRelu', [x], { alpha: { float: slope } });
    const above =
      threshold === 0
        ? emit.op('Relu', [x])
        : emit.where(compare(emit, 'Greater', x, threshold), x, zeros(emit));
    const cut = max === undefined ? above : clip(emit, above, 0, max);
    if (slope === 0) return cut;
    const below = emit.op('Relu', [emit.op('Sub', [emit.scalar(threshold), x], {}, { shape: x.shape })]);
    return emit.sub(cut, emit.mul(below, slope));
  },
  LeakyReLU: ({ emit, config }, x) =>
    emit.op('LeakyRelu', [x], { alpha: { float: numberIn(config, 'alpha') } }),
  ELU: ({ emit, config }, x) => emit.op('Elu', [x], { alpha: { float: numberIn(config, 'alpha') } }),
  PReLU: ({ emit, layer }, x) => {
    const [alpha] = layer.weights;
    return alpha === undefined ? x : emit.op('PRelu', [x, emit.weight(alpha)]);
  },
  ThresholdedReLU: ({ emit, config }, x) =>
    emit.where(compare(emit, 'Greater', x, numberIn(config, 'theta')), x, zeros(emit)),
  Softmax: ({ emit, config }, x) => {
    const axes = axesOf(config['axis'], x.shape.length);
    if (axes.length === 1) return softmax(emit, x, axes[0] as number);
    const powers = emit.op('Exp', [emit.sub(x, emit.reduce('ReduceMax', x, axes, true))]);
    return emit.div(powers, emit.reduce('ReduceSum', powers, axes, true));
  },
};
