/** A model's prediction for any number of rows as nodes of a graph. */
import { TYPES, typeNumber } from '../../tfjs/binding';
import { attr } from '../graph/attributes';
import type { GraphBuilder } from '../graph/builder';
import { emit } from '../graph/emit';
import { int32, RootFrame } from '../graph/frame';
import type { Nodes } from '../graph/nodes';
import { oneRow } from '../graph/steps';
import type { OpenConstant, OpenNumbers } from './open-constant';
import type { OpenForward } from './open-forward';

/** The nodes of what a prediction is made of. */
export interface ForwardNodes {
  readonly inputs: readonly string[];
  /** The values of the variables. */
  readonly variables: readonly string[];
  /** The variables themselves, if what a prediction writes is written. */
  readonly handles?: readonly string[];
}

/** How many rows the batch has, as a node that is made when it is needed. */
class RowCount {
  private made: string | undefined;

  constructor(
    private readonly graph: GraphBuilder,
    private readonly input: { readonly node: string; readonly dtype: number },
  ) {}

  get node(): string {
    this.made ??= this.make();
    return this.made;
  }

  private make(): string {
    const { graph, input } = this;
    const shape = graph.node('batch/shape', 'Shape', [input.node], {
      T: attr.type(input.dtype),
      ...int32('out_type'),
    });
    return graph.node(
      'batch/rows',
      'StridedSlice',
      [shape, graph.ints([0]), graph.ints([1]), graph.ints([1])],
      oneRow(TYPES.int32),
    );
  }
}

/** Numbers that grow with the batch, in a shape. */
const addNumbers = (
  graph: GraphBuilder,
  name: string,
  { offset, factor }: OpenNumbers,
  shape: readonly number[],
  rows: RowCount,
): string => {
  const constant = (values: readonly number[]): string =>
    graph.constant({ dtype: TYPES.int32, shape, values });
  const grown = graph.node(`${name}/grown`, 'Mul', [constant(factor), rows.node], int32());
  return graph.node(`${name}/numbers`, 'Add', [grown, constant(offset)], int32());
};

/** Positions: a list beside the rows, each of which is `step` further than the one before. */
const addGrid = (
  graph: GraphBuilder,
  name: string,
  { first, list, step }: Extract<OpenConstant, { readonly kind: 'grid' }>,
  rows: RowCount,
): string => {
  const length = list.offset.length;
  const isRowsFirst = first === 'rows';
  const members = addNumbers(graph, name, list, isRowsFirst ? [1, length] : [length, 1], rows);
  const counted = graph.node(
    `${name}/rows`,
    'Range',
    [graph.ints(0), rows.node, graph.ints(1)],
    int32('Tidx'),
  );
  const reshape = (node: string, value: string, shape: readonly number[]): string =>
    graph.node(`${name}/${node}`, 'Reshape', [value, graph.ints(shape)], { ...int32(), ...int32('Tshape') });
  const axis = reshape('axis', counted, isRowsFirst ? [-1, 1] : [1, -1]);
  const steps = graph.node(`${name}/steps`, 'Mul', [axis, graph.ints(step)], int32());
  return reshape('grid', graph.node(`${name}/sums`, 'Add', [members, steps], int32()), [-1]);
};

const addConstant = (graph: GraphBuilder, name: string, open: OpenConstant, rows: RowCount): string => {
  const vector = (numbers: OpenNumbers): string =>
    addNumbers(graph, name, numbers, [numbers.offset.length], rows);
  switch (open.kind) {
    case 'fixed':
      return graph.constant(open.constant);
    case 'numbers':
      return addNumbers(graph, name, open.numbers, open.shape, rows);
    case 'filled':
      return graph.node(`${name}/filled`, 'Fill', [vector(open.shape), graph.constant(open.value)], {
        T: attr.type(open.value.dtype),
        ...int32('index_type'),
      });
    case 'repeated':
      return graph.node(`${name}/repeated`, 'Tile', [graph.constant(open.part), vector(open.multiples)], {
        T: attr.type(open.part.dtype),
        ...int32('Tmultiples'),
      });
    case 'counted': {
      const end = addNumbers(graph, name, open.end, [1], rows);
      const scalar = graph.node(`${name}/end`, 'Reshape', [end, graph.ints([])], {
        ...int32(),
        ...int32('Tshape'),
      });
      const inputs = [graph.ints(open.start), scalar, graph.ints(open.step)];
      const counted = graph.node(`${name}/counted`, 'Range', inputs, int32('Tidx'));
      return graph.node(`${name}/line`, 'Reshape', [counted, graph.ints(open.shape)], {
        ...int32(),
        ...int32('Tshape'),
      });
    }
    case 'grid':
      return addGrid(graph, name, open, rows);
  }
};

const constantType = (open: OpenConstant): number => {
  if (open.kind === 'filled') return open.value.dtype;
  return open.kind === 'repeated' ? open.part.dtype : TYPES.int32;
};

/** Two numbers that are others in each run. */
const addSeed = (graph: GraphBuilder): string =>
  graph.node('seed', 'RandomUniformInt', [graph.ints([2]), graph.ints(1), graph.ints(2 ** 31 - 1)], {
    ...int32(),
    ...int32('Tout'),
    seed: attr.int(0),
    seed2: attr.int(0),
  });

/** Adds a prediction to a graph. Gives the nodes of the outputs. */
export const addForward = (graph: GraphBuilder, forward: OpenForward, given: ForwardNodes): string[] => {
  const { ops, constants, openConstants, numbers: inputs, variables, outputs } = forward;
  const { handles } = given;
  const writes = handles === undefined ? [] : forward.writes;
  const nodes: Nodes = new Map([
    ...inputs.map(
      ({ id, dtype }, index) =>
        [id, { name: given.inputs[index] as string, dtype: typeNumber(dtype) }] as const, // one for each, and so below
    ),
    ...variables.map(
      ({ id, variable }, index) =>
        [id, { name: given.variables[index] as string, dtype: typeNumber(variable.dtype) }] as const,
    ),
  ]);
  const open = Math.max(
    0,
    inputs.findIndex(({ shape }) => shape[0] === -1),
  );
  const rows = new RowCount(graph, {
    node: given.inputs[open] as string,
    dtype: typeNumber(inputs[open]?.dtype ?? 'float32'),
  });
  let number = 0;
  for (const [id, constant] of openConstants) {
    const name = addConstant(graph, `batch/constant${number++}`, constant, rows);
    nodes.set(id, { name, dtype: constantType(constant) });
  }
  if (forward.seed !== undefined) nodes.set(forward.seed, { name: addSeed(graph), dtype: TYPES.int32 });
  const frame = new RootFrame(graph);
  const targets = [...outputs, ...writes].map(({ id }) => id);
  emit(frame, 'model', ops, constants, targets, nodes, given.inputs[0] as string); // a model has one
  const nameOf = (id: number): string => nodes.get(id)?.name as string; // emitted
  const written = writes.map(({ place, id }) => {
    const read = given.variables[place] as string; // one for each, and its handle
    const inputs = [handles?.[place] as string, nameOf(id), `^${read}`];
    const dtype = attr.type(nodes.get(id)?.dtype ?? TYPES.float);
    return `^${graph.node(`${read}/write`, 'AssignVariableOp', inputs, { dtype })}`;
  });
  return outputs.map(({ id, dtype }, index) =>
    graph.node(`output${index}`, 'Identity', [nameOf(id), ...written], { T: attr.type(typeNumber(dtype)) }),
  );
};
