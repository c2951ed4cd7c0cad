/** Columns that grow text by text. */
import { excerpt, MalformedError } from '../../files/malformed';
import { booleanOf, dateOf, numberOf } from './parse-values';
import type { ColumnKind, TableColumn } from './table';

const WORDS: Record<ColumnKind, string> = {
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  date: 'a date such as 2024-05-17',
};

const PARSERS = { number: numberOf, boolean: booleanOf, date: dateOf };

const FIRST_ROWS = 1024;

/** Texts that are the same are kept once, as long as there are few of them: categories mostly. */
const MAX_INTERNED = 10_000;

/** A column in the making. */
export class ColumnBuilder {
  /** What the texts are; undefined as long as all of them are missing. */
  kind: ColumnKind | undefined;
  /** Whether a text came that is not of the kind that those before it seemed to be: they have to be read once more, as texts. */
  contradicted = false;
  #rows = 0;
  #numbers = new Float64Array(0);
  readonly #texts: (string | null)[] = [];
  readonly #known = new Map<string, string>();

  constructor(
    readonly name: string,
    /** What the user says that it is. */
    private readonly declared: ColumnKind | undefined,
    private readonly missing: ReadonlySet<string>,
    /** Whether a number can stand for what is missing. */
    private readonly missingNumbers: boolean,
  ) {
    this.kind = declared;
  }

  /** Adds a text; `line` is for messages. */
  add(text: string, line: number): void {
    const { kind } = this;
    if (kind === 'string') this.#addText(text);
    else if (kind === undefined) this.#addFirst(text, line);
    else {
      // Numbers are by far the most frequent, and there is nothing to look up then.
      const value = this.missingNumbers && this.missing.has(text) ? NaN : PARSERS[kind](text);
      if (value !== undefined) this.#addNumber(value);
      else if (this.missing.has(text)) this.#addNumber(NaN);
      else this.#contradict(text, line);
    }
  }

  #addText(text: string): void {
    if (this.missing.has(text)) {
      this.#texts.push(null);
      return;
    }
    const known = this.#known.get(text);
    if (known === undefined && this.#known.size < MAX_INTERNED) this.#known.set(text, text);
    this.#texts.push(known ?? text);
  }

  #addNumber(value: number): void {
    if (this.#rows === this.#numbers.length) {
      const longer = new Float64Array(Math.max(FIRST_ROWS, 2 * this.#numbers.length));
      longer.set(this.#numbers);
      this.#numbers = longer;
    }
    this.#numbers[this.#rows++] = value;
  }

  /** The first text that is there says what the column seems to be. */
  #addFirst(text: string, line: number): void {
    if (this.missing.has(text)) {
      this.#addNumber(NaN);
      return;
    }
    if (numberOf(text) !== undefined) this.kind = 'number';
    else if (booleanOf(text) !== undefined) this.kind = 'boolean';
    else {
      this.kind = 'string';
      for (let row = 0; row < this.#rows; row++) this.#texts.push(null);
    }
    this.add(text, line);
  }

  #contradict(text: string, line: number): void {
    if (this.declared === undefined || this.kind === undefined) {
      this.contradicted = true;
      this.#addNumber(NaN);
      return;
    }
    throw new MalformedError(
      `line ${line} has '${excerpt(text)}' in the column '${this.name}' where ${WORDS[this.kind]} should be`,
    );
  }

  /** The column. One of which all is missing is of numbers. */
  build(): TableColumn {
    const { kind } = this;
    if (kind === 'string') return { kind, values: this.#texts };
    return { kind: kind ?? 'number', values: this.#numbers.slice(0, this.#rows) };
  }
}
