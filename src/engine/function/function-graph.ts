import { TYPES, typeNumber } from '../../tfjs/binding';
import type { Tensor } from '../../tfjs/tensorflow';
import { attr } from '../graph/attributes';
import type { GraphBuilder } from '../graph/builder';
import { emit } from '../graph/emit';
import { int32, RootFrame } from '../graph/frame';
import type { Nodes } from '../graph/nodes';
import { addUpdate } from '../graph/updates';
import { asScratch, VariableGroup, type GraphVariable } from '../graph/variables';
import { numbersOf } from '../trace/traced-update';
import { NAMES, type TracedApplication, type TracedFunction } from './traced-function';

/** What comes of a run: the nodes of the outputs, and one that is done when all is written. */
export interface FunctionGraph {
  readonly weights: VariableGroup;
  /** The slots of each optimizer, for each of its variables. */
  readonly slots: readonly VariableGroup[];
  readonly outputs: readonly string[];
}

/** The node to fetch that comes after all writes. */
export const DONE = 'done';

/** What is called like a number of a step in a graph: there may be several steps of one optimizer. */
export const numberName = (application: number, number: string): string => `apply${application}/${number}`;

const controlOn = (node: string): string => `^${node.replace(/:\d+$/, '')}`;

const float = () => ({ dtype: attr.type(TYPES.float) });

/** An optimizer of a function, and its variables' numbers. */
export interface FunctionOptimizer {
  readonly optimizer: TracedApplication['optimizer'];
  readonly variables: readonly number[];
}

/** The optimizers of a function, each once, with all variables that they train. */
export const optimizersOf = ({ applications }: TracedFunction): FunctionOptimizer[] => {
  const optimizers = new Map<TracedApplication['optimizer'], Set<number>>();
  for (const { optimizer, variables } of applications) {
    const known = optimizers.get(optimizer) ?? new Set();
    optimizers.set(optimizer, known);
    for (const variable of variables) known.add(variable);
  }
  return [...optimizers].map(([optimizer, variables]) => ({ optimizer, variables: [...variables] }));
};

class Building {
  /** The writes so far: what comes later waits for them. */
  private writes: string[] = [];
  private readonly frame: RootFrame;
  private readonly nodes: Nodes = new Map();
  private readonly shapes: readonly (readonly number[])[];
  private readonly optimizers: readonly FunctionOptimizer[];

  constructor(
    private readonly graph: GraphBuilder,
    private readonly traced: TracedFunction,
    private readonly args: readonly Tensor[],
  ) {
    this.frame = new RootFrame(graph);
    this.shapes = traced.variables.map(({ shape }) => shape);
    this.optimizers = optimizersOf(traced);
  }

  build(): FunctionGraph {
    const { graph, traced, args } = this;
    args.forEach(({ dtype, shape }, index) =>
      graph.placeholder(NAMES.argument(index), typeNumber(dtype), shape),
    );
    graph.placeholder(NAMES.seed, TYPES.int32, [2]);
    const groups = this.addVariables();
    for (const [id, name] of traced.feeds) this.nodes.set(id, { name, dtype: this.typeOf(name) });
    const targets = [
      ...traced.outputs,
      ...traced.applications.flatMap(({ gradients }) => gradients),
      ...traced.writes.values(),
    ];
    const { ops, constants } = traced.recording;
    emit(
      this.frame,
      'step',
      ops,
      constants,
      targets,
      this.nodes,
      args.length > 0 ? NAMES.argument(0) : NAMES.seed,
    );
    traced.applications.forEach((application, index) => this.addApplication(application, index));
    this.addWrites();
    graph.node(DONE, 'Identity', [graph.ints(0), ...this.writes.map(controlOn)], int32());
    return { ...groups, outputs: traced.outputs.map((id, index) => this.outputOf(id, index)) };
  }

  private typeOf(name: string): number {
    if (name === NAMES.seed) return TYPES.int32;
    const argument = this.args.findIndex((_, index) => NAMES.argument(index) === name);
    return argument < 0 ? TYPES.float : typeNumber(this.args[argument]?.dtype ?? 'float32');
  }

  private slotsOf(index: number, names: readonly string[]): GraphVariable[] {
    const { variables = [] } = this.optimizers[index] ?? {};
    return variables.flatMap((variable) =>
      names.map((slot) => ({
        name: `${NAMES.optimizer(index)}/${NAMES.variable(variable)}/${slot}`,
        shape: this.shapes[variable] ?? [],
      })),
    );
  }

