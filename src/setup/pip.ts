import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { devNull } from 'node:os';
import path from 'node:path';
import { hashFile, sizeBelow, withTemporaryFolder } from '../files/folders';
import { AGAIN, LATER, PROXY_USER, StepFailure } from './failure';
import { WHEEL_PYTHON, type PinnedWheel } from '../native/pinned';
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

/** What pip says of an error. */
const pipSays = (stderr: string): string => {
  const lines = stderr.split('\n').filter((line) => line.startsWith('ERROR: '));
  const said = lines.at(-1)?.replace('ERROR: ', '').trim();
  return said === undefined ? '' : `; pip says: ${hideSecrets(said)}`;
};

/** Why pip reaches nothing, which it tells its log: it ends by saying that there is no such package. */
const whyNot = (log: string): string | undefined => {
  const causes = /\(Caused by (.+)\)(?: - skipping)?$|: (\d{3} (?:Client|Server) Error: .+?) for url/gm;
  const [, cause, answer] = [...log.matchAll(causes)].at(-1) ?? [];
  const said = cause ?? answer;
  // Python's objects are nothing to users.
  return said === undefined ? undefined : `; pip says: ${hideSecrets(said.replace(/<[^<>]*>: /g, ''))}`;
};

/** How pip ended, and all that it has to say of that: what it was refused it tells its log only. */
interface PipEnded extends Ended {
  readonly log: string;
}

const tries = 3;

const MENDED =
  'Mend what pip says (`pip config list` shows its settings), then run `npx keras-pipe setup` again.';

/** What a failure is known by, in what pip says and tells its log, and what it is. */
interface Kind {
  readonly sign: RegExp;
  readonly reason: (name: string) => string;
  readonly advice: string;
  /** Whether pip tells the cause its log only. */
  readonly inLog?: boolean;
}

/** Older versions take what came of a file for all of it, and then cannot read it. */
const BROKEN = /IncompleteRead|Connection broken|Wheel .* is invalid/;

/** The most telling first: that there is no such package pip says of many of them. */
const KINDS: readonly Kind[] = [
  {
    sign: /No space left on device/,
    reason: () => 'the disk is full, where pip keeps its cache or its temporary files',
    advice: 'Free space there (`pip cache dir` names the folder), then run `npx keras-pipe setup` again.',
  },
  {
    sign: BROKEN,
    reason: () => `the connection to the index in use breaks off, ${tries} times`,
    advice: AGAIN,
  },
  {
    sign: /CERTIFICATE_VERIFY_FAILED/,
    reason: () => 'pip does not trust the certificate that it is shown',
    advice: 'If it is of a proxy of your network, name the file with it in PIP_CERT.',
    inLog: true,
  },
  {
    sign: /\b407 Client Error|Tunnel connection failed: 407/,
    reason: () => 'the proxy in use wants a user and a password',
    advice: PROXY_USER,
    inLog: true,
  },
  {
    sign: /\b40[13] Client Error|HTTP error 40[13]/,
    reason: (name) => `the index in use refuses ${name}`,
    advice:
      'See that pip has the index and the user that it needs (`pip config list`), and that the index allows the package.',
    inLog: true,
  },
  {
    sign: /\b(429 Client|5\d\d Server) Error|HTTP error (429|5\d\d)|too many \d+ error responses/,
    reason: () => 'the index in use answers with an error',
    advice: LATER,
    inLog: true,
  },
  {
    sign: /NewConnectionError|ConnectTimeout|NameResolutionError|ProxyError|SSLError|Read ?timed? ?out|Connection (refused|reset)/i,
    reason: () => 'pip cannot reach the index in use',
    advice: AGAIN,
    inLog: true,
  },
  {
    sign: /No matching distribution found/,
    reason: (name) => `the index in use does not have ${name} for this system`,
    advice: 'If the index is a mirror, ask its keeper to carry the package.',
  },
];

const pipFailure = ({ code, signal, stderr, log }: PipEnded, name: string): StepFailure => {
  const all = `${stderr}\n${log}`;
  const kind = KINDS.find(({ sign }) => sign.test(all));
  if (kind !== undefined) {
    const said = (kind.inLog === true ? whyNot(log) : undefined) ?? pipSays(stderr);
    return new StepFailure(`${kind.reason(name)}${said}`, [kind.advice]);
  }
  const how = signal === null ? `ended with code ${String(code)}` : `was ended by ${signal}`;
  return new StepFailure(`\`pip download ${name}\` ${how}${pipSays(stderr)}`, [MENDED]);
};

const checkWheel = async ({ name, version, sha256 }: PinnedWheel, file: string): Promise<void> => {
  const found = await hashFile(file, 'sha256', 'hex');
  if (found === sha256) return;
  throw new StepFailure(
    `${name}==${version} is not the file expected: its SHA-256 is ${found}, not ${sha256}`,
    ['If pip uses a mirror, it alters packages: name another with `PIP_INDEX_URL`.', AGAIN],
  );
};

/** What users settle for the packages that Python runs: this one it does not, and its version and hash are settled here. */
const NO_PYTHON = { PIP_REQUIRE_VIRTUALENV: '0', PIP_REQUIRE_HASHES: '0', PIP_CONSTRAINT: devNull };

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
  const where = { TMPDIR: temporary, TEMP: temporary, TMP: temporary };
  const pip = { cwd, env: { PIP_RETRIES: '2', ...env, ...NO_PYTHON, ...where } };
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
