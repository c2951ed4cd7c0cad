import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../docs/extract';

const { joinModules } = createRequire(__filename)(path.join(root, 'scripts/one-file.js')) as {
  joinModules: (folder: string) => readonly string[];
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-one-'));
  const put = (file: string, code: string): void => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), code);
  };
  put(
    'index.js',
    `"use strict";
const __exportStar = (m, exports) => { for (const p in m) exports[p] = m[p]; };
require("./base/check");
__exportStar(require("./base"), exports);
__exportStar(require("./layers/dense"), exports);
exports.later = () => require("./late").what;
`,
  );
  put('index.d.ts', 'export declare const count: number, dense: number, place: string, later: () => string;');
  put('base/check.js', '"use strict";\nif (typeof this !== "object") throw new Error("no this");\n');
  put(
    'base/index.js',
    `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
console.log('base');
const dense_1 = require("../layers/dense");
exports.count = 0;
exports.twice = () => 2 * dense_1.dense;
exports.place = [__filename, __dirname, module.filename].join();
`,
  );
  put(
    'layers/dense.js',
    `"use strict";
const node_path_1 = __importDefault(require("node:path"));
function __importDefault(m) { return { default: m }; }
const base_1 = require("../base");
const again_1 = require("../base/index.js");
exports.dense = 7;
exports.same = base_1 === again_1;
exports.seen = Object.keys(base_1).join();
exports.folder = node_path_1.default.basename(__dirname);
exports.strict = (function () { return this === undefined; })();
`,
  );
  put(
    'late.js',
    `"use strict";\nconst base_1 = require("./base");\nexports.what = 'late, of ' + base_1.twice();\n`,
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (program: string, file = 'program.cjs'): string[] => {
  writeFileSync(path.join(folder, file), program);
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8', cwd: folder });
  expect(stderr).toBe('');
  return stdout.trimEnd().split('\n');
};

const PROGRAM = `const k = require('./index.js'); const dense = require('./layers/dense');
  console.log(k.dense, k.count, k.later()); console.log(k.place.split(require('node:path').sep).join('/'));
  console.log(dense.same, dense.seen, dense.folder, dense.strict, require('./base') === require('./base/index.js'));
  console.log(require('./base').twice());`;

test('modules in one file do what they do in files of their own, each once, whoever asks for it', () => {
  const before = run(PROGRAM);
  expect(before[0]).toBe('base');
  expect(before[1]).toBe('7 0 late, of 14');
  expect(before[3]).toBe('true  layers true true');
  expect([...joinModules(folder)].sort()).toEqual([
    'base/check.js',
    'base/index.js',
    'index.js',
    'layers/dense.js',
  ]);
  // What is not loaded at once stays as it is.
  expect(readFileSync(path.join(folder, 'late.js'), 'utf8')).toContain('late, of');
  expect(readFileSync(path.join(folder, 'layers/dense.js'), 'utf8')).not.toContain('7');
  expect(run(PROGRAM)).toEqual(before);
});

test('ES modules import all names', () => {
  joinModules(folder);
  const program =
    "import { count, dense, later } from './index.js'; import * as k from './index.js'; console.log(count, dense, later(), 'twice' in k.default);";
  expect(run(program, 'program.mjs')).toEqual(['base', '0 7 late, of 14 true']);
});

test('a module that fails is tried again, as one of its own file is', () => {
  writeFileSync(
    path.join(folder, 'base/check.js'),
    '"use strict";\nif (!globalThis.isReady) throw new Error(\'not yet\');\n',
  );
  const program = `const attempt = () => { try { return require('./index.js').dense; } catch (error) { return error.message; } };
    console.log(attempt()); globalThis.isReady = true; console.log(attempt());`;
  const before = run(program);
  expect(before).toEqual(['not yet', 'base', '7']);
  joinModules(folder);
  expect(run(program)).toEqual(before);
});

test('a module that is not there is told as it is built', () => {
  rmSync(path.join(folder, 'base/check.js'));
  expect(() => joinModules(folder)).toThrow('index.js requires ./base/check, which is not there');
  expect(existsSync(path.join(folder, 'modules.js'))).toBe(false);
});
