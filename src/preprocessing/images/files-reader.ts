import { type KerasError, KerasFileError } from '../../base/errors';
import type { UnreadableFiles } from './options';

/**
 * How many files are read and decoded at once. Node.js has four threads for that, of which one is left for the step of a model that runs
 * meanwhile.
 */
const AT_ONCE = 3;

/** Reads the files of a data set, several at once, those of one batch before those of the next. What cannot be read is an error, or is named and left out. */
export class FilesReader {
  /** The files that were left out. */
  readonly skipped = new Set<string>();
  private hasRead = false;
  private underWay = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly functionName: string,
    private readonly unreadable: UnreadableFiles,
  ) {}

  /**
   * What is made of each file, undefined for those that are left out. As soon as `isWanted` says that nobody waits any more, files are left
   * alone, and nothing is given. `free` is given what was made then, or before one failed.
   *
   * @throws KerasFileError if a file cannot be read and none are to be left out.
   */
  async read<Made>(
    files: readonly string[],
    make: (file: string, index: number) => Promise<Made>,
    free: (made: Made) => void = () => undefined,
    isWanted: () => boolean = () => true,
  ): Promise<(Made | undefined)[]> {
    const made: (Made | undefined)[] = files.map(() => undefined);
    let failure: { readonly error: unknown } | undefined;
    const makeOne = async (file: string, index: number): Promise<void> => {
      if (failure !== undefined || !isWanted()) return;
      try {
        made[index] = await make(file, index);
      } catch (error) {
        if (this.unreadable === 'skip' && error instanceof KerasFileError) this.skip(file, error);
        else failure ??= { error };
      }
    };
    await Promise.all(files.map((file, index) => this.inTurn(() => makeOne(file, index))));
    if (failure === undefined && isWanted()) {
      this.hasRead ||= made.some((one) => one !== undefined);
      return made;
    }
    for (const one of made) if (one !== undefined) free(one);
    if (failure !== undefined) throw failure.error;
    return files.map(() => undefined);
  }

  /** Does something when fewer than {@link AT_ONCE} are under way, those first that came first. It must not fail. */
  private async inTurn(action: () => Promise<void>): Promise<void> {
    if (this.underWay === AT_ONCE) await new Promise<void>((begin) => this.waiting.push(begin));
    else this.underWay++;
    await action();
    const next = this.waiting.shift();
    if (next === undefined) this.underWay--;
    else next();
  }

  /** @throws KerasFileError if all files were left out. */
  checkSomeRead(files: readonly string[]): void {
    if (this.hasRead || files.length === 0) return;
    throw new KerasFileError({
      function: this.functionName,
      argument: 'directory',
      expected: 'at least one of the files must be an image that can be read',
      received: `${files.length} files, none of which can, ${files[0] ?? ''} for one`,
      advice: "Look at one of them with imageLoad(), or leave unreadableFiles: 'skip' out",
    });
  }

  private skip(file: string, error: KerasError): void {
    if (this.skipped.has(file)) return;
    this.skipped.add(file);
    // eslint-disable-next-line no-console -- a warning is for standard error
    console.warn(`${error.message} It is left out.`);
  }
}
