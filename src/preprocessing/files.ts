/** What functions of files have in common. */
import type { Always, callForm, CallForm, SubjectKind } from '../base/call-styles';
import { codeOf, messageOf } from '../base/causes';
import { nonEmptyString } from '../base/checks';
import { KerasError, KerasFileError } from '../base/errors';
import { MalformedError } from '../files/malformed';

/** What to do about what a system says of a file. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'Give the path of one that is there',
  EACCES: 'Change its permissions, or those of its folder',
  EPERM: 'Change its permissions, or those of its folder',
  EROFS: 'Choose a folder that may be written to',
  ENOSPC: 'Make room on the disk, or choose another one',
  EISDIR: 'Give the path of a file, not of a folder',
  ENOTDIR: 'Give the path of a folder',
  ERR_FS_FILE_TOO_LARGE: 'Give a smaller file',
};

/** A function of a file that gives a promise. */
export interface FileTask<Options, Result> {
  (filename: string, options?: Options): Promise<Result>;
  (options?: Options): (filename: string) => Promise<Result>;
  readonly [callForm]: CallForm<['task', [options?: Options], Always<Result>, string]>;
}

/** A path, as the subject of a function. */
export const pathSubject = (argument: string): SubjectKind<string> => ({
  argument,
  is: (value) => typeof value === 'string',
  check: (functionName, value) => nonEmptyString(value, { function: functionName, argument }),
});

/** The path of a file, as the subject of a function. */
export const filename = pathSubject('filename');

/** What went wrong with a file, in one form. What is no fault of the file's stays as it is. */
export const fileError = (
  place: { readonly function: string; readonly argument: string },
  expected: string,
  file: string,
  cause: unknown,
  advice?: string,
): KerasError => {
  if (cause instanceof KerasError) return cause;
  const byCode = ADVICE[codeOf(cause) ?? ''];
  return new KerasFileError({
    function: place.function,
    argument: place.argument,
    expected,
    received:
      cause instanceof MalformedError ? `${file}, of which ${cause.message}` : `${file}: ${messageOf(cause)}`,
    advice: byCode ?? advice ?? 'See to the disk',
    cause,
  });
};
