import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { hashFile, sizeBelow, withTemporaryFolder } from '../files/folders';
import { StepFailure } from './failure';
import { WHEEL_PYTHON, type PinnedWheel } from './pinned';
import { hideSecrets, runProgram, type Ended, type Surroundings } from './process';
import { watched, type Report } from './report';

/** A program and its first parameters. */
type Command = readonly [string, ...string[]];

/** How pip may be called, most certain first. */
const PIPS: readonly Command[] = [
  ['python3', '-m', 'pip'],
  ['python', '-m', 'pip'],
  ['py', '-m', 'pip'],
  ['pip3'],
  ['pip'],
];

const NO_PIP = new StepFailure('there is no pip, by which Python installs packages', [
  "Install Python's pip, or unpack TensorFlow's wheel or C archive by hand and name the folder with `--library PATH`.",
]);

const findPip = async (pip: Surroundings): Promise<Command> => {
  for (const command of PIPS) {
    const [program, ...first] = command;
    const ended = await runProgram(pip, program, [...first, '--version']).catch(() => undefined);
    if (ended?.code === 0) return command;
  }
  throw NO_PIP;
};

const again = 'Run `npx keras-pipe setup` again on a working network.';

/** What pip says of an error. */
const pipSays = (stderr: string): string => {
  const lines = stderr.split('\n').filter((line) => line.startsWith('ERROR: '));
  const said = lines.at(-1)?.replace('ERROR: ', '').trim();
  return said === undefined ? '' : `; pip says: ${hideSecrets(said)}`;
};

/** Why pip reaches nothing, which it tells its log: it ends by saying that there is no such package. */
const whyUnreachable = (log: string): string | undefined => {
  const [, cause] = [...log.matchAll(/\(Caused by (.+)\)(?: - skipping)?$/gm)].at(-1) ?? [];
  // Python's objects are nothing to users.
  return cause === undefined ? undefined : `; pip says: ${hideSecrets(cause.replace(/<[^<>]*>: /g, ''))}`;
};

/** How pip ended, and all that it has to say of that: what it was refused it tells its log only. */
interface PipEnded extends Ended {
  readonly log: string;
}

const NO_SPACE = /No space left on device/;
const UNREACHABLE =
  /NewConnectionError|ConnectTimeout|NameResolutionError|ProxyError|SSLError|Read ?timed? ?out|Connection (refused|reset)/i;
const REFUSED = /\b40[13] Client Error|HTTP error 40[13]/;
/** Older versions take what came of a file for all of it, and then cannot read it. */
const BROKEN = /IncompleteRead|Connection broken|Wheel .* is invalid/;
const MISSING = /No matching distribution found/;

const tries = 3;

const pipFailure = ({ code, signal, stderr, log }: PipEnded, name: string): StepFailure => {
  const quoted = pipSays(stderr);
  const all = `${stderr}\n${log}`;
  if (NO_SPACE.test(all)) {
    return new StepFailure(`the disk is full, where pip keeps its cache or its temporary files${quoted}`, [
      'Free space there (`pip cache dir` names the folder), then run `npx keras-pipe setup` again.',
    ]);
  }
  if (BROKEN.test(all)) {
    return new StepFailure(`the connection to the index in use breaks off, ${tries} times${quoted}`, [again]);
  }
  if (REFUSED.test(all)) {
    return new StepFailure(`the index in use refuses ${name}${quoted}`, [
      'See that pip has the index and the user that it needs (`pip config list`), and that the index allows the package.',
    ]);
  }
  if (UNREACHABLE.test(all)) {
    return new StepFailure(`pip cannot reach the index in use${whyUnreachable(log) ?? quoted}`, [again]);
  }
  if (MISSING.test(all)) {
    return new StepFailure(`the index in use does not have ${name} for this system${quoted}`, [
      'If the index is a mirror, ask its keeper to carry the package.',
    ]);
  }
  const how = signal === null ? `ended with code ${String(code)}` : `was ended by ${signal}`;
  return new StepFailure(`\`pip download ${name}\` ${how}${quoted}`, [again]);
};

const checkWheel = async ({ name, version, sha256 }: PinnedWheel, file: string): Promise<void> => {
  const found = await hashFile(file, 'sha256', 'hex');
  if (found === sha256) return;
  throw new StepFailure(
    `${name}==${version} is not the file expected: its SHA-256 is ${found}, not ${sha256}`,
    ['If pip uses a mirror, it alters packages: name another with `PIP_INDEX_URL`.', again],
  );
};

/** Runs pip, up to three times if the connection breaks off: it asks again when a request fails, but not when an answer breaks off. */
const download = async (
  wheel: PinnedWheel,
  folder: string,
  { cwd, env }: Surroundings,
  report: Report,
): Promise<PipEnded> => {
  const name = `${wheel.name}==${wheel.version}`;
  const temporary = path.join(folder, 'temporary');
  await mkdir(temporary);
  // Where a download can be watched, and goes when it is cut short. The user's own number of tries holds.
  const pip = { cwd, env: { PIP_RETRIES: '2', ...env, TMPDIR: temporary, TEMP: temporary, TMP: temporary } };
  const [program, ...first] = await findPip(pip);
  const log = path.join(temporary, 'pip.log');
  const what = ['--no-deps', '--only-binary=:all:', '--dest', folder, name];
  const system = ['--platform', wheel.tag, '--python-version', WHEEL_PYTHON, '--implementation', 'cp'];
  const quiet = ['--progress-bar', 'off', '--disable-pip-version-check', '--no-input', '--log', log];
  const parameters = [...first, 'download', ...quiet, ...system, ...what];
  const attempt = async (): Promise<PipEnded> => {
    await rm(log, { force: true });
    const ended = await watched(runProgram(pip, program, parameters), report, name, wheel.bytes.packed, () =>
      sizeBelow(folder),
    );
    return { ...ended, log: await readFile(log, 'utf8').catch(() => '') };
  };
  let ended = await attempt();
  for (let times = 1; times < tries && ended.code !== 0 && BROKEN.test(ended.stderr + ended.log); times++) {
    report.line('  the connection broke; trying again');
    ended = await attempt();
  }
  return ended;
};

/**
 * Fetches a wheel with the user's own pip, its index, proxies and cache, and checks it against its pinned hash. It appears at
 * `destination` whole, or not at all.
 */
export const fetchWheel = async (
  wheel: PinnedWheel,
  destination: string,
  pip: Surroundings,
  report: Report,
): Promise<void> => {
  await withTemporaryFolder(path.dirname(destination), async (folder) => {
    const ended = await download(wheel, folder, pip, report);
    const file = (await readdir(folder)).find((entry) => entry.endsWith('.whl'));
    if (ended.code !== 0 || file === undefined) throw pipFailure(ended, `${wheel.name}==${wheel.version}`);
    await checkWheel(wheel, path.join(folder, file));
    await rm(destination, { force: true });
    await rename(path.join(folder, file), destination);
  });
};
