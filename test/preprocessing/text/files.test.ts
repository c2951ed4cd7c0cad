import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  fitTextTokenizer,
  loadTextTokenizer,
  pipe,
  saveTextTokenizer,
  textsToSequences,
  textTokenizer,
} from '../../../src/index';
import { temporaryFolders } from '../../datasets/support';
import { withoutRights } from '../../support/rights';
import { reference } from './reference';

const temporaryFolder = temporaryFolders();
const { texts, unseen, saved } = reference;

const inFolder = async (content: string | Buffer): Promise<string> => {
  const file = path.join(await temporaryFolder(), 'tokenizer.json');
  await writeFile(file, content);
  return file;
};

interface Saved {
  readonly class_name: string;
  readonly config: Record<string, unknown>;
}

/** What is in it, with what Python counts by sets in an order of its own. */
const ordered = (json: string): unknown => {
  const whole = JSON.parse(json) as Saved;
  const sorted = (name: string): [string, string][] =>
    [...String(whole.config[name]).matchAll(/("(?:[^"\\]|\\.)*"): (\d+)/g)]
      .map(([, key = '', count = '']): [string, string] => [key, count])
      .sort(([left], [right]) => (left < right ? -1 : 1));
  return {
    ...whole,
    config: { ...whole.config, word_docs: sorted('word_docs'), index_docs: sorted('index_docs') },
  };
};

test("writes Keras's own JSON", async () => {
  const file = path.join(await temporaryFolder(), 'new', 'tokenizer.json');
  const tokenizer = fitTextTokenizer(textTokenizer({ numWords: 30, oovToken: 'o"v' }), texts);
  expect(await pipe(tokenizer, saveTextTokenizer(file))).toBe(tokenizer);
  const json = await readFile(file, 'utf8');
  expect(ordered(json)).toEqual(ordered(saved));
  // The same to the byte, but for those two.
  const without = (text: string): string => text.replaceAll(/"(?:word|index)_docs": "(?:[^"\\]|\\.)*"/g, '');
  expect(without(json)).toBe(without(saved));
  expect(await readdir(path.dirname(file))).toEqual(['tokenizer.json']);
});

test("reads Keras's JSON, and goes on counting as the one that was saved", async () => {
  const mine = fitTextTokenizer(textTokenizer({ numWords: 30, oovToken: 'o"v' }), texts);
  const theirs = await loadTextTokenizer(await inFolder(saved));
  expect([...theirs.wordIndex]).toEqual([...mine.wordIndex]);
  expect([...theirs.wordCounts]).toEqual([...mine.wordCounts]);
  expect(new Map(theirs.wordDocs)).toEqual(new Map(mine.wordDocs));
  expect(new Map(theirs.indexDocs)).toEqual(new Map(mine.indexDocs));
  expect(textsToSequences(theirs, unseen)).toEqual(textsToSequences(mine, unseen));
  fitTextTokenizer(theirs, unseen);
  fitTextTokenizer(mine, unseen);
  // Words that are numbers come first in JavaScript's objects: the order among equal counts would be another.
  expect([...theirs.wordIndex]).toEqual([...mine.wordIndex]);
});

test('reads JSON with a byte-order mark, and letters that are not escaped, and no other encodings', async () => {
  // What R's jsonlite writes: Python would escape them.
  const plain = JSON.stringify({
    class_name: 'Tokenizer',
    config: {
      ...(JSON.parse(saved) as Saved).config,
      word_counts: '{"größe": 2}',
      word_docs: '{"größe": 1}',
      index_docs: '{"2": 1}',
      word_index: '{"o\\"v": 1, "größe": 2}',
    },
  });
  for (const content of [plain, `\ufeff${plain}`]) {
    const tokenizer = await loadTextTokenizer(await inFolder(content));
    expect(textsToSequences(tokenizer, ['Größe'])).toEqual([[2]]);
  }
  const latin1 = loadTextTokenizer(await inFolder(Buffer.from(`\n${plain}`, 'latin1')));
  await expect(latin1).rejects.toThrow(/of which the bytes are no characters of UTF-8, in line 2\./);
  const utf16 = loadTextTokenizer(await inFolder(Buffer.from(`\ufeff${plain}`, 'utf16le')));
  await expect(utf16).rejects.toThrow(/of which the bytes are no characters of UTF-8, but of UTF-16\./);
});

