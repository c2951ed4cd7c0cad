import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { transformSync } from '@swc/core';
import { callSite } from '../../src/base/call-site';
import { KerasShapeError, kerasModelSequential, layerDense, layerLstm, pipe } from '../../src/index';

test('names the line of the caller, in TypeScript as it was written', () => {
  expect(callSite()).toMatch(new RegExp(`^${__filename}:\\d+$`));
  const line = Number(callSite()?.split(':').at(-1));
  expect(readFileSync(__filename, 'utf8').split('\n')[line - 1]).toContain('Number(callSite()');
});

test('an error names the lines that added both layers, no line of the library', () => {
  const build = (): unknown =>
    pipe(
      kerasModelSequential({ inputShape: [3] }),
      layerDense({ units: 4, name: 'first' }),
      layerLstm({ units: 2 }),
    );
  expect(build).toThrow(KerasShapeError);
  const lines = readFileSync(__filename, 'utf8').split('\n');
  const at = (text: string): number => lines.findIndex((line) => line.includes(text)) + 1;
  expect(build).toThrow(`layer 'lstm' (added at ${__filename}:${at('layerLstm({ units')})`);
  expect(build).toThrow(`from layer 'first' (added at ${__filename}:${at("name: 'first'")})`);
});

describe('in an installed package', () => {
  // A folder whose name has a space and brackets, which stack traces do not set apart.
  const project = realpathSync(mkdtempSync(path.join(tmpdir(), 'a project (1) ')));
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
    writeFileSync(path.join(project, file), text);
  };
  const source = path.join(__dirname, '../../src/base/call-site.ts');
  const { code } = transformSync(readFileSync(source, 'utf8'), {
    filename: source,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  write('node_modules/keras-pipe/dist/base/call-site.js', code);
  write(
    'node_modules/keras-pipe/dist/layers/layer.js',
    "const { callSite } = require('../base/call-site');\nexports.layer = (...layers) => layers.map(() => callSite());\n",
  );
  write('node_modules/other/index.js', 'exports.twice = (f) => [...f(1), ...f(1)];\n');

  const program = (file: string, text: string): string[] => {
    write(file, text);
    const output = execFileSync(process.execPath, [path.join(project, file)], { encoding: 'utf8' });
    return JSON.parse(output) as string[];
  };
  const asModule =
    "const { layer } = require('keras-pipe/dist/layers/layer.js');\nconst { twice } = require('other');\n" +
    'console.log(JSON.stringify([\n  ...layer(1),\n  ...twice(() => layer(1)),\n]));\n';

  test.each(['main.js', 'src/main.js', 'dist/main.js', 'src/dist/src/main.js'])(
    'a program at %s is named, and not the packages that call for it',
    (file) => {
      const here = path.join(project, file);
      expect(program(file, asModule)).toEqual([`${here}:4`, `${here}:5`, `${here}:5`]);
    },
  );

  test('a program of ECMAScript modules is named by its path, not by a URL', () => {
    const text =
      "import { layer } from 'keras-pipe/dist/layers/layer.js';\nconsole.log(JSON.stringify(layer(1)));\n";
    expect(program('src/main.mjs', text)).toEqual([`${path.join(project, 'src/main.mjs')}:2`]);
  });

  test('without a stack trace there is no line, and no failure', () => {
    const text = `Error.stackTraceLimit = 0;\n${asModule}`;
    expect(program('none.js', text)).toEqual([null, null, null]);
  });
});
