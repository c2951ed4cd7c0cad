import { sizeOf } from '../../base/shapes';
import { TYPES } from '../../tfjs/binding';
import type { RecordedOp, RecordedScan } from '../trace/recording';
import { attr } from './attributes';
import { int32, type Frame, type LoopVariable, type Value } from './frame';
import { areSmall, type Nodes } from './nodes';
import { placeOf, row, TensorArray, type Collector, type Place } from './steps';

/** A recurrence, as an operation of a recording, and how what it needs is emitted. */
export interface ScanParts {
  readonly op: RecordedOp;
  readonly scan: RecordedScan;
  /** A tensor of the frame around. */
  readonly valueOf: (id: number) => Value;
  /** The tensors of the frame around that something uses. */
  readonly used: ReadonlySet<number>;
  /** Emits the recurrence's step into its frame. */
  readonly emitStep: (
    inner: Frame,
    targets: readonly number[],
    nodes: Nodes,
    iteration: string,
    outside: (id: number) => Value,
  ) => void;
}

/** A number of steps that is known. */
const countOf = (frame: Frame, steps: number): { readonly steps: string; readonly indices: string } => ({
  steps: frame.ints(steps),
  indices: frame.ints(Array.from({ length: steps }, (_, index) => index)),
});

const zeros = (frame: Frame, shape: readonly number[]): Value => {
  const size = sizeOf(shape);
  return {
    name: frame.constant({ dtype: TYPES.float, shape, values: new Float32Array(size) }),
    dtype: TYPES.float,
  };
};

/** The sum of results. */
class Sum implements Collector {
  readonly loopVariable: LoopVariable;

  constructor(frame: Frame, name: string, shape: readonly number[]) {
    this.loopVariable = { name, first: zeros(frame, shape) };
  }

  add(inner: Frame, _index: string, value: string, now: string): string {
    return inner.node(`${inner.name}/${this.loopVariable.name}/plus`, 'Add', [now, value], {
      T: attr.type(TYPES.float),
    });
  }

  result(exit: string): string {
    return exit;
  }
}

/** Emits a recurrence, or its gradient, as a loop within the loop. Gives the nodes of its outputs. */
export const emitScan = (frame: Frame, name: string, parts: ScanParts): (string | undefined)[] => {
  const { op, scan, valueOf } = parts;
  const inner = frame.inner(name, areSmall(scan.body));
  const inputs = op.inputs.map(valueOf);
  const { backward } = scan.feeds;
  return backward === undefined
    ? emitForward(frame, inner, inputs, parts)
    : emitBackward(frame, inner, inputs, parts, backward);
};

/** Finds tensors of the frame around for the recurrence's step. */
const outsideOf =
  (inner: Frame, { valueOf }: ScanParts) =>
  (id: number): Value => {
    const value = valueOf(id);
    return { name: inner.enter(value), dtype: value.dtype };
  };

/** The rows of the sequences in one step, by the ids that the step knows them by. */
const rowsOf = (
  inner: Frame,
  { feeds }: RecordedScan,
  inputs: readonly Value[],
  place: Place,
): (readonly [number, Value])[] =>
  feeds.sequences.map(
    (id, position) =>
      [id, row(inner, `${inner.name}/input${position}`, inputs[position] as Value, place)] as const, // one for each
  );

const emitForward = (frame: Frame, inner: Frame, inputs: readonly Value[], parts: ScanParts): string[] => {
  const { steps, sequences, stateShape, feeds, results } = parts.scan;
  const states = new TensorArray(frame, `${inner.name}/states`, 'flow', {
    ...countOf(frame, steps),
    shape: stateShape,
    dtype: TYPES.float,
  });
  // The state comes after the sequences.
  const loopVariables: LoopVariable[] = [
    { name: 'state', first: inputs[sequences] as Value },
    states.loopVariable,
  ];
  const iterations = { name: frame.ints(steps), dtype: TYPES.int32 };
  const { iteration, now } = inner.loop(iterations, frame.ints(0), loopVariables);
  const [state, flow] = now as [string, string]; // one for each loop variable
  const nodes: Nodes = new Map([
    [feeds.state, { name: state, dtype: TYPES.float }],
    ...rowsOf(inner, parts.scan, inputs, placeOf(inner, iteration)),
  ]);
  parts.emitStep(inner, results, nodes, iteration, outsideOf(inner, parts));
  const after = nodes.get(results[0] as number)?.name as string; // emitted, as all targets are
  const [, exit] = inner.next(loopVariables, [after, states.add(inner, iteration, after, flow)]);
  return [states.result(exit as string)];
};