test('says that R writes pickles, and how it writes JSON', async () => {
  // pickle.dumps({}, 2)
  const pickle = loadTextTokenizer(await inFolder(Buffer.from([0x80, 2, 0x7d, 0x71, 0, 0x2e])));
  await expect(pickle).rejects.toThrow(
    /of which it is a pickle of Python's, as R's save_text_tokenizer writes it\. Write in R writeLines\(tokenizer\$to_json\(\)/,
  );
});

test('a tokenizer that has read nothing comes back as one', async () => {
  const file = path.join(await temporaryFolder(), 'empty.json');
  await saveTextTokenizer(textTokenizer({ charLevel: true }), file);
  const again = await pipe(file, loadTextTokenizer());
  expect([again.charLevel, again.numWords, again.documentCount, again.wordIndex.size]).toEqual([
    true,
    null,
    0,
    0,
  ]);
});

const changed = (change: Record<string, unknown>): string => {
  const whole = JSON.parse(saved) as Saved;
  return JSON.stringify({ ...whole, config: { ...whole.config, ...change } });
};

test.each([
  ['', /the text is no JSON/],
  ['[1]', /of which it is no object/],
  ['{"class_name": "Sequential", "config": {}}', /its class_name is not "Tokenizer"/],
  ['{"class_name": "Tokenizer"}', /its config is no object/],
  [saved.slice(0, 500), /the text is no JSON/],
  [changed({ num_words: -1 }), /`numWords` must be a positive integer, but is -1/],
  [changed({ split: '' }), /`split` must be a string of at least one character/],
  [changed({ document_count: 1.5 }), /its document_count is no whole number/],
  [changed({ word_index: undefined }), /its word_index is no text/],
  [changed({ word_index: '{"a": 1' }), /its word_index is no JSON/],
  [changed({ word_index: '{"a": 0}' }), /its word_index has 0 for "a"/],
  [changed({ word_index: '{"a": 1.5}' }), /its word_index is no object of whole numbers/],
  [changed({ word_counts: '[1]' }), /its word_counts is no object of whole numbers/],
  [changed({ word_counts: '{"a": {"b": 1}}' }), /its word_counts is no object of whole numbers/],
])('refuses what is no JSON of a tokenizer: %.40s', async (content, message) => {
  const file = await inFolder(content);
  const error: unknown = await loadTextTokenizer(file).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    name: 'KerasFileError',
    function: 'loadTextTokenizer',
    argument: 'filename',
  });
  expect((error as Error).message).toMatch(message);
  expect((error as Error).message).toContain(file);
});

test('says what is wrong with a place', async () => {
  const folder = await temporaryFolder();
  await expect(loadTextTokenizer(path.join(folder, 'none.json'))).rejects.toThrow(
    /^loadTextTokenizer: the file must be read\. Received: .*none\.json: ENOENT.* Give the path of one that is there\.$/,
  );
  await expect(loadTextTokenizer(folder)).rejects.toThrow(/EISDIR.*Give the path of a file, not of a folder/);
  await expect(loadTextTokenizer(5 as never)).rejects.toThrow(/`filename` must be a non-empty string/);
  const tokenizer = textTokenizer();
  await mkdir(path.join(folder, 'place'));
  await expect(saveTextTokenizer(tokenizer, path.join(folder, 'place'))).rejects.toMatchObject({
    name: 'KerasFileError',
    function: 'saveTextTokenizer',
  });
  await expect(saveTextTokenizer(tokenizer, '/dev/full/x.json')).rejects.toThrow(/the file must be written/);
});

test('says that there are no rights', async () => {
  const file = await inFolder(saved);
  await chmod(file, 0);
  await withoutRights(() =>
    expect(loadTextTokenizer(file)).rejects.toThrow(/EACCES.*Change its permissions/),
  );
});
