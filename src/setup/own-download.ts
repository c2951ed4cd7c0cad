import { spawn } from 'node:child_process';
import { access, chmod, cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ask, proxyOf } from './address';
import { onInterrupt } from '../files/interrupt';
import { messageOf } from '../base/causes';
import { StepFailure } from './failure';
import { linkOrCopy, sizeBelow } from '../files/folders';
import { describePlatform, type Platform } from './platform';
import { watched, type Report } from './report';
import { addonFolder, addonName, type JavascriptPackage } from '../native/runtime';

/** What tfjs-node's own download needs to know. */
export interface OwnDownload {
  readonly env: NodeJS.ProcessEnv;
  readonly report: Report;
  readonly platform: Platform;
  /** How long its address may take to answer. */
  readonly answerMilliseconds: number;
  /** How long it may do nothing visible. */
  readonly idleMilliseconds: number;
}

/** The part of tfjs-node's manifest that says where its addon is. */
interface Manifest {
  readonly version: string;
  readonly binary: { readonly host: string };
}

const systems: Readonly<Record<string, string>> = { darwin: 'darwin', linux: 'linux', win32: 'windows' };

/** An address that must answer if tfjs-node's install script is to work: the mirror that the user set, or the addon. */
const addressOf = ({ version, binary }: Manifest, env: NodeJS.ProcessEnv): string => {
  const mirror =
    env['TFJS_NODE_BASE_URI'] ??
    env['TFJS_NODE_CDN_STORAGE'] ??
    env['npm_config_TFJS_NODE_CDN_STORAGE'] ??
    env['CDN_STORAGE'];
  if (mirror !== undefined) return new URL(mirror).origin;
  const extension = process.platform === 'win32' ? 'zip' : 'tar.gz';
  return `${binary.host}/napi-v8/${version}/CPU-${systems[process.platform] ?? process.platform}-${version}.${extension}`;
};

const checkAddress = async (
  address: string,
  { env, report, answerMilliseconds }: OwnDownload,
): Promise<void> => {
  const { host, pathname } = new URL(address);
  report.line(`  asking ${host}`);
  const answer = await ask(address, proxyOf(env), answerMilliseconds);
  const advice = [
    `Let this machine reach ${host}, directly or through a proxy (HTTPS_PROXY), and run setup again.`,
  ];
  if ('reason' in answer) throw new StepFailure(answer.reason, advice);
  // A mirror need not serve its own root.
  if (pathname !== '/' && answer.status >= 400) {
    throw new StepFailure(`${host} answers ${answer.status} for ${pathname}`, advice);
  }
};

const scriptPackages = ['@mapbox/node-pre-gyp', 'adm-zip', 'https-proxy-agent', 'progress', 'rimraf', 'tar'];

/** Copies what the install script needs into a folder of its own below tfjs-node's, where it finds its dependencies. */
const stageScript = async (from: string, folder: string): Promise<void> => {
  const require = createRequire(path.join(from, 'package.json'));
  for (const name of scriptPackages) require.resolve(name);
  for (const part of ['package.json', 'scripts', 'binding', 'binding.gyp']) {
    await cp(path.join(from, part), path.join(folder, part), { recursive: true });
  }
  // The script calls node-pre-gyp by name, which npm would put in PATH.
  const program = path.join(
    path.dirname(require.resolve('@mapbox/node-pre-gyp/package.json')),
    'bin',
    'node-pre-gyp',
  );
  const bin = path.join(folder, 'bin');
  await mkdir(bin);
  await writeFile(
    path.join(bin, 'node-pre-gyp'),
    `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`,
  );
  await chmod(path.join(bin, 'node-pre-gyp'), 0o755);
  await writeFile(path.join(bin, 'node-pre-gyp.cmd'), `@"${process.execPath}" "${program}" %*\r\n`);
};

const onWindows = process.platform === 'win32';

