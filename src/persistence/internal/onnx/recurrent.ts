/** Recurrent layers: by ONNX's own operators where they compute the same, else as a loop over their cells. */
import type { Layer } from '../../../layers/internal/target';
import type { Config } from '../../../models/config/forms';
import { innerLayersOf } from '../../../tfjs/private';
import { cellOf, type Cell } from './cells';
import type { Emitter, Numbers, Value } from './emitter';
import {
  neededWeight,
  numberIn,
  refuse,
  weightOf,
  type LayerWriter,
  type LayerWriters,
  type Written,
} from './layer';
import { TO_THE_END } from './shaping';

/** ONNX's names of activations, where it means the same without further numbers. */
const ACTIVATIONS: Readonly<Record<string, string>> = { tanh: 'Tanh', sigmoid: 'Sigmoid', relu: 'Relu' };

/** Of ONNX's operators: the order of Keras's gates, and the options that are activations. */
const OPERATORS: Readonly<
  Record<
    string,
    { readonly op: string; readonly gates: readonly number[]; readonly activations: readonly string[] }
  >
> = {
  SimpleRNN: { op: 'RNN', gates: [0], activations: ['activation'] },
  // Keras has update, reset, candidate, as ONNX.
  GRU: { op: 'GRU', gates: [0, 1, 2], activations: ['recurrent_activation', 'activation'] },
  // Keras has input, forget, candidate, output; ONNX input, output, forget, candidate.
  LSTM: {
    op: 'LSTM',
    gates: [0, 3, 1, 2],
    activations: ['recurrent_activation', 'activation', 'activation'],
  },
};

/** `[in, gates · units]` as `[1, gates · units, in]`, with the gates in another order. */
const turned =
  (gates: readonly number[]) =>
  ({ values, shape: [rows = 0, columns = 0] }: Numbers): Numbers => {
    const units = columns / gates.length;
    const made = new Float32Array(values.length);
    gates.forEach((gate, place) => {
      for (let unit = 0; unit < units; unit++)
        for (let row = 0; row < rows; row++)
          made[(place * units + unit) * rows + row] = values[row * columns + gate * units + unit] as number;
    });
    return { values: made, shape: [1, columns, rows] };
  };

/** The biases of input and recurrence, one after the other; Keras has the second of a GRU that resets after the product only. */
const biases =
  (gates: readonly number[], units: number) =>
  ({ values }: Numbers): Numbers => {
    const size = gates.length * units;
    const made = new Float32Array(2 * size);
    for (let from = 0; from < values.length; from += size)
      gates.forEach((gate, place) => {
        made.set(values.subarray(from + gate * units, from + (gate + 1) * units), from + place * units);
      });
    return { values: made, shape: [1, 2 * size] };
  };

/** A sequence from its end to its beginning. */
const reversed = (emit: Emitter, x: Value, axis: number): Value =>
  emit.slice(x, [axis], [-1], [-TO_THE_END], x.shape, [-1]);

/** What a recurrent layer gives: the sequence of outputs, `[steps, batch, …]` or `[batch, steps, …]`, the last one, and the states. */
interface Sequence {
  readonly outputs: () => Value;
  readonly last: () => Value;
  readonly states: () => Value[];
}

/** By ONNX's own operator, where it computes the same. */
const byOperator = (
  { emit, layer, config }: Written,
  x: Value,
  initial: readonly Value[],
): Sequence | undefined => {
  const className = layer.getClassName();
  const operator = Object.hasOwn(OPERATORS, className) ? OPERATORS[className] : undefined;
  if (operator === undefined || x.mask !== undefined) return undefined;
  const names = operator.activations.map((option) => String(config[option]));
  if (!names.every((name) => Object.hasOwn(ACTIVATIONS, name))) return undefined;
  const units = numberIn(config, 'units');
  const timeMajor = config['time_major'] === true;
  const { gates } = operator;
  const stepsFirst = timeMajor ? x : emit.transpose(x, [1, 0, 2]);
  const ordered = config['go_backwards'] === true ? reversed(emit, stepsFirst, 0) : stepsFirst;
  const bias = weightOf(layer, 'bias');
  const [steps = null, batch = null] = stepsFirst.shape;
  const state = { shape: [1, batch, units], dtype: 'float32' } as const;
  const count = className === 'LSTM' ? 2 : 1;
  const [all, ...ends] = emit.many(
    operator.op,
    [
      ordered,
      emit.weight(neededWeight(layer, 'kernel'), 'turned', turned(gates)),
      emit.weight(neededWeight(layer, 'recurrent_kernel'), 'turned', turned(gates)),
      bias === undefined ? undefined : emit.weight(bias, 'biases', biases(gates, units)),
      undefined,
      ...Array.from({ length: count }, (_, index) => {
        const given = initial[index];
        return given === undefined ? undefined : emit.unsqueeze(given, 0);
      }),
    ],
    [{ shape: [steps, 1, batch, units], dtype: 'float32' }, ...Array.from({ length: count }, () => state)],
    {
      hidden_size: units,
      activations: names.map((name) => ACTIVATIONS[name] as string), // as just seen
      ...(className === 'GRU' ? { linear_before_reset: config['reset_after'] === true ? 1 : 0 } : {}),
    },
  ) as [Value, ...Value[]];
  const end = (): Value[] => ends.map((one) => emit.squeeze(one, 0));
  return {
    outputs: () => {
      const sequence = emit.squeeze(all, 1);
      return timeMajor ? sequence : emit.transpose(sequence, [1, 0, 2]);
    },
    last: () => end()[0] as Value, // there is one
    states: end,
  };
};

