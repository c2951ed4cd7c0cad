import { inspect } from 'node:util';
import { argumentError, nonNegativeNumber } from '../base/checks';
import { describe, KerasArgumentError, KerasShapeError, KerasStateError } from '../base/errors';
import { constrain } from '../tfjs/private';
import { rateAt, type LearningRateSchedule } from '../schedules/schedule';
import { countsOf, freeCollected } from '../tfjs/tensor-count';
import { tf, type Scalar, type Tensor, type Variable } from '../tfjs/tensorflow';
import { applyRecorder, variableBehind, type Gradients } from './gradients';
import { kernelSlots, prepareKernel, type FusedKernel, type PreparedKernel } from './fused';
import type { ResourceVariable } from './resource';
import { OptimizerState, type OptimizerMemory, type VariableState } from './state';
import {
  APPLIES,
  AVERAGE,
  changed,
  CLIP_SCALE,
  globalScale,
  updateOf,
  type InitialValue,
  type OwnUpdate,
  type Update,
  type UpdateExtras,
  type UpdateInputs,
} from './update';

/** The value of an option, as the factory takes it. */
export type OptionValue = number | boolean | string | LearningRateSchedule;

/** What changes weights along their gradients. Its state (slots, step count) lives until it is disposed. */
export interface Optimizer {
  /** Keras's name: `sgd`, `rmsprop`, `adam`. */
  readonly name: string;
  /**
   * May be set at any time; takes effect with the next step. Where a schedule gives it, it is that of the last step, and
   * cannot be set.
   */
  learningRate: number;
  /** The number of steps so far. */
  readonly iterations: number;
  /** Makes the slots of these variables, with their first values. `apply` does so by itself. */
  build(variables: readonly Variable[]): void;
  /**
   * One step: changes the variables in place. The gradients stay the caller's. Of what `gradientsOf` gave it takes the weights, too,
   * and keeps their constraints.
   */
  apply(gradients: Gradients): void;
  apply(gradients: readonly Tensor[], variables: readonly Variable[]): void;
  /** The end of training: with `useEma` the variables become their moving averages. */
  finalize(variables: readonly Variable[]): void;
  /** The step count, then the slots in Keras's order; the caller disposes the tensors. */
  getWeights(): Tensor[];
  /** Takes what `getWeights` gave; the slots must be built. The tensors stay the caller's. */
  setWeights(weights: readonly Tensor[]): void;
  /** Frees the state. Used again, the optimizer starts afresh. */
  dispose(): void;
  /** The options that are set, as the factory takes them, and the name. */
  getConfig(): Record<string, OptionValue>;
}

// Native memory is not seen by JavaScript's garbage collector: it goes with its optimizer at the latest.
const abandoned = new FinalizationRegistry<OptimizerMemory>((memory) =>
  freeCollected(countsOf(tf), () => memory.dispose()),
);

const kernelsOf = ({ stages }: Update): FusedKernel[] =>
  stages.flatMap((stage) => ('kernel' in stage ? [stage.kernel] : []));

/** The first values of all slots, those included that carry nothing from step to step. */
const initialValuesOf = (update: Update): Map<string, InitialValue> =>
  new Map([
    ...kernelsOf(update).flatMap((kernel) => kernelSlots(kernel).map((name) => [name, 0] as const)),
    ...update.slots.flatMap((group) => Object.entries(group)),
  ]);

/** What a step uses for all variables. */
interface StepTools {
  readonly kernels: ReadonlyMap<FusedKernel, PreparedKernel>;
  readonly numbers: UpdateInputs['numbers'];
}

/** What an {@link UpdateOptimizer} is made of. */
export interface OptimizerParts {
  readonly name: string;
  /** The function that made it, for errors. */
  readonly functionName: string;
  /** Whether a program has defined it. */
  readonly isOwn: boolean;
  /** What `getConfig` tells, besides name and learning rate. */
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly learningRate: number | LearningRateSchedule;
  /** What its definition and its options say of a step. */
  readonly own: OwnUpdate;
  /** What is done besides: clipping, decay, averages. */
  readonly extras: UpdateExtras;
}

/** Steps of an optimizer that run elsewhere, where its slots are meanwhile. */
export interface StepsElsewhere {
  /** Waits for those that are being done: then they are counted. */
  waitForSteps(): void;
  /** Brings the slots back. */
  fetch(): void;
  /** Lets them go: they are not needed any more. */
  forget(): void;
}

