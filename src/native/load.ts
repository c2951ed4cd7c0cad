import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import type * as Tfjs from '@tensorflow/tfjs';
import { messageOf } from '../base/causes';
import { KerasNativeError } from '../base/errors';
import { hasAddon, packageRoot, runtimes } from './runtime';

/**
 * Gives `node:util` the functions that tfjs-node 4.22 calls and that Node.js 23 removed. On Node.js 22 they are still
 * there, but warn; so they are set there too.
 */
const restoreUtilities = (): void => {
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
    isString: (value: unknown) => typeof value === 'string',
    isObject: (value: unknown) => typeof value === 'object' && value !== null,
  });
};

const firstLine = (error: unknown): string => messageOf(error).trim().split('\n')[0] ?? '';

const failure = (received: string, cause?: unknown): KerasNativeError =>
  new KerasNativeError({
    function: 'keras-pipe',
    expected: "TensorFlow's C library must be in place",
    received,
    advice: 'Run `npx keras-pipe setup`, once in each project; it says what it does and, if it cannot, why.',
    ...(cause === undefined ? {} : { cause }),
  });

/**
 * Loads tfjs-node, on any Node.js version, from where npm or `keras-pipe setup` put it.
 *
 * TensorFlow's own lines on standard error are off, unless the user has set `TF_CPP_MIN_LOG_LEVEL`.
 *
 * @throws KerasNativeError if tfjs-node or its native part is missing or does not load.
 */
export const load = (root = packageRoot): typeof Tfjs => {
  const found = runtimes(root);
  const complete = found.filter(hasAddon);
  if (complete.length === 0) {
    throw failure(
      found.length === 0 ? 'no @tensorflow/tfjs-node' : '@tensorflow/tfjs-node without its native part',
    );
  }
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  restoreUtilities();
  const require = createRequire(path.join(root, 'package.json'));
  const errors: unknown[] = [];
  for (const { directory } of complete) {
    try {
      // What tfjs-node exports is all of tfjs and a little more, which this library has no use for.
      return require(directory) as typeof Tfjs;
    } catch (error) {
      errors.push(error);
    }
  }
  throw failure(`a native part that does not load: ${firstLine(errors[0])}`, errors[0]);
};
