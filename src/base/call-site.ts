import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this library: src in its own tests, dist in a package. */
const LIBRARY = dirname(__dirname) + sep;

/** `path:line` of a line of a stack trace, or undefined where it names no line of a file. */
const placeIn = (frame: string): { readonly path: string; readonly line: string } | undefined => {
  // `at function (path:line:column)`, or without a function `at path:line:column`; a path may have brackets, too.
  const form = frame.endsWith(')') ? /^\s*at .*? \((.+):(\d+):\d+\)$/ : /^\s*at (?:async )?(.+):(\d+):\d+$/;
  const [, path, line] = form.exec(frame) ?? [];
  if (path === undefined || line === undefined) return undefined;
  return { path: path.startsWith('file:') ? fileURLToPath(path) : path, line };
};

/** Whether a file is one of tfjs's; where source maps are in use, stacks name the sources that its bundles were made of. */
export const isTfjsFile = (path: string): boolean =>
  /[\\/]@tensorflow[\\/]|[\\/]tfjs-(?:core|layers|data|converter|node|backend-cpu)[\\/]src[\\/]/.test(path);

const isLibrarys = (path: string): boolean =>
  path.startsWith(LIBRARY) ||
  path.startsWith('node:') ||
  /[\\/]node_modules[\\/]/.test(path) ||
  isTfjsFile(path);

/** The file in which an error was made, or undefined where its stack does not say. What JavaScript itself does has no file. */
export const originOf = (error: unknown): string | undefined => {
  const stack = typeof error === 'object' && error !== null && 'stack' in error ? error.stack : undefined;
  if (typeof stack !== 'string') return undefined;
  for (const frame of stack.split('\n')) {
    const place = placeIn(frame);
    if (place !== undefined) return place.path;
  }
  return undefined;
};

/**
 * The line of the user's program that is being run, as `path:line`: the first frame that is neither this library's, nor
 * Node's, nor of an installed package. Undefined if there is none.
 */
export const callSite = (): string | undefined => {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, callSite);
  for (const frame of (holder.stack ?? '').split('\n').slice(1)) {
    const place = placeIn(frame);
    if (place !== undefined && !isLibrarys(place.path)) return `${place.path}:${place.line}`;
  }
  return undefined;
};
