/** Layers with a vocabulary: what they learn and give, against Keras 2.13; wrong options and inputs. */
import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  adapt,
  callLayer,
  getConfig,
  getLayer,
  getVocabulary,
  kerasModelSequential,
  layerDense,
  layerInput,
  layerIntegerLookup,
  layerStringLookup,
  layerTextVectorization,
  outputShape,
  pipe,
  setVocabulary,
  tf,
  type LayerData,
  type Tensor,
  type VocabularyStep,
} from '../../src/index';
import { camelCase } from '../support/r-keras';

interface Case {
  readonly class?: 'StringLookup' | 'IntegerLookup' | 'TextVectorization';
  readonly options: Readonly<Record<string, unknown>>;
  readonly vocabulary: readonly (string | number)[];
  readonly tokens?: readonly (string | number)[];
  readonly data?: LayerData;
  readonly output?: unknown;
  readonly one?: unknown;
  readonly inverse?: unknown;
  readonly config?: Readonly<Record<string, unknown>>;
}

const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/preprocessing.json'), 'utf8'),
) as {
  readonly texts: readonly string[];
  readonly unseenTexts: readonly string[];
  readonly words: readonly string[][];
  readonly unseenWords: readonly string[][];
  readonly oneWord: readonly string[][];
  readonly numbers: readonly number[][];
  readonly unseenNumbers: readonly number[][];
  readonly oneNumber: readonly number[][];
  readonly textVectorization: readonly Case[];
  readonly tokens: readonly Case[];
  readonly stringLookup: readonly Case[];
  readonly integerLookup: readonly Case[];
  readonly given: readonly Case[];
};

const optionsOf = (options: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [camelCase(name), value]));

type Make = (options: object) => VocabularyStep<string | number>;
const makers = {
  StringLookup: layerStringLookup as unknown as Make, // options come from the file
  IntegerLookup: layerIntegerLookup as unknown as Make,
  TextVectorization: layerTextVectorization as unknown as Make,
};

/** Checks values, the numbers to six digits. */
const expectValues = (actual: Tensor, expected: unknown): void => {
  const like = tf.tensor(expected as number[]);
  expect(actual.shape).toEqual(like.shape);
  if (actual.dtype === 'float32')
    expect(Array.from(actual.dataSync())).toEqual(
      Array.from(like.dataSync(), (value) => expect.closeTo(value, 5) as number),
    );
  else expect(actual.arraySync()).toEqual(expected);
};

const titled = (cases: readonly Case[]): [string, Case][] =>
  cases.map((one) => [`${one.class ?? ''} ${JSON.stringify(one.options)}`, one]);

const configOf = (step: VocabularyStep<string | number>, shape: number[]): Record<string, unknown> => {
  const model = pipe(kerasModelSequential({ inputShape: shape }), step);
  const json = JSON.stringify(getConfig(getLayer(model, { index: 0 })));
  const {
    name: _n,
    trainable: _t,
    dtype: _d,
    batch_input_shape: _s,
    ...config
  } = JSON.parse(json) as Record<string, unknown>;
  model.dispose();
  return config;
};

