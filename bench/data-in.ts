/**
 * What it takes to read data: `npm run bench:data`, or `npm run bench:data -- --rounds 5`. A CSV file of 200,000 rows and 21 columns, beside
 * papaparse alone, which only cuts it into fields; and a tokenizer on 50,000 texts of the length of IMDB's reviews. All is generated.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fitTextTokenizer, readCsv, tableMatrix, textsToSequences, textTokenizer } from '../src';
import { RandomState } from '../src/datasets/random-state';
import { rowsIn } from '../src/preprocessing/tables/papaparse';
import { median } from './limits';
import { markdown, roundsOf } from './table';

const ROWS = 200_000;
const COLUMNS = 21;
const TEXTS = 50_000;
const WORDS_PER_TEXT = 235;

const random = new RandomState(1);
const uniform = (): number => random.nextUint32() / 2 ** 32;

const makeCsv = (): string => {
  const names = Array.from({ length: COLUMNS }, (_, column) => `c${column}`);
  const rows = Array.from({ length: ROWS }, () =>
    names.map((_, column) =>
      column === COLUMNS - 1 ? `"city ${random.interval(999)}"` : (1000 * uniform()).toFixed(4),
    ),
  );
  return [names, ...rows].map((row) => row.join(',')).join('\n');
};

/** Words as in texts: a few of them very often. */
const makeTexts = (): string[] =>
  Array.from({ length: TEXTS }, () =>
    Array.from({ length: WORDS_PER_TEXT }, () => `Wo${Math.floor(90_000 * uniform() ** 4)}`).join(' '),
  );

interface Measured {
  readonly what: string;
  readonly seconds: number[];
}

/** Seconds of processors, which another program takes none of. */
const measure = async (into: Measured, run: () => unknown): Promise<void> => {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  into.seconds.push((user + system) / 1e6);
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
  const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-bench-'));
  const file = path.join(folder, 'table.csv');
  writeFileSync(file, makeCsv());
  const texts = makeTexts();
  const ways: Measured[] = [
    'papaparse alone',
    'readCsv',
    'tableMatrix',
    'fitTextTokenizer',
    'textsToSequences',
  ].map((what) => ({ what, seconds: [] }));
  const [alone, csv, matrix, fitted, sequences] = ways as [Measured, Measured, Measured, Measured, Measured];
  for (let round = 0; round < roundsOf(values.rounds); round++) {
    await measure(alone, () => rowsIn(readFileSync(file, 'utf8'), ',', true));
    let table = await readCsv(file);
    await measure(csv, async () => {
      table = await readCsv(file);
    });
    await measure(matrix, () => tableMatrix(table, { columns: table.names.slice(0, -1) }).dispose());
    const tokenizer = textTokenizer({ numWords: 10_000 });
    await measure(fitted, () => fitTextTokenizer(tokenizer, texts));
    await measure(sequences, () => textsToSequences(tokenizer, texts));
  }
  rmSync(folder, { recursive: true });
  const characters = texts.reduce((total, text) => total + text.length, 0);
  console.log(
    `${ROWS} × ${COLUMNS} fields; ${TEXTS} texts of ${(characters / 1e6).toFixed(0)} million characters`,
  );
  markdown(
    ['what', 's of processors', '× papaparse alone'],
    ways.map(({ what, seconds }, index) => [
      what,
      median(seconds).toFixed(2),
      index < 3 ? (median(seconds) / median(alone.seconds)).toFixed(2) : '',
    ]),
  );
};

void main();