/** An optimizer whose step is an {@link Update}: the same for the eager and the compiled engine. */
export class UpdateOptimizer implements Optimizer {
  readonly name: string;
  readonly parts: OptimizerParts;
  /** What a step does, for those who run it inside a graph. */
  readonly update: Update;
  /** The names of the slots. */
  readonly slotNames: readonly string[];
  /** The names of what kernels write besides, which carries nothing from step to step. */
  readonly scratchNames: readonly string[];
  readonly #initialValues: ReadonlyMap<string, InitialValue>;
  readonly #state = new OptimizerState();
  #learningRate: number | LearningRateSchedule;
  #iterations = 0;
  #elsewhere: StepsElsewhere | undefined;

  constructor(parts: OptimizerParts) {
    this.name = parts.name;
    this.parts = parts;
    this.update = updateOf(parts.own, parts.extras);
    this.#initialValues = initialValuesOf(this.update);
    this.slotNames = this.update.slots.flatMap((group) => Object.keys(group));
    this.scratchNames = [...this.#initialValues.keys()].filter((name) => !this.slotNames.includes(name));
    this.#learningRate = parts.learningRate;
  }

  get learningRate(): number {
    return this.numberAt('learningRate', Math.max(1, this.#iterations));
  }

  set learningRate(value: number) {
    if (typeof this.#learningRate === 'function') {
      throw new KerasStateError({
        function: this.parts.functionName,
        expected: 'the learning rate must not be set where a schedule gives it',
        received: describe(value),
        advice: 'Make the optimizer with a number as its learningRate, or compile the model with another one',
      });
    }
    this.#learningRate = nonNegativeNumber(value, {
      function: this.parts.functionName,
      argument: 'learningRate',
    });
  }

  /** Whether the learning rate is another one in each step. */
  get hasSchedule(): boolean {
    return typeof this.#learningRate === 'function';
  }

  get iterations(): number {
    this.#elsewhere?.waitForSteps();
    return this.#iterations;
  }

  /** Whether there are slots, or a step was done without any: what Keras calls built. Leaves what runs elsewhere alone. */
  get isBuilt(): boolean {
    return this.#elsewhere !== undefined || this.#state.variables.size > 0 || this.#iterations > 0;
  }

  build(variables: readonly Variable[]): void {
    for (const variable of variables) this.#stateOf(variable);
  }

  apply(gradients: Gradients): void;
  apply(gradients: readonly Tensor[], variables: readonly Variable[]): void;
  apply(given: Gradients | readonly Tensor[], variables: readonly Variable[] = []): void {
    const { gradients, weights } = this.#pairsIn(given, variables);
    this.#checkCount(gradients.length, weights.length);
    const recorder = applyRecorder();
    if (recorder !== undefined) {
      recorder(this, { gradients, weights });
      return;
    }
    this.#applyStep(gradients, weights.map(variableBehind));
    for (const weight of weights) if (!(weight instanceof tf.Variable)) constrain(weight);
  }

  #pairsIn(given: unknown, variables: unknown): Gradients {
    if (typeof given === 'object' && given !== null && 'weights' in given) return given as Gradients; // of gradientsOf
    const isList = (value: unknown): boolean =>
      Array.isArray(value) && value.every((one) => one instanceof tf.Tensor);
    if (isList(given) && isList(variables)) return { gradients: given, weights: variables } as Gradients; // as just seen
    throw argumentError(
      { function: this.parts.functionName, argument: 'gradients' },
      'what gradientsOf gave, or a list of tensors and one of the variables',
      given,
      'Write optimizer.apply(gradientsOf(() => loss, model))',
    );
  }