describe('what Keras 2.13 learns and gives', () => {
  test.each(titled(reference.textVectorization))('layerTextVectorization %s', async (_, one) => {
    const step = await adapt(makers.TextVectorization(optionsOf(one.options)), reference.texts);
    expect(getVocabulary(step)).toEqual(one.vocabulary);
    expectValues(callLayer(step, reference.unseenTexts), one.output);
    expectValues(
      callLayer(
        step,
        reference.unseenTexts.map((text) => [text]),
      ),
      one.output,
    );
    expect(configOf(step, [1])).toEqual(one.config);
  });

  test.each(titled(reference.tokens))('layerTextVectorization of tokens %s', async (_, one) => {
    const step = await adapt(makers.TextVectorization(optionsOf(one.options)), reference.words);
    expect(getVocabulary(step)).toEqual(one.vocabulary);
    expectValues(callLayer(step, reference.unseenWords), one.output);
  });

  const lookups = [
    ...titled(reference.stringLookup).map(([title, one]) => ['StringLookup', title, one] as const),
    ...titled(reference.integerLookup).map(([title, one]) => ['IntegerLookup', title, one] as const),
  ];
  test.each(lookups)('%s %s', async (name, _, one) => {
    const options = optionsOf(one.options);
    const isOfTexts = name === 'StringLookup';
    const data = isOfTexts ? reference.words : reference.numbers;
    const unseen = isOfTexts ? reference.unseenWords : reference.unseenNumbers;
    const step = await adapt(makers[name](options), data);
    expect(getVocabulary(step)).toEqual(one.vocabulary);
    expect(getVocabulary(step, { includeSpecialTokens: false })).toEqual(one.tokens);
    const known = options['numOovIndices'] === 0 ? data.slice(0, 2) : unseen;
    if (one.one === undefined) expectValues(callLayer(step, known), one.output);
    else expectValues(callLayer(step, isOfTexts ? reference.oneWord : reference.oneNumber), one.one);
    if (one.inverse !== undefined) {
      const inverse = makers[name]({ ...options, vocabulary: one.vocabulary, invert: true });
      expect(callLayer(inverse, tf.tensor2d([[0, 1, 2, 3], [4, 5, 6, 100]], [2, 4], 'int32')).arraySync()).toEqual(one.inverse); // prettier-ignore
    }
    expect(configOf(step, [one.one === undefined ? 3 : 1])).toEqual(one.config);
  });

  test.each(titled(reference.given))('of a vocabulary that is given: %s', (_, one) => {
    const step = makers[one.class ?? 'StringLookup'](optionsOf(one.options));
    expect(getVocabulary(step)).toEqual(one.vocabulary);
    expectValues(callLayer(step, one.data ?? []), one.output);
    expect(configOf(step, [one.class === 'TextVectorization' ? 1 : 4])).toEqual(one.config);
  });
});