/** Runs the install script; ends it when it does nothing for long. Resolves to what it said last. */
const runScript = (folder: string, { env, idleMilliseconds }: OwnDownload): Promise<string> =>
  new Promise((resolve, reject) => {
    const PATH = `${path.join(folder, 'bin')}${path.delimiter}${env['PATH'] ?? ''}`;
    const child = spawn(process.execPath, [path.join('scripts', 'install.js')], {
      cwd: folder,
      env: { ...env, PATH, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that what the script starts ends with it.
      detached: !onWindows,
    });
    const end = (): void => {
      if (child.pid === undefined || child.exitCode !== null) return;
      if (onWindows) child.kill();
      else process.kill(-child.pid, 'SIGKILL');
    };
    const forget = onInterrupt(end);
    let said = '';
    const hear = (chunk: Buffer): void => {
      said = `${said}${chunk.toString()}`.slice(-4000);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    let last = { size: -1, at: performance.now() };
    let idle = false;
    const watch = async (): Promise<void> => {
      const size = (await sizeBelow(folder)) + said.length;
      if (size !== last.size) last = { size, at: performance.now() };
      idle = performance.now() - last.at > idleMilliseconds;
      if (idle) end();
    };
    const timer = setInterval(() => void watch().catch(() => undefined), Math.min(1000, idleMilliseconds));
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(timer);
      forget();
      if (idle)
        reject(new StepFailure(`its install script did nothing for ${idleMilliseconds / 1000} seconds`));
      else if (code !== 0) reject(new StepFailure(`its install script failed: ${lastWords(said)}`));
      else resolve(lastWords(said));
    });
  });

const lastWords = (said: string): string => {
  const lines = said.split('\n').map((line) => line.trim());
  return (
    lines.find((line) => /Error: /.test(line)) ??
    lines.filter((line) => line !== '').at(-1) ??
    'it said nothing'
  );
};

// TensorFlow 2.9.1 unpacked, roughly: for the progress display.
const usualBytes = 430e6;

/**
 * Has tfjs-node's install script fetch TensorFlow into a copy of the package, and moves what it made into a folder laid out
 * as tfjs-node's. The script itself leaves a half-filled package behind when it is killed.
 */
export const useOwnDownload = async (
  runtime: JavascriptPackage | undefined,
  workspace: string,
  destination: string,
  options: OwnDownload,
): Promise<void> => {
  if (options.platform.libc === 'musl') {
    throw new StepFailure(`its TensorFlow needs glibc, and this is ${describePlatform(options.platform)}`);
  }
  if (runtime?.origin !== 'npm') {
    throw new StepFailure('npm left tfjs-node out, as its download failed or optional dependencies are off', [
      'Run `npm install` again where its download works.',
    ]);
  }
  const manifest = JSON.parse(
    await readFile(path.join(runtime.directory, 'package.json'), 'utf8'),
  ) as Manifest;
  await checkAddress(addressOf(manifest, options.env), options);
  const folder = path.join(workspace, 'download');
  await mkdir(folder);
  try {
    await stageScript(runtime.directory, folder);
  } catch (error) {
    throw new StepFailure(`its install script cannot be run: ${messageOf(error).split('\n')[0]}`, [], error);
  }
  options.report.line('  downloading and unpacking');
  const said = await watched(runScript(folder, options), options.report, 'tfjs-node', usualBytes, () =>
    sizeBelow(folder),
  );
  try {
    await access(path.join(folder, addonFolder, addonName));
    if (onWindows) {
      // There the script leaves a link to the library's first place, from which it moves now.
      const library = path.join(folder, addonFolder, 'tensorflow.dll');
      await rm(library, { force: true });
      await linkOrCopy(path.join(folder, 'deps', 'lib', 'tensorflow.dll'), library);
    }
    await mkdir(destination, { recursive: true });
    await rename(path.join(folder, 'deps'), path.join(destination, 'deps'));
    await rename(path.join(folder, 'lib'), path.join(destination, 'lib'));
  } catch (error) {
    throw new StepFailure(`its install script ended without installing TensorFlow: ${said}`, [], error);
  }
};
