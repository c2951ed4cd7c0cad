import type { Steps } from '../base/steps';
import { ATTRIBUTES, type OpAttribute } from './attributes';
import { DTYPES, type NumberArray } from './dtypes';
import type { EagerContext, NativeTensor } from './eager';
import { hasKernel } from './kernels';
import type { Library } from './library';
import type { PreparedRun } from './run';
import type { RuntimeConfig } from './config';
import type { GraphFunction } from './functions';
import { functionBytes, Session, type GraphDefinition, type GraphSource } from './session';
import type { Fill, TensorData, TensorValues } from './tensors';

/** What the JavaScript of tfjs-node calls its binding: the functions and constants of its addon. */
export interface Binding {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_UINT8: number;
  readonly TF_STRING: number;
  readonly TF_COMPLEX64: number;
  readonly TF_INT64: number;
  readonly TF_BOOL: number;
  readonly TF_RESOURCE: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  createTensor(shape: readonly number[], dtype: number, values: TensorValues): number;
  /** As `createTensor`, of numbers, a part at a time: between two of them others may run. */
  createTensorInSteps(shape: readonly number[], dtype: number, values: NumberArray): Steps<number>;
  /** As `createTensor`, of values that come piece by piece. */
  createFilledTensorInSteps(shape: readonly number[], dtype: number, fill: Fill): Steps<number>;
  /** A tensor of zeros that is made when it is first used. tfjs-node does not call this one. */
  reserveTensor(shape: readonly number[], dtype: number): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): TensorData;
  /** Copies some of a tensor's values, from one of them on, into an array of their type. tfjs-node does not call this one. */
  readTensorPart(id: number, into: NumberArray, from: number): void;
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): NativeTensor[];
  /** Whether an operation can run. tfjs-node does not call this one either. */
  hasKernel(operation: string): boolean;
  isUsingGpuDevice(): boolean;
  getNumOfTensors(): number;
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(id: number, inputs: readonly number[], feeds: string, fetches: string): NativeTensor[];
  getNumOfSavedModels(): number;
  /** Loads a graph. tfjs-node does not call this one: it is there for who else has the binding. */
  createSession(source: GraphSource, config?: RuntimeConfig): Session;
  /** The same on another thread. */
  createSessionOnThread(source: Uint8Array | GraphDefinition, config?: RuntimeConfig): Promise<Session>;
  /** How many of those are open. */
  getNumOfSessions(): number;
  /** A function as the bytes of a `FunctionDef`. Nor this one. */
  functionDefinition(definition: GraphFunction): Uint8Array;
}

/** A model that was loaded, with the runs of it so far. */
interface LoadedModel {
  readonly session: Session;
  readonly runs: Map<string, PreparedRun>;
}

const namesIn = (list: string): string[] => list.split(',').filter((name) => name !== '');

/** SavedModels by numbers, as tfjs-node knows them. */
class SavedModels {
  private readonly models = new Map<number, LoadedModel>();
  private nextId = 0;

  constructor(
    private readonly library: Library,
    private readonly context: EagerContext,
  ) {}

  get size(): number {
    return this.models.size;
  }

  load(folder: string, tags: string): number {
    const session = Session.load(this.library, this.context, { folder, tags: namesIn(tags) });
    this.models.set(this.nextId, { session, runs: new Map() });
    return this.nextId++;
  }

  private modelOf(id: number, doing: string): LoadedModel {
    const model = this.models.get(id);
    if (model === undefined) throw new Error(`${doing} a SavedModel not found (savedmodel_id: ${id})`);
    return model;
  }

  delete(id: number): void {
    this.modelOf(id, 'Delete called on').session.close();
    this.models.delete(id);
  }

  run(id: number, inputs: readonly number[], feeds: string, fetches: string): NativeTensor[] {
    const { session, runs } = this.modelOf(id, 'Run called on');
    const key = `${feeds}>${fetches}`;
    let run = runs.get(key);
    if (run === undefined) {
      run = session.prepare({ feeds: namesIn(feeds), fetches: namesIn(fetches) });
      runs.set(key, run);
    }
    return run.run(inputs);
  }

  close(): void {
    for (const { session } of this.models.values()) session.close();
    this.models.clear();
  }
}

/**
 * What tfjs-node's JavaScript needs of TensorFlow, in the place of its addon.
 *
 * A plain object whose functions are its own, as the addon's are: a recorder of operations copies them.
 */
export const createBinding = (library: Library, context: EagerContext): Binding & { close(): void } => {
  const models = new SavedModels(library, context);
  return {
    TF_Version: library.version,
    TF_FLOAT: DTYPES.float,
    TF_INT32: DTYPES.int32,
    TF_UINT8: DTYPES.uint8,
    TF_STRING: DTYPES.string,
    TF_COMPLEX64: DTYPES.complex64,
    TF_INT64: DTYPES.int64,
    TF_BOOL: DTYPES.bool,
    TF_RESOURCE: DTYPES.resource,
    TF_ATTR_STRING: ATTRIBUTES.string,
    TF_ATTR_INT: ATTRIBUTES.int,
    TF_ATTR_FLOAT: ATTRIBUTES.float,
    TF_ATTR_BOOL: ATTRIBUTES.bool,
    TF_ATTR_TYPE: ATTRIBUTES.type,
    TF_ATTR_SHAPE: ATTRIBUTES.shape,
    createTensor: (shape, dtype, values) => context.create(shape, dtype, values),
    createTensorInSteps: (shape, dtype, values) => context.createInSteps(shape, dtype, values),
    createFilledTensorInSteps: (shape, dtype, fill) => context.createFilledInSteps(shape, dtype, fill),
    reserveTensor: (shape, dtype) => context.reserve(shape, dtype),
    deleteTensor: (id) => context.delete(id),
    tensorDataSync: (id) => context.read(id),
    readTensorPart: (id, into, from) => context.readPart(id, into, from),
    executeOp: (name, attributes, inputs, outputs) => context.execute(name, attributes, inputs, outputs),
    hasKernel: (operation) => hasKernel(library, operation),
    isUsingGpuDevice: () => context.usesAccelerator,
    getNumOfTensors: () => context.size,
    loadSavedModel: (folder, tags) => models.load(folder, tags),
    deleteSavedModel: (id) => models.delete(id),
    runSavedModel: (id, inputs, feeds, fetches) => models.run(id, inputs, feeds, fetches),
    getNumOfSavedModels: () => models.size,
    createSession: (source, config) => Session.load(library, context, source, config),
    createSessionOnThread: (source, config) => Session.loadOnThread(library, context, source, config),
    getNumOfSessions: () => context.sessions.size - models.size,
    functionDefinition: (definition) => functionBytes(library, definition),
    close: () => models.close(),
  };
};
