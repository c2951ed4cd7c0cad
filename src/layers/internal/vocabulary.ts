/** The vocabulary of a lookup: which number each token has, learned from data or given. */
import { argumentError, type Place } from '../../base/checks';
import { describe, KerasArgumentError, KerasStateError } from '../../base/errors';
import { bytesOf, textOf, type ByteText } from './bytes';
import type { CategoryMode } from './categorical-output';
import { Learned, type LearningBatch, type LearningType } from './learned';

/** A token: bytes, or a whole number. */
export type Token = ByteText | number;

/** What decides how tokens are numbered. */
export interface VocabularyRules {
  readonly functionName: string;
  readonly type: 'string' | 'int32';
  readonly maxTokens: number | null;
  readonly numOovIndices: number;
  readonly maskToken: Token | null;
  readonly oovToken: Token | null;
  readonly invert: boolean;
  readonly outputMode: CategoryMode;
  readonly padToMaxTokens: boolean;
  /** The name of the encoding in which tokens are shown. */
  readonly encoding: string;
}

/** A vocabulary that comes from a file, in which it was learned: it may be learned anew. */
export class LearnedVocabulary {
  constructor(readonly tokens: readonly unknown[]) {}
}

/** What a vocabulary may be given as. */
export type GivenTokens = readonly (string | number)[];

const counts = <T>(tokens: Iterable<T>, into: Map<T, number>): void => {
  for (const token of tokens) into.set(token, (into.get(token) ?? 0) + 1);
};

/** The larger token first: bytes by their numbers, as UTF-8 and Python order them. */
const descending = (one: Token, other: Token): number => (one < other ? 1 : one > other ? -1 : 0);

export class Vocabulary extends Learned {
  readonly type: LearningType;
  /** The tokens without the special ones; undefined as long as there are none. */
  #tokens: readonly Token[] | undefined;
  #numbers: ReadonlyMap<Token, number> = new Map();
  #sorted: { readonly keys: Int32Array; readonly values: Int32Array } | undefined;
  #idf: Float32Array | undefined;
  #isGiven = false;
  #counts = new Map<Token, number>();
  #documents = new Map<Token, number>();
  #documentCount = 0;

  constructor(readonly rules: VocabularyRules) {
    super(rules.functionName);
    this.type = rules.type;
  }

  get tokens(): readonly Token[] | undefined {
    return this.#tokens;
  }

  /** The number of each token. */
  get numbers(): ReadonlyMap<Token, number> {
    return this.#numbers;
  }

  /** The weights of the columns by `tf_idf`. */
  get idf(): Float32Array | undefined {
    return this.#idf;
  }

  /** Whether the user has given it, so that it is not learned. */
  get isGiven(): boolean {
    return this.#isGiven;
  }

  /** The number of the first token that is not in the vocabulary. */
  get oovStart(): number {
    const { maskToken, outputMode } = this.rules;
    return maskToken !== null && outputMode === 'int' ? 1 : 0;
  }

  /** The number of the first token of the vocabulary. */
  get tokenStart(): number {
    return this.oovStart + this.rules.numOovIndices;
  }

