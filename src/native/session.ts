import type { CApi } from './c-api';
import type { CMemory, Scratch } from './c-memory';
import { configProto, type RuntimeConfig } from './config';
import type { EagerContext } from './eager';
import { addFunction, functionDefinition, type GraphFunction, type ImportGraph } from './functions';
import type { Library } from './library';
import { callHere, callOnThread, longCall, type LongCalls } from './long-calls';
import { PreparedRun, type RunHost, type RunPlan } from './run';
import { Status } from './status';

/** A graph and the functions that its nodes name. */
export interface GraphDefinition {
  /** A serialized `GraphDef`. */
  readonly definition: Uint8Array;
  readonly functions: readonly GraphFunction[];
}

/** Where a graph comes from: a serialized `GraphDef`, or a SavedModel's folder and the tags of the graph in it. */
export type GraphSource =
  Uint8Array | GraphDefinition | { readonly folder: string; readonly tags: readonly string[] };

/** An output of an operation of a graph. */
export interface GraphOutput {
  readonly operation: number;
  readonly index: number;
}

/**
 * What a session is made of natively. Apart from the session, so that it can be freed when nobody can reach that any more.
 * While runs are on other threads, it stays.
 */
class NativeSession {
  private running = 0;
  private isClosed = false;

  private readonly statuses: Status[] = [];

  constructor(
    private readonly api: CApi,
    readonly graph: number,
    readonly session: number,
    /** Closes it, with what else is open, when a thread of JavaScript's ends. */
    private readonly open: Set<{ close(): void }>,
  ) {
    open.add(this);
  }

  get closed(): boolean {
    return this.isClosed;
  }

  begin(): void {
    if (this.isClosed) throw new Error('the session is closed');
    this.running++;
  }

  end(): void {
    this.running--;
    if (this.isClosed && this.running === 0) this.free();
  }

  /** A status that goes with the session. */
  newStatus(): Status {
    const status = new Status(this.api);
    this.statuses.push(status);
    return status;
  }

  /** Runs on other threads are canceled, and end in an error. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.open.delete(this);
    const status = new Status(this.api);
    this.api.TF_CloseSession(this.session, status.address);
    status.free();
    if (this.running === 0) this.free();
  }

  private free(): void {
    const status = new Status(this.api);
    this.api.TF_DeleteSession(this.session, status.address);
    this.api.TF_DeleteGraph(this.graph);
    status.free();
    for (const own of this.statuses) own.free();
  }
}

/** What frees a session once nobody reaches it, and is told when it is closed by hand. */
export interface SessionMemory {
  watch(holder: object, held: { close(): void }, bytes: number): void;
  grow(held: { close(): void }, bytes: number): void;
  forget(held: { close(): void }, holder?: object): boolean;
}

const abandoned = new FinalizationRegistry<NativeSession>((session) => session.close());

/** A graph that is loaded into TensorFlow with its variables, ready to run. */
export class Session implements RunHost {
  private readonly operations = new Map<string, number>();
  private readonly api: CApi;
  private readonly memory: CMemory;
  private watchedBy: SessionMemory | undefined;

  private constructor(
    readonly library: Library,
    readonly context: EagerContext,
    private readonly native: NativeSession,
  ) {
    this.api = library.api;
    this.memory = library.memory;
    abandoned.register(this, native, this);
  }

  /**
   * Loads a graph. Tensors that are fed and fetched are the context's.
   *
   * @throws TensorflowError if TensorFlow refuses it.
   */
  static load(
    library: Library,
    context: EagerContext,
    source: GraphSource,
    config: RuntimeConfig = {},
  ): Session {
    return new Session(library, context, callHere(loading(library, context.sessions, source, config)));
  }

  /** The same on a thread of Node.js's pool; functions of the graph, if it has some, are added here. */
  static async loadOnThread(
    library: Library,
    context: EagerContext,
    source: Uint8Array | GraphDefinition,
    config: RuntimeConfig = {},
  ): Promise<Session> {
    const calls = loading(library, context.sessions, source, config);
    return new Session(library, context, await callOnThread(calls, library.koffi));
  }

  /** Prepares a run: what is fed, in which order, and what is fetched or only run. Names as `dense/MatMul` or `split:1`. */
  prepare(plan: RunPlan): PreparedRun {
    if (this.native.closed) throw new Error('the session is closed');
    return new PreparedRun(this, plan);
  }

  /** The C API's session. */
  get address(): number {
    return this.native.session;
  }

  /** Says that a run begins, during which the session stays. */
  begin(): void {
    this.native.begin();
  }

  end(): void {
    this.native.end();
  }

  /** Where a run says how it went. It goes with the session. */
  newStatus(): Status {
    return this.native.newStatus();
  }

  /** The operation of a name. */
  operation(name: string): number {
    const known = this.operations.get(name);
    if (known !== undefined) return known;
    const operation = this.api.TF_GraphOperationByName(this.native.graph, name);
    if (operation === 0) throw new Error(`the graph has no operation ${name}`);
    this.operations.set(name, operation);
    return operation;
  }

