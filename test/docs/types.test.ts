import { snippets, type Snippet } from './extract';
import { tableSnippets } from './tables';
import { typeErrors } from './type-check';

const body = (...lines: string[]): Snippet => ({
  file: 'src/models/pipe.ts',
  line: 10,
  lines: ['', ...lines],
  kind: 'body',
  of: 'broken',
  run: true,
});

// One program for all, since each costs seconds.
const mistakes = [
  body("const units: number = 'two'"),
  body('const step = layerDense({ unit: 3 })'),
  { ...body("import { layerDens } from 'keras-pipe'"), file: 'README.md', kind: 'module' as const },
];
const tables = tableSnippets();
let errors: string[];
beforeAll(() => {
  errors = typeErrors([...snippets(), ...tables, ...mistakes]);
});

test('documentation has no type errors', () => {
  expect(errors.slice(0, -mistakes.length)).toEqual([]);
});

test('tables of what a call is here have code to check', () => {
  expect(tables.length).toBeGreaterThan(50);
});

test('a type error is told with file and line', () => {
  expect(errors.slice(-mistakes.length)).toEqual([
    "src/models/pipe.ts:11: Type 'string' is not assignable to type 'number'.",
    expect.stringMatching(/^src\/models\/pipe\.ts:11: .*'unit'/s),
    expect.stringMatching(/^README\.md:11: .*layerDens/),
  ]);
});