  /** How many numbers there are. */
  get size(): number {
    return this.tokenStart + (this.#tokens?.length ?? 0);
  }

  /** The tokens in ascending order, which must be whole numbers, and their numbers. */
  get sorted(): { readonly keys: Int32Array; readonly values: Int32Array } {
    if (this.#sorted === undefined) {
      const entries = [...this.#numbers] as [number, number][]; // tokens that are numbers
      entries.sort(([one], [other]) => one - other);
      this.#sorted = {
        keys: Int32Array.from(entries, ([token]) => token),
        values: Int32Array.from(entries, ([, number]) => number),
      };
    }
    return this.#sorted;
  }

  /** How many places a row has; undefined as long as that is not known. */
  get depth(): number | undefined {
    const { padToMaxTokens, maxTokens } = this.rules;
    if (padToMaxTokens && maxTokens !== null) return maxTokens;
    return this.#tokens === undefined ? undefined : this.size;
  }

  /** All tokens in the order of their numbers, or those without the special ones. */
  list(includeSpecialTokens: boolean): Token[] {
    const tokens = this.#tokens ?? [];
    if (!includeSpecialTokens) return [...tokens];
    const { maskToken, oovToken, numOovIndices } = this.rules;
    const special = Array.from({ length: numOovIndices }, () => oovToken ?? '');
    return [...(this.oovStart === 1 ? [maskToken ?? ''] : []), ...special, ...tokens];
  }

  /** A token as the user has it. */
  shown(token: Token): string | number {
    if (typeof token === 'number') return token;
    const { encoding } = this.rules;
    return encoding === 'utf-8'
      ? textOf(token)
      : new TextDecoder(encoding).decode(Buffer.from(token, 'latin1'));
  }

  /** Takes a vocabulary of the user's. */
  set(place: Place, given: GivenTokens, idfWeights: readonly number[] | undefined, isLearned = false): void {
    const vocabulary = given.map((token) => this.#tokenOf(token, place));
    this.#checkIdf(place, idfWeights, isLearned);
    if (vocabulary.length === 0) throw argumentError(place, 'at least one token', given);
    const special = this.list(true).slice(0, this.tokenStart);
    const hasSpecial = special.length > 0 && special.every((token, index) => token === vocabulary[index]);
    const tokens = hasSpecial ? vocabulary.slice(special.length) : vocabulary;
    this.#checkTokens(place, tokens, special);
    const idf =
      idfWeights === undefined ? undefined : this.#idfOf(place, idfWeights, vocabulary.length, hasSpecial);
    this.#use(place.function ?? 'setVocabulary', tokens, idf);
  }

  /** Takes what another one has. */
  protected adopt(other: Vocabulary): void {
    this.#tokens = other.tokens;
    this.#numbers = other.numbers;
    this.#idf = other.idf;
    this.#isGiven = other.isGiven;
  }

  /** Says that the user has given it with the layer: it is not learned. */
  close(): void {
    this.#isGiven = true;
  }

  #tokenOf(token: unknown, place: Place): Token {
    if (this.type === 'string' && typeof token === 'string') return bytesOf(token);
    if (
      this.type === 'int32' &&
      typeof token === 'number' &&
      Number.isInteger(token) &&
      (token | 0) === token
    )
      return token;
    const expected = this.type === 'string' ? 'a list of texts' : 'a list of whole numbers of 32 bits';
    throw argumentError(place, expected, token);
  }

  #checkIdf(place: Place, idf: readonly number[] | undefined, isLearned: boolean): void {
    const { outputMode } = this.rules;
    const at: Place = { ...place, argument: 'idfWeights' };
    if (outputMode !== 'tf_idf' && idf !== undefined)
      throw argumentError(at, "left out where outputMode is not 'tf_idf'", idf, 'Leave it out');
    if (outputMode === 'tf_idf' && idf === undefined && !isLearned)
      throw argumentError(
        at,
        "given with a vocabulary and outputMode: 'tf_idf'",
        idf,
        'Give one weight for each token',
      );
  }

