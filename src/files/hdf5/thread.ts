/** The thread in which HDF5's library runs (see worker.mjs), asked for one thing after another. */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../base/causes';
import { MalformedError } from '../malformed';

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly code?: string };
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/** What the disk said while the library read or wrote: not a matter of the file's content. */
export class DiskError extends Error {
  override readonly name = 'DiskError';

  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

/**
 * A request that takes longer has met a file that leads the library in circles: the largest piece that is asked for at a time
 * is read or written in well under a second, and a slow disk gets the rest. Milliseconds.
 */
const MAX_WAIT = 30_000;

/** HDF5's library at work on one file. */
export class Hdf5Thread {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;

  constructor() {
    this.worker = new Worker(path.join(__dirname, 'worker.mjs'), {
      // What the library prints is said by errors, too.
      ...{ stdout: true, stderr: true, execArgv: [], env: {} },
    });
    this.worker.unref();
    this.worker.on('message', (answer: Answer) => this.take(answer));
    this.worker.on('error', (error) => this.fail(error));
    this.worker.on('exit', () => this.fail(new Error('the thread of the HDF5 library has ended')));
  }

  /** Asks for an operation of worker.mjs. `moved` buffers are not copied, and are gone here afterwards. */
  async ask<Result>(
    op: string,
    request: Readonly<Record<string, unknown>> = {},
    moved: readonly ArrayBuffer[] = [],
  ): Promise<Result> {
    const id = ++this.last;
    return new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.fail(new MalformedError(`the HDF5 library did not come to an end with it (${op})`));
        void this.worker.terminate();
      }, MAX_WAIT);
      this.waiting.set(id, { resolve, reject, timer });
      // Waiting for an answer keeps the process; an idle thread does not.
      this.worker.ref();
      this.worker.postMessage({ ...request, op, id }, [...moved]);
    }) as Promise<Result>; // as worker.mjs answers
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private take({ id, result, error }: Answer): void {
    const waiting = this.waiting.get(id);
    if (waiting === undefined) return;
    this.forget(id, waiting);
    if (error === undefined) waiting.resolve(result);
    else if (error.code !== undefined) waiting.reject(new DiskError(error.message, error.code));
    else waiting.reject(new MalformedError(error.message));
  }

  private fail(error: unknown): void {
    for (const [id, waiting] of [...this.waiting]) {
      this.forget(id, waiting);
      waiting.reject(
        error instanceof MalformedError
          ? error
          : new MalformedError(`the HDF5 library could not go on: ${messageOf(error)}`),
      );
    }
  }

  private forget(id: number, { timer }: Waiting): void {
    clearTimeout(timer);
    this.waiting.delete(id);
    if (this.waiting.size === 0) this.worker.unref();
  }
}
