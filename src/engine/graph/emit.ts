import { TYPES } from '../../tfjs/binding';
import { Frame, int32, type LoopVariable, type Value } from './frame';
import { attr, recordedAttributes } from './graph-def';
import type { RecordedOp, RecordedScan, Recording } from '../trace/record';

/** The nodes of tensors, by the tensors' ids in the recording. */
export type Nodes = Map<number, Value>;

/** Operations with outputs of at most so many elements take less time than it takes to hand them to another thread. */
const SMALL = 8192;

/** Whether operations are that small, all of them. */
export const areSmall = (ops: readonly RecordedOp[]): boolean =>
  ops.every(({ outputs }) =>
    outputs.every(({ shape }) => shape.reduce((product, length) => product * length, 1) <= SMALL),
  );

/** The name of an operation's node, by its position among those that are recorded. */
export const nodeName = (prefix: string, index: number): string => `${prefix}/op${index}`;

/** Attributes that tfjs-node leaves for TensorFlow to infer, which a graph must say, and the inputs that they are of. */
const INFERRED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ExpandDims: { T: 0, Tdim: 1 },
};

const inferredTypes = (op: string, values: readonly Value[]): Record<string, number> =>
  Object.fromEntries(
    Object.entries(INFERRED[op] ?? {}).map(([name, input]) => [name, values[input]?.dtype ?? TYPES.float]),
  );

/**
 * The operations on which some tensors depend, by position, and the tensors that these use. What is there already needs
 * none.
 */
export const neededFor = (
  ops: readonly RecordedOp[],
  targets: readonly number[],
  isThere: (id: number) => boolean,
): { needed: ReadonlySet<number>; used: ReadonlySet<number> } => {
  const producer = new Map<number, number>();
  ops.forEach((op, index) => op.outputs.forEach(({ id }) => producer.set(id, index)));
  const needed = new Set<number>();
  const used = new Set<number>();
  const waiting = [...targets];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    used.add(id);
    const index = isThere(id) ? undefined : producer.get(id);
    if (index === undefined || needed.has(index)) continue;
    needed.add(index);
    const op = ops[index];
    waiting.push(...(op?.inputs ?? []));
    // What a recurrence's step uses from outside must be there, too.
    for (const inner of op?.scan?.body ?? [])
      waiting.push(...inner.inputs.filter((one) => producer.has(one)));
  }
  return { needed, used };
};

/**
 * Emits the ops that the target tensors depend on into a frame. `nodes` has the tensors that are there already, and gets
 * those that were emitted. `outside` finds tensors of the frame around, as values of this one.
 */
export const emit = (
  frame: Frame,
  prefix: string,
  ops: readonly RecordedOp[],
  constants: Recording['constants'],
  targets: readonly number[],
  nodes: Nodes,
  after: string,
  outside: (id: number) => Value | undefined = () => undefined,
): void => {
  const { needed, used } = neededFor(ops, targets, (id) => nodes.has(id));
  const valueOf = (id: number): Value => {
    const known = nodes.get(id);
    if (known !== undefined) return known;
    const constant = constants.get(id);
    const value =
      constant === undefined ? outside(id) : { name: frame.constant(constant), dtype: constant.dtype };
    if (value === undefined) throw new Error(`tensor ${id} is not part of the step`);
    nodes.set(id, value);
    return value;
  };
  ops.forEach((op, index) => {
    if (!needed.has(index)) return;
    const name = nodeName(prefix, index);
    if (op.scan !== undefined) {
      const outputs = emitScan(frame, name, op, op.scan, constants, valueOf, used);
      op.outputs.forEach(({ id, dtype }, output) => {
        const node = outputs[output];
        if (node !== undefined) nodes.set(id, { name: node, dtype });
      });
      return;
    }
    const values = op.inputs.map(valueOf);
    const inputs = values.length === 0 ? [`^${after}`] : values.map((value) => value.name);
    const types = inferredTypes(op.name, values);
    frame.node(name, op.name, inputs, recordedAttributes(op.attributes, types));
    op.outputs.forEach(({ id, dtype }, output) =>
      nodes.set(id, { name: output === 0 ? name : `${name}:${output}`, dtype }),
    );
  });
  // A target may itself be a constant.
  for (const id of targets) valueOf(id);
};

