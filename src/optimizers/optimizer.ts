import { idOf } from '../tfjs/binding';
import { nonNegativeNumber } from '../base/checks';
import { describe, KerasArgumentError, KerasShapeError } from '../base/errors';
import { tf, type Tensor, type Variable } from '../tfjs/tensorflow';
import { kernelAttributes, ResourceVariable, runKernel, ScalarCache } from './resource';

/** What changes weights along their gradients. Its state (slots, step count) lives until it is disposed. */
export interface Optimizer {
  /** Keras's name: `sgd`, `rmsprop`, `adam`. */
  readonly name: string;
  /** May be set at any time; takes effect with the next step. */
  learningRate: number;
  /** The number of steps so far. */
  readonly iterations: number;
  /** Makes the slots of these variables, zero at first. `apply` does so by itself. */
  build(variables: readonly Variable[]): void;
  /** One step: changes the variables in place. The gradients stay the caller's. */
  apply(gradients: readonly Tensor[], variables: readonly Variable[]): void;
  /** The step count, then the slots in Keras's order; the caller disposes the tensors. */
  getWeights(): Tensor[];
  /** Takes what `getWeights` gave; the slots must be built. The tensors stay the caller's. */
  setWeights(weights: readonly Tensor[]): void;
  /** Frees the state. Used again, the optimizer starts afresh. */
  dispose(): void;
  /** The options, as the factory takes them, and the name. */
  getConfig(): Record<string, number | boolean | string>;
}

/**
 * An input of an update kernel after the weight: a slot, the gradient, or a number. A number is the same in all steps
 * until somebody sets the learning rate, or else one of the step, which counts from 1.
 */
export type KernelInput = 'gradient' | { readonly slot: string } | KernelScalar;

/** A number that an update kernel takes. */
export interface KernelScalar {
  readonly scalar: string;
  readonly value: (step: number) => number;
  /** Whether it is another one in each step. */
  readonly perStep?: true;
}

/** One of TensorFlow's fused update kernels, and how it is fed. */
export interface UpdateKernel {
  /** The op: `ResourceApplyAdam`. */
  readonly op: string;
  readonly flags: Readonly<Record<string, boolean>>;
  readonly inputs: readonly KernelInput[];
  /**
   * The slots that count as state, in Keras's order: for each group, for each variable, the group's slots. A
   * slot of the kernel that is not among them carries nothing from step to step.
   */
  readonly saved: readonly (readonly string[])[];
}

/** What TensorFlow holds for one variable. */
interface VariableState {
  readonly weight: ResourceVariable;
  readonly slots: ReadonlyMap<string, ResourceVariable>;
  /** The tfjs data that `weight` last took or gave: other data mean that somebody set the variable since. */
  data: object | undefined;
}

/** The native state of one optimizer, apart from the optimizer so that it can be freed after it. */
class OptimizerState {
  readonly scalars = new ScalarCache();
  readonly variables = new Map<Variable, VariableState>();

  dispose(): void {
    this.scalars.dispose();
    for (const state of this.variables.values()) this.#free(state);
    this.variables.clear();
  }

  /** Frees what belongs to variables that are gone. */
  prune(): void {
    for (const [variable, state] of this.variables) {
      if (variable.isDisposed) {
        this.#free(state);
        this.variables.delete(variable);
      }
    }
  }

  #free({ weight, slots }: VariableState): void {
    weight.dispose();
    for (const slot of slots.values()) slot.dispose();
  }
}

// Native memory is not seen by JavaScript's garbage collector: it goes with its optimizer at the latest.
const abandoned = new FinalizationRegistry<OptimizerState>((state) => state.dispose());

const slotNames = ({ inputs }: UpdateKernel): string[] =>
  inputs.flatMap((input) => (typeof input === 'object' && 'slot' in input ? [input.slot] : []));

/** An optimizer whose step is one kernel of TensorFlow for each weight. */
export class KernelOptimizer implements Optimizer {
  readonly name: string;
  /** How a step runs, for those who run it inside a graph. */
  readonly kernel: UpdateKernel;
  readonly #options: Readonly<Record<string, number | boolean>>;
  readonly #state = new OptimizerState();
  #learningRate: number;
  #iterations = 0;

  constructor(
    name: string,
    options: Readonly<Record<string, number | boolean>> & { readonly learningRate: number },
    kernel: UpdateKernel,
  ) {
    this.name = name;
    this.kernel = kernel;
    this.#options = options;
    this.#learningRate = options.learningRate;
  }

  get learningRate(): number {
    return this.#learningRate;
  }

  set learningRate(value: number) {
    this.#learningRate = nonNegativeNumber(value, { function: this.name, argument: 'learningRate' });
  }

  get iterations(): number {
    return this.#iterations;
  }

  build(variables: readonly Variable[]): void {
    for (const variable of variables) this.#stateOf(variable);
  }

