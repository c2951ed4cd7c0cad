import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KerasNativeError } from '../../base/errors';
import type { Tensor } from '../../tfjs/tensorflow';
import { binding, idOf, wrap } from '../../tfjs/binding';
import type { GraphBuilder } from './builder';
import type { ShortNames } from './short-names';

const TAG = 'keras-pipe';

// A session's memory is native: it goes with its object at the latest.
const abandoned = new FinalizationRegistry<number>((session) => binding().deleteSavedModel(session));

/**
 * Loads a session such that its operations run in the thread that asks for them, unless its graph is of several devices
 * (see threads.ts): a run of few small operations else takes several times as long, waiting for another thread to wake.
 *
 * TensorFlow reads the variable when the first session of a process is made. A setting of the user's stands. Versions
 * from 2.0 on have no second device by default, and training needs the pool of threads more than predictions the time.
 */
const inCallersThread = <T>(load: () => T): T => {
  if (process.env['TF_NUM_INTEROP_THREADS'] !== undefined || !binding().TF_Version.startsWith('1.'))
    return load();
  process.env['TF_NUM_INTEROP_THREADS'] = '-1';
  try {
    return load();
  } finally {
    // Not for child processes.
    delete process.env['TF_NUM_INTEROP_THREADS'];
  }
};

/** A graph loaded into TensorFlow, with its variables, ready to run. */
export class Session {
  private session: number | undefined;
  private readonly names: ShortNames;

  constructor(graph: GraphBuilder) {
    this.names = graph.shortNames;
    let folder: string | undefined;
    try {
      // The binding loads graphs from files only.
      const made = mkdtempSync(path.join(tmpdir(), 'keras-pipe-'));
      folder = made;
      writeFileSync(path.join(made, 'saved_model.pb'), graph.serialize(TAG));
      this.session = inCallersThread(() => binding().loadSavedModel(made, TAG));
    } catch (cause) {
      throw nativeError('the graph of the compiled step must load', cause);
    } finally {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    }
    abandoned.register(this, this.session, this);
  }

  /** Feeds placeholders, runs what the fetched nodes need, and gives their values. The caller disposes them. */
  run(feeds: Readonly<Record<string, Tensor>>, fetches: readonly string[]): Tensor[] {
    if (this.session === undefined) throw new Error('the session is closed');
    const names = Object.keys(feeds);
    const short = (list: readonly string[]): string => list.map((name) => this.names.of(name)).join(',');
    const ids = names.map((name) => idOf(feeds[name] as Tensor)); // its own keys
    try {
      return binding().runSavedModel(this.session, ids, short(names), short(fetches)).map(wrap);
    } catch (cause) {
      throw new GraphError(cause, this.names);
    }
  }

  dispose(): void {
    if (this.session === undefined) return;
    abandoned.unregister(this);
    binding().deleteSavedModel(this.session);
    this.session = undefined;
  }
}

/** An error of TensorFlow's while a graph ran. */
export class GraphError extends Error {
  /** What TensorFlow says. */
  readonly reason: string;
  /** The node that failed, if it is known. */
  readonly node: string | undefined;

  constructor(cause: unknown, names: ShortNames) {
    const message = names.inFull(String(cause));
    super(message, { cause });
    this.name = 'GraphError';
    this.reason = /(?:Message|with error): ([^\n]*)/.exec(message)?.[1] ?? message;
    this.node = /\{\{node ([^}]+)\}\}/.exec(message)?.[1];
  }
}

const nativeError = (expected: string, cause: unknown): KerasNativeError =>
  new KerasNativeError({
    expected,
    received: cause instanceof Error ? cause.message : String(cause),
    advice: 'Operations can still run one by one; see whether the temporary folder can be written to',
    cause,
  });
