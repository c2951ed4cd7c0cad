// Puts all modules that dist/index.js loads into one file, dist/modules.js: to find, open, read and compile five hundred takes a quarter of
// an import. In the place of each a line is left that takes it from there, so that there is one of each, whoever asks for it.
const { existsSync, readFileSync, statSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { namesForImports, valuesIn } = require('./declared-module');

const ENTRY = 'index.js';
const ONE_FILE = 'modules.js';

/** What a module requires as it is loaded itself; what it requires later is within something, and not at the beginning of a line. */
const REQUESTS = /^(?:const [^=]* = )?(?:__\w+\()?require\("(\.[^"]*)"\)/gm;

/** The file behind a request of a module, both relative to the folder. */
const fileOf = (folder, from, request) => {
  const base = path.posix.join(path.posix.dirname(from), request);
  const found = [`${base}.js`, `${base}/index.js`, base].find((file) => {
    const whole = path.join(folder, file);
    return existsSync(whole) && statSync(whole).isFile();
  });
  if (found === undefined) throw new Error(`${from} requires ${request}, which is not there`);
  return found;
};

/** The code of all modules that a module loads, and its own, by their files. */
const modulesFrom = (folder, entry) => {
  const found = new Map();
  const visit = (file) => {
    if (found.has(file)) return;
    const code = readFileSync(path.join(folder, file), 'utf8');
    found.set(file, code);
    for (const [, request] of code.matchAll(REQUESTS)) visit(fileOf(folder, file, request));
  };
  visit(entry);
  return found;
};

// In brackets, V8 compiles a function at once, and not twice.
const definition = ([file, code]) =>
  `${JSON.stringify(file)}: (function (exports, require, module, __filename, __dirname) {${code}\n}),`;

const before = `"use strict";
// The modules of this package. Each is made when it is first asked for, as Node.js makes those of single files.
const definitions = {`;

// A bundler that takes this in has no __dirname, or another: which the first module tells.
const after = `};
const folder = typeof __dirname === "undefined" ? "." : __dirname;
const made = Object.create(null);
const files = Object.create(null);
/** The file that a module of a folder asks for, if it is one of these. */
const fileOf = (inside, request) => {
  const parts = inside === "" ? [] : inside.split("/");
  for (const part of request.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  const base = parts.join("/");
  return [base + ".js", base === "" ? "index.js" : base + "/index.js", base].find((file) => file in definitions) ?? null;
};
const load = (file) => {
  const known = made[file];
  if (known !== undefined) return known.exports;
  const filename = folder + "/" + file;
  const inside = file.includes("/") ? file.slice(0, file.lastIndexOf("/")) : "";
  const module = (made[file] = { id: filename, filename, exports: {}, loaded: false, children: [], paths: [] });
  let elsewhere;
  const request = (name) => {
    if (name[0] === ".") {
      const key = inside + " " + name;
      const found = (files[key] ??= fileOf(inside, name));
      if (found !== null) return load(found);
    }
    elsewhere ??= require("node:module").createRequire(filename);
    return elsewhere(name);
  };
  try {
    const dirname = inside === "" ? folder : folder + "/" + inside;
    definitions[file].call(module.exports, module.exports, request, module, filename, dirname);
    module.loaded = true;
  } catch (error) {
    delete made[file];
    throw error;
  }
  return module.exports;
};
module.exports = load;
`;

/** Changes a folder of compiled modules, beside whose index are its declarations. */
const joinModules = (folder) => {
  const modules = modulesFrom(folder, ENTRY);
  const whole = [before, ...[...modules].map(definition), after].join('\n');
  writeFileSync(path.join(folder, ONE_FILE), whole);
  // For Node.js, which finds the names for imports in the text.
  const names = namesForImports(valuesIn(path.join(folder, ENTRY.replace(/js$/, 'd.ts'))));
  for (const file of modules.keys()) {
    const place = path.posix.relative(path.posix.dirname(file), ONE_FILE);
    const request = JSON.stringify(place.startsWith('.') ? place : `./${place}`);
    const lines = [
      '"use strict";',
      // In two steps: else it would look for names in that file, too.
      `const moduleOf = require(${request});`,
      `module.exports = moduleOf(${JSON.stringify(file)});`,
      ...(file === ENTRY ? [names] : []),
    ];
    writeFileSync(path.join(folder, file), `${lines.join('\n')}\n`);
  }
  return [...modules.keys()];
};

module.exports = { joinModules };