  private addVariables(): Pick<FunctionGraph, 'weights' | 'slots'> {
    const { graph, shapes, optimizers } = this;
    const variables = shapes.map((shape, index) => ({ name: NAMES.variable(index), shape }));
    // What carries nothing from step to step need not come and go.
    const scratch = optimizers.flatMap(({ optimizer }, index) => this.slotsOf(index, optimizer.scratchNames));
    const weights = new VariableGroup(graph, variables, 'weights', scratch.map(asScratch));
    const slots = optimizers.map(({ optimizer, variables: own }, index) => {
      // Under a name of its own for each optimizer, before those of its slots.
      for (const variable of own)
        this.addAlias(`${NAMES.optimizer(index)}/${NAMES.variable(variable)}`, variable);
      return new VariableGroup(graph, this.slotsOf(index, optimizer.slotNames), `slots${index}`);
    });
    return { weights, slots };
  }

  /** A second handle of a variable. */
  private addAlias(name: string, variable: number): void {
    this.graph.node(name, 'VarHandleOp', [], {
      ...float(),
      shape: attr.shape(this.shapes[variable] ?? []),
      shared_name: attr.text(NAMES.variable(variable)),
      container: attr.text(''),
    });
  }

  private nodeOf(id: number): string {
    return this.nodes.get(id)?.name as string; // emitted, as all targets are
  }

  /** The nodes that have read variables before the writes that are about to come. */
  private readings(): string[] {
    return [...this.traced.feeds.values()].filter(
      (name) => name.startsWith('variable') && this.isThere(name),
    );
  }

  /** Whether the node of a reading is in the graph already. */
  private isThere(name: string): boolean {
    const after = /\/after(\d+)$/.exec(name)?.[1];
    return after === undefined || Number(after) <= this.done;
  }

  /** How many optimizers' steps are in the graph. */
  private done = 0;

  private addApplication(
    { update, optimizer, variables, gradients }: TracedApplication,
    index: number,
  ): void {
    const { graph } = this;
    const frame = new RootFrame(graph, `apply${index}`);
    const name = NAMES.optimizer(this.optimizers.findIndex((one) => one.optimizer === optimizer));
    const computed = gradients.map((id) => this.nodeOf(id));
    const waits = new Set([...computed, ...this.readings(), ...this.writes].map(controlOn));
    const ready = graph.node(`apply${index}/ready`, 'Identity', [graph.ints(0), ...waits], int32());
    const numbers = [...numbersOf(update)].map((number): [string, string] => [
      number,
      graph.placeholder(numberName(index, number), TYPES.float, []),
    ]);
    const written = addUpdate(frame, update, {
      variables: variables.map((variable, position) => ({
        name: `${name}/${NAMES.variable(variable)}`,
        value: undefined,
        gradient: computed[position] as string, // one for each
      })),
      numbers: new Map(numbers),
      ready: `^${ready}`,
      iteration: ready,
    });
    this.writes.push(...written);
    this.done = index + 1;
    const control = written.map(controlOn);
    for (const variable of variables) {
      const handle = NAMES.variable(variable);
      graph.node(NAMES.version(variable, index + 1), 'ReadVariableOp', [handle, ...control], float());
    }
  }

  /** What the function itself writes, once all that it computes is there. */
  private addWrites(): void {
    const { graph, traced } = this;
    if (traced.writes.size === 0) return;
    const computed = [...traced.outputs, ...traced.writes.values()].map((id) => this.nodeOf(id));
    const waits = [...new Set([...computed, ...this.readings(), ...this.writes].map(controlOn))];
    for (const [variable, id] of traced.writes) {
      const name = NAMES.variable(variable);
      const inputs = [name, this.nodeOf(id), ...waits];
      this.writes.push(graph.node(`${name}/written`, 'AssignVariableOp', inputs, float()));
    }
  }

  /** What is fed, and what is a weight, is copied: the memory is somebody else's. */
  private outputOf(id: number, index: number): string {
    const { name, dtype } = this.nodes.get(id) as { readonly name: string; readonly dtype: number }; // emitted
    if (!this.traced.feeds.has(id)) return name;
    return this.graph.node(`output${index}`, 'DeepCopy', [name], { T: attr.type(dtype) });
  }
}

/** Adds a traced function to a graph. */
export const buildFunction = (
  graph: GraphBuilder,
  traced: TracedFunction,
  args: readonly Tensor[],
): FunctionGraph => new Building(graph, traced, args).build();
