/** The thread in which HDF5's library runs (see worker.mjs), asked for one thing after another. */
import path from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
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

/** How long a thread waits for another file: to start one takes a fifth of a second. Milliseconds. */
const MAX_IDLE = 10_000;

/** HDF5's library at work on one file. */
export class Hdf5Thread {
  /** One that has done its work well, and waits for more. */
  private static idle: { readonly thread: Hdf5Thread; readonly timer: NodeJS.Timeout } | undefined;

  private readonly worker: Worker;
  private isSound = true;
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;

  /** A thread without a file. */
  static take(): Hdf5Thread {
    const { idle } = Hdf5Thread;
    if (idle === undefined) return new Hdf5Thread();
    clearTimeout(idle.timer);
    Hdf5Thread.idle = undefined;
    return idle.thread;
  }

  private constructor() {
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
    this.isSound = false;
    await this.worker.terminate();
  }

  /** The file is done with. Where nothing went wrong, the thread is kept for another one, with its memory as it was before. */
  async release(): Promise<void> {
    const isFresh = this.isSound && this.waiting.size === 0 && (await this.ask('reset').catch(() => false));
    if (isFresh !== true || Hdf5Thread.idle !== undefined) return this.end();
    const timer = setTimeout(() => {
      Hdf5Thread.idle = undefined;
      void this.end();
    }, MAX_IDLE).unref();
    Hdf5Thread.idle = { thread: this, timer };
  }

  private take({ id, result, error }: Answer): void {
    const waiting = this.waiting.get(id);
    if (waiting === undefined) return;
    this.forget(id, waiting);
    if (error !== undefined) this.isSound = false;
    if (error === undefined) waiting.resolve(result);
    else if (error.code !== undefined) waiting.reject(new DiskError(error.message, error.code));
    else waiting.reject(new MalformedError(error.message));
  }

  private fail(error: unknown): void {
    this.isSound = false;
    if (Hdf5Thread.idle?.thread === this) Hdf5Thread.idle = undefined;
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
