// Virtual environments of Python's with pinned packages, in folders that git ignores.
const { execFileSync, spawn, spawnSync } = require('node:child_process');
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const windows = process.platform === 'win32';

/** An environment cannot be had here: that is no fault of what is tested. */
class Unavailable extends Error {}

/** sysexits.h has it for what may work another time: what a program ends with that has no environment. */
const UNAVAILABLE = 75;

/** The interpreter of an environment. */
const pythonOf = (name) => path.join(root, name, windows ? 'Scripts/python.exe' : 'bin/python');

/** What pip says where there is no network. */
const UNREACHABLE =
  /NewConnectionError|ConnectTimeout|NameResolutionError|ProxyError|SSLError|Read ?timed? ?out|Connection (refused|reset)/i;

/** Runs pip, and says so where it cannot reach the index. */
const install = (python, args) => {
  const { status, stderr } = spawnSync(python, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'pipe'],
    encoding: 'utf8',
  });
  process.stderr.write(stderr ?? '');
  if (status === 0) return;
  if (UNREACHABLE.test(stderr ?? '')) throw new Unavailable('pip cannot reach the index');
  throw new Error(`pip ended with ${status}`);
};

const usual = () => process.env.PYTHON ?? (windows ? 'python' : 'python3');

/** What an interpreter is: 3.11 is 311; none if it cannot make environments. */
const versionOf = (command) => {
  const program = 'import sys, venv, ensurepip; print(sys.version_info[0] * 100 + sys.version_info[1])';
  const { status, stdout } = spawnSync(command, ['-c', program], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : undefined;
};

/** An interpreter of some versions, from one to another: the usual one, or one that is named after its version. */
const pythonFrom = (first, last) => {
  const named = [];
  for (let version = last; version >= first; version--)
    named.push(`python${Math.floor(version / 100)}.${version % 100}`);
  const found = [usual(), ...named].find((command) => {
    const version = versionOf(command);
    return version !== undefined && version >= first && version <= last;
  });
  if (found !== undefined) return found;
  throw new Unavailable(`there is no ${named.at(-1)} to ${named[0]}, with venv`);
};

/**
 * Makes an environment if it is not there as the requirements say: `pipOptions` go to pip, `findPython` gives the interpreter. Gives that of
 * the environment.
 */
const environment = (name, requirements, pipOptions = [], findPython = usual) => {
  const folder = path.join(root, name);
  const stamp = path.join(folder, 'requirements.txt');
  const python = pythonOf(name);
  const wanted = readFileSync(requirements, 'utf8');
  // The copy is written last: without it the environment is not complete.
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python;
  const run = (command, args) =>
    execFileSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  run(findPython(), ['-m', 'venv', '--clear', folder]);
  install(python, ['-m', 'pip', 'install', '--quiet', ...pipOptions, '--requirement', requirements]);
  writeFileSync(stamp, wanted);
  return python;
};

/** Makes an environment as {@link environment} does, in a process of its own, with an interpreter of some versions. */
const environmentBeside = (name, requirements, first, last) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [__filename, name, requirements, first, last], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk) => (said += chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      const answer = said.trimEnd().split('\n').at(-1);
      if (code === 0) resolve(answer);
      else reject(code === UNAVAILABLE ? new Unavailable(answer) : new Error(`${name} could not be made`));
    });
  });

if (require.main === module) {
  const [name, requirements, first, last] = process.argv.slice(2);
  try {
    // What is not imported need not be compiled.
    console.log(
      environment(name, requirements, ['--no-compile'], () => pythonFrom(Number(first), Number(last))),
    );
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.log(error.message);
    process.exitCode = UNAVAILABLE;
  }
}

module.exports = { environment, environmentBeside, pythonFrom, pythonOf, Unavailable, UNAVAILABLE };
