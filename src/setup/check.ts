import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../base/causes';
import { addonPath, hasAddon, javascriptPackages, type JavascriptPackage } from '../native/runtime';

/** What a trial of native parts found: the version of TensorFlow, or why it does not run. */
export type Trial = { readonly version: string } | { readonly reason: string };

/**
 * Loads an addon and has TensorFlow negate two numbers. It runs in a process of its own, since a library that does not
 * fit can end the process that loads it.
 */
const program = `
  const binding = require(process.argv[1]);
  const input = binding.createTensor([2], binding.TF_FLOAT, new Float32Array([1, -2]));
  const type = { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
  const [output] = binding.executeOp('Neg', [type], [input], 1);
  const values = Array.from(binding.tensorDataSync(output.id));
  if (values.join() !== '-1,2') throw new Error('TensorFlow computed ' + values + ' for the negatives of 1 and -2');
  console.log(binding.TF_Version);
`;

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
  return line?.replace(/^\w*Error: /, '') ?? messageOf(error);
};

/** Tries native parts: the file of an addon, which finds TensorFlow's C library next to itself. */
export const tryAddon = async (addon: string): Promise<Trial> => {
  try {
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', NODE_OPTIONS: '' };
    const { stdout } = await run(process.execPath, ['-e', program, addon], { env, timeout: wait });
    return { version: stdout.trim() };
  } catch (error) {
    return { reason: failureOf(error) };
  }
};

/** Whether the JavaScript of a tfjs-node is of the expected version and finds what it requires. */
export const tryJavaScript = (directory: string, version: string): { readonly reason?: string } => {
  try {
    const require = createRequire(path.join(directory, 'dist', 'index.js'));
    const manifest = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8')) as {
      version?: string;
    };
    if (manifest.version !== version) return { reason: `it is version ${String(manifest.version)}` };
    require.resolve(directory);
    for (const name of ['@tensorflow/tfjs', '@mapbox/node-pre-gyp', 'google-protobuf', 'progress']) {
      require.resolve(name);
    }
    return {};
  } catch (error) {
    return { reason: messageOf(error).split('\n')[0] ?? '' };
  }
};

/** The state of what is installed: what works, else what there is and why it does not. */
export type State =
  | { readonly working: JavascriptPackage; readonly version: string }
  | { readonly working: undefined; readonly reason: string };

/** Tries what a program would load, in the same order. */
export const currentState = async (
  root: string,
  javascriptVersion: string,
  tryNative: (addon: string) => Promise<Trial>,
): Promise<State> => {
  let reason = 'it is not installed';
  for (const runtime of javascriptPackages(root)) {
    const javascript = tryJavaScript(runtime.directory, javascriptVersion);
    if (javascript.reason !== undefined) {
      reason = `${runtime.directory}: ${javascript.reason}`;
    } else if (hasAddon(runtime)) {
      const trial = await tryNative(addonPath(runtime.directory));
      if ('version' in trial) return { working: runtime, version: trial.version };
      reason = `${addonPath(runtime.directory)}: ${trial.reason}`;
    }
  }
  return { working: undefined, reason };
};
