/** Work that is killed before one of its steps on the disk, as far as the disk can tell: what a kill can leave, one after the other. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** That the work has been killed: nothing it does reaches the disk any more. */
class Killed extends Error {}

const STEPS = ['chmod', 'copyFile', 'link', 'mkdir', 'mkdtemp', 'rename', 'rm', 'symlink', 'unlink', 'utimes', 'writeFile'] as const; // prettier-ignore
const HANDLE_STEPS = ['appendFile', 'sync', 'truncate', 'write', 'writeFile', 'writev'] as const;

type Functions = Record<string, (...parameters: unknown[]) => unknown>;

const asFunctions = (value: object): Functions => value as Functions; // of those that are named

const isWriting = (flags: unknown): boolean => typeof flags === 'string' && flags !== 'r';

/** How a function is called in the place of another. */
type Way = (original: Functions[string], parameters: unknown[]) => unknown;
const plain: Way = (original, parameters) => original(...parameters);

/** Runs work as if it were another process's. */
export const asProcess = async <T>(pid: number, work: () => Promise<T> | T): Promise<T> => {
  const own = Object.getOwnPropertyDescriptor(process, 'pid') as PropertyDescriptor; // it has one
  Object.defineProperty(process, 'pid', { ...own, value: pid });
  try {
    return await work();
  } finally {
    Object.defineProperty(process, 'pid', own);
  }
};

/** Starts processes that sleep, and ends them, a line for each: for this process, with all its memory, that takes ten times as long. */
const starter = spawn(
  'sh',
  ['-c', 'while read -r _; do sleep 1000 & echo $!; read -r _; kill $!; wait $!; echo ended; done'],
  { stdio: ['pipe', 'pipe', 'ignore'] },
);
const said = createInterface(starter.stdout)[Symbol.asyncIterator]();
// Jest writes by the same functions: of a test that was given up when its time was over, nothing may be left in their place.
let isOver = false;
const ask = async (): Promise<string> => {
  if (isOver) throw new Error('the tests have ended');
  starter.stdin.write('\n');
  return String((await said.next()).value);
};

let undo: (() => void)[] = [];
const restore = (): void => {
  for (const one of undo) one();
  undo = [];
};
afterEach(restore);
afterAll(() => {
  isOver = true;
  starter.stdin.end();
});

/** Runs work as if it were that of a process of the starter's, which has ended when this resolves. */
const asEnding = async <T>(pid: number, work: () => Promise<T>): Promise<T> => {
  try {
    return await asProcess(pid, work);
  } finally {
    expect(await ask()).toBe('ended');
  }
};

/** Runs work that is killed before its so many-th step on the disk, counted from 0. Says whether it was: else it came to its end. */
export const killedBefore = async (step: number, work: () => Promise<unknown>): Promise<boolean> => {
  const pid = Number(await ask());
  let steps = 0;
  const takeStep = (): void => {
    if (steps++ >= step) throw new Killed('it is killed');
  };
  const probe = await fsPromises.open(path.join(__dirname, 'killed.ts'), 'r');
  const handles = asFunctions(Object.getPrototypeOf(probe) as object);
  await probe.close();
  const replace = (functions: Functions, name: string, way: Way): void => {
    const original = functions[name];
    if (original === undefined) throw new Error(`there is no ${name}`);
    functions[name] = function (this: unknown, ...parameters: unknown[]) {
      return way(original.bind(this), parameters);
    };
    undo.push(() => (functions[name] = original));
  };
  const atOnce: Way = (original, parameters) => {
    takeStep();
    return original(...parameters);
  };
  // As these do it: nothing is thrown before there is a promise.
  const promised: Way = (original, parameters) =>
    Promise.resolve().then(() => {
      takeStep();
      return original(...parameters);
    });
  const ifWriting = (way: Way): Way => {
    return (original, parameters) => (isWriting(parameters[1]) ? way : plain)(original, parameters);
  };
  for (const name of STEPS) {
    replace(asFunctions(fsPromises), name, promised);
    replace(asFunctions(fs), `${name}Sync`, atOnce);
  }
  replace(asFunctions(fsPromises), 'open', ifWriting(promised));
  replace(asFunctions(fs), 'openSync', ifWriting(atOnce));
  replace(asFunctions(fs), 'writeSync', atOnce);
  replace(asFunctions(fs), 'createWriteStream', atOnce);
  for (const name of HANDLE_STEPS) replace(handles, name, promised);
  try {
    await asEnding(pid, work);
  } catch (error) {
    if (steps <= step) throw error;
  } finally {
    restore();
  }
  return steps > step;
};
