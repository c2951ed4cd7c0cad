import { TYPES, typeNumber } from '../../tfjs/binding';
import type { Tensor } from '../../tfjs/tensorflow';
import { attr } from '../graph/attributes';
import type { GraphBuilder } from '../graph/builder';
import { controlOn } from '../graph/controls';
import { emit } from '../graph/emit';
import { int32, RootFrame, type Frame } from '../graph/frame';
import type { Nodes } from '../graph/nodes';
import { countStep, numberOfStep, placeOf, row, seedOfStep, TensorArray } from '../graph/steps';
import { addUpdate } from '../graph/updates';
import { asScratch, FINISHED, VariableGroup, type GraphVariable } from '../graph/variables';
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

/** The node that is fed how many steps there are, where a run has several. */
export const STEPS = 'steps';

/** The loop of steps. */
const LOOP = 'each';

/** What is called like a number of a step in a graph: there may be several steps of one optimizer. */
export const numberName = (application: number, number: string): string => `apply${application}/${number}`;

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

/** What is computed: a step, or in a loop each of several. */
class Building {
  /** The writes so far: what comes later waits for them. */
  private writes: string[] = [];
  private readonly root: RootFrame;
  private readonly frame: Frame;
  private readonly nodes: Nodes = new Map();
  private readonly shapes: readonly (readonly number[])[];
  private readonly optimizers: readonly FunctionOptimizer[];

  constructor(
    private readonly graph: GraphBuilder,
    private readonly traced: TracedFunction,
    private readonly args: readonly Tensor[],
    private readonly isLoop: boolean,
  ) {
    this.root = new RootFrame(graph);
    this.frame = isLoop ? this.root.inner(LOOP, false) : this.root;
    this.shapes = traced.variables.map(({ shape }) => shape);
    this.optimizers = optimizersOf(traced);
  }

  build(): FunctionGraph {
    const { graph, args, isLoop } = this;
    args.forEach(({ dtype, shape }, index) =>
      graph.placeholder(NAMES.argument(index), typeNumber(dtype), isLoop ? [-1, ...shape] : shape),
    );
    graph.placeholder(NAMES.seed, TYPES.int32, [2]);
    const groups = this.addVariables();
    const outputs = isLoop ? this.addLoop() : this.addStep();
    return { ...groups, outputs };
  }

  /** One step; gives the nodes of its outputs. */
  private addStep(): string[] {
    const { graph, traced, args } = this;
    this.addComputation(args.length > 0 ? NAMES.argument(0) : NAMES.seed);
    graph.node(DONE, 'Identity', [graph.ints(0), ...this.writes.map(controlOn)], int32());
    return traced.outputs.map((id, index) => this.outputOf(id, `output${index}`));
  }

  /** A loop of steps; gives the nodes of their outputs, one beside the other. */
  private addLoop(): string[] {
    const { graph, root, frame, traced } = this;
    graph.placeholder(STEPS, TYPES.int32, []);
    const indices = graph.node('indices', 'Range', [graph.ints(0), STEPS, graph.ints(1)], int32('Tidx'));
    const ids = [...new Set(traced.outputs)];
    const arrays = ids.map((id, index) => {
      const contents = { steps: STEPS, indices, ...this.kindOf(id) };
      return new TensorArray(root, `${LOOP}/outputs${index}`, `flow${index}`, contents);
    });
    const loopVariables = arrays.map(({ loopVariable }) => loopVariable);
    const { iteration, now } = frame.loop({ name: STEPS, dtype: TYPES.int32 }, root.ints(0), loopVariables);
    this.addFeeds(iteration);
    this.addComputation(iteration);
    const flows = ids.map((id, index) => {
      const output = this.outputOf(id, `${LOOP}/output${index}`);
      return (arrays[index] as TensorArray).add(frame, iteration, output, now[index] as string); // one for each
    });
    const counted = countStep(frame, [...new Set([...this.writes, ...flows].map(controlOn))]);
    const exits = frame.next(loopVariables, flows, [counted]);
    graph.node(DONE, 'Identity', [graph.ints(0), controlOn(frame.end)], int32());
    const stacked = arrays.map((array, index) => array.result(exits[index] as string)); // one for each
    return traced.outputs.map((id) => stacked[ids.indexOf(id)] as string); // the same
  }

  /** What a step of a loop is fed: a row of each argument, a seed of its own, and the variables as they are then. */
  private addFeeds(iteration: string): void {
    const { frame, args, shapes } = this;
    const place = placeOf(frame, iteration);
    args.forEach(({ dtype }, index) => {
      const name = NAMES.argument(index);
      row(frame, this.named(name), { name, dtype: typeNumber(dtype) }, place);
    });
    seedOfStep(frame, this.named(NAMES.seed), NAMES.seed, iteration);
    shapes.forEach((_, index) => this.addReading(index, 0, [iteration]));
  }

  /** The node of a variable as it is after some optimizers' steps. */
  private addReading(variable: number, after: number, waits: readonly string[]): void {
    const handle = this.handleOf(NAMES.variable(variable));
    const name = this.named(NAMES.version(variable, after));
    this.frame.node(name, 'ReadVariableOp', [handle, ...waits.map(controlOn)], float());
  }

