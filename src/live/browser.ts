import { spawn } from 'node:child_process';

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that test runners and build servers set. */
const UNATTENDED = ['CI', 'JEST_WORKER_ID', 'VITEST', 'NODE_TEST_CONTEXT'];

const isSet = (environment: Environment, name: string): boolean =>
  environment[name] !== undefined && environment[name] !== '' && environment[name] !== 'false';

/** Whether somebody is likely to look: not in tests and on build servers, and not where there is no screen. */
export const isAttended = (
  environment: Environment = process.env,
  platform: string = process.platform,
): boolean => {
  if (environment['NODE_ENV'] === 'test' || UNATTENDED.some((name) => isSet(environment, name))) return false;
  // Of these two, a session from elsewhere has no screen of its own.
  if (platform === 'darwin' || platform === 'win32') return !isSet(environment, 'SSH_CONNECTION');
  return isSet(environment, 'DISPLAY') || isSet(environment, 'WAYLAND_DISPLAY');
};

/** What opens an address in the user's browser. */
export const openerOf = (
  address: string,
  platform: string = process.platform,
): readonly [program: string, parameters: readonly string[]] => {
  if (platform === 'darwin') return ['open', [address]];
  // `start` is a word of the shell; the first quoted parameter is a title. The address has nothing in it that the shell would read.
  if (platform === 'win32') return ['cmd', ['/c', 'start', '""', address]];
  return ['xdg-open', [address]];
};

/** Opens an address in the user's browser. Says if that has failed, which nothing else depends on. */
export const openBrowser = (address: string, failed: () => void): void => {
  const [program, parameters] = openerOf(address);
  try {
    const child = spawn(program, parameters, {
      stdio: 'ignore',
      detached: true,
      windowsVerbatimArguments: true,
    });
    child.on('error', failed);
    child.on('exit', (code) => {
      if (code !== 0) failed();
    });
    child.unref();
  } catch {
    failed();
  }
};
