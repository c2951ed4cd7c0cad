import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KerasNativeError } from '../errors';
import type { Tensor } from '../tensorflow';
import { binding, idOf, wrap } from '../binding';
import type { GraphBuilder } from './graph-def';

const TAG = 'keras-pipe';

// A session's memory is native: it goes with its object at the latest.
const abandoned = new FinalizationRegistry<number>((session) => binding().deleteSavedModel(session));

/** A graph loaded into TensorFlow, with its variables, ready to run. */
export class Session {
  private session: number | undefined;

  constructor(graph: GraphBuilder) {
    // The binding loads graphs from files only.
    const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-'));
    try {
      writeFileSync(path.join(folder, 'saved_model.pb'), graph.serialize(TAG));
      this.session = binding().loadSavedModel(folder, TAG);
    } catch (cause) {
      throw nativeError('the graph of the compiled step must load', cause);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    abandoned.register(this, this.session, this);
  }

  /** Feeds placeholders, runs what the fetched nodes need, and gives their values. The caller disposes them. */
  run(feeds: Readonly<Record<string, Tensor>>, fetches: readonly string[]): Tensor[] {
    if (this.session === undefined) throw new Error('the session is closed');
    const names = Object.keys(feeds);
    try {
      return binding()
        .runSavedModel(
          this.session,
          names.map((name) => idOf(feeds[name] as Tensor)), // its own keys
          names.map((name) => `${name}:0`).join(','),
          fetches.map((name) => (name.includes(':') ? name : `${name}:0`)).join(','),
        )
        .map(wrap);
    } catch (cause) {
      throw new GraphError(cause);
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

  constructor(cause: unknown) {
    const message = String(cause);
    super(message, { cause });
    this.name = 'GraphError';
    this.reason = /(?:Message|with error): ([^\n]*)/.exec(message)?.[1] ?? message;
    this.node = /\{\{node ([^}]+)\}\}/.exec(message)?.[1];
  }
}

const nativeError = (expected: string, cause: unknown): KerasNativeError =>
  new KerasNativeError({
    function: 'fit',
    expected,
    received: cause instanceof Error ? cause.message : String(cause),
    advice: "Write engine: 'eager'",
    cause,
  });
