/**
 * TensorFlow's C API as it is used here: `c_api.h`, `tf_tensor.h`, `tf_status.h`, `eager/c_api.h`. One table, from which
 * both the calls and their types come.
 */
import type { LibraryHandle } from './koffi';

/**
 * Types of arguments and results. A `pointer` is an address as a number: they fit, and pass quicker than big integers do.
 * `memory` takes a typed array, whose own memory is meant. `text` is a JavaScript string.
 */
type CType = 'void' | 'pointer' | 'memory' | 'text' | 'int' | 'int64' | 'size' | 'float' | 'byte';

type Signature = readonly [result: CType, parameters: readonly CType[]];

const KOFFI_TYPES: Readonly<Record<CType, string>> = {
  void: 'void',
  pointer: 'uintptr_t',
  memory: 'void *',
  text: 'const char *',
  int: 'int',
  int64: 'int64_t',
  size: 'size_t',
  float: 'float',
  byte: 'uint8_t',
};

/** Every version from 1.15 on has these. */
const REQUIRED = {
  TF_Version: ['text', []],
  TF_NewStatus: ['pointer', []],
  TF_DeleteStatus: ['void', ['pointer']],
  TF_GetCode: ['int', ['pointer']],
  TF_Message: ['text', ['pointer']],

  TF_AllocateTensor: ['pointer', ['int', 'pointer', 'int', 'size']],
  TF_DeleteTensor: ['void', ['pointer']],
  TF_TensorData: ['pointer', ['pointer']],
  TF_TensorByteSize: ['size', ['pointer']],
  TF_TensorType: ['int', ['pointer']],
  TF_NumDims: ['int', ['pointer']],
  TF_Dim: ['int64', ['pointer', 'int']],

  TF_NewBuffer: ['pointer', []],
  TF_DeleteBuffer: ['void', ['pointer']],
  TF_NewGraph: ['pointer', []],
  TF_DeleteGraph: ['void', ['pointer']],
  TF_NewImportGraphDefOptions: ['pointer', []],
  TF_DeleteImportGraphDefOptions: ['void', ['pointer']],
  TF_GraphImportGraphDef: ['void', ['pointer', 'pointer', 'pointer', 'pointer']],
  TF_GraphOperationByName: ['pointer', ['pointer', 'text']],
  TF_OperationNumOutputs: ['int', ['pointer']],
  // graph, name, whether to append a hash, how many operations (-1: all), operations, inputs, outputs, their names, options, description
  TF_GraphToFunction: [
    'pointer',
    [
      'pointer',
      'text',
      'byte',
      'int',
      'pointer',
      'int',
      'pointer',
      'int',
      'pointer',
      'pointer',
      'pointer',
      'pointer',
      'pointer',
    ],
  ],
  TF_GraphCopyFunction: ['void', ['pointer', 'pointer', 'pointer', 'pointer']],
  TF_FunctionToFunctionDef: ['void', ['pointer', 'pointer', 'pointer']],
  TF_DeleteFunction: ['void', ['pointer']],

  TF_NewSessionOptions: ['pointer', []],
  TF_DeleteSessionOptions: ['void', ['pointer']],
  TF_SetConfig: ['void', ['pointer', 'memory', 'size', 'pointer']],
  TF_NewSession: ['pointer', ['pointer', 'pointer', 'pointer']],
  TF_LoadSessionFromSavedModel: [
    'pointer',
    ['pointer', 'pointer', 'text', 'pointer', 'int', 'pointer', 'pointer', 'pointer'],
  ],
  TF_CloseSession: ['void', ['pointer', 'pointer']],
  TF_DeleteSession: ['void', ['pointer', 'pointer']],
  TF_SessionRun: [
    'void',
    // session, run options, feeds, their tensors, how many, fetches, their tensors, how many, targets, how many, metadata, status
    [
      'pointer',
      'pointer',
      'pointer',
      'pointer',
      'int',
      'pointer',
      'pointer',
      'int',
      'pointer',
      'int',
      'pointer',
      'pointer',
    ],
  ],
  TF_DeleteDeviceList: ['void', ['pointer']],
  TF_DeviceListCount: ['int', ['pointer']],
  TF_DeviceListName: ['text', ['pointer', 'int', 'pointer']],
  TF_DeviceListType: ['text', ['pointer', 'int', 'pointer']],

  TFE_NewContextOptions: ['pointer', []],
  TFE_DeleteContextOptions: ['void', ['pointer']],
  TFE_NewContext: ['pointer', ['pointer', 'pointer']],
  TFE_DeleteContext: ['void', ['pointer']],
  TFE_ContextListDevices: ['pointer', ['pointer', 'pointer']],
  TFE_ContextAddFunctionDef: ['void', ['pointer', 'memory', 'size', 'pointer']],
  TFE_NewTensorHandle: ['pointer', ['pointer', 'pointer']],
  TFE_DeleteTensorHandle: ['void', ['pointer']],
  TFE_TensorHandleDataType: ['int', ['pointer']],
  TFE_TensorHandleNumDims: ['int', ['pointer', 'pointer']],
  TFE_TensorHandleDim: ['int64', ['pointer', 'int', 'pointer']],
  TFE_TensorHandleResolve: ['pointer', ['pointer', 'pointer']],
  TFE_TensorHandleCopyToDevice: ['pointer', ['pointer', 'pointer', 'text', 'pointer']],

  TFE_NewOp: ['pointer', ['pointer', 'pointer', 'pointer']],
  TFE_DeleteOp: ['void', ['pointer']],
  TFE_OpAddInput: ['void', ['pointer', 'pointer', 'pointer']],
  TFE_Execute: ['void', ['pointer', 'pointer', 'pointer', 'pointer']],
  TFE_OpSetAttrString: ['void', ['pointer', 'pointer', 'pointer', 'size']],
  TFE_OpSetAttrInt: ['void', ['pointer', 'pointer', 'int64']],
  TFE_OpSetAttrFloat: ['void', ['pointer', 'pointer', 'float']],
  TFE_OpSetAttrBool: ['void', ['pointer', 'pointer', 'byte']],
  TFE_OpSetAttrType: ['void', ['pointer', 'pointer', 'int']],
  TFE_OpSetAttrShape: ['void', ['pointer', 'pointer', 'pointer', 'int', 'pointer']],
  TFE_OpSetAttrTensor: ['void', ['pointer', 'pointer', 'pointer', 'pointer']],
  TFE_OpSetAttrFunctionName: ['void', ['pointer', 'pointer', 'pointer', 'size']],
  TFE_OpSetAttrStringList: ['void', ['pointer', 'pointer', 'pointer', 'pointer', 'int']],
  TFE_OpSetAttrIntList: ['void', ['pointer', 'pointer', 'pointer', 'int']],
  TFE_OpSetAttrFloatList: ['void', ['pointer', 'pointer', 'pointer', 'int']],
  TFE_OpSetAttrBoolList: ['void', ['pointer', 'pointer', 'pointer', 'int']],
  TFE_OpSetAttrTypeList: ['void', ['pointer', 'pointer', 'pointer', 'int']],
  TFE_OpSetAttrShapeList: ['void', ['pointer', 'pointer', 'pointer', 'pointer', 'int', 'pointer']],
} as const satisfies Readonly<Record<string, Signature>>;