/** A list of tensors, one for each time step, that a loop writes. */
class TensorArray {
  readonly loopVariable: LoopVariable;
  private readonly handle: Value;

  constructor(
    private readonly frame: Frame,
    private readonly name: string,
    variable: string,
    private readonly steps: number,
    private readonly shape: readonly number[],
  ) {
    frame.node(name, 'TensorArrayV3', [frame.ints(steps)], {
      dtype: attr.type(TYPES.float),
      element_shape: attr.shape(shape),
      dynamic_size: attr.bool(false),
      clear_after_read: attr.bool(true),
      identical_element_shapes: attr.bool(true),
      tensor_array_name: attr.text(''),
    });
    this.handle = { name, dtype: TYPES.resource };
    this.loopVariable = { name: variable, first: { name: `${name}:1`, dtype: TYPES.float } };
  }

  /** In the loop: writes a step's tensor; gives the value of the loop variable for the next iteration. */
  write(inner: Frame, index: string, value: string, flow: string): string {
    return inner.node(
      `${inner.name}/${this.loopVariable.name}/write`,
      'TensorArrayWriteV3',
      [inner.enter(this.handle), index, value, flow],
      { T: attr.type(TYPES.float) },
    );
  }

  /** After the loop: all tensors in one, and the list's memory free. It would else stay until the whole run ends. */
  stacked(flow: string): string {
    const { frame, name, steps, shape } = this;
    const indices = frame.ints(Array.from({ length: steps }, (_, index) => index));
    const gathered = frame.node(`${name}/gather`, 'TensorArrayGatherV3', [name, indices, flow], {
      dtype: attr.type(TYPES.float),
      element_shape: attr.shape(shape),
    });
    const closed = frame.node(`${name}/close`, 'TensorArrayCloseV3', [name, `^${gathered}`]);
    return frame.node(`${name}/stacked`, 'Identity', [gathered, `^${closed}`], { T: attr.type(TYPES.float) });
  }
}

/** Row `index` of a sequence. */
const row = (frame: Frame, name: string, source: Value, index: string): Value => ({
  name: frame.node(name, 'GatherV2', [frame.enter(source), index, frame.ints(0)], {
    Tparams: attr.type(source.dtype),
    ...int32('Tindices'),
    ...int32('Taxis'),
  }),
  dtype: source.dtype,
});

/** Emits a recurrence, or its gradient, as a loop within the loop. Gives the nodes of its outputs. */
const emitScan = (
  frame: Frame,
  name: string,
  op: RecordedOp,
  scan: RecordedScan,
  constants: Recording['constants'],
  valueOf: (id: number) => Value,
  used: ReadonlySet<number>,
): (string | undefined)[] => {
  const inner = new Frame(frame.graph, name, areSmall(scan.body), frame);
  const outside = (id: number): Value => {
    const value = valueOf(id);
    return { name: inner.enter(value), dtype: value.dtype };
  };
  const inputs = op.inputs.map(valueOf);
  return scan.feeds.gradient === undefined
    ? emitForward(frame, inner, scan, inputs, constants, outside)
    : emitBackward(frame, inner, op, scan, inputs, constants, outside, used);
};

const emitForward = (
  frame: Frame,
  inner: Frame,
  scan: RecordedScan,
  inputs: readonly Value[],
  constants: Recording['constants'],
  outside: (id: number) => Value,
): string[] => {
  const { body, steps, sequences, stateShape, feeds, results } = scan;
  const states = new TensorArray(frame, `${inner.name}/states`, 'flow', steps, stateShape);
  const loopVariables: LoopVariable[] = [
    { name: 'state', first: inputs[sequences] as Value },
    states.loopVariable,
  ]; // after the sequences
  const iterations = { name: frame.ints(steps), dtype: TYPES.int32 };
  const { iteration, now } = inner.loop(iterations, frame.ints(0), loopVariables);
  const [state, flow] = now as [string, string];
  const nodes: Nodes = new Map([[feeds.state, { name: state, dtype: TYPES.float }]]);
  feeds.sequences.forEach((id, index) => {
    nodes.set(id, row(inner, `${inner.name}/input${index}`, inputs[index] as Value, iteration)); // one for each
  });
  emit(inner, inner.name, body, constants, results, nodes, iteration, outside);
  const after = nodes.get(results[0] as number)?.name as string; // emitted, as all targets are
  const [, written] = inner.next(loopVariables, [after, states.write(inner, iteration, after, flow)]);
  return [states.stacked(written as string)];
};

