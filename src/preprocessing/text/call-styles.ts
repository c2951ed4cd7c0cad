/** What functions of texts, and of tokenizers, take first. */
import {
  callable,
  type Always,
  type CallableDefinition,
  type callForm,
  type CallForm,
  type SubjectKind,
} from '../../base/call-styles';
import { argumentError } from '../../base/checks';
import { TextTokenizer } from './tokenizer-state';

const text: SubjectKind<string> = {
  argument: 'text',
  is: (value) => typeof value === 'string',
  check: (functionName, value) => {
    if (typeof value === 'string') return value;
    throw argumentError(
      { function: functionName, argument: 'text' },
      'a string',
      value,
      `Of several texts, write texts.map((text) => ${functionName}(text))`,
    );
  },
};

/** Makes both call styles of a function of one text. */
export const textFunction = <Form extends { readonly [callForm]: CallForm }, Options>(
  definition: Omit<CallableDefinition<string, readonly [], Options, unknown>, 'subject' | 'data' | 'isData'>,
): Form =>
  // The call styles are told apart by the arguments, which the implementation's type cannot say.
  callable({ ...definition, subject: text }) as unknown as Form;

/** A function of a tokenizer: piped, or plain, with the tokenizer first. */
export interface TokenizerFunction<Args extends readonly unknown[], Result> {
  (...args: Args): <Tokenizer extends TextTokenizer>(tokenizer: Tokenizer) => Result;
  (tokenizer: TextTokenizer, ...args: Args): Result;
  readonly [callForm]: CallForm<['model', Args, Always<Result>, TextTokenizer]>;
}

/** A function of a tokenizer that gives a promise: piped, or plain, with the tokenizer first. */
export interface TokenizerTask<Args extends readonly unknown[], Result> {
  (...args: Args): <Tokenizer extends TextTokenizer>(tokenizer: Tokenizer) => Promise<Result>;
  (tokenizer: TextTokenizer, ...args: Args): Promise<Result>;
  readonly [callForm]: CallForm<['task', Args, Always<Result>, TextTokenizer]>;
}

const tokenizer: SubjectKind<TextTokenizer> = {
  argument: 'tokenizer',
  is: (value) => value instanceof TextTokenizer,
  check: (functionName, value) => {
    if (value instanceof TextTokenizer) return value;
    throw argumentError(
      { function: functionName, argument: 'tokenizer' },
      'a tokenizer',
      value,
      'Give what textTokenizer() or loadTextTokenizer() gave',
    );
  },
};

/** Makes both call styles of a function of a tokenizer. */
export const tokenizerFunction = <
  Form extends { readonly [callForm]: CallForm },
  Data extends readonly unknown[],
  Options,
>(
  definition: Omit<CallableDefinition<TextTokenizer, Data, Options, unknown>, 'subject'>,
): Form =>
  // The call styles are told apart by the arguments, which the implementation's type cannot say.
  callable({ ...definition, subject: tokenizer }) as unknown as Form;
