import { messageOf } from '../../base/causes';
import { KerasNativeError } from '../../base/errors';
import type {
  FedValues,
  FetchedValues,
  NativeTensor,
  PendingRun,
  PreparedRun,
  RuntimeConfig,
  Session as NativeSession,
} from '../../native/index';
import type { Tensor } from '../../tfjs/tensorflow';
import { binding, idOf, weigh, wrap } from '../../tfjs/binding';
import type { AwaitedSteps } from '../../base/steps';
import { GraphBuilder } from './builder';

/** What is fed: a tensor, or values, which TensorFlow copies. */
export type Fed = Tensor | FedValues;

/**
 * Who runs a graph's operations: the thread that asks for a run, one after the other, or TensorFlow's pool of threads, side by side.
 * To wake another thread takes longer than the operations of a small graph. Large operations use several threads in either case.
 */
export type GraphThreads = 'caller' | 'pool';

const feedOf = (fed: Fed): number | FedValues => ('values' in fed ? fed : idOf(fed));

/** What a run on another thread gave, as tensors. The caller disposes them. */
export const tensorsOf = (made: readonly NativeTensor[]): Tensor[] => made.map(wrap);

/** A run of a session that is prepared once and made often. */
export class GraphRun {
  constructor(
    /** The names of what is fed, in this order. */
    readonly feeds: readonly string[],
    private readonly prepared: PreparedRun,
  ) {}

  /** Gives what is fetched as tensors. The caller disposes them. */
  run(fed: readonly Fed[]): Tensor[] {
    return tensorsOf(this.prepared.run(fed.map(feedOf)));
  }

  /** Gives what is fetched as values. */
  read(fed: readonly Fed[]): FetchedValues[] {
    return this.prepared.read(fed.map(feedOf));
  }

  /** The same on another thread, for {@link tensorsOf}. */
  start(fed: readonly Fed[]): PendingRun<NativeTensor> {
    return this.prepared.start(fed.map(feedOf));
  }

  /** As {@link read}, on another thread. */
  startReading(fed: readonly Fed[]): PendingRun<FetchedValues> {
    return this.prepared.startReading(fed.map(feedOf));
  }

  /** What is fed, in this run's order. */
  order(fed: Readonly<Record<string, Fed>>): Fed[] {
    return this.feeds.map((name) => fed[name] as Fed); // the caller feeds what it prepared
  }
}

const configOf = (threads: GraphThreads, isOptimized: boolean): RuntimeConfig => ({
  ...(threads === 'caller' ? { interOpThreads: -1 } : {}),
  optimizeGraph: isOptimized,
});

/** What TensorFlow takes for a node of a graph that it has loaded and run, about the same on all versions. */
const BYTES_OF_A_NODE = 10_000;

const weighed = (session: NativeSession, { size }: GraphBuilder): NativeSession => {
  weigh(session, size * BYTES_OF_A_NODE);
  return session;
};

/** A graph loaded into TensorFlow, with its variables, ready to run. */
export class Session {
  private session: NativeSession | undefined;
  private readonly runs = new Map<string, GraphRun>();

  /**
   * Loads a graph, or takes one that was loaded.
   *
   * @throws KerasNativeError if TensorFlow refuses the graph.
   */
  constructor(source: GraphBuilder | NativeSession, threads: GraphThreads = 'caller', isOptimized = true) {
    try {
      this.session =
        source instanceof GraphBuilder
          ? weighed(binding().createSession(source.serialize(), configOf(threads, isOptimized)), source)
          : source;
    } catch (cause) {
      // Not TensorFlow's alone: one too large to be written, for example.
      throw nativeError(cause);
    }
  }

  /**
   * Loads a graph on another thread, which is to be awaited; who goes on without that has it loaded here.
   *
   * @throws KerasNativeError if TensorFlow refuses the graph.
   */
  static *loading(graph: GraphBuilder, threads: GraphThreads, isOptimized: boolean): AwaitedSteps<Session> {
    let session: NativeSession | undefined;
    let isLeft = false;
    const load = async (): Promise<void> => {
      try {
        const loaded = await binding().createSessionOnThread(
          graph.serialize(),
          configOf(threads, isOptimized),
        );
        if (isLeft) loaded.close();
        else session = loaded;
      } catch (cause) {
        throw nativeError(cause);
      }
    };
    const loading = load();
    // Who does not await it does not want to know.
    void loading.catch(() => undefined);
    try {
      yield loading;
    } catch (error) {
      session?.close();
      throw error;
    } finally {
      isLeft = true;
    }
    return session === undefined
      ? new Session(graph, threads, isOptimized)
      : new Session(weighed(session, graph));
  }

  /** The run that is fed and that fetches these nodes, and runs others for their effects, prepared when it is first asked for. */
  prepare(feeds: readonly string[], fetches: readonly string[], targets: readonly string[] = []): GraphRun {
    if (this.session === undefined) throw new Error('the session is closed');
    const key = `${feeds.join()}>${fetches.join()}>${targets.join()}`;
    let run = this.runs.get(key);
    if (run === undefined) {
      run = new GraphRun(feeds, this.session.prepare({ feeds, fetches, targets }));
      this.runs.set(key, run);
    }
    return run;
  }

  /** Feeds placeholders, runs what the fetched nodes need, and gives their values. The caller disposes them. */
  run(feeds: Readonly<Record<string, Fed>>, fetches: readonly string[]): Tensor[] {
    const run = this.prepare(Object.keys(feeds), fetches);
    return run.run(run.order(feeds));
  }

  dispose(): void {
    this.session?.close();
    this.session = undefined;
    this.runs.clear();
  }
}

const nativeError = (cause: unknown): KerasNativeError =>
  new KerasNativeError({
    expected: 'the graph of the compiled step must load',
    received: messageOf(cause),
    advice: "Operations can still run one by one: write engine: 'eager'",
    cause,
  });
