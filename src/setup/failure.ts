import { codeOf, messageOf } from '../base/causes';

/** Why one way to TensorFlow's C library did not work, in words for the user; the next way may. */
export class StepFailure extends Error {
  /** What the user can do about it, one sentence each. */
  readonly advice: readonly string[];
  /** Whether it is this machine's disk that is in the way, and not the source. */
  readonly local: boolean;

  constructor(reason: string, advice: readonly string[] = [], cause?: unknown, local = false) {
    super(reason, cause === undefined ? undefined : { cause });
    this.name = 'StepFailure';
    this.advice = advice;
    this.local = local;
  }
}

/** What to do when a folder's disk is full, when it cannot be written to, and when nobody can write to it. */
export interface FolderAdvice {
  readonly full: string;
  readonly closed: string;
  /** Looked for only then; undefined if there is nothing to do. */
  readonly readOnly?: () => string | undefined;
}

/** A failure to write into a folder, in words. */
export const writeFailure = (error: unknown, folder: string, advice: FolderAdvice): StepFailure => {
  if (error instanceof StepFailure) return error;
  const code = codeOf(error);
  const failure = (reason: string, sentence: string): StepFailure =>
    new StepFailure(reason, [sentence], error, true);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return failure(`the disk of ${folder} is full`, advice.full);
    case 'EACCES':
    case 'EPERM':
      return failure(`${folder} cannot be written to (${code})`, advice.closed);
    case 'EROFS':
      return failure(`${folder} cannot be written to (${code})`, advice.readOnly?.() ?? advice.closed);
    case 'ENOTDIR':
    case 'EEXIST':
      return failure(`${folder} cannot be made: a file is in its way`, advice.closed);
    default:
      return failure(`writing into ${folder} failed: ${messageOf(error)}`, advice.closed);
  }
};

/** What to do when a program that fetches fails. */
export const AGAIN = 'Run `npx keras-pipe setup` again on a working network.';
export const LATER = 'Run `npx keras-pipe setup` again when it answers.';
export const PROXY_USER =
  'Name the proxy with its user and password: `HTTPS_PROXY=http://user:password@host:port`.';
