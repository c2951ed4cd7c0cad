import {
  callable,
  type callForm,
  type CallableDefinition,
  type CallForm,
  type SubjectKind,
} from '../base/call-styles';
import { isPlainObject } from '../base/checks';
import { isArrayLike } from './tensors';

/**
 * Data, by the name that a function gives them: whatever is no options. What is wrong with them is for the function to say,
 * which reads them anyhow.
 */
const dataSubject = (argument: string): SubjectKind<unknown> => ({
  argument,
  is: (value) => value !== undefined && (!isPlainObject(value) || isArrayLike(value)),
  check: (_, value) => value,
});

/** Makes both call styles of a function of data. */
export const dataFunction = <Form extends { readonly [callForm]: CallForm }, Options>(
  argument: string,
  definition: Omit<CallableDefinition<unknown, readonly [], Options, unknown>, 'subject' | 'data' | 'isData'>,
): Form =>
  // The call styles are told apart by the arguments, which the implementation's type cannot say.
  callable({ ...definition, subject: dataSubject(argument) }) as unknown as Form;
