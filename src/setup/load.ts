import util from 'node:util';
import type * as Tfjs from '@tensorflow/tfjs';

/** Loads tfjs-node on any Node.js version. */
export const load = (): typeof Tfjs => {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  // tfjs-node 4.22 calls four functions that Node.js 23 removed.
  const removed: Record<string, (value: unknown) => boolean> = {
    isNullOrUndefined: (value) => value === null || value === undefined,
    isArray: Array.isArray,
    isString: (value) => typeof value === 'string',
    isObject: (value) => typeof value === 'object' && value !== null,
  };
  for (const [name, replacement] of Object.entries(removed)) {
    if (!(name in util)) Object.assign(util, { [name]: replacement });
  }
  return require('@tensorflow/tfjs-node') as typeof Tfjs;
};
