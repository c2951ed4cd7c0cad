import { readFile, writeFile } from 'node:fs/promises';
import { callable } from '../../base/call-styles';
import { checkOptions } from '../../base/checks';
import { messageOf } from '../../base/causes';
import { KerasArgumentError } from '../../base/errors';
import { excerpt, MalformedError } from '../../files/malformed';
import { replaceFile } from '../../files/replace-file';
import { utf8Of } from '../../files/text';
import { fileError, filename, type FileTask } from '../files';
import { tokenizerFunction, type TokenizerTask } from './call-styles';
import { countsIn, pythonObject, pythonString } from './python-json';
import { tokenizerChecks } from './tokenizer-checks';
import { TextTokenizer, type TokenizerCounts } from './tokenizer-state';

/** What Keras's `to_json` gives, byte for byte but for the order in which Python goes through a set. */
const jsonOf = (tokenizer: TextTokenizer): string => {
  const { numWords, filters, lower, split, charLevel, oovToken } = tokenizer;
  const text = (entries: Iterable<readonly [string | number, string | number]>): string =>
    pythonString(pythonObject(entries));
  const config = pythonObject([
    ['num_words', numWords ?? 'null'],
    ['filters', pythonString(filters)],
    ['lower', String(lower)],
    ['split', pythonString(split)],
    ['char_level', String(charLevel)],
    ['oov_token', oovToken === null ? 'null' : pythonString(oovToken)],
    ['document_count', tokenizer.documentCount],
    ['word_counts', text(tokenizer.wordCounts)],
    ['word_docs', text(tokenizer.wordDocs)],
    ['index_docs', text(tokenizer.indexDocs)],
    ['index_word', text(Array.from(tokenizer.indexWord, ([id, word]) => [id, pythonString(word)] as const))],
    ['word_index', text(tokenizer.wordIndex)],
  ]);
  return pythonObject([
    ['class_name', pythonString('Tokenizer')],
    ['config', config],
  ]);
};

const objectIn = (value: unknown, what: string): Readonly<Record<string, unknown>> => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>; // as just seen
  throw new MalformedError(`${what} is no object`);
};

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new MalformedError(`the text is no JSON (${excerpt(messageOf(error))})`);
  }
};

const positive = (entries: [string, number][], what: string): Map<string, number> => {
  const wrong = entries.find(([, count]) => count < 1);
  if (wrong !== undefined)
    throw new MalformedError(`its ${what} has ${wrong[1]} for ${JSON.stringify(excerpt(wrong[0]))}`);
  return new Map(entries);
};

const documentCountIn = (value: unknown): number => {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new MalformedError('its document_count is no whole number of 0 or more');
};

const countsOf = (config: Readonly<Record<string, unknown>>): TokenizerCounts => {
  const read = (name: string): Map<string, number> => positive(countsIn(config[name], name), name);
  return {
    documentCount: documentCountIn(config['document_count'] ?? 0),
    wordCounts: read('word_counts'),
    wordDocs: read('word_docs'),
    indexDocs: new Map(Array.from(read('index_docs'), ([id, documents]) => [Number(id), documents])),
    wordIndex: read('word_index'),
  };
};

/** The tokenizer that Keras's JSON is of. */
const tokenizerIn = (json: string): TextTokenizer => {
  const whole = objectIn(parse(json), 'it');
  if (whole['class_name'] !== 'Tokenizer') throw new MalformedError('its class_name is not "Tokenizer"');
  const config = objectIn(whole['config'], 'its config');
  const settings = {
    numWords: config['num_words'],
    filters: config['filters'],
    lower: config['lower'],
    split: config['split'],
    charLevel: config['char_level'],
    oovToken: config['oov_token'],
  };
  try {
    return new TextTokenizer(checkOptions('loadTextTokenizer', settings, tokenizerChecks), countsOf(config));
  } catch (error) {
    if (!(error instanceof KerasArgumentError)) throw error;
    throw new MalformedError(`${error.expected}, but is ${error.received ?? 'missing'}`);
  }
};

/** Pickles begin with this byte, and the number of a protocol that came after the first two. */
const isPickle = (bytes: Buffer): boolean =>
  bytes[0] === 0x80 && (bytes[1] ?? 0) >= 2 && (bytes[1] ?? 0) <= 5;

const refusePickle = (bytes: Buffer): void => {
  if (isPickle(bytes))
    throw new MalformedError("it is a pickle of Python's, as R's save_text_tokenizer writes it");
};

/**
 * Saves a tokenizer to a file, as the JSON of Keras's `tokenizer.to_json()`, which Keras's `tokenizer_from_json` reads. Gives the
 * tokenizer.
 *
 * R writes a pickle of Python's in its place. The old file or the new one is there whole, whatever happens meanwhile; folders that are
 * missing are made.
 *
 * @throws KerasFileError if the file cannot be written.
 * @example
 * const tokenizer = fitTextTokenizer(textTokenizer(), ['the cat', 'the dog'])
 * await saveTextTokenizer(tokenizer, 'tokenizer.json')
 * const again = await loadTextTokenizer('tokenizer.json')
 * assert.deepStrictEqual(textsToSequences(again, ['the dog']), [[1, 3]])
 * @see R keras `save_text_tokenizer`
 */
export const saveTextTokenizer: TokenizerTask<[filename: string], TextTokenizer> = tokenizerFunction({
  name: 'saveTextTokenizer',
  data: ['filename'],
  isData: (value) => typeof value === 'string',
  checkOptions: (options) => checkOptions('saveTextTokenizer', options, {}),
  run: async (tokenizer, [path]: readonly [unknown]) => {
    const file = filename.check('saveTextTokenizer', path);
    const json = jsonOf(tokenizer);
    try {
      await replaceFile(file, (temporary) => writeFile(temporary, json));
    } catch (error) {
      const place = { function: 'saveTextTokenizer', argument: 'filename' };
      throw fileError(place, 'the file must be written', file, error);
    }
    return tokenizer;
  },
  givesPromise: true,
});

/**
 * The tokenizer in a file that {@link saveTextTokenizer} wrote, or that has the JSON of Keras's `tokenizer.to_json()`.
 *
 * @throws KerasFileError if the file cannot be read, or has something else.
 * @example
 * await assert.rejects(loadTextTokenizer('missing.json'), /^KerasFileError: loadTextTokenizer: the file must be read/)
 * @see R keras `load_text_tokenizer`
 */
export const loadTextTokenizer: FileTask<Record<string, never>, TextTokenizer> = callable({
  name: 'loadTextTokenizer',
  subject: filename,
  checkOptions: (options) => checkOptions('loadTextTokenizer', options, {}),
  run: async (file) => {
    const place = { function: 'loadTextTokenizer', argument: 'filename' };
    let bytes: Buffer;
    try {
      bytes = await readFile(file);
    } catch (error) {
      throw fileError(place, 'the file must be read', file, error);
    }
    try {
      refusePickle(bytes);
      return tokenizerIn(utf8Of(bytes));
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      const expected = "the file must have the JSON of a tokenizer, as Keras's to_json writes it";
      const advice = isPickle(bytes)
        ? "Write in R writeLines(tokenizer$to_json(), 'tokenizer.json'), and give that"
        : 'Give the file of saveTextTokenizer(), or of Keras';
      throw fileError(place, expected, file, error, advice);
    }
  },
  givesPromise: true,
}) as unknown as typeof loadTextTokenizer; // the call styles are told apart by the arguments
