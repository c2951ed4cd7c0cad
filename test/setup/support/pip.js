// A stand-in for pip and Python, put first in PATH: does to `pip download` what FAKE_PIP names, and keeps a record of the calls.
const fs = require('node:fs');
const path = require('node:path');

const { FAKE_PIP, FAKE_NPM_TARBALLS, FAKE_NPM_CALLS } = process.env;
const parameters = process.argv.slice(2);
if (FAKE_PIP === 'no pip') process.exit(1);
if (parameters.includes('--version')) process.exit(0);
const name = parameters.at(-1);
const tag = parameters[parameters.indexOf('--platform') + 1];
fs.writeFileSync(`${FAKE_NPM_CALLS}.pid`, String(process.pid));
fs.appendFileSync(FAKE_NPM_CALLS, `${name} for ${tag} in ${process.cwd()}\n`);

const fail = (...lines) => {
  for (const line of lines) console.error(line);
  process.exit(1);
};
const file = `${name.replace('==', '-')}.whl`;
const destination = path.join(parameters[parameters.indexOf('--dest') + 1], file);
const content = () => fs.readFileSync(path.join(FAKE_NPM_TARBALLS, file));

switch (FAKE_PIP) {
  case 'missing':
    fail('ERROR: Could not find a version', `ERROR: No matching distribution found for ${name}`);
    break;
  case 'offline':
    fail(
      'WARNING: Retrying after connection broken by NewConnectionError',
      'ERROR: Could not fetch https://user:secret@example.invalid/simple',
    );
    break;
  case 'forbidden':
    fail('ERROR: HTTP error 403 while getting it');
    break;
  case 'full':
    fail('ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device');
    break;
  case 'broken':
    fail('Traceback', 'ERROR: Exception');
    break;
  case 'truncated':
    fs.writeFileSync(destination, content().subarray(0, content().length / 2));
    break;
  case 'endless':
    fs.writeFileSync(destination, content().subarray(0, content().length / 2));
    setInterval(() => undefined, 1000);
    break;
  case 'slow':
    setTimeout(() => fs.writeFileSync(destination, content()), 1500);
    break;
  default:
    fs.writeFileSync(destination, content());
}
