/** tfjs-node's JavaScript on a binding of ours: its kernels map tfjs's operations to TensorFlow's; its compiled addon is not loaded. */
import { sizeOf } from '../base/shapes';
import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import type * as Tfjs from '@tensorflow/tfjs';
import type { Binding } from '../native/binding';
import { DTYPES, type NumberArray } from '../native/dtypes';
import type { NativeTensor } from '../native/eager';
import type { Session } from '../native/session';
import { NativeMemory } from '../native/memory';
import { BYTES_OF_A_STEP } from '../native/tensors';
import { loadTfjs } from './late-parts';
import { registerNodeKernels } from './node-kernels';
import { countsOf, freeCollected, type Counts } from './tensor-count';

/** tfjs's key of a tensor's data, which lives as long as a tensor of that data does. */
type DataId = Tfjs.TensorInfo['dataId'];

/** What tfjs-node's backend knows of a tensor's data. */
interface TensorData {
  readonly shape: readonly number[];
  /** TensorFlow's number of the type. */
  readonly dtype: number;
  /** TensorFlow's tensor, or less than 0 while there is none. */
  readonly id: number;
  /** Values that JavaScript has made, until an operation needs them. */
  readonly values: unknown;
  /** How many of tfjs's tensors have this data. */
  readonly refCount: number;
}

/** The part of tfjs-node's backend that is changed here; tfjs's types do not have it. */
interface NodeBackend extends Tfjs.KernelBackend {
  readonly binding: Binding;
  readonly tensorMap: {
    dataIdsCount: number;
    has(dataId: DataId): boolean;
    get(dataId: DataId): TensorData;
  };
  createOutputTensor(output: NativeTensor): Tfjs.Tensor;
  getInputTensorIds(tensors: readonly Tfjs.TensorInfo[]): number[];
}

type BackendClass = new (binding: Binding, packageName: string) => NodeBackend;

/** The same, whose binding may come later. */
type LateBackendClass = new (open: () => Binding, packageName: string) => NodeBackend;

/** What the backend asks when it is made. */
const NOT_OPEN = { isUsingGpuDevice: () => false } as Binding; // all that it asks then

/** Gives a backend its binding when it is first looked at; another may be put in its place before. */
const bindLater = (backend: NodeBackend, open: () => Binding): void => {
  const set = (binding: Binding): void => {
    Object.defineProperty(backend, 'binding', { value: binding, writable: true, enumerable: true });
  };
  const get = (): Binding => {
    const binding = open();
    set(binding);
    Object.assign(backend, { isUsingGpuDevice: binding.isUsingGpuDevice() });
    return binding;
  };
  Object.defineProperty(backend, 'binding', { get, set, enumerable: true, configurable: true });
};

const BYTES_OF_A_VALUE: Readonly<Record<number, number>> = {
  [DTYPES.bool]: 1,
  [DTYPES.uint8]: 1,
  [DTYPES.int64]: 8,
  [DTYPES.complex64]: 8,
};

/** Bytes that TensorFlow takes for a tensor besides its values: the tensor itself, its handle, and what `malloc` adds to each. */
const BYTES_OF_A_TENSOR = 512;

/** About what JavaScript takes for one of many small arrays besides its bytes. */
const BYTES_OF_AN_OBJECT = 128;

/** What a tensor takes on TensorFlow's side, but for the texts of strings. */
const nativeBytesOf = ({ shape, dtype }: Pick<TensorData, 'shape' | 'dtype'>): number =>
  BYTES_OF_A_TENSOR + sizeOf(shape) * (BYTES_OF_A_VALUE[dtype] ?? 4);

/** What values take that JavaScript has made: numbers, or the bytes of texts. */
const bytesOfValues = ({ values }: TensorData): number => {
  if (ArrayBuffer.isView(values)) return BYTES_OF_AN_OBJECT + values.byteLength;
  const list = values as readonly (Uint8Array | number)[]; // what else tfjs gives
  return list.reduce<number>(
    (total, value) => total + (typeof value === 'object' ? BYTES_OF_AN_OBJECT + value.length : 8),
    BYTES_OF_AN_OBJECT,
  );
};

