/**
 * The programs of examples/r, each run short on data of the package or of its own making: what each learns is better than guessing.
 * And their length: none has more lines of code than the program of R keras that does the same job.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { main as imdbCnn } from '../../examples/r/imdb-cnn';
import { main as imdbCnnLstm } from '../../examples/r/imdb-cnn-lstm';
import { main as imdbFasttext } from '../../examples/r/imdb-fasttext';
import { main as imdbLstm } from '../../examples/r/imdb-lstm';
import { main as textGeneration } from '../../examples/r/lstm-text-generation';
import { main as antirectifier } from '../../examples/r/mnist-antirectifier';
import { main as mnistCnn } from '../../examples/r/mnist-cnn';
import { main as mnistIrnn } from '../../examples/r/mnist-irnn';
import { main as mnistMlp } from '../../examples/r/mnist-mlp';
import { main as transfer } from '../../examples/r/mnist-transfer-cnn';
import { root } from '../docs/extract';
import { quietly, short } from './support';

const { epochs: _one, ...quick } = short;
const run = async <T>(main: (options: typeof quick) => Promise<T>) => quietly(() => main(quick));

const folder = path.join(root, 'examples/r');
const programs = readdirSync(folder).filter((file) => file !== 'support.ts');

/** Lines with code in them. An import counts as one, as `library()` does in R. */
const linesOfCode = (file: string): number => {
  const text = readFileSync(path.join(folder, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const imports = source.statements.filter((statement) => ts.isImportDeclaration(statement));
  const rest = source.statements.filter((statement) => !ts.isImportDeclaration(statement));
  const printed = rest
    .map((statement) => text.slice(statement.getStart(source), statement.end))
    .join('\n')
    .replaceAll(/^\s*(\/\*\*.*\*\/|\/\/.*|\/\*\*|\*.*)$/gm, '');
  return imports.length + printed.split('\n').filter((line) => line.trim() !== '').length;
};

/** Lines of code of R keras 2.13's examples, without comments and blank lines. */
const ofR = JSON.parse(
  readFileSync(path.join(root, 'test/reference/r-keras/examples.json'), 'utf8'),
) as Record<string, number>;

test.each(programs)('%s is no longer than what does the same in R', (file) => {
  const lines = ofR[file.replace(/\.ts$/, '').replaceAll('-', '_')];
  expect(lines).toBeGreaterThan(20);
  expect(linesOfCode(file)).toBeLessThanOrEqual(lines ?? 0);
});

test('every program has its run here', () => {
  const text = readFileSync(__filename, 'utf8');
  expect(programs.filter((file) => !text.includes(`examples/r/${file.replace(/\.ts$/, '')}'`))).toEqual([]);
});

test('mnist-mlp', async () => {
  const { numbers, lines } = await run(mnistMlp);
  expect(numbers.accuracy).toBeGreaterThan(0.8);
  expect(lines.some((line) => line.startsWith('On the test digits'))).toBe(true);
}, 60_000);

test('mnist-cnn', async () => {
  expect((await run(mnistCnn)).numbers.accuracy).toBeGreaterThan(0.6);
}, 120_000);

test('mnist-transfer-cnn', async () => {
  const [first = 0, second = 0] = (await run(transfer)).numbers.accuracies;
  // Of five classes.
  expect(first).toBeGreaterThan(0.8);
  expect(second).toBeGreaterThan(0.7);
}, 120_000);

test('mnist-irnn', async () => {
  // Ten classes, from 49 blocks of pixels one after the other.
  expect((await run(mnistIrnn)).numbers.accuracy).toBeGreaterThan(0.2);
}, 60_000);

test('mnist-antirectifier', async () => {
  expect((await run(antirectifier)).numbers.accuracy).toBeGreaterThan(0.8);
}, 60_000);

// Two classes: guessing gives 0.5.
test.each([
  ['imdb-lstm', imdbLstm],
  ['imdb-cnn', imdbCnn],
  ['imdb-cnn-lstm', imdbCnnLstm],
  ['imdb-fasttext', imdbFasttext],
])(
  '%s',
  async (_, main) => {
    expect((await run(main)).numbers.accuracy).toBeGreaterThan(0.6);
  },
  120_000,
);

test('lstm-text-generation', async () => {
  const { numbers, lines } = await run(textGeneration);
  const { losses, letters, written } = numbers;
  expect(losses.at(-1)).toBeLessThan(0.6 * Math.log(letters));
  expect(written).toHaveLength(60);
  expect(lines.filter((line) => line.startsWith('Epoch '))).toHaveLength(losses.length);
}, 120_000);
