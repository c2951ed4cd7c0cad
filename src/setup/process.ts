import { spawn } from 'node:child_process';
import { onInterrupt } from '../files/interrupt';

/** Where and how the user's own programs are run. */
export interface Surroundings {
  /** The user's project, so that its settings hold: registry mirrors, proxies, tokens. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** How a program ended, and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const onWindows = process.platform === 'win32';

/** Runs a program to its end; it ends with this process. */
export const runProgram = (
  { cwd, env }: Surroundings,
  program: string,
  parameters: readonly string[],
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    // On Windows npm is a batch file, which needs a shell.
    const child = onWindows
      ? spawn(`${program} ${parameters.map((text) => `"${text}"`).join(' ')}`, { cwd, env, shell: true })
      : spawn(program, parameters, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const forget = onInterrupt(() => child.kill());
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', (error) => {
      forget();
      reject(error);
    });
    child.on('close', (code, signal) => {
      forget();
      resolve({ code, signal, stdout, stderr });
    });
  });

/** Text without the users and passwords of addresses. */
export const hideSecrets = (text: string): string => text.replace(/\/\/[^/\s@]+@/g, '//');
