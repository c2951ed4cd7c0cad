/** The code in tables of the guides that say what a call of R's, Python's or tfjs's is here. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { GUIDES, markdownFiles, root, type Snippet } from './extract';

/** What the cells speak of. */
const SCOPE = [
  'const [x, y, a, b] = [tf.ones([2]), tf.ones([2]), 1, 2]',
  'const model = kerasModelSequential()',
  'const [input, inputs, outputs] = [layerInput({ shape: [2] }), layerInput({ shape: [2] }), layerInput({ shape: [2] })]',
  'const f = () => (value: tf.Tensor) => value',
  'const g = f',
  'const data = await datasetMnist()',
  'const history = await fit(model, x, y)',
  'const optimizer = optimizerAdam()',
  'function use(value: (x: tf.Tensor) => unknown): void',
  'function use(value: unknown): void',
  'function use(): void {}',
].join('; ');

const isCode = (text: string): boolean => !/…|^[\w-]+\/[\w-]+$/.test(text);

const asStatement = (code: string): string => (code.startsWith('const ') ? code : `use(${code})`);

/** A row's code in its last column, as a program that is type-checked. */
const programOf = (file: string, row: string, line: number): Snippet[] => {
  const here = row.split(/(?<!\\)\|/).at(-2) ?? '';
  const codes = [...here.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replaceAll('\\|', '|'));
  const statements = codes.filter(isCode).map((code) => `{ ${asStatement(code)} }`);
  if (statements.length === 0) return [];
  // On the second line, as the first one is where imports go.
  const lines = ['', `${SCOPE}; ${statements.join('; ')}`];
  return [{ file, line, lines, kind: 'body', of: 'a table', run: false }];
};

/** The rows of tables whose last column is headed `here`. */
export const tableSnippets = (): Snippet[] =>
  markdownFiles(GUIDES).flatMap((file) => {
    let isHere = false;
    return readFileSync(path.join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, index) => {
        if (!line.startsWith('|')) isHere = false;
        else if (/\|\s*here\s*\|$/.test(line)) isHere = true;
        else if (isHere && !/^\|\s*-/.test(line)) return programOf(file, line, index + 1);
        return [];
      });
  });
