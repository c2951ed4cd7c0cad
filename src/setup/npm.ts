import { readdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { codeOf, messageOf } from '../base/causes';
import { StepFailure } from './failure';
import { hashFile, sizeBelow, withTemporaryFolder } from '../files/folders';
import { megabytes } from './files';
import type { PinnedPackage } from './pinned';
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

const npmCode = (stderr: string): string => /^npm (?:error|ERR!) code (\S+)/m.exec(stderr)?.[1] ?? '';

const again = 'Run `npx keras-pipe setup` again on a working network.';

const npmFailure = ({ code, signal, stderr }: Ended, name: string): StepFailure => {
  const reason = npmCode(stderr);
  const quoted = npmSays(stderr);
  if (reason === 'E404' || reason === 'ETARGET') {
    return new StepFailure(`the npm registry in use does not have ${name}${quoted}`, [
      'If the registry is a mirror, ask its keeper to carry the package.',
    ]);
  }
  if (reason === 'E401' || reason === 'E403' || reason === 'ENEEDAUTH') {
    return new StepFailure(`the npm registry in use refuses ${name} (${reason})${quoted}`, [
      'See that npm is logged in to the registry, and that the registry allows the package.',
    ]);
  }
  if (reason === 'EINTEGRITY') {
    return new StepFailure(`the download of ${name} does not have the hash that the registry names`, [
      'Run `npm cache verify`, then `npx keras-pipe setup` again.',
    ]);
  }
  if (reason === 'ENOSPC') {
    return new StepFailure(`the disk is full, where npm keeps its cache or its temporary files${quoted}`, [
      'Free space there (`npm config get cache` names the folder), then run `npx keras-pipe setup` again.',
    ]);
  }
  if (unreachable.includes(reason)) {
    return new StepFailure(`npm cannot reach the registry (${reason})${quoted}`, [again]);
  }
  if (broken.includes(reason)) {
    return new StepFailure(
      `the connection to the npm registry breaks off, ${tries} times (${reason})${quoted}`,
      [again],
    );
  }
  const how = signal === null ? `ended with code ${String(code)}` : `was ended by ${signal}`;
  return new StepFailure(`\`npm pack ${name}\` ${how}${reason === '' ? '' : ` (${reason})`}${quoted}`, [
    again,
  ]);
};

const tries = 3;

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
    ['If npm uses a mirror, it alters packages: name another with `npm_config_registry`.', again],
  );
};