  /** The output of a name: that of an operation is its first. */
  output(name: string): GraphOutput {
    const [, node = name, digits = '0'] = /^(.*?)(?::(\d+))?$/.exec(name) ?? [];
    const operation = this.operation(node);
    const index = Number(digits);
    const outputs = this.api.TF_OperationNumOutputs(operation);
    if (index >= outputs) {
      throw new Error(
        `the operation ${node} has ${outputs} outputs: ${name} can be a target, but not be fed or fetched`,
      );
    }
    return { operation, index };
  }

  /** Outputs as C's list of `TF_Output`s. */
  outputList(names: readonly string[]): Scratch {
    const list = this.memory.scratch(2 * names.length);
    names.forEach((name, position) => {
      const { operation, index } = this.output(name);
      list.setWord(2 * position, operation);
      list.setWord(2 * position + 1, index);
    });
    return list;
  }

  /** Has something else see to it that it is freed when it is forgotten, and count how many bytes it takes. */
  watch(memory: SessionMemory, bytes: number): void {
    const { native } = this;
    if (native.closed || this.watchedBy !== undefined) return;
    abandoned.unregister(this);
    this.watchedBy = memory;
    memory.watch(this, native, 0);
    memory.grow(native, bytes);
  }

  /** Frees the graph and its variables. Runs that are under way on other threads are canceled. */
  close(): void {
    abandoned.unregister(this);
    this.watchedBy?.forget(this.native, this);
    this.native.close();
  }
}

/**
 * The pool of all sessions that do not say how many operations run at once. TensorFlow's own pool is what the first session of a process
 * wants: on TensorFlow 2 a single thread, if that one runs its operations in the thread that asks.
 */
const POOL = 'keras-pipe';

/** Loads a graph by calls of the C library. */
function* loading(
  library: Library,
  open: Set<{ close(): void }>,
  source: GraphSource,
  config: RuntimeConfig,
): LongCalls<NativeSession> {
  const { api } = library;
  const status = new Status(api);
  const options = api.TF_NewSessionOptions();
  const graph = api.TF_NewGraph();
  try {
    const bytes = configProto(config.interOpThreads === undefined ? { pool: POOL, ...config } : config);
    api.TF_SetConfig(options, bytes, bytes.length, status.address);
    status.check();
    let session: number;
    if ('folder' in source) session = loadFolder(library, graph, options, source, status);
    else {
      const { definition, functions } =
        source instanceof Uint8Array ? { definition: source, functions: [] } : source;
      for (const one of functions) addFunction(library, graph, one, importHere(library, status), status);
      yield* importing(library, graph, definition, status);
      session = Number(yield longCall(api.TF_NewSession, graph, options, status.address));
    }
    status.check();
    return new NativeSession(api, graph, session, open);
  } catch (error) {
    api.TF_DeleteGraph(graph);
    throw error;
  } finally {
    api.TF_DeleteSessionOptions(options);
    status.free();
  }
}

/**
 * A function as the bytes of a `FunctionDef`, which graphs in files have.
 *
 * @throws TensorflowError if TensorFlow refuses its graph.
 */
export const functionBytes = (library: Library, definition: GraphFunction): Uint8Array => {
  const status = new Status(library.api);
  try {
    return functionDefinition(library, definition, importHere(library, status), status);
  } finally {
    status.free();
  }
};

/** Reads a graph from JavaScript's memory, where it stays: with its constants it may be large. */
function* importing(
  { api, memory }: Library,
  graph: number,
  definition: Uint8Array,
  status: Status,
): LongCalls<void> {
  // struct TF_Buffer { const void* data; size_t length; deallocator, of which there is none }
  const fields = memory.scratch(2);
  fields.setWord(0, memory.addressOf(definition));
  fields.setWord(1, definition.byteLength);
  const buffer = api.TF_NewBuffer();
  const options = api.TF_NewImportGraphDefOptions();
  memory.write(buffer, fields.bytes, 16);
  inUse.add(definition);
  try {
    yield longCall(api.TF_GraphImportGraphDef, graph, buffer, options, status.address);
  } finally {
    inUse.delete(definition);
    api.TF_DeleteImportGraphDefOptions(options);
    memory.write(buffer, new Uint8Array(16), 16);
    api.TF_DeleteBuffer(buffer);
  }
  status.check();
}

/** The same at once, in this thread. */
const importHere =
  (library: Library, status: Status): ImportGraph =>
  (graph, definition) => {
    callHere(importing(library, graph, definition, status));
  };

/** Graphs that other threads read where they are in JavaScript's memory. */
const inUse = new Set<Uint8Array>();

const loadFolder = (
  { api, memory }: Library,
  graph: number,
  options: number,
  { folder, tags }: Extract<GraphSource, { readonly folder: string }>,
  status: Status,
): number => {
  const list = memory.scratch(tags.length);
  tags.forEach((tag, index) => list.setWord(index, memory.text(tag)));
  return api.TF_LoadSessionFromSavedModel(
    options,
    0,
    folder,
    list.address,
    tags.length,
    graph,
    0,
    status.address,
  );
};