  apply(gradients: readonly Tensor[], variables: readonly Variable[]): void {
    if (gradients.length !== variables.length) {
      throw new KerasArgumentError({
        function: this.name,
        argument: 'gradients',
        expected: 'there must be one gradient for each variable',
        received: `${gradients.length} gradients for ${variables.length} variables`,
        advice: 'Pass both lists in the same order',
      });
    }
    const { op, flags, inputs } = this.kernel;
    const attributes = kernelAttributes(flags);
    const step = this.#iterations + 1;
    const { scalars } = this.#state;
    const scalarIds = inputs.map((input) => {
      if (typeof input === 'string' || 'slot' in input) return undefined;
      return scalars.id(input.scalar, this.scalarAt(input, step));
    });
    variables.forEach((variable, index) => {
      const state = this.#stateOf(variable);
      if (state.data !== variable.dataId) state.weight.assign(variable);
      const gradient = gradients[index] as Tensor; // as many as variables, checked above
      const ids = inputs.map((input, position) => {
        if (input === 'gradient') return idOf(gradient);
        // There is one variable for each slot of the kernel, and every other input is a scalar.
        if ('slot' in input) return (state.slots.get(input.slot) as ResourceVariable).handle;
        return scalarIds[position] as number;
      });
      runKernel(op, attributes, [state.weight.handle, ...ids]);
      const updated = state.weight.read();
      variable.assign(updated);
      state.data = variable.dataId;
      updated.dispose();
    });
    this.#iterations = step;
  }

  getWeights(): Tensor[] {
    this.#state.prune();
    return [tf.scalar(this.#iterations, 'int32'), ...this.#savedSlots().map((slot) => slot.read())];
  }

  setWeights(weights: readonly Tensor[]): void {
    this.#state.prune();
    const slots = this.#savedSlots();
    const [iterations, ...values] = weights;
    if (iterations === undefined || values.length !== slots.length) {
      throw new KerasArgumentError({
        function: this.name,
        argument: 'weights',
        expected: `the weights must be the step count and ${slots.length} slots`,
        received: `${weights.length} tensors`,
        advice: 'Give what getWeights() of such an optimizer returned, after build(variables)',
      });
    }
    const current = slots.map((slot) => slot.read());
    try {
      current.forEach((slot, index) => {
        const value = values[index] as Tensor; // as many as slots, checked above
        if (value.dtype === slot.dtype && tf.util.arraysEqual(value.shape, slot.shape)) return;
        throw new KerasShapeError({
          function: this.name,
          argument: 'weights',
          expected: `slot ${index} must be ${describe(slot)}`,
          received: describe(value),
          advice: 'Give what getWeights() of an optimizer of the same model returned',
        });
      });
    } finally {
      tf.dispose(current);
    }
    slots.forEach((slot, index) => slot.assign(values[index] as Tensor)); // as many as slots, checked above
    this.#iterations = iterations.dataSync()[0] ?? 0;
  }

  /** The slots of a variable that carry something from step to step, by name; the caller disposes the tensors. */
  readSlots(variable: Variable): ReadonlyMap<string, Tensor> {
    const { slots } = this.#stateOf(variable);
    const names = new Set(this.kernel.saved.flat());
    return new Map([...slots].filter(([name]) => names.has(name)).map(([name, slot]) => [name, slot.read()]));
  }

  /** Takes over what steps that ran elsewhere made of a variable's slots. The tensors stay the caller's. */
  writeSlots(variable: Variable, values: ReadonlyMap<string, Tensor>): void {
    const { slots } = this.#stateOf(variable);
    for (const [name, value] of values) slots.get(name)?.assign(value);
  }

  /** Counts steps that ran elsewhere. */
  advance(steps: number): void {
    this.#iterations += steps;
  }

  /** What a kernel's scalar input is in a step, counted from 1. */
  scalarAt(input: KernelScalar, step: number): number {
    return input.scalar === 'learning_rate' ? this.#learningRate : input.value(step);
  }

  dispose(): void {
    abandoned.unregister(this.#state);
    this.#state.dispose();
    this.#iterations = 0;
  }

  getConfig(): Record<string, number | boolean | string> {
    return { name: this.name, ...this.#options, learningRate: this.#learningRate };
  }

  #stateOf(variable: Variable): VariableState {
    const { variables } = this.#state;
    const known = variables.get(variable);
    if (known !== undefined) return known;
    this.#state.prune();
    if (variables.size === 0) {
      abandoned.unregister(this.#state);
      abandoned.register(this, this.#state, this.#state);
    }
    const slots = new Map<string, ResourceVariable>();
    tf.tidy(() => {
      const zeros = tf.zeros(variable.shape);
      for (const name of slotNames(this.kernel)) {
        const slot = new ResourceVariable(variable.shape);
        slot.assign(zeros);
        slots.set(name, slot);
      }
    });
    const state: VariableState = { weight: new ResourceVariable(variable.shape), slots, data: undefined };
    variables.set(variable, state);
    return state;
  }

  #savedSlots(): ResourceVariable[] {
    const states = [...this.#state.variables.values()];
    // The saved slots are among those of the kernel, for each of which there is a variable.
    const slot = ({ slots }: VariableState, name: string) => slots.get(name) as ResourceVariable;
    return this.kernel.saved.flatMap((group) =>
      states.flatMap((state) => group.map((name) => slot(state, name))),
    );
  }
}
