// Adds to dist/fp/index.js the names of what it exports. It exports one object, whose names Node.js does not know before it
// has run the module, while `import { fit } from 'keras-pipe/fp'` needs them before: Node.js reads them off the text.
const { appendFileSync } = require('node:fs');
const { declaredModule, namesForImports } = require('./declared-module');

/** The names of the values that a declaration file exports as one object. */
const namesIn = (declarations) => {
  const { checker, module, whole } = declaredModule(declarations);
  const object = whole(module.exports.get('export='));
  return checker.getPropertiesOfType(checker.getTypeOfSymbol(object)).map(({ name }) => name);
};

/** Names the exports of a module, of which `declarations` says what they are. */
const nameExports = (code, declarations) => {
  const names = namesIn(declarations).sort();
  if (names.length < 100) throw new Error(`${declarations} exports ${names.length} names only`);
  appendFileSync(code, `// Names for imports, which Node.js finds in the text.\n${namesForImports(names)}\n`);
};

module.exports = { nameExports };