  private handleOf(name: string): string {
    return this.frame.enterFromOutside({ name, dtype: TYPES.resource });
  }

  /** All that a step computes, and writes. */
  private addComputation(after: string): void {
    const { traced, frame } = this;
    for (const [id, name] of traced.feeds)
      this.nodes.set(id, { name: this.named(name), dtype: this.typeOf(name) });
    const targets = [
      ...traced.outputs,
      ...traced.applications.flatMap(({ gradients }) => gradients),
      ...traced.writes.values(),
    ];
    const { ops, constants } = traced.recording;
    emit(frame, this.named('step'), ops, constants, targets, this.nodes, after);
    traced.applications.forEach((application, index) => this.addApplication(application, index));
    this.addWrites();
  }

  /** A node's name: those of a loop's steps are their own. */
  private named(name: string): string {
    return this.isLoop ? `${LOOP}/${name}` : name;
  }

  private typeOf(name: string): number {
    if (name === NAMES.seed) return TYPES.int32;
    const argument = this.args.findIndex((_, index) => NAMES.argument(index) === name);
    return argument < 0 ? TYPES.float : typeNumber(this.args[argument]?.dtype ?? 'float32');
  }

  /** The shape and the type of a tensor. */
  private kindOf(id: number): { readonly shape: readonly number[]; readonly dtype: number } {
    const { feeds, recording } = this.traced;
    const made = recording.ops.flatMap(({ outputs }) => outputs).find((output) => output.id === id);
    const known = made ?? recording.constants.get(id);
    if (known !== undefined) return { shape: known.shape, dtype: known.dtype };
    const name = feeds.get(id) ?? '';
    const argument = this.args.find((_, index) => NAMES.argument(index) === name);
    const variable = this.shapes.find((_, index) => name.startsWith(`${NAMES.variable(index)}/`));
    return { shape: argument?.shape ?? variable ?? [2], dtype: this.typeOf(name) }; // or the seed
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
    const zeros = [...scratch.map(asScratch), ...(this.isLoop ? [FINISHED] : [])];
    const weights = new VariableGroup(graph, variables, 'weights', zeros);
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
    return [...this.traced.feeds.values()]
      .filter((name) => name.startsWith('variable') && this.isThere(name))
      .map((name) => this.named(name));
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
    const { frame } = this;
    const prefix = this.named(`apply${index}`);
    const name = NAMES.optimizer(this.optimizers.findIndex((one) => one.optimizer === optimizer));
    const computed = gradients.map((id) => this.nodeOf(id));
    const waits = new Set([...computed, ...this.readings(), ...this.writes].map(controlOn));
    const ready = frame.node(`${prefix}/ready`, 'Identity', [frame.ints(0), ...waits], int32());
    const written = addUpdate(frame, update, {
      variables: variables.map((variable, position) => ({
        name: `${name}/${NAMES.variable(variable)}`,
        value: undefined,
        gradient: computed[position] as string, // one for each
      })),
      numbers: new Map([...numbersOf(update)].map((number) => [number, this.addNumber(index, number)])),
      ready: `^${ready}`,
      iteration: ready,
      prefix,
    });
    this.writes.push(...written);
    this.done = index + 1;
    for (const variable of variables) this.addReading(variable, index + 1, written);
  }

  /** A number of an optimizer's step: in a loop, one for each. */
  private addNumber(application: number, number: string): string {
    const { graph, frame, isLoop } = this;
    const fed = graph.placeholder(numberName(application, number), TYPES.float, isLoop ? [-1] : []);
    if (!isLoop) return fed;
    const entered = frame.enterFromOutside({ name: fed, dtype: TYPES.float });
    return numberOfStep(frame, this.named(fed), entered, `${LOOP}/iteration/now`);
  }

  /** What the function itself writes, once all that it computes is there. */
  private addWrites(): void {
    const { frame, traced } = this;
    if (traced.writes.size === 0) return;
    const computed = [...traced.outputs, ...traced.writes.values()].map((id) => this.nodeOf(id));
    const waits = [...new Set([...computed, ...this.readings(), ...this.writes].map(controlOn))];
    for (const [variable, id] of traced.writes) {
      const name = NAMES.variable(variable);
      const inputs = [this.handleOf(name), this.nodeOf(id), ...waits];
      this.writes.push(frame.node(this.named(`${name}/written`), 'AssignVariableOp', inputs, float()));
    }
  }

  /** What is fed, and what is a weight, is copied: the memory is somebody else's. */
  private outputOf(id: number, copy: string): string {
    const { name, dtype } = this.nodes.get(id) as { readonly name: string; readonly dtype: number }; // emitted
    if (!this.traced.feeds.has(id)) return name;
    return this.frame.node(copy, 'DeepCopy', [name], { T: attr.type(dtype) });
  }
}

/** Adds a traced function to a graph: one step, or a loop of steps, whose arguments have one more axis, that of the steps. */
export const buildFunction = (
  graph: GraphBuilder,
  traced: TracedFunction,
  args: readonly Tensor[],
  isLoop = false,
): FunctionGraph => new Building(graph, traced, args, isLoop).build();