/** What tfjs counts for each tensor of such data: all its numbers as 4 bytes but truth values. */
const countedBytesOf = ({ shape, dtype }: TensorData): number => {
  // Complex numbers are counted by their parts, strings where they are made.
  if (dtype === DTYPES.complex64 || dtype === DTYPES.string || dtype === DTYPES.resource) return 0;
  return sizeOf(shape) * (dtype === DTYPES.bool ? 1 : 4);
};

/** How many bytes of text tfjs has counted for data whose texts are TensorFlow's by now. */
const bytesOfTexts = new WeakMap<TensorData, number>();

const countedTextsOf = ({ values }: TensorData): number =>
  Array.isArray(values)
    ? (values as readonly Uint8Array[]).reduce((total, { length }) => total + length, 0)
    : 0;

/** Data whose values go to TensorFlow, of which that is remembered. */
const withTextsCounted = (data: TensorData): TensorData => {
  if (data.dtype === DTYPES.string) bytesOfTexts.set(data, countedTextsOf(data));
  return data;
};

/** As tfjs counts when tensors are disposed, for tensors that nobody can reach any more. */
const discount = (counts: Counts, data: TensorData): void => {
  const isText = data.dtype === DTYPES.string || data.dtype === DTYPES.resource;
  counts.numTensors -= data.refCount;
  counts.numDataBuffers--;
  counts.numBytes -= data.refCount * countedBytesOf(data);
  if (isText) counts.numStringTensors -= data.refCount;
  if (isText) counts.numBytes -= bytesOfTexts.get(data) ?? countedTextsOf(data);
};

/** Frees data that nobody can reach any more. */
const freeData = ({ tensorMap }: NodeBackend, own: () => Binding, counts: Counts, data: TensorData): void => {
  if (data.id >= 0) own().deleteTensor(data.id);
  tensorMap.dataIdsCount--;
  freeCollected(counts, () => discount(counts, data));
};

/** Whether values are numbers that take long to copy. */
const isLarge = (values: unknown): values is NumberArray =>
  ArrayBuffer.isView(values) && !(values instanceof DataView) && values.byteLength > BYTES_OF_A_STEP;

/** tfjs-node's backend, whose tensors free their native memory when JavaScript forgets them. */
const selfFreeing = (Backend: BackendClass, counts: Counts): LateBackendClass =>
  class SelfFreeingBackend extends Backend {
    readonly #memory: NativeMemory<TensorData | { close(): void }>;
    /** Gives its binding, in whose place another may be put for a while. */
    readonly #own: () => Binding;
    #opened: Binding | undefined;

    constructor(open: () => Binding, packageName: string) {
      super(NOT_OPEN, packageName);
      this.#own = () => (this.#opened ??= open());
      bindLater(this, this.#own);
      this.#memory = new NativeMemory({
        free: (held) => ('close' in held ? held.close() : freeData(this, this.#own, counts, held)),
      });
    }

    /** Whether no other binding is in the place of its own, which need not be open. */
    get #isOwn(): boolean {
      return this.#opened === undefined || this.binding === this.#opened;
    }

    override createOutputTensor(output: NativeTensor): Tfjs.Tensor {
      const tensor = super.createOutputTensor(output);
      // While operations are recorded, another binding is in the place: what they give is freed right after, without a collection.
      const bytes = this.#isOwn ? nativeBytesOf(output) : 0;
      this.#memory.watch(tensor.dataId, this.tensorMap.get(tensor.dataId), bytes);
      return tensor;
    }

    /** Takes values that JavaScript has made, which it keeps until the tensor is disposed or found to be forgotten. */
    override move(...parameters: Parameters<NodeBackend['move']>): void {
      super.move(...parameters);
      const [dataId] = parameters;
      const data = this.tensorMap.get(dataId);
      this.#memory.watch(dataId, data, this.#isOwn ? bytesOfValues(data) : 0);
    }

    /** Also brings values that JavaScript has made to TensorFlow. */
    override getInputTensorIds(tensors: readonly Tfjs.TensorInfo[]): number[] {
      const waiting: TensorData[] = [];
      for (const { dataId } of tensors) {
        // tfjs-node's 64-bit numbers are no tensors, and have no such key.
        if ((dataId as DataId | undefined) === undefined) continue;
        const data = this.tensorMap.get(dataId);
        if (data.values !== null) waiting.push(withTextsCounted(data));
      }
      const ids = super.getInputTensorIds(tensors);
      for (const data of waiting) this.#memory.grow(data, BYTES_OF_A_TENSOR);
      return ids;
    }

    /**
     * Brings a large tensor's values, which JavaScript has made, to TensorFlow, a part at a time: between two of them others may run.
     * They may dispose the tensor, or bring it themselves.
     */
    *uploadInSteps(dataId: DataId): Generator<undefined, void, undefined> {
      const data = this.tensorMap.has(dataId) ? this.tensorMap.get(dataId) : undefined;
      if (data === undefined || !isLarge(data.values)) return;
      const { shape, dtype, values } = data;
      const id = yield* this.#own().createTensorInSteps(shape, dtype, values);
      const isWanted = this.tensorMap.has(dataId) && data.values === values;
      if (!isWanted) this.#own().deleteTensor(id);
      else {
        Object.assign(data, { id, values: null });
        this.#memory.grow(data, BYTES_OF_A_TENSOR);
      }
    }

    /** Runs something that makes tensors in the place of others, which it frees. */
    replacing = <T>(run: () => T): T => this.#memory.replacing(run);

    /** Says how many bytes a loaded graph takes: V8 looks for those that are forgotten, too. */
    weigh = (session: Session, bytes: number): void => session.watch(this.#memory, bytes);

    override disposeData(dataId: DataId, force = false): boolean {
      const data = this.tensorMap.has(dataId) ? this.tensorMap.get(dataId) : undefined;
      const isGone = super.disposeData(dataId, force);
      if (isGone && data !== undefined) this.#memory.forget(data, dataId);
      return isGone;
    }
  };

/**
 * Gives `node:util` the functions that tfjs-node 4.22 calls and that Node.js 23 removed. On Node.js 22 they are still
 * there, but warn; so they are set there too.
 */
const restoreUtilities = (): void => {
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
    isString: (value: unknown) => typeof value === 'string',
    isObject: (value: unknown) => typeof value === 'object' && value !== null,
  });
};

