/** Arguments that functions of files have in common. */
import type { SubjectKind } from '../../base/call-styles';
import { boolean, nonEmptyString, optional } from '../../base/checks';
import { customObjects } from '../../base/custom-objects';

/** What stands for a file. */
export const filepath: SubjectKind<string> = {
  argument: 'filepath',
  is: (value) => typeof value === 'string',
  check: (functionName, value) => nonEmptyString(value, { function: functionName, argument: 'filepath' }),
};

/** The path of a file among the arguments after the model. */
export const isPath = (value: unknown): boolean => typeof value === 'string';

/** A checked path. */
export const pathIn = (functionName: string, [path]: readonly unknown[]): string =>
  filepath.check(functionName, path);

/** The checks of options of functions that load models. */
export const loadChecks = {
  customObjects: optional(customObjects),
  compile: optional(boolean, true),
};
