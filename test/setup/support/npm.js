// A stand-in for npm, put first in PATH: does to `npm pack` what FAKE_NPM names, and keeps a record of the calls.
const fs = require('node:fs');
const path = require('node:path');

const { FAKE_NPM, FAKE_NPM_TARBALLS, FAKE_NPM_CALLS } = process.env;
const [command, name] = process.argv.slice(2);
if (command === 'config') {
  console.log(path.join(FAKE_NPM_TARBALLS, 'no-cache'));
  process.exit(0);
}
fs.writeFileSync(`${FAKE_NPM_CALLS}.pid`, String(process.pid));
fs.appendFileSync(FAKE_NPM_CALLS, `${name} in ${process.cwd()}\n`);

const fail = (...lines) => {
  for (const line of lines) console.error(`npm error ${line}`);
  process.exit(1);
};
const file = `${name.replace(/^@/, '').replace(/[/@]/g, '-')}.tgz`;
const destination = path.join(process.argv[process.argv.indexOf('--pack-destination') + 1], file);
const content = () => fs.readFileSync(path.join(FAKE_NPM_TARBALLS, file));
const half = () => content().subarray(0, content().length / 2);

switch (FAKE_NPM) {
  case 'offline':
    fail(
      'code ENOTFOUND',
      'syscall getaddrinfo',
      'network request to https://user:secret@example.invalid/x failed',
    );
    break;
  case 'missing':
    fail('code E404', '404 Not Found - GET http://127.0.0.1/x - Not found', '404');
    break;
  case 'forbidden':
    fail('code E403', '403 403 Forbidden - GET http://127.0.0.1/x');
    break;
  case 'full':
    fail('code ENOSPC', 'syscall write', 'nospc ENOSPC: no space left on device, write');
    break;
  case 'cut':
    fs.writeFileSync(destination, half());
    fail('code ECONNRESET', 'network aborted');
    break;
  case 'truncated':
    fs.writeFileSync(destination, half());
    break;
  case 'altered':
    fs.writeFileSync(destination, Buffer.concat([content(), Buffer.from('more')]));
    break;
  case 'endless':
    fs.writeFileSync(destination, half());
    setInterval(() => undefined, 1000);
    break;
  case 'slow':
    setTimeout(() => fs.writeFileSync(destination, content()), 1500);
    break;
  case 'broken':
    fail('Cannot read properties of undefined');
    break;
  default:
    fs.writeFileSync(destination, content());
}
