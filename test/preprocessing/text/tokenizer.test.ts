import {
  fitTextTokenizer,
  pipe,
  sequencesToMatrix,
  textHashingTrick,
  textOneHot,
  textsToMatrix,
  textsToSequences,
  textsToSequencesGenerator,
  textTokenizer,
  textToWordSequence,
  type TextTokenizer,
} from '../../../src/index';
import { tensorCount } from '../../support/tensors';
import { camelOptions, reference } from './reference';

describe('textToWordSequence', () => {
  test.each(reference.words.map((one) => [JSON.stringify(one.options), one] as const))(
    'gives Keras’s words: %s',
    (_, { options, sequences }) => {
      const words = reference.split_texts.map((text) => textToWordSequence(text, camelOptions(options)));
      expect(words).toEqual(sequences);
    },
  );

  test('makes letters small as Python does, of all characters that Python knows', () => {
    const { characters, lower } = reference.small;
    const small = Array.from(characters, (one) =>
      textToWordSequence(one, { filters: '', split: '\u{10ffff}' }),
    );
    expect(small.length).toBeGreaterThan(1300);
    expect(small.flat().join(' ')).toBe(lower);
  });

  test('says what is no text', () => {
    const call = textToWordSequence as (...args: unknown[]) => unknown;
    expect(() => call(['a', 'b'])).toThrow(
      "textToWordSequence: `text` must be a string. Received: ['a', 'b']. " +
        'Of several texts, write texts.map((text) => textToWordSequence(text)).',
    );
    expect(() => textToWordSequence('a', { split: '' })).toThrow(/`split` must be a string of at least one/);
    expect(() => textToWordSequence('a', { spilt: '' } as never)).toThrow(/Did you mean 'split'/);
  });
});

const countsOf = (tokenizer: TextTokenizer) => ({
  document_count: tokenizer.documentCount,
  word_counts: [...tokenizer.wordCounts],
  word_docs: new Map(tokenizer.wordDocs),
  index_docs: new Map(tokenizer.indexDocs),
  word_index: [...tokenizer.wordIndex],
  index_word: [...tokenizer.indexWord],
});

const countsLike = (counts: (typeof reference.tokenizers)[number]['fitted']) => ({
  ...counts,
  word_docs: new Map(counts.word_docs),
  index_docs: new Map(counts.index_docs),
});

describe.each(reference.tokenizers.map((one) => [JSON.stringify(one.options), one] as const))(
  'a tokenizer of %s',
  (_, { options, fitted, sequences, matrices, again, again_sequences }) => {
    const { texts, unseen } = reference;
    const fit = () => fitTextTokenizer(textTokenizer(camelOptions(options)), texts);

    test('counts and ranks as Keras’s', () => {
      expect(countsOf(fit())).toEqual(countsLike(fitted));
      expect(countsOf(pipe(textTokenizer(camelOptions(options)), fitTextTokenizer(texts.values())))).toEqual(
        countsLike(fitted),
      );
    });

    test('gives Keras’s ids', () => {
      const tokenizer = fit();
      expect(textsToSequences(tokenizer, [...texts, ...unseen])).toEqual(sequences);
      expect([...textsToSequencesGenerator(tokenizer, [...texts, ...unseen].values())]).toEqual(sequences);
    });

    test.each(['binary', 'count', 'tfidf', 'freq'] as const)('makes Keras’s matrix: %s', (mode) => {
      const tokenizer = fit();
      const before = tensorCount();
      const x = textsToMatrix(tokenizer, unseen, mode);
      const { shape, nonzeros } = matrices[mode];
      expect(x.shape).toEqual(shape);
      const expected = new Float32Array(x.size);
      for (const [row, column, value] of nonzeros) expected[row * (shape[1] ?? 0) + column] = value;
      expect(x.dataSync()).toEqual(expected);
      const same = pipe(tokenizer, sequencesToMatrix(textsToSequences(tokenizer, unseen), { mode }));
      expect(same.dataSync()).toEqual(expected);
      x.dispose();
      same.dispose();
      expect(tensorCount()).toBe(before);
    });

    test('goes on counting as Keras’s, lists of words too', () => {
      const tokenizer = fitTextTokenizer(fit(), [...unseen, ['the', 'CAT', 'a b']]);
      expect(countsOf(tokenizer)).toEqual(countsLike(again));
      expect(textsToSequences(tokenizer, [...unseen, ['THE', 'a b', 'none']])).toEqual(again_sequences);
    });
  },
);

