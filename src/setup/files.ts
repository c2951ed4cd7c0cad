import { statfs } from 'node:fs/promises';
import { StepFailure } from './failure';

/** Stops before a disk is filled in vain. */
export const needSpace = async (folder: string, bytes: number, advice: string): Promise<void> => {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes) return;
  throw new StepFailure(
    `the disk of ${folder} is full: ${megabytes(bytes)} are needed, ${megabytes(free)} are free`,
    [advice],
    undefined,
    true,
  );
};

/** A number of bytes as people read it: `195 MB`. */
export const megabytes = (bytes: number): string => {
  const size = bytes / 1e6;
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} MB`;
};