interface Loop {
  readonly cell: Cell;
  readonly timeAxis: 0 | 1;
  readonly mask: Value | undefined;
  /** Whether the output of a step that is masked is 0, and not the one before. */
  readonly zeros: boolean;
}

/** What a loop does in each step, as a graph of its own. */
const body = (
  emit: Emitter,
  x: Value,
  batch: number | null,
  { cell, mask, zeros }: Loop,
  timeAxis: number,
): Uint8Array => {
  const inner = emit.inner();
  const port = (name: string, shape: Value['shape'], dtype: Value['dtype'] = 'float32'): Value => ({
    name: emit.name(name),
    shape,
    dtype,
  });
  const states = cell.states.map((shape) => port('loop/state', [batch, ...shape]));
  const before = port('loop/output', [batch, ...cell.output]);
  const input = port(
    'loop/input',
    x.shape.filter((_, axis) => axis !== timeAxis),
  );
  const seen = mask === undefined ? undefined : port('loop/seen', [batch], 'bool');
  const made = cell.step(inner, input, states);
  /** The new value where the step is there, else another one. */
  const kept = (value: Value, other: Value): Value => {
    if (seen === undefined) return value;
    let condition = seen;
    while (condition.shape.length < value.shape.length)
      condition = inner.unsqueeze(condition, condition.shape.length);
    return inner.where(condition, value, other);
  };
  const next = made.states.map((state, index) => kept(state, states[index] as Value)); // one for each
  const output = kept(made.output, before);
  const shown = zeros ? kept(made.output, inner.mul(made.output, 0)) : output;
  // Each output of a graph needs a name of its own.
  const results = [...next, output, shown].map((value) => inner.named(value, inner.name('loop/result')));
  const ports = (values: readonly Value[]): { name: string; dtype: Value['dtype']; shape: undefined }[] =>
    values.map(({ name, dtype }) => ({ name, dtype, shape: undefined }));
  return inner.graph(
    emit.name('loop'),
    ports([...states, before, input, ...(seen === undefined ? [] : [seen])]),
    ports(results),
  );
};

const byLoop = ({ emit, config }: Written, x: Value, initial: readonly Value[], loop: Loop): Sequence => {
  const { cell, timeAxis, mask } = loop;
  const batchAxis = timeAxis === 1 ? 0 : 1;
  const [batch = null, steps = null] = [x.shape[batchAxis], x.shape[timeAxis]];
  const backwards = config['go_backwards'] === true ? 1 : 0;
  const inputs = [x, ...(mask === undefined ? [] : [mask])];
  const first = cell.states.map((shape, index) => initial[index] ?? emit.zerosFor(x, batchAxis, shape));
  const sequence = timeAxis === 1 ? [batch, steps] : [steps, batch];
  const results = emit.many(
    'Scan',
    [...first, emit.zerosFor(x, batchAxis, cell.output), ...inputs],
    [
      ...cell.states.map((shape) => ({ shape: [batch, ...shape], dtype: 'float32' as const })),
      { shape: [batch, ...cell.output], dtype: 'float32' },
      { shape: [...sequence, ...cell.output], dtype: 'float32' },
    ],
    {
      body: { graph: body(emit, x, batch, loop, timeAxis) },
      num_scan_inputs: inputs.length,
      scan_input_axes: inputs.map(() => timeAxis),
      scan_input_directions: inputs.map(() => backwards),
      scan_output_axes: [timeAxis],
    },
  );
  const count = cell.states.length;
  return {
    outputs: () => results[count + 1] as Value, // as many as were asked for
    last: () => results[count] as Value, // the same
    states: () => results.slice(0, count),
  };
};

/** What a sequence ends with, also where that is the zeros of a step that is masked. */
const lastStep = (emit: Emitter, x: Value, axis: number): Value => {
  const shape = x.shape.map((size, index) => (index === axis ? 1 : size));
  return emit.squeeze(emit.slice(x, [axis], [-1], [TO_THE_END], shape), axis);
};

