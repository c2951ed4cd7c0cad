import { sizeOf } from '../base/shapes';
import type { Steps } from '../base/steps';
import { Attributes, ATTRIBUTES, type OpAttribute } from './attributes';
import type { CApi } from './c-api';
import type { CMemory, Scratch } from './c-memory';
import { DTYPES, LAYOUTS, type NumberArray } from './dtypes';
import { Freeing } from './freeing';
import type { Library } from './library';
import { Status, TensorflowError } from './status';
import { Tensors, type Fill, type TensorData, type TensorValues } from './tensors';

/** A tensor that an operation gave: its number here, and what JavaScript needs to know of it. */
export interface NativeTensor {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** A device that operations run on. */
export interface Device {
  /** `/job:localhost/replica:0/task:0/device:CPU:0` */
  readonly name: string;
  /** `CPU`, `GPU` … */
  readonly type: string;
}

/** Room for so many outputs is there from the start; a tensor may be unstacked into more. */
const USUAL_OUTPUTS = 64;

/** Names of operations that multiply matrices, and of those that run functions, which may: signals are held back for them. */
const MULTIPLYING = /MatMul|Conv|LSTM|GRU|Einsum|Call$|While|If$|Case/;

/** The number of TensorFlow's error that there is no memory. */
const RESOURCE_EXHAUSTED = 8;

/** Zeros, of numbers of 32 bits or truth values; TensorFlow's error if there is no memory for so many. */
const zeroValues = (shape: readonly number[], dtype: number): TensorValues => {
  const size = sizeOf(shape);
  try {
    return dtype === DTYPES.bool ? new Uint8Array(size) : new Float32Array(size);
  } catch {
    throw new TensorflowError(RESOURCE_EXHAUSTED, `OOM when allocating tensor with shape[${shape.join()}]`);
  }
};

/**
 * TensorFlow's operations, run one by one as they are called, on tensors that are known by numbers. Numbers are not used
 * again, so that a stale one is an error and not another tensor.
 *
 * One for each thread of JavaScript's; its tensors are its own.
 */
export class EagerContext {
  readonly tensors: Tensors;
  private readonly api: CApi;
  private readonly memory: CMemory;
  private readonly status: Status;
  private readonly attributes: Attributes;
  private readonly context: number;
  private readonly handles = new Map<number, number>();
  /** How many bytes those tensors have that take long to free, and what frees them. */
  private readonly large = new Map<number, number>();
  private readonly freeing: Freeing;
  /** Tensors of zeros that nobody has used so far, by their numbers. */
  private readonly zeros = new Map<number, { readonly shape: readonly number[]; readonly dtype: number }>();
  /** Sessions whose runs use this context's tensors: they close with it. */
  readonly sessions = new Set<{ close(): void }>();
  private nextId = 0;
  /** How many outputs there may be, and then where they are. */
  private outputs: Scratch;
  /** The device that data is brought to, if it is not this processor. */
  private readonly accelerator: string | undefined;
  private isClosed = false;
  private readonly withoutSignals: Library['withoutSignals'];

  constructor(library: Library) {
    this.api = library.api;
    this.memory = library.memory;
    this.withoutSignals = library.withoutSignals;
    this.status = new Status(this.api);
    this.tensors = new Tensors(library);
    this.freeing = new Freeing(library.api, library.version);
    this.attributes = new Attributes(this.api, this.memory, this.tensors, this.status);
    this.outputs = this.memory.scratch(USUAL_OUTPUTS + 1);
    this.context = this.newContext();
    this.accelerator = this.devices().findLast(({ type }) => type === 'GPU')?.name;
  }

  private newContext(): number {
    const { api, status } = this;
    const options = api.TFE_NewContextOptions();
    try {
      const context = api.TFE_NewContext(options, status.address);
      status.check();
      return context;
    } finally {
      api.TFE_DeleteContextOptions(options);
    }
  }

  /** The devices that there are. */
  devices(): Device[] {
    const { api, status } = this;
    const list = api.TFE_ContextListDevices(this.context, status.address);
    status.check();
    const devices = Array.from({ length: api.TF_DeviceListCount(list) }, (_, index) => ({
      name: api.TF_DeviceListName(list, index, status.address),
      type: api.TF_DeviceListType(list, index, status.address),
    }));
    api.TF_DeleteDeviceList(list);
    return devices;
  }

  get usesAccelerator(): boolean {
    return this.accelerator !== undefined;
  }

  /** How many tensors there are. */
  get size(): number {
    return this.handles.size + this.zeros.size;
  }

