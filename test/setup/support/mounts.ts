import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/** Runs a command that needs privileges; tells whether it could be. */
export const privileged = (command: string, ...parameters: string[]): boolean => {
  try {
    execFileSync(command, parameters, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const mounted: string[] = [];

/** Takes away what was mounted. */
export const unmountAll = (): void => {
  for (const folder of mounted.splice(0).reverse()) privileged('umount', folder);
};

/** Mounts a disk of so many bytes (`64k`) at a folder. */
export const smallDisk = (folder: string, size: string): boolean => {
  mkdirSync(folder, { recursive: true });
  const done = privileged('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'none', folder);
  if (done) mounted.push(folder);
  return done;
};

/** Makes a folder one that nobody can write to, not even root. */
export const makeReadOnly = (folder: string): boolean => {
  mkdirSync(folder, { recursive: true });
  if (!privileged('mount', '--bind', folder, folder)) return false;
  mounted.push(folder);
  return privileged('mount', '-o', 'remount,ro,bind', folder);
};
