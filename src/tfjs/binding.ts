import type {
  Fill,
  GraphDefinition,
  GraphFunction,
  GraphSource,
  RuntimeConfig,
  Session,
} from '../native/index';
import { keepSurroundings, within, type Leave, type Steps } from '../base/steps';
import { tf, type Tensor } from './tensorflow';

/** An attribute of an op, as tfjs-node's binding takes it. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** What an op gave: a tensor on TensorFlow's side. */
export interface NativeTensor {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** Values that the binding makes a tensor of. */
export type Values = Float32Array | Int32Array | Uint8Array | BigInt64Array | readonly unknown[];

/** The functions of the backend's binding that this library uses; its object may be replaced, so it is read at each use. */
export interface Binding {
  /** The version of the C library. */
  readonly TF_Version: string;
  /** Whether an operation can run: not all builds have all of them. */
  hasKernel(operation: string): boolean;
  isUsingGpuDevice(): boolean;
  createTensor(shape: readonly number[], dtype: number, values: Values): number;
  createFilledTensorInSteps(shape: readonly number[], dtype: number, fill: Fill): Steps<number>;
  /** A tensor of zeros, of numbers or truth values, that is made when it is first used. */
  reserveTensor(shape: readonly number[], dtype: number): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  readTensorPart(id: number, into: Float32Array | Int32Array | Uint8Array, from: number): void;
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): NativeTensor[];
  /** Loads a graph, with variables of its own. */
  createSession(source: GraphSource, config?: RuntimeConfig): Session;
  /** The same on another thread. */
  createSessionOnThread(source: GraphDefinition, config?: RuntimeConfig): Promise<Session>;
  /** How many of those are open. */
  getNumOfSessions(): number;
  /** A function as the bytes of a `FunctionDef`, which graphs in files have. */
  functionDefinition(definition: GraphFunction): Uint8Array;
}

/** The part of tfjs-node's backend that this library uses; tfjs's types do not have it. */
interface Backend {
  binding: Binding;
  getInputTensorIds(tensors: readonly Tensor[]): number[];
  createOutputTensor(output: NativeTensor): Tensor;
  uploadInSteps(dataId: Tensor['dataId']): Generator<undefined, void, undefined>;
  replacing<T>(run: () => T): T;
  weigh(session: Session, bytes: number): void;
}

// tfjs types its backends by what all of them share; this library runs on tfjs-node's only.
const backend = (): Backend => tf.backend() as unknown as Backend;

export const binding = (): Binding => backend().binding;

/** All properties of the binding, its methods bound to it: they are not enumerable. */
export const bound = (real: Binding): Binding => {
  const properties = real as unknown as Readonly<Record<string, unknown>>; // a native object with more than its type says
  return Object.fromEntries(
    Object.getOwnPropertyNames(real).map((name) => {
      const value = properties[name];
      return [name, typeof value === 'function' ? (value.bind(real) as unknown) : value];
    }),
  ) as unknown as Binding;
};

keepSurroundings({ get: binding, set: (value) => (backend().binding = value) });

/** Puts another object in the binding's place: its own methods cannot be replaced. */
export const enterBinding = (replacement: Binding): Leave => {
  const { binding: original } = backend();
  backend().binding = replacement;
  return () => (backend().binding = original);
};

/** The same while something runs. */
export const withBinding = <T>(replacement: Binding, run: () => T): T =>
  within(enterBinding(replacement), run);

/** The native id of a tensor. */
export const idOf = (tensor: Tensor): number => backend().getInputTensorIds([tensor])[0] as number; // one for each

/** A native tensor as one of tfjs's, which then owns it. */
export const wrap = (output: NativeTensor): Tensor => backend().createOutputTensor(output);

/**
 * A tensor whose values go to TensorFlow piece by piece, without an array of all of them; between two of them others may run. Whoever
 * does not go to the end calls `return`.
 */
export function* filledTensorInSteps(
  shape: readonly number[],
  dtype: 'float32' | 'int32',
  fill: Fill,
): Steps<Tensor> {
  const type = typeNumber(dtype);
  const id = yield* binding().createFilledTensorInSteps(shape, type, fill);
  return wrap({ id, shape: [...shape], dtype: type });
}

/**
 * Brings a large tensor's values, which JavaScript has made, to TensorFlow, as the first operation on it would: a part at a time, and
 * between two of them others may run. Whoever does not go to the end calls `return`.
 */
export const uploadInSteps = (tensor: Tensor): Generator<undefined, void, undefined> =>
  backend().uploadInSteps(tensor.dataId);

/**
 * Runs something that makes tensors in the place of others, which it frees, or that frees most of what it makes: V8 is not asked before its end to
 * collect what nobody reaches.
 */
export const replacing = <T>(run: () => T): T => backend().replacing(run);

/** Says how many bytes a graph that was loaded takes, so that V8 looks for it when it is forgotten. */
export const weigh = (session: Session, bytes: number): void => backend().weigh(session, bytes);

/** Copies values of a tensor, from one of them on, into an array of their type: as many as it has places. */
export const readPart = (tensor: Tensor, into: Float32Array | Int32Array | Uint8Array, from: number): void =>
  binding().readTensorPart(idOf(tensor), into, from);

/** TensorFlow's numbers of types. */
export const TYPES = {
  float: 1,
  double: 2,
  int32: 3,
  uint8: 4,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  resource: 20,
} as const;

const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['int32', TYPES.int32],
  ['bool', TYPES.bool],
  ['string', TYPES.string],
]);

/** TensorFlow's number of one of tfjs's types. */
export const typeNumber = (dtype: string): number => NUMBERS.get(dtype) ?? TYPES.float;

/** The binding's numbers of kinds of attributes. */
export const ATTRIBUTE_KINDS = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;

/** The bytes of each text of a tensor, as the backend has them. */
export const bytesOfTexts = (x: Tensor): readonly Uint8Array[] =>
  tf.backend().readSync(x.dataId) as unknown as readonly Uint8Array[]; // of a tensor of texts
