/** One step of recurrent layers: their cells. */
import type { Layer } from '../../../layers/internal/target';
import type { Config } from '../../../models/config/forms';
import { innerLayersOf } from '../../../tfjs/private';
import { activate } from './activations';
import { convolve, kernelFirst, windowOf, type Window } from './convolution';
import type { Emitter, Numbers, Shape, Value } from './emitter';
import { ADVICE, configOfLayer, neededWeight, numberIn, refuse, weightOf } from './layer';
import { toFirst, toLast } from './shaping';

/** What a cell gives for a step. */
export interface Step {
  readonly output: Value;
  readonly states: readonly Value[];
}

/** A cell in a graph. */
export interface Cell {
  /** The shapes of the states, without the batch axis. */
  readonly states: readonly (readonly number[])[];
  /** The shape of an output, without the batch axis. */
  readonly output: readonly number[];
  readonly step: (emit: Emitter, x: Value, states: readonly Value[]) => Step;
}

/** Equal parts of a value along an axis. */
const split = (emit: Emitter, x: Value, parts: number, axis: number): Value[] => {
  const size = Number(x.shape[axis]) / parts;
  const shape = x.shape.map((one, index) => (index === axis ? size : one));
  const outputs = Array.from({ length: parts }, () => ({ shape, dtype: x.dtype }));
  return emit.many('Split', [x, emit.integers(Array<number>(parts).fill(size))], outputs, { axis });
};

/** Some columns of a matrix. */
const columns =
  (from: number, to: number) =>
  ({ values, shape: [rows = 0, all = 0] }: Numbers): Numbers => {
    const made = new Float32Array(rows * (to - from));
    for (let row = 0; row < rows; row++)
      made.set(values.subarray(row * all + from, row * all + to), row * (to - from));
    return { values: made, shape: [rows, to - from] };
  };

/** A row of a matrix. */
const row =
  (index: number) =>
  ({ values, shape }: Numbers): Numbers => {
    const size = shape.at(-1) ?? 0;
    return { values: values.slice(index * size, (index + 1) * size), shape: [size] };
  };

/** What a cell is made of: the layer that has its weights, and the options. */
interface CellParts {
  readonly layer: Layer;
  readonly config: Readonly<Config>;
}

const affine = (
  emit: Emitter,
  { layer }: CellParts,
  x: Value,
  kernel: 'kernel' | 'recurrent_kernel',
  bias?: Value,
): Value => {
  const product = emit.matMul(x, emit.weight(neededWeight(layer, kernel)));
  return bias === undefined ? product : emit.add(product, bias);
};

const biasOf = (emit: Emitter, { layer }: CellParts): Value | undefined => {
  const bias = weightOf(layer, 'bias');
  return bias === undefined ? undefined : emit.weight(bias);
};

const simpleCell = (parts: CellParts): Cell => {
  const units = numberIn(parts.config, 'units');
  return {
    states: [[units]],
    output: [units],
    step: (emit, x, states) => {
      const [before] = states as [Value]; // it has one
      const sum = emit.add(
        affine(emit, parts, x, 'kernel', biasOf(emit, parts)),
        affine(emit, parts, before, 'recurrent_kernel'),
      );
      const output = activate(emit, parts.layer, parts.config['activation'], sum);
      return { output, states: [output] };
    },
  };
};

/** The gates' sum to the next memory and output. */
const gated = (
  emit: Emitter,
  { layer, config }: CellParts,
  sum: Value,
  memory: Value,
  axis: number,
): Step => {
  const [input, forget, value, output] = split(emit, sum, 4, axis) as [Value, Value, Value, Value]; // four
  const gate = (x: Value): Value => activate(emit, layer, config['recurrent_activation'], x);
  const bent = (x: Value): Value => activate(emit, layer, config['activation'], x);
  const next = emit.add(emit.mul(gate(forget), memory), emit.mul(gate(input), bent(value)));
  const made = emit.mul(gate(output), bent(next));
  return { output: made, states: [made, next] };
};

const lstmCell = (parts: CellParts): Cell => {
  const units = numberIn(parts.config, 'units');
  return {
    states: [[units], [units]],
    output: [units],
    step: (emit, x, states) => {
      const [before, memory] = states as [Value, Value]; // it has two
      const sum = emit.add(
        affine(emit, parts, x, 'kernel', biasOf(emit, parts)),
        affine(emit, parts, before, 'recurrent_kernel'),
      );
      return gated(emit, parts, sum, memory, 1);
    },
  };
};

