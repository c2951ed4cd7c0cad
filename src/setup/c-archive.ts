import { spawn } from 'node:child_process';
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ask, proxyOf } from './address';
import { onInterrupt } from '../files/interrupt';
import { messageOf } from '../base/causes';
import { StepFailure } from './failure';
import { sizeBelow } from '../files/folders';
import { describePlatform, type Platform } from '../native/platform';
import { watched, type Report } from './report';
import { libraryBelow } from '../native/locate';
import type { JavascriptPackage } from '../native/runtime';

/** What fetching the archive needs to know. */
export interface ArchiveOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly report: Report;
  readonly platform: Platform;
  /** How long its address may take to answer. */
  readonly answerMilliseconds: number;
  /** How long it may do nothing visible. */
  readonly idleMilliseconds: number;
}

/** The variables that name a mirror, in the order in which tfjs-node's install script asks them. */
const MIRRORS = [
  'TFJS_NODE_BASE_URI',
  'npm_config_TFJS_NODE_BASE_URI',
  'TFJS_NODE_CDN_STORAGE',
  'npm_config_TFJS_NODE_CDN_STORAGE',
  'CDN_STORAGE',
];

/** The host that tfjs-node's install script takes the archive from, or of a mirror of it that the user has set. */
export const hostOf = (script: string, env: NodeJS.ProcessEnv): string => {
  const variable = MIRRORS.find((name) => (env[name] ?? '') !== '');
  const mirror = variable === undefined ? undefined : env[variable];
  // Its license names an address, too.
  const program = script.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
  const address = mirror ?? /https?:\/\/[^'"`\s]+/.exec(program)?.[0];
  if (address === undefined) throw new StepFailure('its install script names no address');
  if (URL.canParse(address)) return new URL(address).origin;
  throw new StepFailure(`${String(variable)} is no address: ${address}`, [
    `Correct or unset ${String(variable)}.`,
  ]);
};

const checkAddress = async (
  address: string,
  { env, report, answerMilliseconds }: ArchiveOptions,
): Promise<void> => {
  const { host } = new URL(address);
  report.line(`  asking ${host}`);
  const answer = await ask(address, proxyOf(env), answerMilliseconds);
  const advice = [
    `Let this machine reach ${host}, directly or through a proxy (HTTPS_PROXY), and run setup again.`,
  ];
  if ('reason' in answer) throw new StepFailure(answer.reason, advice);
  // It need not serve its own root.
  if (answer.status >= 500 || [403, 407].includes(answer.status))
    throw new StepFailure(`${host} answers ${answer.status}`, advice);
};

const scriptPackages = ['adm-zip', 'https-proxy-agent', 'progress', 'rimraf', 'tar'];

/** Copies what the install script needs into a folder of its own below tfjs-node's, where it finds its dependencies. */
const stageScript = async (from: string, folder: string): Promise<void> => {
  const require = createRequire(path.join(from, 'package.json'));
  for (const name of scriptPackages) require.resolve(name);
  for (const part of ['package.json', 'scripts']) {
    await cp(path.join(from, part), path.join(folder, part), { recursive: true });
  }
  // The script then asks for the addon, which nothing needs.
  const bin = path.join(folder, 'bin');
  await mkdir(bin);
  await writeFile(path.join(bin, 'node-pre-gyp'), '#!/bin/sh\nexit 0\n');
  await chmod(path.join(bin, 'node-pre-gyp'), 0o755);
  await writeFile(path.join(bin, 'node-pre-gyp.cmd'), '@exit /b 0\r\n');
};

const onWindows = process.platform === 'win32';

/** Runs the install script; ends it when it does nothing for long. Resolves to what it said last. */
const runScript = (folder: string, { env, idleMilliseconds }: ArchiveOptions): Promise<string> =>
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
    // Looks are counted, not time: a terminal stops setup, and what it waits for with it.
    const pause = Math.min(1000, idleMilliseconds);
    let last = { size: -1, looks: 0 };
    let idle = false;
    const watch = async (): Promise<void> => {
      const size = (await sizeBelow(folder)) + said.length;
      last = size === last.size ? { size, looks: last.looks + 1 } : { size, looks: 0 };
      idle = last.looks * pause > idleMilliseconds;
      if (idle) end();
    };
    const timer = setInterval(() => void watch().catch(() => undefined), pause);
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
 * Has tfjs-node's install script fetch the archive of TensorFlow's C library, in a copy of the package. Resolves to the folder with
 * the library. The script itself leaves a half-filled package behind when it is killed.
 */
export const fetchArchive = async (
  javascript: JavascriptPackage | undefined,
  workspace: string,
  options: ArchiveOptions,
): Promise<string> => {
  if (options.platform.libc === 'musl') {
    throw new StepFailure(`its TensorFlow needs glibc, and this is ${describePlatform(options.platform)}`);
  }
  if (javascript?.origin !== 'npm') {
    throw new StepFailure('npm left tfjs-node out, whose install script knows where the archive is', [
      'Run `npm install` again, with optional dependencies.',
    ]);
  }
  const script = await readFile(path.join(javascript.directory, 'scripts', 'install.js'), 'utf8');
  await checkAddress(hostOf(script, options.env), options);
  const folder = path.join(workspace, 'download');
  await mkdir(folder);
  try {
    await stageScript(javascript.directory, folder);
  } catch (error) {
    throw new StepFailure(`its install script cannot be run: ${messageOf(error).split('\n')[0]}`, [], error);
  }
  options.report.line('  downloading and unpacking');
  const said = await watched(runScript(folder, options), options.report, 'TensorFlow', usualBytes, () =>
    sizeBelow(folder),
  );
  const library = libraryBelow(path.join(folder, 'deps'), options.platform.os);
  if (library === undefined) {
    throw new StepFailure(`its install script ended without installing TensorFlow: ${said}`);
  }
  return library;
};
