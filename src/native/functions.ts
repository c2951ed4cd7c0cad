import type { Library } from './library';
import type { Status } from './status';

/** A function of a graph: a graph of its own, in which placeholders stand for what it takes. */
export interface GraphFunction {
  readonly name: string;
  /** A serialized `GraphDef`. */
  readonly definition: Uint8Array;
  /** The placeholders, in the order of the function's arguments. */
  readonly inputs: readonly string[];
  /** What it gives: names as `dense/MatMul` or `split:1`. */
  readonly outputs: readonly string[];
}

/** Loads a graph, as {@link addFunction} needs it. */
export type ImportGraph = (graph: number, definition: Uint8Array) => void;

/** Makes a function, which the caller frees. */
const makeFunction = (
  { api, memory }: Library,
  { name, definition, inputs, outputs }: GraphFunction,
  importGraph: ImportGraph,
  status: Status,
): number => {
  const body = api.TF_NewGraph();
  try {
    importGraph(body, definition);
    const listOf = (names: readonly string[]) => {
      const list = memory.scratch(2 * names.length);
      names.forEach((output, position) => {
        const [, node = output, index = '0'] = /^(.*?)(?::(\d+))?$/.exec(output) ?? [];
        const operation = api.TF_GraphOperationByName(body, node);
        if (operation === 0) throw new Error(`the function ${name} has no operation ${node}`);
        list.setWord(2 * position, operation);
        list.setWord(2 * position + 1, Number(index));
      });
      return list;
    };
    const [taken, given] = [listOf(inputs), listOf(outputs)];
    const made = api.TF_GraphToFunction(
      body,
      name,
      0,
      -1,
      0,
      inputs.length,
      taken.address,
      outputs.length,
      given.address,
      0,
      0,
      0,
      status.address,
    );
    status.check();
    return made;
  } finally {
    api.TF_DeleteGraph(body);
  }
};

/** Adds a function to a graph, whose nodes may then name it. */
export const addFunction = (
  library: Library,
  graph: number,
  definition: GraphFunction,
  importGraph: ImportGraph,
  status: Status,
): void => {
  const made = makeFunction(library, definition, importGraph, status);
  library.api.TF_GraphCopyFunction(graph, made, 0, status.address);
  library.api.TF_DeleteFunction(made);
  status.check();
};

/** A function as the bytes of a `FunctionDef`. */
export const functionDefinition = (
  library: Library,
  definition: GraphFunction,
  importGraph: ImportGraph,
  status: Status,
): Uint8Array => {
  const { api, memory } = library;
  const made = makeFunction(library, definition, importGraph, status);
  // struct TF_Buffer { const void* data; size_t length; deallocator }, which TensorFlow fills and frees
  const buffer = api.TF_NewBuffer();
  try {
    api.TF_FunctionToFunctionDef(made, buffer, status.address);
    status.check();
    const fields = memory.scratch(2);
    memory.read(fields.bytes, buffer, 16);
    const bytes = new Uint8Array(fields.word(1));
    memory.read(bytes, fields.word(0), bytes.length);
    return bytes;
  } finally {
    api.TF_DeleteBuffer(buffer);
    api.TF_DeleteFunction(made);
  }
};