const emitBackward = (
  frame: Frame,
  inner: Frame,
  op: RecordedOp,
  scan: RecordedScan,
  inputs: readonly Value[],
  constants: Recording['constants'],
  outside: (id: number) => Value,
  used: ReadonlySet<number>,
): (string | undefined)[] => {
  const { body, steps, sequences, stateShape, outputShapes, feeds, results } = scan;
  const [state, states, gradient] = inputs.slice(sequences) as [Value, Value, Value];
  const before = statesBefore(frame, inner.name, state, states, steps, stateShape);
  const zeros = (shape: readonly number[]): Value => {
    const size = shape.reduce((product, length) => product * length, 1);
    return {
      name: frame.constant({ dtype: TYPES.float, shape, values: new Float32Array(size) }),
      dtype: TYPES.float,
    };
  };
  const isUsed = (output: number): boolean => used.has(op.outputs[output]?.id ?? -1);
  // Gradients of sequences are written step by step, those of weights are summed up.
  const arrays = feeds.sequences.map((_, index) =>
    isUsed(index)
      ? new TensorArray(
          frame,
          `${inner.name}/gradients${index}`,
          `flow${index}`,
          steps,
          (outputShapes[index] ?? []).slice(1),
        )
      : undefined,
  );
  const weights = outputShapes
    .slice(sequences + 1)
    .map((shape, index) => ({ shape, output: sequences + 1 + index }));
  const summed = weights.filter(({ output }) => isUsed(output));
  const loopVariables: LoopVariable[] = [
    { name: 'state', first: zeros(stateShape) },
    ...arrays.flatMap((array) => (array === undefined ? [] : [array.loopVariable])),
    ...summed.map(({ shape, output }) => ({ name: `sum${output}`, first: zeros(shape) })),
  ];
  const { iteration, now } = inner.loop(
    { name: frame.ints(steps), dtype: TYPES.int32 },
    frame.ints(0),
    loopVariables,
  );
  const step = inner.node(`${inner.name}/step`, 'Sub', [inner.ints(steps - 1), iteration], int32());
  const flows = now.slice(1);
  const ofState = row(inner, `${inner.name}/gradient`, gradient, step).name;
  const total = inner.node(`${inner.name}/total`, 'Add', [ofState, now[0] as string], {
    T: attr.type(TYPES.float),
  });
  const nodes: Nodes = new Map([
    [feeds.state, row(inner, `${inner.name}/before`, { name: before, dtype: TYPES.float }, step)],
    [feeds.gradient as number, { name: total, dtype: TYPES.float }], // a gradient's recurrence has it
  ]);
  feeds.sequences.forEach((id, index) => {
    nodes.set(id, row(inner, `${inner.name}/input${index}`, inputs[index] as Value, step)); // one for each
  });
  const targets = results.filter((_, output) => output === sequences || isUsed(output));
  emit(inner, inner.name, body, constants, targets, nodes, iteration, outside);
  const nodeOf = (output: number): string => nodes.get(results[output] as number)?.name as string; // emitted, as all targets are
  let flow = 0;
  const writes = arrays.flatMap((array, index) =>
    array === undefined ? [] : [array.write(inner, step, nodeOf(index), flows[flow++] as string)],
  );
  const sums = summed.map(({ output }) =>
    inner.node(`${inner.name}/sum${output}/plus`, 'Add', [flows[flow++] as string, nodeOf(output)], {
      T: attr.type(TYPES.float),
    }),
  );
  const [firstState, ...rest] = inner.next(loopVariables, [nodeOf(sequences), ...writes, ...sums]);
  const ends = [...rest];
  const stacked = arrays.map((array) =>
    array === undefined ? undefined : array.stacked(ends.shift() as string),
  );
  const totals = new Map(summed.map(({ output }) => [output, ends.shift()]));
  return [...stacked, firstState, ...weights.map(({ output }) => totals.get(output))];
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