const gruCell = (parts: CellParts): Cell => {
  const { layer, config } = parts;
  const units = numberIn(config, 'units');
  const gate = (emit: Emitter, x: Value): Value => activate(emit, layer, config['recurrent_activation'], x);
  const bias = weightOf(layer, 'bias');
  const isAfter = config['reset_after'] === true;
  const row0 = (emit: Emitter): Value | undefined =>
    bias === undefined ? undefined : isAfter ? emit.weight(bias, 'row 0', row(0)) : emit.weight(bias);
  const row1 = (emit: Emitter): Value | undefined =>
    bias === undefined || !isAfter ? undefined : emit.weight(bias, 'row 1', row(1));
  const candidate = (emit: Emitter, x: Value, reset: Value, before: Value): Value => {
    const recurrent = neededWeight(layer, 'recurrent_kernel');
    const kernel = emit.weight(recurrent, 'candidate', columns(2 * units, 3 * units));
    return emit.add(x, emit.matMul(emit.mul(reset, before), kernel));
  };
  const gates = (emit: Emitter, before: Value): Value =>
    emit.matMul(before, emit.weight(neededWeight(layer, 'recurrent_kernel'), 'gates', columns(0, 2 * units)));
  return {
    states: [[units]],
    output: [units],
    step: (emit, x, states) => {
      const [before] = states as [Value]; // it has one
      const [update, reset, value] = split(emit, affine(emit, parts, x, 'kernel', row0(emit)), 3, 1) as [
        Value,
        Value,
        Value,
      ];
      const [u, r, v] = isAfter
        ? (split(emit, affine(emit, parts, before, 'recurrent_kernel', row1(emit)), 3, 1) as [
            Value,
            Value,
            Value,
          ])
        : (split(emit, gates(emit, before), 2, 1) as [Value, Value]);
      const z = gate(emit, emit.add(update, u));
      const opened = gate(emit, emit.add(reset, r));
      const sum =
        v === undefined ? candidate(emit, value, opened, before) : emit.add(value, emit.mul(opened, v));
      const next = activate(emit, layer, config['activation'], sum);
      const output = emit.add(emit.mul(z, before), emit.sub(next, emit.mul(z, next)));
      return { output, states: [output] };
    },
  };
};

const stackedCell = (cells: readonly Cell[]): Cell => ({
  states: cells.flatMap(({ states }) => states),
  output: cells.at(-1)?.output ?? [],
  step: (emit, x, states) => {
    let used = 0;
    let output = x;
    const ends = cells.flatMap((cell) => {
      const made = cell.step(emit, output, states.slice(used, used + cell.states.length));
      used += cell.states.length;
      output = made.output;
      return made.states;
    });
    return { output, states: ends };
  },
});

/** An LSTM whose products are convolutions. Its states have the layer's format. */
const convolutionalCell = (parts: CellParts, sample: Shape): Cell => {
  const { layer, config } = parts;
  if (sample.some((size) => size === null)) refuse(layer, 'the sizes of its input are not known', ADVICE);
  const sizes = sample as readonly number[]; // as just seen
  const axes = sizes.length - 1;
  const ones = Array<number>(axes).fill(1);
  const same: Window = { ...windowOf(parts, axes), strides: ones, dilations: ones, padding: 'same' };
  const isFirst = config['data_format'] === 'channels_first';
  const first = (emit: Emitter, x: Value): Value => (isFirst ? x : emit.transpose(x, toFirst(axes + 2)));
  const last = (emit: Emitter, x: Value): Value => (isFirst ? x : emit.transpose(x, toLast(axes + 2)));
  const kernel = (emit: Emitter, name: string): Value =>
    emit.weight(neededWeight(layer, name), 'first', kernelFirst);
  return {
    states: [sizes, sizes],
    output: sizes,
    step: (emit, x, states) => {
      const [before, memory] = states as [Value, Value]; // it has two
      const given = convolve(
        emit,
        first(emit, x),
        kernel(emit, 'kernel'),
        biasOf(emit, parts),
        windowOf(parts, axes),
      );
      const recurrent = convolve(
        emit,
        first(emit, before),
        kernel(emit, 'recurrent_kernel'),
        undefined,
        same,
      );
      const { output, states: next } = gated(emit, parts, emit.add(given, recurrent), first(emit, memory), 1);
      const [made, kept] = [last(emit, output), last(emit, next[1] as Value)]; // two
      return { output: made, states: [made, kept] };
    },
  };
};

const CELLS: Readonly<Record<string, (parts: CellParts) => Cell>> = {
  SimpleRNN: simpleCell,
  SimpleRNNCell: simpleCell,
  LSTM: lstmCell,
  LSTMCell: lstmCell,
  GRU: gruCell,
  GRUCell: gruCell,
};

/** The cell of a recurrent layer, or a cell itself. `sample` is the shape of its output, without batch and steps. */
export const cellOf = (layer: Layer, config: Readonly<Config>, sample: Shape): Cell => {
  const className = layer.getClassName();
  const make = Object.hasOwn(CELLS, className) ? CELLS[className] : undefined;
  if (make !== undefined) return make({ layer, config });
  if (/^ConvLSTM[123]D$/.test(className)) return convolutionalCell({ layer, config }, sample);
  const inner = innerLayersOf(layer);
  if (className === 'RNN' && inner[0] !== undefined) return cellOf(inner[0], configOfLayer(inner[0]), sample);
  if (className === 'StackedRNNCells')
    return stackedCell(inner.map((one) => cellOf(one, configOfLayer(one), sample)));
  return refuse(layer, 'it is a cell of your own', ADVICE);
};
