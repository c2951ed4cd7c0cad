import { codeOf, messageOf } from '../../base/causes';
import { KerasError, KerasFileError } from '../../base/errors';
import { DiskError } from '../../files/hdf5/thread';
import { MalformedError } from '../../files/malformed';
import { placeOfError } from '../../models/config/read-model';

/** What to do about what a system says of a file. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'Give the path of a file that is there',
  EEXIST: 'Give another path, or overwrite: true',
  EACCES: 'Choose a folder that may be written to, or change its permissions',
  EPERM: 'Choose a folder that may be written to, or change its permissions',
  EROFS: 'Choose a folder that may be written to',
  ENOSPC: 'Make room on the disk, or choose another one',
  EISDIR: 'Give the path of a file, not of a folder',
  ENOTDIR: 'Give the path of a file in a folder',
};

/** The weights of a file are others than those of the model that is to get them. */
export class MismatchError extends MalformedError {}

/** Whether an error is of the system: of a file, a folder, a disk. */
export const isOfSystem = (cause: unknown): boolean =>
  cause instanceof DiskError || (typeof cause === 'object' && cause !== null && 'syscall' in cause);

/** What went wrong with a file, in one form; `foreign` is what to do about one that is not right. Errors of files are not made twice. */
export const fileError = (
  file: string,
  verb: 'read' | 'written',
  cause: unknown,
  foreign?: string,
): KerasFileError => {
  if (cause instanceof KerasFileError) return cause;
  const code = codeOf(cause);
  if (isOfSystem(cause) && code !== undefined) {
    return new KerasFileError({
      argument: 'filepath',
      expected: `the file must be ${verb}`,
      received: `${file}: ${messageOf(cause)}`,
      advice: ADVICE[code] ?? 'See to the disk',
      cause,
    });
  }
  const place = placeOfError(cause);
  const where = place === undefined ? file : `${file}, ${place}`;
  if (cause instanceof KerasError) {
    const { expected, received, advice } = cause;
    return new KerasFileError({
      argument: 'filepath',
      expected,
      received: received === undefined ? where : `${received}, in ${where}`,
      advice,
      cause,
    });
  }
  return new KerasFileError({
    argument: 'filepath',
    expected: 'the file must be what Keras writes',
    received: `${where}: ${messageOf(cause)}`,
    advice:
      foreign ??
      (cause instanceof MalformedError
        ? 'Save it again; it may be cut off, or of another format'
        : 'Save it again with Keras 2 or 3, in its HDF5 format'),
    cause,
  });
};

/** The same of weights that a model is to get; `options` would leave out those that do not fit. */
export const weightsError = (file: string, cause: unknown, options?: string): KerasFileError =>
  cause instanceof MismatchError
    ? new KerasFileError({
        argument: 'filepath',
        expected: 'the file must have the weights of the model',
        received: `${file}: ${cause.message}`,
        advice: `Load it into a model of the same layers${options === undefined ? '' : `, or leave out what does not fit by ${options}`}`,
        cause,
      })
    : fileError(file, 'read', cause);