  has(id: number): boolean {
    return this.handles.has(id) || this.zeros.has(id);
  }

  private keep(handle: number, dtype: number = DTYPES.resource, size = 0): number {
    const id = this.nextId++;
    this.handles.set(id, handle);
    const bytes = size * (LAYOUTS[dtype]?.bytes ?? 0);
    // What is elsewhere would have to be brought here to be freed so.
    if (this.freeing.takesLong(bytes) && !this.usesAccelerator) this.large.set(id, bytes);
    return id;
  }

  private handleOf(id: number, doing: string): number {
    const handle = this.handles.get(id) ?? this.makeZeros(id);
    if (handle === undefined) throw new Error(`${doing} a Tensor not referenced (tensor_id: ${id})`);
    return handle;
  }

  /** A number for a tensor of zeros, of numbers or truth values, which is made when it is first used. */
  reserve(shape: readonly number[], dtype: number): number {
    const id = this.nextId++;
    this.zeros.set(id, { shape, dtype });
    return id;
  }

  private makeZeros(id: number): number | undefined {
    const zeros = this.zeros.get(id);
    if (zeros === undefined) return undefined;
    const { shape, dtype } = zeros;
    const made = this.create(shape, dtype, zeroValues(shape, dtype));
    const handle = this.handles.get(made) as number; // just made
    const bytes = this.large.get(made);
    this.handles.delete(made);
    this.large.delete(made);
    this.zeros.delete(id);
    this.handles.set(id, handle);
    if (bytes !== undefined) this.large.set(id, bytes);
    return handle;
  }

  /** Makes a tensor of a copy of values. */
  create(shape: readonly number[], dtype: number, values: TensorValues): number {
    const tensor = this.tensors.create(shape, dtype, values);
    try {
      if (dtype === DTYPES.string && this.tensors.haveStringsToClear) return this.adoptStrings(tensor, shape);
      return this.adoptWhereUsed(tensor, dtype, sizeOf(shape));
    } finally {
      this.tensors.free(tensor);
    }
  }

  /** Makes a tensor of a copy of numbers, a part at a time: between two of them others may run. */
  *createInSteps(shape: readonly number[], dtype: number, values: NumberArray): Steps<number> {
    return this.adoptAndFree(yield* this.tensors.createInSteps(shape, dtype, values), dtype, sizeOf(shape));
  }

  /** Makes a tensor of values that come piece by piece. */
  *createFilledInSteps(shape: readonly number[], dtype: number, fill: Fill): Steps<number> {
    return this.adoptAndFree(
      yield* this.tensors.createFilledInSteps(shape, dtype, fill),
      dtype,
      sizeOf(shape),
    );
  }

  private adoptAndFree(tensor: number, dtype: number, size: number): number {
    try {
      return this.adoptWhereUsed(tensor, dtype, size);
    } finally {
      this.tensors.free(tensor);
    }
  }

  private adoptWhereUsed(tensor: number, dtype: number, size: number): number {
    // Most kernels of accelerators want whole numbers in the memory of the processor.
    const stays = this.accelerator === undefined || dtype === DTYPES.int32 || dtype === DTYPES.string;
    return stays ? this.keep(this.newHandle(tensor), dtype, size) : this.adoptOnAccelerator(tensor);
  }

  private newHandle(tensor: number): number {
    const handle = this.api.TFE_NewTensorHandle(tensor, this.status.address);
    if (handle === 0) throw this.status.error();
    return handle;
  }

  /** A number for a tensor of the C API's, which stays the caller's to free. */
  adopt(tensor: number): number {
    return this.keep(this.newHandle(tensor));
  }

  private adoptOnAccelerator(tensor: number): number {
    const { api, status } = this;
    const handle = this.newHandle(tensor);
    const copy = api.TFE_TensorHandleCopyToDevice(
      handle,
      this.context,
      this.accelerator ?? '',
      status.address,
    );
    api.TFE_DeleteTensorHandle(handle);
    status.check();
    return this.keep(copy);
  }

  /**
   * TensorFlow does not free long strings that were put into a tensor from outside, but those that its operations made. So an
   * operation copies them.
   */
  private adoptStrings(tensor: number, shape: readonly number[]): number {
    const foreign = this.adopt(tensor);
    try {
      const copies = this.execute(
        'StringJoin',
        [{ name: 'N', type: ATTRIBUTES.int, value: 1 }],
        [foreign],
        1,
      );
      return (copies[0] as NativeTensor).id; // one was asked for
    } finally {
      this.tensors.clearStrings(tensor, sizeOf(shape));
      this.delete(foreign);
    }
  }

