import { kernelSlots, type FusedKernel } from '../../optimizers/fused';
import { CLIP_SCALE } from '../../optimizers/update';
import { TYPES } from '../../tfjs/binding';
import {
  UPDATE_NAMES,
  type TracedOperations,
  type TracedRows,
  type TracedStage,
  type TracedUpdate,
} from '../trace/traced-update';
import { atOnce, type Steps } from '../../base/steps';
import { emitOperations } from './emit-operations';
import type { Frame } from './frame';
import { attr } from './attributes';
import { numberOfStep, type StepNumber } from './steps';
import { handleOf, variableOf } from './table-rows';
import { bufferGradient, updateRows, type BufferedGradient, type SlicedNodes } from './table-updates';

/** A trainable variable. */
export interface UpdatedVariable {
  /** The graph's name for it. */
  readonly name: string;
  /** The node of its value, if the step has read it. */
  readonly value: string | undefined;
  /** The node of its gradient, or those of some rows' gradients. */
  readonly gradient: string | SlicedNodes;
}

/** A table of which some rows have a gradient, and what is done to these and to the others. */
interface TableUpdate extends UpdatedVariable {
  readonly gradient: SlicedNodes;
  readonly rule: TracedRows;
}

/** A variable all of which has a gradient. */
interface WholeUpdate extends UpdatedVariable {
  readonly gradient: string;
  readonly buffer?: BufferedGradient;
}

/** What a step has computed, by the node names of the loop. */
export interface UpdateSources {
  readonly variables: readonly UpdatedVariable[];
  /** The nodes of the fed numbers. */
  readonly numbers: ReadonlyMap<string, string>;
  /** A control input: all that the step computes is there. */
  readonly ready: string;
  /** The node of the iteration's number. */
  readonly iteration: string;
  /** What the names of nodes begin with: the frame's name by default. */
  readonly prefix?: string;
}

const float = () => ({ dtype: attr.type(TYPES.float) });

/** The nodes of the fed numbers, in an iteration. */
export const addNumbers = (
  frame: Frame,
  numbers: readonly StepNumber[],
  iteration: string,
): Map<string, string> =>
  new Map(
    numbers.map(({ name, perStep }) => {
      const fed = frame.enterFromOutside({ name: `${frame.name}/${name}`, dtype: TYPES.float });
      if (!perStep) return [name, fed];
      return [name, numberOfStep(frame, `${frame.name}/number/${name}`, fed, iteration)];
    }),
  );

/** A variable and its slots while they are updated: which node has the value that each has now. */
class VariableUpdate {
  /** The nodes that write into variables, each of which must be done before the next iteration. */
  readonly writes: string[] = [];
  private readonly values = new Map<string, string>();
  /** What has a new value that its variable has not. */
  private readonly pending = new Set<string>();
  /** What readings of variables wait for. */
  private after: string;
  private count = 0;

  constructor(
    private readonly frame: Frame,
    private readonly variable: Omit<WholeUpdate, 'buffer'>,
    private readonly sources: UpdateSources,
  ) {
    this.values.set(UPDATE_NAMES.gradient, variable.gradient);
    if (variable.value !== undefined) this.values.set(UPDATE_NAMES.variable, variable.value);
    for (const [name, node] of sources.numbers) this.values.set(UPDATE_NAMES.number(name), node);
    this.after = sources.iteration;
  }

  run(stages: readonly TracedStage[]): void {
    for (const stage of stages) {
      if ('kernel' in stage) this.runKernel(stage.kernel);
      else this.runOperations(stage);
    }
    this.writes.push(...this.writePending());
  }

  private get prefix(): string {
    return `${this.sources.prefix ?? this.frame.name}/update/${this.variable.name}`;
  }

  /** The variable in the graph behind a name. */
  private handle(name: string): string {
    return handleOf(this.frame, variableOf(this.variable.name, name));
  }

  private readonly valueOf = (name: string): string => {
    const known = this.values.get(name);
    if (known !== undefined) return known;
    const node = `${this.prefix}/read${this.count++}`;
    this.frame.node(node, 'ReadVariableOp', [this.handle(name), `^${this.after}`], float());
    this.values.set(name, node);
    return node;
  };

