import { fork } from 'node:child_process';
import path from 'node:path';
import { TYPESCRIPT } from '../support/programs';
import { megabytesOf } from './resident';

/** Milliseconds between two looks at a program. */
const BETWEEN_LOOKS = 100;
/** The most characters that are kept of what a program writes to standard error. */
const MOST_ERRORS = 1000;

/** A program of this folder that tells what it does, and how it is watched. */
export interface WatchedProgram<Message> {
  readonly program: string;
  readonly parameters: readonly unknown[];
  /** Keras's folder, for it alone. */
  readonly home: string;
  /** Seconds until it tells something for the first time, at most. */
  readonly startSeconds: number;
  readonly maxMegabytes: number;
  /** Takes what it tells, and gives how many seconds it has until it tells more. */
  readonly told: (message: Message) => number;
}

/**
 * Runs a program that is ended if it takes too long or too much memory. Nothing is fetched, no data of the user's is read, and what it
 * prints is no part of it. Resolves to why it did not end well, or to undefined.
 */
export const runWatched = <Message extends object>({
  program,
  parameters,
  home,
  startSeconds,
  maxMegabytes,
  told,
}: WatchedProgram<Message>): Promise<string | undefined> =>
  new Promise((resolve) => {
    const child = fork(path.join(__dirname, program), parameters.map(String), {
      execArgv: [...TYPESCRIPT],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        ...process.env,
        KERAS_HOME: home,
        HTTPS_PROXY: 'http://127.0.0.1:9',
        https_proxy: '',
        NO_PROXY: '',
        no_proxy: '',
      },
    });
    let seconds = startSeconds;
    let since = performance.now();
    let killed: string | undefined;
    let errors = '';
    child.stderr?.on('data', (text) => (errors = `${errors}${String(text)}`.slice(-MOST_ERRORS)));
    child.on('message', (message) => {
      seconds = told(message as Message); // what the program sends
      since = performance.now();
    });
    const timer = setInterval(() => {
      const megabytes = megabytesOf(child.pid);
      if (performance.now() - since > seconds * 1000) killed = `takes more than ${seconds} s`;
      else if (megabytes > maxMegabytes) killed = `takes ${Math.round(megabytes)} MB`;
      if (killed !== undefined) child.kill('SIGKILL');
    }, BETWEEN_LOOKS);
    child.on('close', (code, signal) => {
      clearInterval(timer);
      if (killed !== undefined) resolve(killed);
      else if (code === 0) resolve(undefined);
      else resolve(`ends the process (${code ?? signal}): ${errors.replaceAll('\n', ' ')}`);
    });
  });
