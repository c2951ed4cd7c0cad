/** Rows of a graph's variables: how a rule's names stand for variables, and how some of their rows are read and written. */
import { TYPES } from '../../tfjs/binding';
import { UPDATE_NAMES } from '../trace/traced-update';
import { attr } from './attributes';
import { int32, type Frame } from './frame';

/** The graph's variable behind a name in a rule: a variable of which the rule is, or one of its slots. */
export const variableOf = (variable: string, inRule: string): string => {
  const slot = UPDATE_NAMES.slot('');
  return inRule.startsWith(slot) ? `${variable}/${inRule.slice(slot.length)}` : variable;
};

/** The handle of a variable in a frame. */
export const handleOf = (frame: Frame, variable: string): string =>
  frame.enterFromOutside({ name: variable, dtype: TYPES.resource });

const indexed = (dtype: number) => ({ dtype: attr.type(dtype), ...int32('Tindices') });

/** Some rows of a variable, float32 by default. */
export const readRows = (
  frame: Frame,
  node: string,
  variable: string,
  rows: string,
  { after = [], dtype = TYPES.float }: { readonly after?: readonly string[]; readonly dtype?: number } = {},
): string =>
  frame.node(node, 'ResourceGather', [handleOf(frame, variable), rows, ...after], {
    ...indexed(dtype),
    validate_indices: attr.bool(true),
  });

/** Writes some rows of a variable, float32 by default. Gives the node that does. */
export const writeRows = (
  frame: Frame,
  node: string,
  variable: string,
  [rows, values]: readonly [rows: string, values: string],
  { after = [], dtype = TYPES.float }: { readonly after?: readonly string[]; readonly dtype?: number } = {},
): string =>
  frame.node(
    node,
    'ResourceScatterUpdate',
    [handleOf(frame, variable), rows, values, ...after],
    indexed(dtype),
  );
