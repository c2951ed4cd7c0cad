import { tf, type Tensor, type Variable } from '../tfjs/tensorflow';
import { ResourceVariable, ScalarCache } from './resource';
import type { InitialValue } from './update';

/** What TensorFlow holds for one variable. */
export interface VariableState {
  /** The variable's value, for kernels that change it in place. */
  readonly weight: ResourceVariable;
  readonly slots: ReadonlyMap<string, ResourceVariable>;
  /** The tfjs data that `weight` last took or gave: other data mean that somebody set the variable since. */
  data: object | undefined;
}

/**
 * What TensorFlow holds for one optimizer, apart from it so that it can be freed after it. It knows no variables: one may lead to the
 * steps that have its value, and these to the optimizer, which then nobody could see go.
 */
export class OptimizerMemory {
  readonly scalars = new ScalarCache();
  readonly states = new Set<VariableState>();

  free(state: VariableState): void {
    if (!this.states.delete(state)) return;
    state.weight.dispose();
    for (const slot of state.slots.values()) slot.dispose();
  }

  dispose(): void {
    this.scalars.dispose();
    for (const state of [...this.states]) this.free(state);
  }
}

/** The state of one optimizer: which memory is for which variable. */
export class OptimizerState {
  readonly memory = new OptimizerMemory();
  readonly variables = new Map<Variable, VariableState>();

  /** The state of a variable, which is made if there is none. */
  of(variable: Variable, initialValues: ReadonlyMap<string, InitialValue>): VariableState {
    const known = this.variables.get(variable);
    if (known !== undefined) return known;
    this.prune();
    const slots = new Map<string, ResourceVariable>();
    tf.tidy(() => {
      // Slots that start with the same number share its memory until they change.
      const filled = new Map<number, Tensor>();
      for (const [name, initial] of initialValues) {
        const slot = new ResourceVariable(variable.shape);
        slots.set(name, slot);
        if (initial === 'variable') {
          slot.assign(variable);
          continue;
        }
        const value = filled.get(initial) ?? tf.fill(variable.shape, initial);
        filled.set(initial, value);
        slot.assign(value);
      }
    });
    const state: VariableState = { weight: new ResourceVariable(variable.shape), slots, data: undefined };
    this.memory.states.add(state);
    this.variables.set(variable, state);
    return state;
  }

  /** Frees what belongs to variables that are gone. */
  prune(): void {
    for (const [variable, state] of this.variables) {
      if (variable.isDisposed) {
        this.memory.free(state);
        this.variables.delete(variable);
      }
    }
  }

  dispose(): void {
    this.memory.dispose();
    this.variables.clear();
  }
}