/** Above the backends that tfjs itself brings, so that it is the one in use. */
const PRIORITY = 3;

/** The level of output at which a model that tfjs itself trains shows a bar. */
const VERBOSE = 1;

type CallbackClass = Parameters<typeof Tfjs.registerCallbackConstructor>[1];

/**
 * tfjs with tfjs-node's kernels and additions, as its own index gives them, on another binding.
 *
 * @param directory the package `@tensorflow/tfjs-node`
 * @param open gives the binding, when it is first needed
 */
export const loadTfjsNode = (directory: string, open: () => Binding): typeof Tfjs => {
  restoreUtilities();
  const require = createRequire(path.join(directory, 'package.json'));
  const tf = loadTfjs(require);
  registerNodeKernels(tf, directory, require);
  // Each of these is what its file in that package exports.
  const { NodeJSKernelBackend } = require('./dist/nodejs_kernel_backend') as {
    NodeJSKernelBackend: BackendClass;
  };
  const { node } = require('./dist/node') as { node: object };
  const { nodeFileSystemRouter } = require('./dist/io/file_system') as {
    nodeFileSystemRouter: Parameters<typeof Tfjs.io.registerLoadRouter>[0];
  };
  const { ProgbarLogger } = require('./dist/callbacks') as { ProgbarLogger: CallbackClass };
  const nodeIo = require('./dist/io/index') as object;
  const { version } = require('./dist/version') as { version: string };
  const Backend = selfFreeing(NodeJSKernelBackend, countsOf(tf));
  tf.registerBackend('tensorflow', () => new Backend(open, '@tensorflow/tfjs-node'), PRIORITY);
  // It is ready at once: the promise is for backends that are not.
  void tf.setBackend('tensorflow');
  tf.io.registerLoadRouter(nodeFileSystemRouter);
  tf.io.registerSaveRouter(nodeFileSystemRouter);
  tf.registerCallbackConstructor(VERBOSE, ProgbarLogger);
  const additions = { node, io: { ...tf.io, ...nodeIo }, version: { ...tf.version, 'tfjs-node': version } };
  const all = { ...Object.getOwnPropertyDescriptors(tf), ...Object.getOwnPropertyDescriptors(additions) };
  // What tfjs exports of its parts could not be replaced.
  const free = Object.entries(all).map(([name, descriptor]) => [name, { ...descriptor, configurable: true }]);
  return Object.defineProperties({}, Object.fromEntries(free) as typeof all) as typeof Tfjs; // all of its properties, and more
};