/** Some versions have these: strings, for one, are encoded up to 2.3, and objects of their own from 2.4 on. */
const OPTIONAL = {
  TF_GetRegisteredKernelsForOp: ['pointer', ['text', 'pointer']],
  TF_StringEncodedSize: ['size', ['size']],
  TF_StringEncode: ['size', ['memory', 'size', 'pointer', 'size', 'pointer']],
  TF_StringDecode: ['size', ['pointer', 'size', 'pointer', 'pointer', 'pointer']],
  TF_StringInit: ['void', ['pointer']],
  TF_StringCopy: ['void', ['pointer', 'memory', 'size']],
  TF_StringGetSize: ['size', ['pointer']],
  TF_StringGetDataPointer: ['pointer', ['pointer']],
  TF_StringDealloc: ['void', ['pointer']],
} as const satisfies Readonly<Record<string, Signature>>;

interface Arguments {
  readonly void: undefined;
  readonly pointer: number;
  readonly memory: ArrayBufferView;
  readonly text: string;
  readonly int: number;
  readonly int64: number;
  readonly size: number;
  readonly float: number;
  readonly byte: number;
}

type Parameters<Types extends readonly CType[]> = {
  -readonly [Index in keyof Types]: Arguments[Types[Index]];
};
type Result<Type extends CType> = Arguments[Type];

/** A function of the library's. `async` calls it on a thread of Node.js's pool, and then calls back. */
type CFunction<S extends Signature> = ((...values: Parameters<S[1]>) => Result<S[0]>) & {
  async(...values: [...Parameters<S[1]>, (error: unknown, result: Result<S[0]>) => void]): void;
};

/** The functions of a library that is open. */
export type CApi = { readonly [Name in keyof typeof REQUIRED]: CFunction<(typeof REQUIRED)[Name]> } & {
  readonly [Name in keyof typeof OPTIONAL]: CFunction<(typeof OPTIONAL)[Name]> | undefined;
};

type Declare = Pick<LibraryHandle, 'func'>;

const declare = (library: Declare, name: string, [result, parameters]: Signature): unknown =>
  library.func(
    name,
    KOFFI_TYPES[result],
    parameters.map((type) => KOFFI_TYPES[type]),
  );

const declareRequired = (library: Declare, name: keyof typeof REQUIRED): unknown => {
  try {
    return declare(library, name, REQUIRED[name]);
  } catch (cause) {
    throw new MissingFunction(name, cause);
  }
};

/** The version that a library says it is. */
export const readVersion = (library: Declare): string =>
  (declareRequired(library, 'TF_Version') as CApi['TF_Version'])(); // of the table's own type

/**
 * The functions of a library.
 *
 * @throws MissingFunction for one that every version should have.
 */
export const declareApi = (library: Declare): CApi => {
  const api: Record<string, unknown> = {};
  for (const name of Object.keys(REQUIRED) as (keyof typeof REQUIRED)[]) {
    api[name] = declareRequired(library, name);
  }
  for (const [name, signature] of Object.entries(OPTIONAL)) {
    try {
      api[name] = declare(library, name, signature);
    } catch {
      api[name] = undefined;
    }
  }
  return api as unknown as CApi; // the two tables are the type's own
};

/** A library lacks a function. */
export class MissingFunction extends Error {
  constructor(
    readonly functionName: string,
    cause: unknown,
  ) {
    super(`no function ${functionName}`, { cause });
  }
}
