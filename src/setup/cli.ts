#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { tryKoffi, tryLibrary } from './check';
import { cleanUpOnSignals } from '../files/interrupt';
import { messageOf } from '../base/causes';
import { askedFor, CACHE_VARIABLE, cacheFolder, locateLibrary } from '../native/locate';
import { tensorflow115, tensorflowWheels, tfjsNode } from '../native/pinned';
import { currentPlatform, type Platform } from '../native/platform';
import { createReport, type Output } from './report';
import { packageRoot } from '../native/runtime';
import type { SetupOptions } from './options';
import { setup, type Attempt } from './setup';
import { wishOf } from './sources';

const usage = `Usage: keras-pipe setup [--library 1.15 | 2.x | PATH] [--force]

Puts TensorFlow's C library in place for the project in this folder, unless one is there and works.

  --library    which TensorFlow: a version, or a folder with the library; without it, 1.15, or 2.x where that is not to be had
  --force      put it in place again even so
  --help       show this
  --version    show keras-pipe's version

Environment:
  KERAS_PIPE_LIBRARY  as --library, for this run, and for programs that use keras-pipe: what else the project uses stays as it is
  LIBTENSORFLOW_DIR   a folder with TensorFlow's C library, to be used instead of fetching one
  KERAS_PIPE_CACHE    the folder for what all projects share, by default keras-pipe in the user's cache folder
`;

/** What the command talks to; the tests give their own. */
export interface Surroundings {
  readonly stdout: Output;
  readonly stderr: Output;
  /** What replaces the pinned packages, this package's folder and so on. */
  readonly options: Partial<SetupOptions>;
}

const ok = 0;
const failed = 1;
const misused = 2;

const ownVersion = (root: string): string => {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
};

const parse = (parameters: readonly string[]): ReturnType<typeof parseParameters> | string => {
  try {
    return parseParameters(parameters);
  } catch (error) {
    return messageOf(error).split('. ')[0] ?? '';
  }
};

const parseParameters = (parameters: readonly string[]) =>
  parseArgs({
    args: [...parameters],
    allowPositionals: true,
    options: {
      force: { type: 'boolean', default: false },
      library: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
      version: { type: 'boolean', short: 'v', default: false },
    },
  });

/** What a user can do where no way is open, besides what each failure names. */
const generalAdvice = ({ os, libc }: Platform, named: boolean): string[] => {
  if (named) return [];
  const archive =
    "Unpack the archive of TensorFlow's C library, or a wheel of TensorFlow's, and name its folder with `--library PATH` or the " +
    'environment variable LIBTENSORFLOW_DIR.';
  const glibc = 'Use a system with glibc: in a container, node:22-slim (Debian) instead of node:22-alpine.';
  if (os === 'linux' && libc === 'musl') return [glibc];
  return [archive];
};

const explain = (attempts: readonly Attempt[], platform: Platform, named: boolean): string => {
  const advice = new Set(attempts.flatMap(({ failure }) => failure.advice));
  // Another source of the library helps little where the disk is in the way.
  const local = attempts.some(({ failure }) => failure.local);
  for (const sentence of local ? [] : generalAdvice(platform, named)) advice.add(sentence);
  const tried = attempts.map(({ way, failure }) => `- ${way}: ${failure.message.replace(/\.$/, '')}.`);
  return [
    "keras-pipe setup: TensorFlow's C library could not be put in place.",
    '',
    'What was tried:',
    ...tried,
    '',
    'What you can do:',
    ...[...advice].map((sentence) => `- ${sentence}`),
    '',
  ].join('\n');
};

/** Where a program started with the same variables finds its library. */
const loadedBy = ({ root, cwd, cache, platform, ...options }: SetupOptions): string | undefined => {
  const env = { ...options.env, [CACHE_VARIABLE]: cache };
  return locateLibrary({ root, cwd, env, os: platform.os, arch: platform.arch })?.folder;
};

const runSetup = async (
  { force, library }: Pick<SetupOptions, 'force' | 'library'>,
  { stdout, stderr, options }: Surroundings,
): Promise<number> => {
  const env = options.env ?? process.env;
  const complete: SetupOptions = {
    root: packageRoot,
    cwd: process.cwd(),
    env,
    cache: cacheFolder(env),
    platform: currentPlatform(),
    javascript: tfjsNode,
    release: tensorflow115,
    wheels: tensorflowWheels,
    report: createReport(stdout),
    tryNative: tryLibrary,
    tryKoffi,
    answerMilliseconds: 4000,
    idleMilliseconds: 120_000,
    force,
    library,
    ...options,
  };
  const outcome = await setup(complete);
  if (outcome.version === undefined) {
    const named = wishOf(complete)?.folder !== undefined;
    stderr.write(`\n${explain(outcome.attempts, complete.platform, named)}`);
    return failed;
  }
  stdout.write(`  in ${outcome.folder}: ${outcome.why}\n`);
  stdout.write(`TensorFlow ${outcome.version} is in place and works.\n`);
  const asked = askedFor(env);
  if (asked !== undefined && loadedBy(complete) !== outcome.folder)
    stdout.write(`Programs follow ${asked.variable} first, as long as it is set; it is ${asked.value}.\n`);
  return ok;
};

/** Runs the command; resolves to its exit code: 0 done, 1 failed, 2 misused. */
export const main = async (parameters: readonly string[], surroundings: Surroundings): Promise<number> => {
  const { stdout, stderr, options } = surroundings;
  const misuse = (message: string): number => {
    stderr.write(`keras-pipe: ${message}.\n${usage.split('\n')[0]}\n\`keras-pipe --help\` says more.\n`);
    return misused;
  };
  const parsed = parse(parameters);
  if (typeof parsed === 'string') return misuse(parsed);
  const { values, positionals } = parsed;
  if (values.help) {
    stdout.write(usage);
    return ok;
  }
  if (values.version) {
    stdout.write(`${ownVersion(options.root ?? packageRoot)}\n`);
    return ok;
  }
  const [command, ...more] = positionals;
  if (command === undefined) return misuse('a command is missing: `setup`');
  if (command !== 'setup') return misuse(`there is no command '${command}'; the only one is \`setup\``);
  if (more.length > 0) return misuse(`\`setup\` takes no '${more.join(' ')}'`);
  if (values.library?.trim() === '') return misuse('`--library` is empty: a version or a folder is missing');
  try {
    return await runSetup({ force: values.force, library: values.library }, surroundings);
  } catch (error) {
    stderr.write(`keras-pipe setup: ${messageOf(error)}\n`);
    return failed;
  }
};

/**
 * What belongs to a process of its own. What it makes may be read by others and changed by its owner alone, whatever the
 * umask: that holds for npm and tar, too.
 */
export const prepareProcess = (): void => {
  process.umask(0o022);
  cleanUpOnSignals();
};

if (require.main === module) {
  prepareProcess();
  void main(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr, options: {} }).then(
    (code) => {
      process.exitCode = code;
    },
  );
}