const recurrent: LayerWriter = (written, x, ...initial) => {
  const {
    emit,
    layer,
    config,
    call,
    shapes: [shape = []],
  } = written;
  if (config['stateful'] === true)
    return refuse(
      layer,
      'it keeps its states from one call to the next',
      'Build it without stateful, with initialState as inputs',
    );
  const sequences = config['return_sequences'] === true;
  const zeros = call['zero_output_for_mask'] === true || config['zero_output_for_mask'] === true;
  const sample = shape.slice(sequences ? 2 : 1);
  const timeAxis = config['time_major'] === true ? 0 : 1;
  const sequence =
    byOperator(written, x, initial) ??
    byLoop(written, x, initial, { cell: cellOf(layer, config, sample), timeAxis, mask: x.mask, zeros });
  const output = sequences
    ? sequence.outputs()
    : zeros && x.mask !== undefined
      ? lastStep(emit, sequence.outputs(), timeAxis)
      : sequence.last();
  return config['return_state'] === true ? [output, ...sequence.states()] : output;
};

type Merge = (emit: Emitter, forward: Value, backward: Value) => Value;

const MERGES: Readonly<Record<string, Merge>> = {
  concat: (emit, a, b) => emit.concat([a, b], a.shape.length - 1),
  sum: (emit, a, b) => emit.add(a, b),
  mul: (emit, a, b) => emit.mul(a, b),
  ave: (emit, a, b) => emit.mul(emit.add(a, b), 0.5),
};

/** Options by tfjs's names. */
const optionsOf = (layer: Layer): Readonly<Config> => layer.getConfig();

const bidirectional: LayerWriter = ({ emit, layer, config, apply }, x, ...initial) => {
  const [forward, backward] = innerLayersOf(layer) as [Layer, Layer]; // it has two
  const half = initial.length / 2;
  const { returnSequences, timeMajor } = optionsOf(forward);
  const [first, ...ofFirst] = apply(forward, [x, ...initial.slice(0, half)]) as [Value, ...Value[]];
  const [other, ...ofSecond] = apply(backward, [x, ...initial.slice(half)]) as [Value, ...Value[]];
  const second = returnSequences === true ? reversed(emit, other, timeMajor === true ? 0 : 1) : other;
  const states = [...ofFirst, ...ofSecond];
  const mode = config['merge_mode'] as string | null; // the layer has checked that it is one
  if (mode === null) return [first, second, ...states];
  const merged = (MERGES[mode] as Merge)(emit, first, second); // the same
  return states.length === 0 ? merged : [merged, ...states];
};

/** The mask of sequences, of one with more axes: a step is there if something of it is. */
const ofSteps = (emit: Emitter, mask: Value): Value => {
  const others = mask.shape.map((_, axis) => axis).slice(2);
  if (others.length === 0) return mask;
  return emit.cast(emit.reduce('ReduceMax', emit.cast(mask, 'float32'), others), 'bool');
};

/** A layer that is applied to each step: as one to a batch of all steps. */
const timeDistributed: LayerWriter = ({ emit, layer, apply }, x) => {
  const [inner] = innerLayersOf(layer) as [Layer]; // it has one
  const together = (value: Value): Value => {
    const sizes = emit.concat([emit.integers([-1]), emit.shapeOf(value, 2)], 0);
    return emit.reshapeTo(value, sizes, [null, ...value.shape.slice(2)]);
  };
  const apart = (value: Value): Value => {
    const sizes = emit.concat([emit.shapeOf(x, 0, 2), emit.shapeOf(value, 1)], 0);
    return emit.reshapeTo(value, sizes, [...x.shape.slice(0, 2), ...value.shape.slice(1)]);
  };
  const { mask } = x;
  // That of the steps says nothing of what is in each of them.
  const own = mask !== undefined && mask.shape.length > 2 ? together(mask) : undefined;
  const made = apply(inner, [{ ...together(x), mask: own }]).map((value) => ({
    ...apart(value),
    mask: value.mask === undefined ? undefined : apart(value.mask),
  }));
  const [first, ...others] = made as [Value, ...Value[]]; // a layer gives something
  return [
    { ...first, mask: first.mask ?? (mask === undefined ? undefined : ofSteps(emit, mask)) },
    ...others,
  ];
};

/** A layer whose kernel was divided while training. */
const spectral: LayerWriter = ({ layer, apply }, x) => {
  const [inner] = innerLayersOf(layer) as [Layer]; // it has one
  return apply(inner, [x]);
};

export const recurrentWriters: LayerWriters = {
  SimpleRNN: recurrent,
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
  ConvLSTM1D: recurrent,
  ConvLSTM2D: recurrent,
  ConvLSTM3D: recurrent,
  Bidirectional: bidirectional,
  TimeDistributed: timeDistributed,
  SpectralNormalization: spectral,
};
