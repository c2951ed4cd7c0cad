// Has dist/index.js load parts that a program seldom needs when it looks at what they export: a quarter of all modules. For
// `require`; `import` looks at all exports at once.
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { valuesIn } = require('./declared-module');

/** Only what they export makes a difference: none of them changes anything when it is loaded, but for {@link ON_OBJECTS}. */
const LATE_ROOMS = ['datasets', 'preprocessing', 'persistence', 'plots'];
/** What a room gives to objects of others, which is loaded at once. */
const ON_OBJECTS = 'on-objects';

const LATE = `const late = (load, names) => {
    for (const name of names) Object.defineProperty(exports, name, { enumerable: true, get: () => load()[name] });
};
`;

/** Changes `index.js` in a folder of compiled modules, beside whose parts are their declarations. */
const loadLate = (folder, rooms = LATE_ROOMS) => {
  const index = path.join(folder, 'index.js');
  let code = readFileSync(index, 'utf8');
  for (const room of rooms) {
    const line = `__exportStar(require("./${room}"), exports);`;
    if (code.split(line).length !== 2) throw new Error(`${index} does not export ${room} once`);
    const names = valuesIn(path.join(folder, room, 'index.d.ts'));
    if (names.length === 0) throw new Error(`${room} exports nothing`);
    const list = names.map((name) => JSON.stringify(name)).join(', ');
    // The assignments are for Node.js, which finds the names for imports in the text.
    const text = `if (false) ${names.map((name) => `exports.${name} = `).join('')}undefined;`;
    const atOnce = existsSync(path.join(folder, room, `${ON_OBJECTS}.js`))
      ? `\nrequire("./${room}/${ON_OBJECTS}");`
      : '';
    code = code.replace(line, `${text}\nlate(() => require("./${room}"), [${list}]);${atOnce}`);
  }
  const [strict, ...rest] = code.split('\n');
  writeFileSync(index, [strict, LATE + rest.join('\n')].join('\n'));
};

module.exports = { loadLate };