  private runOperations(stage: TracedOperations): void {
    const prefix = `${this.prefix}/stage${this.count++}`;
    const results = emitOperations(this.frame, prefix, stage, this.valueOf, this.sources.iteration);
    for (const [name, node] of results) {
      this.values.set(name, node);
      if (name !== UPDATE_NAMES.gradient) this.pending.add(name);
    }
  }

  private runKernel(kernel: FusedKernel): void {
    const { frame, sources } = this;
    const written = this.writePending();
    const inputs = kernel.inputs.map((input) => {
      if (input === 'gradient') return this.valueOf(UPDATE_NAMES.gradient);
      if ('slot' in input) return this.handle(UPDATE_NAMES.slot(input.slot));
      if ('scratch' in input) return this.handle(UPDATE_NAMES.slot(input.scratch));
      if ('number' in input) return this.valueOf(UPDATE_NAMES.number(input.number));
      return frame.constant({ dtype: TYPES.float, shape: [], values: Float32Array.of(input.constant) });
    });
    const controls = written.length === 0 ? [sources.ready] : written.map((node) => `^${node}`);
    const node = `${this.prefix}/apply${this.count++}`;
    frame.node(node, kernel.op, [this.handle(UPDATE_NAMES.variable), ...inputs, ...controls], {
      T: attr.type(TYPES.float),
      use_locking: attr.bool(false),
      ...Object.fromEntries(Object.entries(kernel.flags).map(([flag, value]) => [flag, attr.bool(value)])),
    });
    this.writes.push(node);
    // What was read before is no longer so.
    for (const name of [UPDATE_NAMES.variable, ...kernelSlots(kernel).map(UPDATE_NAMES.slot)])
      this.values.delete(name);
    this.after = node;
  }

  /** Writes new values into their variables, and gives the nodes that do. */
  private writePending(): string[] {
    const nodes = [...this.pending].map((name) =>
      this.frame.node(
        `${this.prefix}/write${this.count++}`,
        'AssignVariableOp',
        [this.handle(name), this.valueOf(name), this.sources.ready],
        float(),
      ),
    );
    this.pending.clear();
    return nodes;
  }
}

/** Variables whose updates are added before others may run. */
const VARIABLES_AT_ONCE = 4;

/**
 * Adds an optimizer's updates of all variables; gives the nodes that must be done before the next iteration begins. No
 * variable is written before all that the step computes is there: an error leaves the variables as they were.
 */
export function* updateInSteps(
  frame: Frame,
  { clipScale, stages, ofRows }: TracedUpdate,
  sources: UpdateSources,
): Steps<string[]> {
  const variables = sources.variables.map((variable, index): TableUpdate | WholeUpdate => {
    const { name, gradient } = variable;
    const rule = ofRows[index];
    if (typeof gradient === 'string') return { ...variable, gradient };
    if (rule !== undefined) return { ...variable, gradient, rule };
    const buffer = bufferGradient(frame, name, gradient, sources.ready);
    return { ...variable, gradient: buffer.gradient, buffer };
  });
  const numbers = new Map(sources.numbers);
  if (clipScale !== undefined) {
    // Where all gradients together count, there is no rule for rows.
    const gradients = new Map(
      variables.map(({ gradient }, index) => [UPDATE_NAMES.gradientOf(index), gradient as string]),
    );
    const prefix = `${sources.prefix ?? frame.name}/clip`;
    const results = emitOperations(
      frame,
      prefix,
      clipScale,
      (name) => gradients.get(name) as string, // one for each variable
      sources.iteration,
    );
    numbers.set(CLIP_SCALE, results.get(UPDATE_NAMES.number(CLIP_SCALE)) as string); // its result
  }
  const written: string[] = [];
  for (const [index, variable] of variables.entries()) {
    if (index % VARIABLES_AT_ONCE === 0) yield;
    if ('rule' in variable) {
      written.push(...updateRows(frame, variable, { ...sources, numbers }));
      continue;
    }
    const update = new VariableUpdate(frame, variable, { ...sources, numbers });
    update.run(stages[index] ?? []);
    const { buffer } = variable;
    written.push(...update.writes, ...(buffer === undefined ? [] : [buffer.clear(update.writes)]));
  }
  return written;
}

/** The same at once. */
export const addUpdate = (...all: Parameters<typeof updateInSteps>): string[] =>
  atOnce(updateInSteps(...all));