/** For each output but the state's that something uses: gradients of sequences step by step, those of weights summed up. */
const collectorsOf = (
  frame: Frame,
  name: string,
  { op, scan, used }: ScanParts,
): ReadonlyMap<number, Collector> => {
  const { sequences, outputShapes, steps } = scan;
  const collectors = new Map<number, Collector>();
  outputShapes.forEach((shape, output) => {
    if (output === sequences || !used.has(op.outputs[output]?.id ?? -1)) return;
    collectors.set(
      output,
      output < sequences
        ? new TensorArray(frame, `${name}/gradients${output}`, `flow${output}`, {
            ...countOf(frame, steps),
            shape: shape.slice(1),
            dtype: TYPES.float,
          })
        : new Sum(frame, `sum${output}`, shape),
    );
  });
  return collectors;
};

const emitBackward = (
  frame: Frame,
  inner: Frame,
  inputs: readonly Value[],
  parts: ScanParts,
  backward: NonNullable<RecordedScan['feeds']['backward']>,
): (string | undefined)[] => {
  const { steps, sequences, stateShape, outputShapes, feeds, results, body } = parts.scan;
  const usesAfter = body.some((op) => op.inputs.includes(backward.after));
  const [state, states, gradient] = inputs.slice(sequences) as [Value, Value, Value];
  const before = statesBefore(frame, inner.name, state, states, steps, stateShape);
  const collectors = collectorsOf(frame, inner.name, parts);
  const loopVariables: LoopVariable[] = [
    { name: 'state', first: zeros(frame, stateShape) },
    ...[...collectors.values()].map(({ loopVariable }) => loopVariable),
  ];
  const iterations = { name: frame.ints(steps), dtype: TYPES.int32 };
  const { iteration, now } = inner.loop(iterations, frame.ints(0), loopVariables);
  const [ofNext, ...collected] = now as [string, ...string[]]; // one for each loop variable
  const step = inner.node(`${inner.name}/step`, 'Sub', [inner.ints(steps - 1), iteration], int32());
  const place = placeOf(inner, step);
  const ofState = row(inner, `${inner.name}/gradient`, gradient, place).name;
  const total = inner.node(`${inner.name}/total`, 'Add', [ofState, ofNext], { T: attr.type(TYPES.float) });
  const nodes: Nodes = new Map([
    [feeds.state, row(inner, `${inner.name}/before`, { name: before, dtype: TYPES.float }, place)],
    [backward.gradient, { name: total, dtype: TYPES.float }],
    ...(usesAfter ? [[backward.after, row(inner, `${inner.name}/after`, states, place)] as const] : []),
    ...rowsOf(inner, parts.scan, inputs, place),
  ]);
  const targets = results.filter((_, output) => output === sequences || collectors.has(output));
  parts.emitStep(inner, targets, nodes, iteration, outsideOf(inner, parts));
  const nodeOf = (output: number): string => nodes.get(results[output] as number)?.name as string; // emitted, as all targets are
  const added = [...collectors].map(
    ([output, collector], index) => collector.add(inner, step, nodeOf(output), collected[index] as string), // one for each
  );
  const [firstState, ...exits] = inner.next(loopVariables, [nodeOf(sequences), ...added]);
  const ends = new Map([...collectors.keys()].map((output, index) => [output, exits[index] as string])); // one for each
  return outputShapes.map((_, output) =>
    output === sequences ? firstState : collectors.get(output)?.result(ends.get(output) as string),
  );
};

/** The state before each step: the first one, then all but the last. */
const statesBefore = (
  frame: Frame,
  name: string,
  state: Value,
  states: Value,
  steps: number,
  stateShape: readonly number[],
): string => {
  const type = { T: attr.type(TYPES.float) };
  const first = frame.node(`${name}/first`, 'ExpandDims', [state.name, frame.ints(0)], {
    ...type,
    ...int32('Tdim'),
  });
  const others = frame.node(
    `${name}/others`,
    'Slice',
    [states.name, frame.ints([0, ...stateShape.map(() => 0)]), frame.ints([steps - 1, ...stateShape])],
    { ...type, ...int32('Index') },
  );
  return frame.node(`${name}/all-before`, 'ConcatV2', [first, others, frame.ints(0)], {
    ...type,
    ...int32('Tidx'),
    N: attr.int(2),
  });
};
