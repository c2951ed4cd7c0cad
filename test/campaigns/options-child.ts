/**
 * Runs the examples of the documentation, from one number to another, and calls each function that they call before the right call with
 * mistakes in its options and its arguments. Sends what comes of each to the process that started it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { snippets, GUIDES } from '../docs/extract';
import { scopeOf, compile } from '../docs/run';
import { describe } from '../../src/base/errors';
import * as keras from '../../src/index';
import { tf } from '../../src/index';
import { judge, type Mistake, mistakesIn } from './mistakes';

const [start = 0, step = 1] = process.argv.slice(2).map(Number);
/** Calls that end the process or take too long: they are known already. */
const toSkip = new Set(JSON.parse(process.argv[4] ?? '[]') as string[]); // as the campaign gives it

const send = (message: object): void => void process.send?.(message);

/** Functions that have been called with mistakes. */
const tried = new Set<string>();

const labelOf = (name: string, { what, args }: Mistake): string => {
  try {
    return `${name}(${args.map(describe).join(', ')}) [${what}]`;
  } catch {
    return `${name} [${what}]`;
  }
};

/** Tells what came of a mistake: an error, or nothing. */
const told = (name: string, mistake: Mistake, label: string, failure?: { readonly error: unknown }): void => {
  send({ done: label, problem: failure === undefined ? undefined : judge(name, mistake, failure.error) });
};

type Call = (...args: unknown[]) => unknown;

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

/** Makes the mistakes one after the other, and then the right call. */
const withMistakes = (name: string, call: Call, args: unknown[]): unknown => {
  const mistakes = mistakesIn(name, call, args);
  for (const [index, mistake] of mistakes.entries()) {
    const label = labelOf(name, mistake);
    if (toSkip.has(label)) continue;
    send({ started: label });
    try {
      const result = call(...mistake.args);
      if (isPromise(result)) return restLater(name, call, args, mistakes.slice(index + 1), result, mistake);
      told(name, mistake, label);
    } catch (error) {
      told(name, mistake, label, { error });
    }
  }
  return call(...args);
};

const restLater = async (
  name: string,
  call: Call,
  args: unknown[],
  mistakes: readonly Mistake[],
  first: Promise<unknown>,
  of: Mistake,
): Promise<unknown> => {
  let pending: Promise<unknown> | undefined = first;
  for (const mistake of [of, ...mistakes]) {
    const label = labelOf(name, mistake);
    if (toSkip.has(label)) continue;
    if (mistake !== of) send({ started: label });
    try {
      await (pending ?? call(...mistake.args));
      told(name, mistake, label);
    } catch (error) {
      told(name, mistake, label, { error });
    }
    pending = undefined;
  }
  return call(...args);
};

const wrapped = (scope: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(scope).map(([name, value]) => {
      const isFunction =
        typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value));
      // What is for the library's own files has its checks where it is called.
      const isPublic = name in keras && !['pipe', 'flow'].includes(name);
      if (!isFunction || !isPublic) return [name, value];
      const call = value as Call; // called as without types
      const proxy = new Proxy(value, {
        apply: (_target, _self, args: unknown[]) => {
          if (tried.has(name)) return call(...args);
          tried.add(name);
          return withMistakes(name, call, args);
        },
      });
      return [name, proxy];
    }),
  );

// The constructor has no name of its own in JavaScript.
const AsyncFunction = (async () => {}).constructor as new (
  ...parameters: string[]
) => (...values: unknown[]) => Promise<void>;

const main = async (): Promise<void> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-options-'));
  const all = snippets().filter(
    ({ run, kind, file }) =>
      run && kind === 'body' && !file.startsWith(GUIDES) && !file.startsWith('src/fp/'),
  );
  try {
    process.chdir(folder);
    for (let index = start; index < all.length; index += step) {
      const snippet = all[index] as (typeof all)[number];
      send({ snippet: index });
      const scope = wrapped(scopeOf(snippet));
      const { code } = compile(snippet);
      try {
        const run = new AsyncFunction(...Object.keys(scope), `{\n${code}\n}`);
        await run(...Object.values(scope));
      } catch {
        // What the mistakes have changed may make the example fail.
      }
      tf.disposeVariables();
    }
    send({ snippet: all.length, isEnd: true });
  } finally {
    process.chdir(tmpdir());
    rmSync(folder, { recursive: true, force: true });
  }
};

process.on('unhandledRejection', (error) =>
  send({ late: String((error as { stack?: unknown }).stack ?? error).slice(0, 600) }),
);
process.on('uncaughtException', (error) => send({ late: String(error.stack).slice(0, 600) }));
void main().then(() => process.exit());
