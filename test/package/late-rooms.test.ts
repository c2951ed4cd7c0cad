import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../docs/extract';

const { loadLate } = createRequire(__filename)(path.join(root, 'scripts/late-rooms.js')) as {
  loadLate: (folder: string, rooms?: readonly string[]) => void;
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-late-'));
  writeFileSync(
    path.join(folder, 'index.js'),
    `"use strict";
const __exportStar = (m, exports) => { for (const p in m) exports[p] = m[p]; };
__exportStar(require("./layers"), exports);
__exportStar(require("./plots"), exports);
`,
  );
  const put = (room: string, code: string, declarations: string): void => {
    mkdirSync(path.join(folder, room));
    writeFileSync(path.join(folder, room, 'index.js'), `console.log('${room}');\n${code}`);
    writeFileSync(path.join(folder, room, 'index.d.ts'), declarations);
  };
  put('layers', 'exports.dense = 1;', 'export declare const dense: number;');
  put(
    'plots',
    'exports.plot = 2; exports.Picture = class {};',
    'export declare const plot: number;\nexport declare class Picture {}\nexport interface Theme { name: string }\n',
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]): string[] => {
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: folder });
  expect(stderr).toBe('');
  return stdout.trimEnd().split('\n');
};

test('a late part is loaded by the first look at what it exports, once', () => {
  loadLate(folder, ['plots']);
  const program = `const k = require('./index.js'); console.log(k.dense); console.log(Object.keys(k).join());
    console.log(k.plot); console.log(typeof k.Picture); console.log(k.plot);`;
  expect(run('-e', program)).toEqual(['layers', '1', 'dense,Picture,plot', 'plots', '2', 'function', '2']);
});

test('what a late part gives to other objects is there at once', () => {
  writeFileSync(
    path.join(folder, 'plots/on-objects.js'),
    "require('../layers').dense = 7; console.log('given');",
  );
  loadLate(folder, ['plots']);
  expect(run('-e', "console.log(require('./index.js').dense)").join()).toContain('given');
  expect(run('-e', "require('./index.js')")).toEqual(['layers', 'given']);
});

test('ES modules import all names', () => {
  loadLate(folder, ['plots']);
  writeFileSync(
    path.join(folder, 'program.mjs'),
    "import { dense, plot, Picture } from './index.js'; console.log(dense, plot, typeof Picture);",
  );
  expect(run('program.mjs').at(-1)).toBe('1 2 function');
});

/** The program's own modules first, then the late ones: prints the classes that these have changed. */
const CHANGES = (modules: readonly string[], late: readonly string[]): string => `
  const path = require('node:path');
  const load = (modules) => modules.map((name) => require(path.join(${JSON.stringify(root)}, 'src', name)));
  const found = load(${JSON.stringify(modules)}).flatMap((module) => Object.entries(module));
  const { History } = load(['training/history'])[0];
  const classes = [...found, ['History', History]].filter(([, value]) => typeof value === 'function' && value.prototype);
  const keysOf = () => classes.map(([, { prototype }]) => Reflect.ownKeys(prototype).map(String).join());
  const before = keysOf();
  load(${JSON.stringify(late)});
  keysOf().forEach((keys, index) => { if (keys !== before[index]) console.log(classes[index][0]); });
  console.log(classes.length > 9);`;

test('the parts of this package are those that its index has, and change nothing when they are loaded', () => {
  const index = readFileSync(path.join(root, 'src/index.ts'), 'utf8');
  const late = ['datasets', 'preprocessing', 'persistence', 'plots'];
  for (const room of late) expect(index).toContain(`export * from './${room}';`);
  const modules = [...index.matchAll(/'\.\/([\w/-]+)'/g)].flatMap(([, name = '']) =>
    late.includes(name) ? [] : [name],
  );
  // What is loaded at once.
  modules.push('plots/on-objects');
  const tsx = ['--import', createRequire(__filename).resolve('tsx')];
  expect(run(...tsx, '-e', CHANGES(modules, late))).toEqual(['true']);
  expect(() => loadLate(folder, ['nowhere'])).toThrow('does not export nowhere once');
});
