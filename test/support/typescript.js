/**
 * Has Node.js run the TypeScript of this clone, for the programs that tests start: `node --require test/support/typescript.js program.ts`.
 * What SWC makes of a file is kept beside the installed packages, under a name made of its content. With `--enable-source-maps` stacks
 * have the lines of TypeScript.
 */
const { createHash, randomUUID } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const root = path.resolve(__dirname, '../..');
const kept = path.join(root, 'node_modules/.cache/keras-pipe/programs');
const own = readFileSync(__filename);

/** The package as its users import it. */
const ENTRIES = {
  'keras-pipe': 'src/index.ts',
  'keras-pipe/fp': 'src/fp/index.ts',
  'keras-pipe/matchers': 'src/matchers/index.ts',
};

/** The JavaScript of a file. */
const compile = (source, file) => {
  const { transformSync } = require('@swc/core');
  return transformSync(source, {
    filename: file,
    sourceMaps: 'inline',
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  }).code;
};

/** The same, once made: of files of the clone, since there is no end of others. */
const compiled = (file) => {
  const source = readFileSync(file, 'utf8');
  if (!file.startsWith(root + path.sep)) return compile(source, file);
  const key = createHash('sha1').update(own).update(file).update('\0').update(source).digest('hex');
  const place = path.join(kept, `${key}.js`);
  try {
    return readFileSync(place, 'utf8');
  } catch {
    const code = compile(source, file);
    mkdirSync(kept, { recursive: true });
    const part = `${place}.${randomUUID()}`;
    writeFileSync(part, code);
    renameSync(part, place);
    return code;
  }
};

Module._extensions['.ts'] = (module, file) => module._compile(compiled(file), file);

const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  const entry = ENTRIES[request];
  return entry === undefined ? resolve.call(this, request, ...rest) : path.join(root, entry);
};