  #checkTokens(place: Place, tokens: readonly Token[], special: readonly Token[]): void {
    const { maskToken, oovToken, invert, maxTokens } = this.rules;
    const seen = new Set<Token>();
    const repeated = tokens.find((token) => seen.size === seen.add(token).size);
    const advice = `Leave special tokens out, or begin with ${special.map((token) => JSON.stringify(this.shown(token))).join(', ')}`;
    const wrong = (expected: string, token: Token): KerasArgumentError =>
      argumentError(place, expected, this.shown(token), advice);
    if (repeated !== undefined)
      throw argumentError(
        place,
        'a list of tokens of which each is there once',
        this.shown(repeated),
        'Leave the second one out',
      );
    if (maskToken !== null && seen.has(maskToken))
      throw wrong('a list of tokens without `maskToken` among them', maskToken);
    if (oovToken !== null && invert && seen.has(oovToken))
      throw wrong('a list of tokens without `oovToken` among them', oovToken);
    const size = this.tokenStart + tokens.length;
    if (maxTokens === null || size <= maxTokens) return;
    throw argumentError(
      place,
      `at most as many tokens as maxTokens: ${maxTokens} allows, special ones included`,
      size,
      'Give a larger maxTokens, or fewer tokens',
    );
  }

  #idfOf(place: Place, idf: readonly number[], length: number, hasSpecial: boolean): Float32Array {
    if (idf.length !== length)
      throw argumentError(
        { ...place, argument: 'idfWeights' },
        `one weight for each of the ${length} tokens`,
        idf,
      );
    const mean = idf.reduce((sum, weight) => sum + weight, 0) / idf.length;
    return this.#padded(hasSpecial ? [...idf] : [...Array<number>(this.tokenStart).fill(mean), ...idf]);
  }

  #padded(idf: readonly number[]): Float32Array {
    const { padToMaxTokens, maxTokens } = this.rules;
    const weights = new Float32Array(padToMaxTokens && maxTokens !== null ? maxTokens : idf.length);
    weights.set(idf);
    return weights;
  }

  /** Has the layers use these tokens. Rows of a size that is in use stay of that size. */
  #use(functionName: string, tokens: readonly Token[], idf: Float32Array | undefined): void {
    const { outputMode, padToMaxTokens } = this.rules;
    const size = this.tokenStart + tokens.length;
    const isFixed = outputMode !== 'int' && !padToMaxTokens && this.layers.some(({ built }) => built);
    if (isFixed && this.#tokens !== undefined && size !== this.size) {
      throw new KerasStateError({
        function: functionName,
        expected: `the vocabulary must have as many tokens as the layer was built for, ${this.size} with the special ones`,
        received: `${size}`,
        advice: 'Make a new layer and a new model, or give maxTokens with padToMaxTokens: true',
      });
    }
    this.#tokens = tokens;
    this.#numbers = new Map(tokens.map((token, index) => [token, this.tokenStart + index]));
    this.#sorted = undefined;
    this.#idf = idf;
    this.changed();
  }

  checkOpen(): void {
    if (this.#isGiven) throw this.closed('a vocabulary');
  }

  begin(): void {
    this.#counts = new Map();
    this.#documents = new Map();
    this.#documentCount = 0;
  }

  take({ values, shape }: LearningBatch): void {
    const width = shape.length < 2 ? values.length : values.length / (shape[0] ?? 1);
    const rows = width === 0 ? 0 : values.length / width;
    const tokens = Array.from(values as ArrayLike<Token>); // of the type of this vocabulary
    this.takeRows(Array.from({ length: rows }, (_, row) => tokens.slice(row * width, (row + 1) * width)));
  }

  /** Takes documents into account, each of them its tokens. */
  takeRows(rows: readonly (readonly Token[])[]): void {
    for (const row of rows) {
      counts(row, this.#counts);
      if (this.rules.outputMode === 'tf_idf') counts(new Set(row), this.#documents);
    }
    this.#documentCount += rows.length;
  }

  end(): void {
    const found = this.#counts;
    const { maskToken, oovToken, maxTokens, outputMode } = this.rules;
    if (maskToken !== null) found.delete(maskToken);
    if (oovToken !== null) found.delete(oovToken);
    // The most frequent first.
    const tokens = [...found]
      .sort(([one, count], [other, otherCount]) => otherCount - count || descending(one, other))
      .slice(0, maxTokens === null ? undefined : Math.max(0, maxTokens - this.tokenStart))
      .map(([token]) => token);
    const idf = outputMode === 'tf_idf' ? this.#learnedIdf(tokens) : undefined;
    this.begin();
    this.#use('adapt', tokens, idf);
  }

  #learnedIdf(tokens: readonly Token[]): Float32Array {
    const idf = tokens.map((token) =>
      Math.fround(Math.log(1 + this.#documentCount / (1 + (this.#documents.get(token) ?? 0)))),
    );
    const mean = idf.length === 0 ? 0 : idf.reduce((sum, weight) => sum + weight, 0) / idf.length;
    return this.#padded([...Array<number>(this.tokenStart).fill(mean), ...idf]);
  }

  /** Throws if there are no tokens yet. */
  ready(layer: string): void {
    if (this.#tokens !== undefined) return;
    throw new KerasStateError({
      layer,
      expected: `layer '${layer}' must have a vocabulary`,
      received: `a layer of ${this.functionName} that has not learned one`,
      advice: 'Write await adapt(layer, data) first, or give it a vocabulary',
    });
  }
}

/** What is wrong with a token that is not in a vocabulary without a place for such. */
export const unknownToken = (layer: string, token: string | number): KerasArgumentError =>
  new KerasArgumentError({
    layer,
    expected: `with numOovIndices: 0, layer '${layer}' takes tokens of its vocabulary only`,
    received: describe(token),
    advice: 'Write numOovIndices: 1, or leave such rows out',
  });