describe('vocabularies', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'vocabularies-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('come from tensors and files', () => {
    const words = path.join(folder, 'words.txt');
    writeFileSync(words, 'Ä\nrain\n');
    const numbers = path.join(folder, 'numbers.txt');
    writeFileSync(numbers, '-7\r\n12');
    expect(getVocabulary(layerStringLookup({ vocabulary: words }))).toEqual(['[UNK]', 'Ä', 'rain']);
    expect(getVocabulary(layerIntegerLookup({ vocabulary: numbers }))).toEqual([-1, -7, 12]);
    expect(getVocabulary(layerStringLookup({ vocabulary: tf.tensor1d(['a', '日本']) }))).toEqual([
      '[UNK]',
      'a',
      '日本',
    ]);
    expect(getVocabulary(layerIntegerLookup({ vocabulary: tf.tensor1d([3, 4], 'int32') }))).toEqual([
      -1, 3, 4,
    ]);
    const marked = path.join(folder, 'marked.txt');
    writeFileSync(marked, '\ufeffÄ\nrain\n');
    expect(getVocabulary(layerStringLookup({ vocabulary: marked }))).toEqual(['[UNK]', 'Ä', 'rain']);
    const latin1 = path.join(folder, 'latin1.txt');
    writeFileSync(latin1, Buffer.from('rain\nÄ\n', 'latin1'));
    expect(() => layerStringLookup({ vocabulary: latin1 })).toThrow(
      /the path of a file of UTF-8\. Received: '.*latin1\.txt', of which the bytes are no characters of UTF-8, in line 2\. Save/,
    );
    expect(() => layerStringLookup({ vocabulary: path.join(folder, 'none.txt') })).toThrow(
      /layerStringLookup: `vocabulary` must be a list of tokens, or the path of a file that can be read\. Received: '.*none\.txt': ENOENT/,
    );
  });

  it('are one for all layers of a step, in models and alone, before and after', async () => {
    const step = layerStringLookup();
    const before = pipe(kerasModelSequential({ inputShape: [1] }), step);
    await adapt(step, [['b'], ['a'], ['b']]);
    const after = pipe(kerasModelSequential({ inputShape: [1] }), step);
    for (const model of [before, after])
      expect(getVocabulary(getLayer(model, 'string_lookup'))).toEqual(['[UNK]', 'b', 'a']);
    await adapt(getLayer(before, 'string_lookup'), [['c']]);
    expect(getVocabulary(step)).toEqual(['[UNK]', 'c']);
    expect(callLayer(step, [['c', 'b']]).arraySync()).toEqual([[1, 0]]);
    const other = layerStringLookup();
    expect(getVocabulary(other)).toEqual(['[UNK]']);
  });

  it('use functions of the user’s own', async () => {
    const step = layerTextVectorization({
      standardize: (text) => text.replaceAll('é', 'e').toUpperCase(),
      split: (text) => text.split('-'),
    });
    await adapt(step, ['café-bar', 'bar-ä']);
    expect(getVocabulary(step)).toEqual(['', '[UNK]', 'BAR', 'Ä', 'CAFE']);
    expect(callLayer(step, ['cafe-ä-x']).arraySync()).toEqual([[4, 3, 1]]);
  });

  it('hold tokens of bytes that are no UTF-8', async () => {
    const bytes = [Uint8Array.of(0xff, 0x41), Uint8Array.of(0xfe), Uint8Array.of(0xff, 0x41)];
    const odd = tf.tensor(bytes as unknown as string[], [3, 1], 'string'); // tfjs takes bytes, too
    const step = await adapt(layerStringLookup(), odd);
    expect(callLayer(step, odd).arraySync()).toEqual([[1], [2], [1]]);
  });

  it('say what is wrong with them', () => {
    const lookup = layerStringLookup({ maskToken: '', maxTokens: 4 });
    expect(() => setVocabulary(lookup, ['a', 'b', 'a'])).toThrow(/each is there once\. Received: 'a'/);
    expect(() => setVocabulary(lookup, ['a', ''])).toThrow(/without `maskToken` among them/);
    expect(() => setVocabulary(lookup, ['a', 'b', 'c'])).toThrow(
      /at most as many tokens as maxTokens: 4 allows/,
    );
    expect(() => setVocabulary(lookup, [])).toThrow(/at least one token/);
    expect(() => setVocabulary(lookup, [1, 2])).toThrow(/a list of texts/);
    expect(() => setVocabulary(lookup, ['a'], { idfWeights: [1] })).toThrow(/`idfWeights` must be left out/);
    expect(() => setVocabulary(layerIntegerLookup(), [1.5])).toThrow(/whole numbers of 32 bits/);
    expect(() => setVocabulary(layerTextVectorization({ outputMode: 'tf_idf' }), ['a'])).toThrow(
      /`idfWeights` must be given/,
    );
    expect(() => layerStringLookup({ outputMode: 'tf_idf', vocabulary: ['a'], idfWeights: [1, 2] })).toThrow(
      /one weight for each of the 1 tokens/,
    );
    expect(() => layerStringLookup({ invert: true, vocabulary: ['a', '[UNK]'] })).toThrow(
      /without `oovToken` among them/,
    );
  });
});

