import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../base/causes';
import { goneFolder, locateLibrary, type Place } from '../native/locate';
import { javascriptPackages } from '../native/runtime';

/** What a trial of a library found: its version, or why it does not run. */
export type Trial = { readonly version: string } | { readonly reason: string };

/** What runs in a process of its own: {@link ../native/trial}, as the source or compiled from it. */
const program = path.join(__dirname, '..', 'native', `trial${path.extname(__filename)}`);

/** What runs sources, where this is one, and what finds packages where Yarn has not laid them into folders. */
const loader = (): string[] => {
  const modules = process.versions['pnp'] === undefined ? [] : [createRequire(__filename).resolve('pnpapi')];
  if (program.endsWith('.ts')) modules.push(require.resolve('tsx/cjs'));
  return modules.flatMap((file) => ['--require', file]);
};

const wait = 60_000;
const run = promisify(execFile);

interface ProcessFailure {
  readonly signal?: string | null;
  readonly killed?: boolean;
  readonly stderr?: string;
}

const failureOf = (error: unknown): string => {
  // execFile rejects with an Error that carries these.
  const { signal, killed, stderr } = error as ProcessFailure;
  if (killed === true) return `it does not answer within ${wait / 1000} seconds`;
  if (signal === 'SIGILL') return 'it needs instructions that this processor does not have (SIGILL)';
  if (typeof signal === 'string') return `it crashes (${signal})`;
  const line = (stderr ?? '').split('\n').find((text) => /^\w*Error: /.test(text));
  return line?.replace(/^\w*Error: (keras-pipe: )?/, '') ?? messageOf(error);
};

const tryProgram = async (...parameters: string[]): Promise<Trial> => {
  try {
    // All functions are looked up here: of one that is missing, a program would only hear when it calls it, and end.
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', NODE_OPTIONS: '', LD_BIND_NOW: '1' };
    const { stdout } = await run(process.execPath, [...loader(), program, ...parameters], {
      env,
      timeout: wait,
    });
    // What a library prints by itself may be before it and after it.
    const version = stdout.split('\n').findLast((line) => /^\d+\.\d+\.\S+$/.test(line));
    return version === undefined ? { reason: 'it ends the process that loads it' } : { version };
  } catch (error) {
    return { reason: failureOf(error) };
  }
};

/** Tries the C library in a folder. */
export const tryLibrary = (folder: string): Promise<Trial> => tryProgram(folder);

/** Tries koffi, without which no library can be called. */
export const tryKoffi = (): Promise<Trial> => tryProgram();

/** Whether the JavaScript of a tfjs-node is of the expected version and finds what it requires. */
export const tryJavaScript = (directory: string, version: string): { readonly reason?: string } => {
  try {
    const require = createRequire(path.join(directory, 'dist', 'index.js'));
    const manifest = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8')) as {
      version?: string;
    };
    if (manifest.version !== version) return { reason: `it is version ${String(manifest.version)}` };
    require.resolve(directory);
    for (const name of ['@tensorflow/tfjs', 'google-protobuf', 'progress']) {
      require.resolve(name);
    }
    return {};
  } catch (error) {
    return { reason: messageOf(error).split('\n')[0] ?? '' };
  }
};

/** The state of what is installed: the library that works and why it is that one, else why there is none. */
export type State =
  | { readonly folder: string; readonly version: string; readonly why: string }
  | { readonly folder: undefined; readonly reason: string };

/** Tries what a program would load. */
export const currentState = async (
  place: Place,
  javascriptVersion: string,
  tryNative: (folder: string) => Promise<Trial>,
): Promise<State> => {
  const javascript = javascriptPackages(place.root)[0];
  if (javascript === undefined) return { folder: undefined, reason: 'it is not installed' };
  const { reason } = tryJavaScript(javascript.directory, javascriptVersion);
  if (reason !== undefined) return { folder: undefined, reason: `${javascript.directory}: ${reason}` };
  const located = locateLibrary(place);
  if (located === undefined) {
    const gone = goneFolder(place.root);
    return { folder: undefined, reason: gone === undefined ? 'there is no library' : `${gone} is gone` };
  }
  const trial = await tryNative(located.folder);
  if ('version' in trial) return { folder: located.folder, version: trial.version, why: located.reason };
  return { folder: undefined, reason: `${located.folder}: ${trial.reason}` };
};
