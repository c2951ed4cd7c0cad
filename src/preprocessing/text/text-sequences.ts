import { KerasStateError } from '../../base/errors';
import { textsIn, type TextTokenizer } from './tokenizer-state';

const sequencesOf = function* (
  functionName: string,
  tokenizer: TextTokenizer,
  texts: Iterable<unknown>,
): Generator<number[], void, void> {
  const { numWords, oovToken, wordIndex } = tokenizer;
  const limit = numWords ?? Infinity;
  const unknown = oovToken === null ? undefined : wordIndex.get(oovToken);
  let row = 0;
  for (const text of texts) {
    const ids: number[] = [];
    for (const token of tokenizer.tokensOf(text, { function: functionName, argument: `texts[${row}]` })) {
      const id = wordIndex.get(token) ?? Infinity;
      if (id < limit) ids.push(id);
      else if (unknown !== undefined) ids.push(unknown);
    }
    yield ids;
    row++;
  }
};

const checkFitted = (functionName: string, tokenizer: TextTokenizer): void => {
  if (tokenizer.wordIndex.size > 0 || tokenizer.documentCount > 0) return;
  throw new KerasStateError({
    function: functionName,
    argument: 'tokenizer',
    expected: 'the tokenizer must have read texts',
    received: 'one that knows no words',
    advice: 'Write fitTextTokenizer(tokenizer, texts) first',
  });
};

/** The lists of ids of texts, each made as it is asked for. What is wrong with the arguments is said at once. */
export const startSequences = (
  functionName: string,
  tokenizer: TextTokenizer,
  texts: unknown,
): Generator<number[], void, void> => {
  const list = textsIn(texts, { function: functionName, argument: 'texts' });
  checkFitted(functionName, tokenizer);
  return sequencesOf(functionName, tokenizer, list);
};

/** The lists of ids of texts. */
export const sequencesIn = (functionName: string, tokenizer: TextTokenizer, texts: unknown): number[][] => [
  ...startSequences(functionName, tokenizer, texts),
];