describe('wrong options and inputs', () => {
  it.each([
    [() => layerStringLookup({ maxTokens: 1 }), /`maxTokens` must be an integer of 2 or more/],
    [() => layerStringLookup({ padToMaxTokens: true }), /`maxTokens` must be given with padToMaxTokens/],
    [
      () => layerStringLookup({ invert: true, outputMode: 'count' }),
      /`outputMode` must be 'int' with invert: true/,
    ],
    [
      () => layerStringLookup({ outputMode: 'counts' as 'count' }),
      /`outputMode` must be one of .*Did you mean/,
    ],
    [() => layerStringLookup({ sparse: true as false }), /`sparse` must be false/],
    [() => layerStringLookup({ encoding: 'none' }), /`encoding` must be the name of an encoding/],
    [() => layerStringLookup({ idfWeights: [1] }), /`idfWeights` must be given with a vocabulary/],
    [() => layerIntegerLookup({ oovToken: 1.5 }), /`oovToken` must be an integer/],
    [() => layerIntegerLookup({ numOovIndices: -1 }), /`numOovIndices` must be an integer of 0 or more/],
    [() => layerTextVectorization({ split: 'words' as 'whitespace' }), /`split` must be one of/],
    [() => layerTextVectorization({ ngrams: 0 }), /`ngrams` must be a positive integer/],
    [
      () => layerTextVectorization({ outputMode: 'count', outputSequenceLength: 3 }),
      /`outputSequenceLength` must be left out/,
    ],
  ])('%s', (make, message) => {
    expect(make).toThrow(message);
  });

  it('a layer that has not learned', () => {
    expect(() => callLayer(layerStringLookup(), [['a']])).toThrow(
      /layer 'string_lookup' must have a vocabulary.*await adapt/s,
    );
    expect(() => callLayer(layerIntegerLookup(), [[1]])).toThrow(/must have a vocabulary/);
    expect(() => callLayer(layerTextVectorization(), ['a'])).toThrow(/must have a vocabulary/);
    expect(() =>
      pipe(layerInput({ shape: [1], dtype: 'string' }), layerStringLookup({ outputMode: 'multi_hot' })),
    ).toThrow(/with outputMode: 'multi_hot' must have a vocabulary before it is used/);
    const padded = layerStringLookup({ outputMode: 'multi_hot', maxTokens: 7, padToMaxTokens: true });
    expect(outputShape(pipe(kerasModelSequential({ inputShape: [2] }), padded))).toEqual([null, 7]);
  });

  it('numbers for texts, texts for numbers, and what is not one text for each sample', () => {
    const lookup = layerStringLookup({ vocabulary: ['a'] });
    expect(() => callLayer(lookup, [[1]])).toThrow(/layer 'string_lookup' takes texts/);
    expect(() => pipe(layerInput({ shape: [1] }), lookup)).toThrow(/takes texts\. Received: numbers/);
    expect(() => callLayer(layerIntegerLookup({ vocabulary: [1] }), [['a']])).toThrow(/whole numbers/);
    expect(() => callLayer(layerTextVectorization({ vocabulary: ['a'] }), [['a', 'b']])).toThrow(
      /needs one text for each sample/,
    );
    expect(() =>
      pipe(
        layerInput({ shape: [2, 3], dtype: 'string' }),
        layerStringLookup({ vocabulary: ['a'], outputMode: 'count' }),
      ),
    ).toThrow(/must give two axes at most/);
    expect(() =>
      pipe(kerasModelSequential({ inputShape: [1] }), lookup, layerStringLookup({ vocabulary: ['a'] })),
    ).toThrow(/takes texts/);
  });

  it('tokens that have no number', () => {
    const texts = layerStringLookup({ vocabulary: ['a'], numOovIndices: 0 });
    expect(callLayer(texts, [['a']]).arraySync()).toEqual([[0]]);
    expect(() => callLayer(texts, [['a', 'Ü']])).toThrow(
      /takes tokens of its vocabulary only\. Received: 'Ü'/,
    );
    const numbers = layerIntegerLookup({ vocabulary: [5], numOovIndices: 0, maskToken: -1 });
    expect(callLayer(numbers, [[5, -1]]).arraySync()).toEqual([[1, 0]]);
    expect(() => callLayer(numbers, [[5, 6]])).toThrow(/takes tokens of its vocabulary only\. Received: 6/);
  });

  it('rows of a size that a layer was built for stay of that size', async () => {
    const step = layerStringLookup({ outputMode: 'multi_hot', vocabulary: tf.tensor1d(['a', 'b']) });
    const model = pipe(kerasModelSequential({ inputShape: [2] }), step, layerDense({ units: 1 }));
    expect(() => setVocabulary(step, ['a', 'b', 'c'])).toThrow(
      /as many tokens as the layer was built for, 3/,
    );
    setVocabulary(step, ['c', 'd']);
    expect(getVocabulary(getLayer(model, { index: 0 }))).toEqual(['[UNK]', 'c', 'd']);
    await expect(adapt(step, [['a']])).rejects.toThrow(/must not have been given a vocabulary/);
  });
});