  /** Frees a tensor. */
  delete(id: number): void {
    if (this.zeros.delete(id)) return;
    const handle = this.handleOf(id, 'Delete called on');
    const bytes = this.large.get(id);
    // It shares the memory, and holds it when the handle is gone.
    const tensor = bytes === undefined ? 0 : this.api.TFE_TensorHandleResolve(handle, this.status.address);
    this.api.TFE_DeleteTensorHandle(handle);
    this.handles.delete(id);
    if (bytes === undefined) return;
    this.large.delete(id);
    if (tensor !== 0) this.freeing.free(tensor, bytes);
  }

  /** The C API's tensor of a number; on the processor it shares the memory. The caller frees it. */
  resolve(id: number): number {
    const tensor = this.api.TFE_TensorHandleResolve(
      this.handleOf(id, 'Get data called on'),
      this.status.address,
    );
    if (tensor === 0) throw this.status.error();
    return tensor;
  }

  /** A copy of a tensor's values. */
  read(id: number): TensorData {
    const tensor = this.resolve(id);
    try {
      return this.tensors.read(tensor);
    } finally {
      this.tensors.free(tensor);
    }
  }

  /** Copies some of a tensor's values, from one of them on, into an array of their type. */
  readPart(id: number, into: NumberArray, from: number): void {
    const tensor = this.resolve(id);
    try {
      this.tensors.readPart(tensor, into, from);
    } finally {
      this.tensors.free(tensor);
    }
  }

  /**
   * Runs an operation.
   *
   * @throws TensorflowError if it fails.
   */
  execute(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): NativeTensor[] {
    const { api } = this;
    const status = this.status.address;
    const list = this.outputList(outputs);
    const op = api.TFE_NewOp(this.context, this.memory.text(name), status);
    if (op === 0) throw this.status.error();
    try {
      for (const id of inputs) {
        const handle = this.handles.get(id) ?? this.makeZeros(id);
        if (handle === undefined) throw new Error(`Input Tensor ID not referenced (tensor_id: ${id})`);
        api.TFE_OpAddInput(op, handle, status);
      }
      for (const attribute of attributes) this.attributes.set(op, attribute);
      list.int32[0] = outputs;
      const execute = (): void => {
        api.TFE_Execute(op, list.address + 8, list.address, status);
      };
      // To hold signals back takes as long as a tenth of a small operation.
      if (MULTIPLYING.test(name)) this.withoutSignals(execute);
      else execute();
      // An input that was refused above is one too few here.
      if (api.TF_GetCode(status) !== 0) throw this.status.error();
    } finally {
      api.TFE_DeleteOp(op);
    }
    const results: NativeTensor[] = [];
    for (let index = 1; index <= list.int32[0]; index++) results.push(this.describe(list.word(index)));
    return results;
  }

  /** Where the outputs of an operation go. */
  private outputList(outputs: number): Scratch {
    if (!Number.isInteger(outputs) || outputs < 0) {
      throw new RangeError(`An operation cannot have ${outputs} outputs`);
    }
    if (outputs >= this.outputs.length) this.outputs = this.memory.scratch(2 * outputs);
    return this.outputs;
  }

  /** Takes a handle over, and says what it is of. */
  private describe(handle: number): NativeTensor {
    const { api } = this;
    const status = this.status.address;
    const shape: number[] = [];
    const rank = api.TFE_TensorHandleNumDims(handle, status);
    for (let axis = 0; axis < rank; axis++) shape.push(api.TFE_TensorHandleDim(handle, axis, status));
    const dtype = api.TFE_TensorHandleDataType(handle);
    return { id: this.keep(handle, dtype, sizeOf(shape)), shape, dtype };
  }

  /** A number for a tensor of the C API's, which stays the caller's to free, with its shape and type. */
  adoptDescribed(tensor: number): NativeTensor {
    return this.describe(this.newHandle(tensor));
  }

  /** Adds a function, as a serialized `FunctionDef`, for operations that call one by name. */
  addFunction(definition: Uint8Array): void {
    this.api.TFE_ContextAddFunctionDef(this.context, definition, definition.length, this.status.address);
    this.status.check();
  }

  /** Frees everything. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const session of this.sessions) session.close();
    for (const handle of this.handles.values()) this.api.TFE_DeleteTensorHandle(handle);
    this.handles.clear();
    this.large.clear();
    this.zeros.clear();
    this.api.TFE_DeleteContext(this.context);
    this.tensors.close();
    this.status.free();
  }
}
