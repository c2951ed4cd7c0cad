/**
 * The programs of examples/r, each run short on data of the package or of its own making: what each learns is better than guessing.
 * And their length: none has more lines of code than the program of R keras that does the same job.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { main as addition } from '../../examples/r/addition-rnn';
import { main as babiMemnn } from '../../examples/r/babi-memnn';
import { main as babiRnn } from '../../examples/r/babi-rnn';
import { main as convLstm } from '../../examples/r/conv-lstm';
import { main as deepDream } from '../../examples/r/deep-dream';
import { main as autoencoder } from '../../examples/r/denoising-autoencoder';
import { main as functionalApi } from '../../examples/r/functional-api';
import { main as imdbBidirectional } from '../../examples/r/imdb-bidirectional-lstm';
import { main as imdbCnn } from '../../examples/r/imdb-cnn';
import { main as imdbCnnLstm } from '../../examples/r/imdb-cnn-lstm';
import { main as imdbFasttext } from '../../examples/r/imdb-fasttext';
import { main as imdbLstm } from '../../examples/r/imdb-lstm';
import { main as sequenceToSequence } from '../../examples/r/lstm-seq2seq';
import { main as textGeneration } from '../../examples/r/lstm-text-generation';
import { main as adversaries } from '../../examples/r/mnist-acgan';
import { main as antirectifier } from '../../examples/r/mnist-antirectifier';
import { main as mnistCnn } from '../../examples/r/mnist-cnn';
import { main as hierarchical } from '../../examples/r/mnist-hierarchical-rnn';
import { main as mnistIrnn } from '../../examples/r/mnist-irnn';
import { main as mnistMlp } from '../../examples/r/mnist-mlp';
import { main as transfer } from '../../examples/r/mnist-transfer-cnn';
import { main as ownCallbacks } from '../../examples/r/own-callbacks';
import { main as siamese } from '../../examples/r/quora-siamese-lstm';
import { main as reuters } from '../../examples/r/reuters-mlp';
import { main as translation } from '../../examples/r/nmt-attention';
import { main as statefulLstm } from '../../examples/r/stateful-lstm';
import { main as transformer } from '../../examples/r/text-transformer';
import { main as variational } from '../../examples/r/variational-autoencoder';
import { root } from '../docs/extract';
import { quietly, short } from './support';

const { epochs: _one, ...quick } = short;
const run = async <T>(main: (options: typeof quick) => Promise<T>) => quietly(() => main(quick));

const folder = path.join(root, 'examples/r');
const programs = readdirSync(folder).filter((file) => !['support.ts', 'babi.ts'].includes(file));

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
  // What two programs share is part of each.
  const shared = imports.some((statement) => statement.getText(source).endsWith("'./babi';"));
  const own = imports.length + printed.split('\n').filter((line) => line.trim() !== '').length;
  return own + (shared ? linesOfCode('babi.ts') : 0);
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
});

test('lstm-seq2seq', async () => {
  // Six letters: guessing gives a sixth.
  expect((await run(sequenceToSequence)).numbers.accuracy).toBeGreaterThan(0.6);
});

test('addition-rnn', async () => {
  // Twelve characters, of which guessing what is frequent gets a third right.
  const { accuracy, answer } = (await run(addition)).numbers;
  expect(accuracy).toBeGreaterThan(0.6);
  expect(answer).toMatch(/^[\d+ ]{3}$/);
});

test('nmt-attention', async () => {
  const { numbers, lines } = await run(translation);
  const { right, losses, engine } = numbers;
  expect(engine).toBe('compiled');
  expect(losses.at(-1)).toBeLessThan(0.2 * (losses[0] ?? NaN));
  // A date is right if all of its ten characters are.
  expect(right).toBeGreaterThan(0.5);
  expect(lines.some((line) => /becomes \d{4}-\d\d-\d\d, letter by letter from/.test(line))).toBe(true);
});

test('stateful-lstm', async () => {
  // A network that forgot from batch to batch where the wave is would stay at its mean.
  const { losses, predicted } = (await run(statefulLstm)).numbers;
  expect(losses.at(-1)).toBeLessThan(0.75 * (losses[0] ?? 0));
  expect(predicted).toEqual([2500, 1]);
});

test('mnist-cnn', async () => {
  expect((await run(mnistCnn)).numbers.accuracy).toBeGreaterThan(0.6);
});

test('mnist-transfer-cnn', async () => {
  const [first = 0, second = 0] = (await run(transfer)).numbers.accuracies;
  // Of five classes.
  expect(first).toBeGreaterThan(0.8);
  expect(second).toBeGreaterThan(0.7);
});

test('mnist-irnn', async () => {
  // Ten classes, from 49 blocks of pixels one after the other.
  expect((await run(mnistIrnn)).numbers.accuracy).toBeGreaterThan(0.2);
});

test('mnist-hierarchical-rnn', async () => {
  expect((await run(hierarchical)).numbers.accuracy).toBeGreaterThan(0.3);
});

test('mnist-antirectifier', async () => {
  expect((await run(antirectifier)).numbers.accuracy).toBeGreaterThan(0.8);
});

// Two classes: guessing gives 0.5.
test.each([
  ['imdb-bidirectional-lstm', imdbBidirectional],
  ['imdb-lstm', imdbLstm],
  ['imdb-cnn', imdbCnn],
  ['imdb-cnn-lstm', imdbCnnLstm],
  ['imdb-fasttext', imdbFasttext],
])('%s', async (_, main) => {
  expect((await run(main)).numbers.accuracy).toBeGreaterThan(0.6);
});

test('lstm-text-generation', async () => {
  const { numbers, lines } = await run(textGeneration);
  const { losses, letters, written } = numbers;
  expect(losses.at(-1)).toBeLessThan(0.6 * Math.log(letters));
  expect(written).toHaveLength(60);
  expect(lines.filter((line) => line.startsWith('Epoch '))).toHaveLength(losses.length);
});

// Six rooms: guessing gives 0.17.
test.each([
  ['babi-memnn', babiMemnn],
  ['babi-rnn', babiRnn],
])('%s', async (_, main) => {
  expect((await run(main)).numbers.accuracy).toBeGreaterThan(0.25);
});

test('reuters-mlp', async () => {
  // 46 topics, the most frequent of which has 0.15 of the messages.
  expect((await run(reuters)).numbers.accuracy).toBeGreaterThan(0.5);
});

test('conv-lstm', async () => {
  const { before, after, film } = (await run(convLstm)).numbers;
  expect(after).toBeLessThan(0.8 * before);
  expect(film).toEqual([1, 5, 12, 12, 1]);
});

test('denoising-autoencoder', async () => {
  const { numbers, lines } = await run(autoencoder);
  expect(numbers.left).toBeLessThan(0.6 * numbers.noise);
  // Two digits of 28 lines each.
  expect(lines.filter((line) => line.split('\n').length === 28)).toHaveLength(2);
});

test('text-transformer', async () => {
  const { accuracy, engine } = (await run(transformer)).numbers;
  expect(accuracy).toBeGreaterThan(0.6);
  expect(engine).toBe('compiled');
});

test('functional-api', async () => {
  const { accuracy, names } = (await run(functionalApi)).numbers;
  expect(accuracy).toBeGreaterThan(0.8);
  expect(names).toEqual(['loss', 'by_all_loss', 'by_words_loss', 'by_all_accuracy']);
});

test('own-callbacks', async () => {
  const { batches, stoppedAt, epochs } = (await run(ownCallbacks)).numbers;
  // 1,000 rows in batches of 128.
  expect(batches).toHaveLength(8 * epochs);
  expect(stoppedAt).toBe(epochs - 1);
  expect(epochs).toBeLessThan(60);
});

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

test('mnist-acgan', async () => {
  const { losses, engine, drawn } = (await run(adversaries)).numbers;
  expect(engine).toBe('compiled');
  expect(drawn).toEqual([10, 28, 28, 1]);
  // The expert learns, and so does the forger: it is taken in by neither for long.
  const ofExpert = losses.map(([first = NaN]) => first);
  expect(mean(ofExpert.slice(-5))).toBeLessThan(0.95 * mean(ofExpert.slice(0, 5)));
});

test('variational-autoencoder', async () => {
  const { losses, engine, repaired, drawn } = (await run(variational)).numbers;
  expect(engine).toBe('compiled');
  expect(losses.at(-1)).toBeLessThan(0.6 * (losses[0] ?? NaN));
  expect([repaired[1], drawn]).toEqual([784, [4, 784]]);
});

test('deep-dream', async () => {
  const { seen, engine } = (await run(deepDream)).numbers;
  expect(engine).toBe('compiled');
  expect(seen.at(-1)).toBeGreaterThan(1.5 * (seen[0] ?? NaN));
});

test('quora-siamese-lstm', async () => {
  expect((await run(siamese)).numbers.accuracy).toBeGreaterThan(0.7);
});
