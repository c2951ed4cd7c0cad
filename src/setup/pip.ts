import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { hashFile, sizeBelow, withTemporaryFolder } from '../files/folders';
import { StepFailure } from './failure';
import { WHEEL_BYTES, WHEEL_PYTHON, type PinnedWheel } from './pinned';
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

const pipFailure = ({ code, signal, stderr }: Ended, name: string): StepFailure => {
  const quoted = pipSays(stderr);
  if (/No space left on device/.test(stderr)) {
    return new StepFailure(`the disk is full, where pip keeps its cache or its temporary files${quoted}`, [
      'Free space there (`pip cache dir` names the folder), then run `npx keras-pipe setup` again.',
    ]);
  }
  if (
    /NewConnectionError|ConnectTimeout|NameResolutionError|ProxyError|SSLError|Read ?timed? ?out/i.test(
      stderr,
    )
  ) {
    return new StepFailure(`pip cannot reach the index in use${quoted}`, [again]);
  }
  if (/\b40[13]\b/.test(stderr)) {
    return new StepFailure(`the index in use refuses ${name}${quoted}`, [
      'See that pip has the index and the user that it needs (`pip config list`), and that the index allows the package.',
    ]);
  }
  if (/No matching distribution found/.test(stderr)) {
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
  const name = `${wheel.name}==${wheel.version}`;
  await withTemporaryFolder(path.dirname(destination), async (folder) => {
    const temporary = path.join(folder, 'temporary');
    await mkdir(temporary);
    // Where a download can be watched, and goes when it is cut short. The user's own number of tries holds.
    const env = { PIP_RETRIES: '2', ...pip.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary };
    const [program, ...first] = await findPip(pip);
    const what = ['--no-deps', '--only-binary=:all:', '--dest', folder, name];
    const system = ['--platform', wheel.tag, '--python-version', WHEEL_PYTHON, '--implementation', 'cp'];
    const quiet = ['--progress-bar', 'off', '--disable-pip-version-check', '--no-input'];
    const ended = await watched(
      runProgram({ ...pip, env }, program, [...first, 'download', ...quiet, ...system, ...what]),
      report,
      name,
      WHEEL_BYTES.packed,
      () => sizeBelow(folder),
    );
    const file = (await readdir(folder)).find((entry) => entry.endsWith('.whl'));
    if (ended.code !== 0 || file === undefined) throw pipFailure(ended, name);
    await checkWheel(wheel, path.join(folder, file));
    await rm(destination, { force: true });
    await rename(path.join(folder, file), destination);
  });
};