  #applyStep(gradients: readonly Tensor[], variables: readonly Variable[]): void {
    this.#bringBack();
    const step = this.#iterations + 1;
    tf.tidy(() => {
      const tools = this.#toolsFor(step, gradients);
      variables.forEach((variable, index) => {
        this.#applyTo(variable, gradients[index] as Tensor, tools); // as many as variables, checked
      });
    });
    this.#iterations = step;
  }

  finalize(variables: readonly Variable[]): void {
    if (!this.#initialValues.has(AVERAGE)) return;
    for (const variable of variables) {
      const average = (this.#stateOf(variable).slots.get(AVERAGE) as ResourceVariable).read(); // a slot, as was asked
      variable.assign(average);
      average.dispose();
    }
  }

  getWeights(): Tensor[] {
    this.#bringBack();
    this.#state.prune();
    return [tf.scalar(this.#iterations, 'int32'), ...this.#savedSlots().map((slot) => slot.read())];
  }

  setWeights(weights: readonly Tensor[]): void {
    this.#bringBack();
    this.#state.prune();
    const slots = this.#savedSlots();
    const [iterations, ...values] = weights;
    if (iterations === undefined || values.length !== slots.length) {
      throw new KerasArgumentError({
        function: this.parts.functionName,
        argument: 'weights',
        expected: `the weights must be the step count and ${slots.length} slots`,
        received: `${weights.length} tensors`,
        advice: 'Give what getWeights() of such an optimizer returned, after build(variables)',
      });
    }
    this.#checkShapes(slots, values);
    slots.forEach((slot, index) => slot.assign(values[index] as Tensor)); // as many as slots, checked
    this.#iterations = iterations.dataSync()[0] ?? 0;
  }

  /** Whether there are slots of a variable. */
  hasSlots(variable: Variable): boolean {
    this.#bringBack();
    return this.#state.variables.has(variable);
  }

  /** Whether there are no slots of some variables, here or elsewhere: they begin with what {@link firstNumbers} says. */
  isWithoutSlots(variables: readonly Variable[]): boolean {
    return (
      this.#elsewhere === undefined && !variables.some((variable) => this.#state.variables.has(variable))
    );
  }

  /** The number that each slot begins with; undefined where one begins with other values. */
  get firstNumbers(): readonly number[] | undefined {
    const values = this.slotNames.map((name) => this.#initialValues.get(name));
    return values.every((value) => typeof value === 'number') ? values : undefined;
  }

  /** The slots of a variable that carry something from step to step, by name; the caller disposes the tensors. */
  readSlots(variable: Variable): ReadonlyMap<string, Tensor> {
    const { slots } = this.#stateOf(variable);
    return new Map(this.slotNames.map((name) => [name, (slots.get(name) as ResourceVariable).read()])); // all were made
  }

  /** Takes over what steps that ran elsewhere made of a variable's slots. The tensors stay the caller's. */
  writeSlots(variable: Variable, values: ReadonlyMap<string, Tensor>): void {
    const { slots } = this.#stateOf(variable);
    for (const [name, value] of values) slots.get(name)?.assign(value);
  }

  /**
   * Says that steps run elsewhere from now on, with the slots as they are: who looks at them has them fetched. Gives a function that
   * ends this without a fetch.
   */
  runElsewhere(elsewhere: StepsElsewhere): () => void {
    this.#bringBack();
    this.#elsewhere = elsewhere;
    return () => {
      if (this.#elsewhere === elsewhere) this.#elsewhere = undefined;
    };
  }

  #bringBack(): void {
    const elsewhere = this.#elsewhere;
    this.#elsewhere = undefined;
    elsewhere?.fetch();
  }

  /** Counts steps that ran elsewhere. */
  advance(steps: number): void {
    this.#iterations += steps;
  }

  /** What one of the step's numbers is in a step, counted from 1. */
  numberAt(name: string, step: number): number {
    // Of several steps whose gradients are summed there is one update: that is what is counted.
    const update = Math.ceil(step / this.update.accumulationSteps);
    if (name === 'step') return update;
    if (name === APPLIES) return this.update.numbers[APPLIES]?.(step) ?? NaN;
    if (name !== 'learningRate') return this.update.numbers[name]?.(update) ?? NaN;
    const rate = this.#learningRate;
    // As in Keras, a schedule counts all steps.
    return typeof rate === 'number' ? rate : rateAt(rate, step - 1, this.parts.functionName);
  }

  dispose(): void {
    this.#elsewhere?.forget();
    abandoned.unregister(this.#state.memory);
    this.#state.dispose();
    this.#iterations = 0;
  }

  getConfig(): Record<string, OptionValue> {
    return { name: this.name, ...this.parts.options, learningRate: this.#learningRate };
  }

  /** What `console.log` shows, too: the function that makes it, its options, and how many steps it has done. */
  toString(): string {
    const { name: _, learningRate, ...options } = this.getConfig();
    return `${this.parts.functionName} ${inspect({ learningRate, ...options, iterations: this.iterations })}`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  #checkCount(gradients: number, variables: number): void {
    if (gradients === variables) return;
    throw new KerasArgumentError({
      function: this.parts.functionName,
      argument: 'gradients',
      expected: 'there must be one gradient for each variable',
      received: `${gradients} gradients for ${variables} variables`,
      advice: 'Pass both lists in the same order',
    });
  }

  /** The kernels of a step, and its numbers as tensors if there are operations that use them. */
  #toolsFor(step: number, gradients: readonly Tensor[]): StepTools {
    const { update } = this;
    const numberOf = (name: string): number => this.numberAt(name, step);
    const numbers: Record<string, Scalar> = {};
    if (update.stages.some((stage) => !('kernel' in stage))) {
      for (const name of ['learningRate', 'step', ...Object.keys(update.numbers)]) {
        numbers[name] = tf.scalar(numberOf(name));
      }
    }
    if (update.globalClipnorm !== undefined)
      numbers[CLIP_SCALE] = globalScale(gradients, update.globalClipnorm);
    const kernels = kernelsOf(update).map(
      (kernel) => [kernel, prepareKernel(kernel, this.#state.memory.scalars, numberOf)] as const,
    );
    return { kernels: new Map(kernels), numbers: numbers as UpdateInputs['numbers'] }; // those that operations use
  }

  /** A step of one variable. */
  #applyTo(variable: Variable, gradient: Tensor, { kernels, numbers }: StepTools): void {
    const state = this.#stateOf(variable);
    let inputs: UpdateInputs = { variable, gradient, slots: {}, numbers, name: variable.name };
    const written = new Set<string>();
    /** The value that `state.weight` has. */
    let current: Tensor | undefined = state.data === variable.dataId ? variable : undefined;
    for (const stage of this.update.stages) {
      if (!('kernel' in stage)) {
        const changes = stage.run(withSlots(inputs, state, stage.slots));
        for (const name of Object.keys(changes.slots ?? {})) written.add(name);
        inputs = changed(inputs, changes);
        continue;
      }
      if (current !== inputs.variable) state.weight.assign(inputs.variable);
      kernels.get(stage.kernel)?.run(state.weight, state.slots, inputs.gradient);
      current = state.weight.read();
      inputs = { ...inputs, variable: current };
    }
    if (inputs.variable !== variable) variable.assign(inputs.variable);
    state.data = current === inputs.variable ? variable.dataId : undefined;
    for (const name of written) state.slots.get(name)?.assign(inputs.slots[name] as Tensor); // just written
  }

  #stateOf(variable: Variable): VariableState {
    this.#bringBack();
    if (this.#state.variables.size === 0) {
      abandoned.unregister(this.#state.memory);
      abandoned.register(this, this.#state.memory, this.#state.memory);
    }
    return this.#state.of(variable, this.#initialValues);
  }

  #savedSlots(): ResourceVariable[] {
    const states = [...this.#state.variables.values()];
    return this.update.slots.flatMap(
      (group) =>
        states.flatMap(({ slots }) => Object.keys(group).map((name) => slots.get(name) as ResourceVariable)), // all were made
    );
  }

  #checkShapes(slots: readonly ResourceVariable[], values: readonly Tensor[]): void {
    tf.tidy(() => {
      slots.forEach((variable, index) => {
        const slot = variable.read();
        const value = values[index] as Tensor; // as many as slots, checked
        if (value.dtype === slot.dtype && tf.util.arraysEqual(value.shape, slot.shape)) return;
        throw new KerasShapeError({
          function: this.parts.functionName,
          argument: 'weights',
          expected: `slot ${index} must be ${describe(slot)}`,
          received: describe(value),
          advice: 'Give what getWeights() of an optimizer of the same model returned',
        });
      });
    });
  }
}

/** The inputs with the slots that are read, of those that are not there yet. */
const withSlots = (
  inputs: UpdateInputs,
  { slots }: VariableState,
  names: readonly string[],
): UpdateInputs => ({
  ...inputs,
  slots: {
    ...Object.fromEntries(names.map((name) => [name, (slots.get(name) as ResourceVariable).read()])), // all were made
    ...inputs.slots,
  },
});
