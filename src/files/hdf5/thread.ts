/** The thread in which HDF5's library runs (see worker.mjs), asked for one thing after another. */
import path from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../base/causes';
import { afterRunning } from '../../base/running-time';
import { MalformedError } from '../malformed';
import { hasEndlessHeap } from './global-heap';

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly code?: string };
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly limits: readonly (() => void)[];
}

/** The file that a thread works on. */
interface OpenedFile {
  readonly file: string;
  readonly mode: 'r' | 'w';
  readonly part?: { readonly offset: number; readonly length: number } | undefined;
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

/** After so long a file is looked at for what is known to lead the library in circles. Milliseconds. */
const LOOK_AFTER = 1000;

/**
 * Files that a thread takes of which something is wrong. Its memory is as it was before each of them; but the package's own tables keep
 * what was in them when an error came up.
 */
const MAX_FAULTS = 100;

/** How long a thread waits for another file: to start one takes a fifth of a second. Milliseconds. */
const MAX_IDLE = 10_000;

/** HDF5's library at work on one file. */
export class Hdf5Thread {
  /** One that has done its work well, and waits for more. */
  private static idle: { readonly thread: Hdf5Thread; readonly timer: NodeJS.Timeout } | undefined;

  private readonly worker: Worker;
  private isSound = true;
  private faults = 0;
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;
  private opened: OpenedFile | undefined;

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
    if (op === 'open') this.opened = request as unknown as OpenedFile; // as reader and writer ask
    return new Promise<unknown>((resolve, reject) => {
      const limits = [
        afterRunning(LOOK_AFTER, () => void this.look(id)),
        afterRunning(MAX_WAIT, () => this.giveUp(`the HDF5 library did not come to an end with it (${op})`)),
      ];
      this.waiting.set(id, { resolve, reject, limits });
      // Waiting for an answer keeps the process; an idle thread does not.
      this.worker.ref();
      this.worker.postMessage({ ...request, op, id }, [...moved]);
    }) as Promise<Result>; // as worker.mjs answers
  }

  async end(): Promise<void> {
    this.isSound = false;
    await this.worker.terminate();
  }

  /** The file is done with. The thread is kept for another one, with its memory as it was before. */
  async release(): Promise<void> {
    const isFresh =
      this.isSound &&
      this.waiting.size === 0 &&
      this.faults < MAX_FAULTS &&
      (await this.ask('reset').catch(() => false));
    if (isFresh !== true || Hdf5Thread.idle !== undefined) return this.end();
    const timer = setTimeout(() => {
      Hdf5Thread.idle = undefined;
      void this.end();
    }, MAX_IDLE).unref();
    Hdf5Thread.idle = { thread: this, timer };
  }

  /** Looks for the reason why a request takes long. */
  private async look(id: number): Promise<void> {
    const { opened } = this;
    if (opened?.mode !== 'r') return;
    const isWaiting = (): boolean => this.waiting.has(id);
    const isEndless = await hasEndlessHeap(opened.file, opened.part, isWaiting).catch(() => false);
    if (isEndless && isWaiting())
      this.giveUp('the sizes of the texts in a global heap of it do not add up to the heap');
  }

  private giveUp(why: string): void {
    this.fail(new MalformedError(why));
    void this.worker.terminate();
  }

  private take({ id, result, error }: Answer): void {
    const waiting = this.waiting.get(id);
    if (waiting === undefined) return;
    this.forget(id, waiting);
    if (error !== undefined) this.faults++;
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

  private forget(id: number, { limits }: Waiting): void {
    for (const cancel of limits) cancel();
    this.waiting.delete(id);
    if (this.waiting.size === 0) this.worker.unref();
  }
}