describe('hashes', () => {
  test.each(reference.hashing.map((one) => [one.n, one] as const))(
    'are Keras’s md5 with n = %d',
    (n, one) => {
      const options = { n, ...camelOptions(one.options) };
      expect(
        reference.texts.map((text) => textHashingTrick(text, { ...options, hashFunction: 'md5' })),
      ).toEqual(one.hashes);
      expect(reference.texts.map((text) => pipe(text, textOneHot(options)))).toEqual(one.hashes);
      expect(
        reference.texts.map((text) => textHashingTrick(text, { ...options, hashFunction: null })),
      ).toEqual(one.hashes);
    },
  );

  test('may be one’s own, below zero too, where Python’s rest is positive', () => {
    // By hand: −7 mod 9 is 2 in Python.
    expect(textHashingTrick('a', { n: 10, hashFunction: () => -7 })).toEqual([3]);
    expect(textHashingTrick('a', { n: 10, hashFunction: () => -7n })).toEqual([3]);
    expect(() => textHashingTrick('ab c', { n: 10, hashFunction: () => 0.5 })).toThrow(
      'textHashingTrick: `hashFunction` must be a function that gives a whole number for each word. ' +
        "Received: 0.5. Correct what it gives for 'ab'.",
    );
    expect(() => textHashingTrick('a', { n: 10, hashFunction: 'sha' as never })).toThrow(
      /'md5' or a function/,
    );
    expect(() => textOneHot('a', { n: 1 })).toThrow(/`n` must be an integer of 2 or more/);
  });
});

describe('what is wrong', () => {
  test('with texts is said with its place, and the tokenizer stays as it was', () => {
    const tokenizer = fitTextTokenizer(textTokenizer(), ['a b']);
    const before = countsOf(tokenizer);
    const texts = ['b c', undefined] as unknown as string[];
    expect(() => fitTextTokenizer(tokenizer, texts)).toThrow(
      'fitTextTokenizer: `texts[1]` must be a string, or a list of words. Received: undefined. ' +
        'Give a list of strings, or of lists of words.',
    );
    expect(countsOf(tokenizer)).toEqual(before);
    expect(() => textsToSequences(tokenizer, [['a', 1]] as never)).toThrow(
      /`texts\[0\]\[1\]` must be a word/,
    );
    expect(() => textsToSequences(tokenizer, new Map([['a', 1]]) as never)).toThrow(/`texts` must be texts/);
    const later = (async function* () {
      yield await Promise.resolve('a');
    })();
    expect(() => fitTextTokenizer(tokenizer, later as never)).toThrow(/Gather what comes later first/);
  });

  test('with a tokenizer', () => {
    expect(() => textsToSequences({} as never, ['a'])).toThrow(
      'textsToSequences: `tokenizer` must be a tokenizer. Received: {}. Give what textTokenizer()',
    );
    const error = (run: () => unknown): unknown => {
      try {
        return run();
      } catch (thrown) {
        return thrown;
      }
    };
    const unfitted = textTokenizer({ numWords: 5 });
    expect(error(() => textsToSequences(unfitted, ['a']))).toMatchObject({ name: 'KerasStateError' });
    expect(error(() => textsToSequencesGenerator(unfitted, ['a']))).toMatchObject({
      name: 'KerasStateError',
    });
    expect(error(() => sequencesToMatrix(unfitted, [[1]], 'tfidf'))).toMatchObject({
      name: 'KerasStateError',
    });
    expect(error(() => sequencesToMatrix(textTokenizer(), [[1]]))).toMatchObject({ name: 'KerasStateError' });
    expect(() => sequencesToMatrix(unfitted, [[1], [-1]])).toThrow(/`sequences\[1\]\[0\]` must be an id/);
    expect(() => sequencesToMatrix(unfitted, [[1]], 'tf-idf' as never)).toThrow(/one of 'binary', 'count'/);
  });

  test('is not that there are no texts', () => {
    const tokenizer = fitTextTokenizer(textTokenizer(), ['']);
    expect(textsToSequences(tokenizer, ['a'])).toEqual([[]]);
    expect(textsToSequences(tokenizer, [])).toEqual([]);
  });
});

test('one text alone is a list of one, as R’s strings are', () => {
  const tokenizer = fitTextTokenizer(textTokenizer(), 'a b');
  expect(tokenizer.documentCount).toBe(1);
  expect(pipe(tokenizer, textsToSequences('b a'))).toEqual([[2, 1]]);
  expect(String(tokenizer)).toBe('TextTokenizer: 2 words of 1 texts');
});
