/** Layers of cases, applied to symbolic tensors. */
import * as all from '../../../src/index';
import type { SymbolicTensor } from '../../../src/index';
import type { Case } from './cases';

type AnyLayer = (
  inputs: SymbolicTensor | SymbolicTensor[],
  options: object,
) => SymbolicTensor | SymbolicTensor[];

/** What a case writes as the call of a function: a cell, a layer. */
interface WrittenCall {
  readonly function: string;
  readonly options: object;
}

const isCall = (value: unknown): value is WrittenCall =>
  typeof value === 'object' && value !== null && 'function' in value;

/** Options with what calls in them give. */
const calledIn = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(calledIn);
  if (!isCall(value)) return value;
  const function_ = all[value.function as keyof typeof all] as unknown as (options: object) => unknown; // by its name
  return function_(optionsOf(value));
};

const optionsOf = ({ options }: { readonly options: object }): object =>
  Object.fromEntries(Object.entries(options).map(([option, value]) => [option, calledIn(value)]));

/** The outputs of the layer of a case, applied to inputs. */
export const applyCase = (one: Case, inputs: readonly SymbolicTensor[]): SymbolicTensor[] => {
  const function_ = all[one.layer as keyof typeof all] as unknown as AnyLayer; // by its name in the case
  const [first, ...others] = inputs as [SymbolicTensor, ...SymbolicTensor[]];
  return [
    one.states === true
      ? function_(first, { ...optionsOf(one), initialState: others })
      : function_(one.many === true ? [...inputs] : first, optionsOf(one)),
  ].flat();
};
