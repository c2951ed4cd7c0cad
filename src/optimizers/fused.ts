/** TensorFlow's update kernels: one operation for what an update rule does, in place. */
import type { OpAttribute } from '../tfjs/binding';
import { idOf } from '../tfjs/binding';
import type { Tensor } from '../tfjs/tensorflow';
import { kernelAttributes, runKernel, type ResourceVariable, type ScalarCache } from './resource';

/**
 * An input of a kernel after the variable itself: a slot, one that carries nothing from step to step (`scratch`), the
 * gradient, one of the step's numbers, or a number that stays the same.
 */
export type KernelInput =
  | 'gradient'
  | { readonly slot: string }
  | { readonly scratch: string }
  | { readonly number: string }
  | { readonly constant: number };

/** A kernel that computes what an optimizer's rule says. */
export interface FusedKernel {
  /** The operation: `ResourceApplyAdam`. */
  readonly op: string;
  readonly flags: Readonly<Record<string, boolean>>;
  readonly inputs: readonly KernelInput[];
}

/** 1 less a fraction as kernels reckon it, of the float32 number: another one by 1e-5 of it for 0.999. */
export const restOf = (fraction: number): number => 1 - Math.fround(fraction);

/** The names of the tensors that TensorFlow keeps for a kernel's sake. */
export const kernelSlots = ({ inputs }: FusedKernel): string[] =>
  inputs.flatMap((input) =>
    typeof input === 'object' && 'slot' in input
      ? [input.slot]
      : typeof input === 'object' && 'scratch' in input
        ? [input.scratch]
        : [],
  );

/** A kernel that is run for many variables in one step. */
export interface PreparedKernel {
  run(weight: ResourceVariable, slots: ReadonlyMap<string, ResourceVariable>, gradient: Tensor): void;
}

/** Prepares a kernel for a step: its attributes, and its numbers on TensorFlow's side. */
export const prepareKernel = (
  { op, flags, inputs }: FusedKernel,
  scalars: ScalarCache,
  numberOf: (name: string) => number,
): PreparedKernel => {
  const attributes: readonly OpAttribute[] = kernelAttributes(flags);
  const ids = inputs.map((input, position) => {
    if (input === 'gradient' || 'slot' in input || 'scratch' in input) return undefined;
    return 'number' in input
      ? scalars.id(input.number, numberOf(input.number))
      : scalars.id(`input ${position}`, input.constant);
  });
  return {
    run: (weight, slots, gradient) => {
      const sources = inputs.map((input, position) => {
        if (input === 'gradient') return idOf(gradient);
        const slot = 'slot' in input ? input.slot : 'scratch' in input ? input.scratch : undefined;
        // There is one variable for each slot of the kernel, and every other input is a scalar.
        return slot === undefined ? (ids[position] as number) : (slots.get(slot) as ResourceVariable).handle;
      });
      runKernel(op, attributes, [weight.handle, ...sources]);
    },
  };
};
