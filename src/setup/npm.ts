import { readdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { codeOf, messageOf } from '../base/causes';
import { AGAIN, LATER, PROXY_USER, StepFailure } from './failure';
import { hashFile, sizeBelow, withTemporaryFolder } from '../files/folders';
import { megabytes } from './files';
import type { PinnedPackage } from '../native/pinned';
import { hideSecrets, runProgram, type Ended, type Surroundings } from './process';
import { watched, type Report } from './report';

/** What npm says of an error in its first line, without a code, which is told apart here. */
const npmSays = (stderr: string): string => {
  const lines = stderr
    .split('\n')
    .filter((line) => /^npm (error|ERR!) /.test(line))
    .map((line) => line.replace(/^npm (error|ERR!) /, '').trim())
    .filter((line) => !/^(code|syscall|errno|type|path|address|port)\b|^[{}]/.test(line))
    .map((line) => line.replace(/^(\d{3} |network |FetchError: )+/, '').replace(/[.,]$/, ''));
  const said = lines.find((line) => line !== '' && !line.startsWith('A complete log'));
  return said === undefined ? '' : `; npm says: ${hideSecrets(said)}`;
};

const broken = ['ECONNRESET', 'EPIPE', 'EIDLETIMEOUT', 'ERR_STREAM_PREMATURE_CLOSE', 'Z_BUF_ERROR'];
const unreachable = [
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ETIMEDOUT',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ERR_SOCKET_TIMEOUT',
  'FETCH_ERROR',
];

const tries = 3;

const npmCode = (stderr: string): string => /^npm (?:error|ERR!) code (\S+)/m.exec(stderr)?.[1] ?? '';

/** A failure that npm has a code for. */
interface Kind {
  readonly codes: RegExp;
  readonly reason: (name: string, code: string) => string;
  readonly advice: string;
}

const KINDS: readonly Kind[] = [
  {
    codes: /^(E404|ETARGET)$/,
    reason: (name) => `the npm registry in use does not have ${name}`,
    advice: 'If the registry is a mirror, ask its keeper to carry the package.',
  },
  {
    codes: /^ENOTCACHED$/,
    reason: (name) => `npm is set to be offline, and does not have ${name} in its cache`,
    advice: 'Run setup without `--offline` (`npm config get offline`).',
  },
  {
    codes: /^E407$/,
    reason: () => 'the proxy in use wants a user and a password',
    advice: PROXY_USER,
  },
  {
    codes: /^(E401|E403|ENEEDAUTH)$/,
    reason: (name, code) => `the npm registry in use refuses ${name} (${code})`,
    advice:
      'See that npm is logged in to the registry, and that the registry, and a proxy before it, allow the package.',
  },
  {
    codes: /^(E429|E5\d\d)$/,
    reason: (_, code) => `the npm registry in use answers with an error (${code})`,
    advice: LATER,
  },
  {
    codes: /CERT|^UNABLE_TO_/,
    reason: (_, code) => `npm does not trust the certificate that it is shown (${code})`,
    advice: 'If it is of a proxy of your network, name the file with it in NODE_EXTRA_CA_CERTS.',
  },
  {
    codes: /^ENOSPC$/,
    reason: () => 'the disk is full, where npm keeps its cache or its temporary files',
    advice:
      'Free space there (`npm config get cache` names the folder), then run `npx keras-pipe setup` again.',
  },
  {
    codes: new RegExp(`^(${unreachable.join('|')})$`),
    reason: (_, code) => `npm cannot reach the registry (${code})`,
    advice: AGAIN,
  },
  {
    codes: new RegExp(`^(${broken.join('|')})$`),
    reason: (_, code) => `the connection to the npm registry breaks off, ${tries} times (${code})`,
    advice: AGAIN,
  },
];

const MENDED =
  'Mend what npm says (`npm config list` shows its settings), then run `npx keras-pipe setup` again.';

const npmFailure = ({ code, signal, stderr }: Ended, name: string): StepFailure => {
  const reason = npmCode(stderr);
  const quoted = npmSays(stderr);
  if (reason === 'EINTEGRITY') {
    return new StepFailure(`the download of ${name} does not have the hash that the registry names`, [
      'Run `npm cache verify`, then `npx keras-pipe setup` again.',
    ]);
  }
  const kind = KINDS.find(({ codes }) => codes.test(reason));
  if (kind !== undefined) return new StepFailure(`${kind.reason(name, reason)}${quoted}`, [kind.advice]);
  const how = signal === null ? `ended with code ${String(code)}` : `was ended by ${signal}`;
  const known = reason === '' ? '' : ` (${reason})`;
  return new StepFailure(`\`npm pack ${name}\` ${how}${known}${quoted}`, [MENDED]);
};

const noNpm = (error: unknown): StepFailure =>
  codeOf(error) === 'ENOENT'
    ? new StepFailure('there is no `npm` in PATH', ['Install npm, which comes with Node.js.'], error)
    : new StepFailure(`npm could not be started (${messageOf(error)})`, [], error);

/** Where npm writes a download while it arrives, if it says so. */
const downloadFolder = async (npm: Surroundings): Promise<string | undefined> => {
  const { code, stdout } = await runProgram(npm, 'npm', ['config', 'get', 'cache']);
  const cache = stdout.trim();
  return code === 0 && path.isAbsolute(cache) ? path.join(cache, '_cacache', 'tmp') : undefined;
};

/**
 * Fetches a package's tarball with the user's own npm and checks it against its pinned hash. It appears at `destination`
 * whole, or not at all.
 */
export const fetchPackage = async (
  wanted: PinnedPackage,
  destination: string,
  npm: Surroundings,
  report: Report,
): Promise<void> => {
  const name = `${wanted.name}@${wanted.version}`;
  await withTemporaryFolder(path.dirname(destination), async (folder) => {
    // npm waits 10 and 20 seconds before it tries again; setup has other ways to go.
    const env = {
      npm_config_fetch_retry_mintimeout: '1000',
      npm_config_fetch_retry_maxtimeout: '4000',
      ...npm.env,
    };
    // Settings that a surrounding npm passes on (`npm run setup --dry-run`) are not meant for this npm.
    const parameters = [
      'pack',
      name,
      '--pack-destination',
      folder,
      '--prefer-offline',
      '--dry-run=false',
      '--ignore-scripts',
      '--loglevel=error',
    ];
    const began = Date.now() - 1000;
    let ended: Ended;
    try {
      const arriving = await downloadFolder(npm);
      const size = async (): Promise<number | undefined> =>
        (await sizeBelow(folder)) ||
        (arriving === undefined ? 0 : await sizeBelow(arriving, began)) ||
        undefined;
      const download = (): Promise<Ended> =>
        watched(runProgram({ ...npm, env }, 'npm', parameters), report, name, wanted.bytes, size);
      ended = await download();
      // npm asks again when a request fails, but not when an answer breaks off.
      for (let times = 1; times < tries && broken.includes(npmCode(ended.stderr)); times += 1) {
        report.line('  the connection broke; trying again');
        ended = await download();
      }
    } catch (error) {
      throw noNpm(error);
    }
    const tarball = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
    if (ended.code !== 0 || tarball === undefined) throw npmFailure(ended, name);
    const file = path.join(folder, tarball);
    await checkPackage(wanted, file);
    await rename(file, destination);
  });
};

/** Compares a tarball with the hash it must have. */
export const checkPackage = async (wanted: PinnedPackage, file: string): Promise<void> => {
  const integrity = `sha512-${await hashFile(file, 'sha512', 'base64')}`;
  if (integrity === wanted.integrity) return;
  const { size } = await stat(file);
  throw new StepFailure(
    `${wanted.name}@${wanted.version} (${megabytes(size)}) is not the file expected: its hash is ${integrity}, ` +
      `not ${wanted.integrity}`,
    ['If npm uses a mirror, it alters packages: name another with `npm_config_registry`.', AGAIN],
  );
};
