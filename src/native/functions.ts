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

/** Adds a function to a graph, whose nodes may then name it. */
export const addFunction = (
  { api, memory }: Library,
  graph: number,
  { name, definition, inputs, outputs }: GraphFunction,
  importGraph: ImportGraph,
  status: Status,
): void => {
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
    api.TF_GraphCopyFunction(graph, made, 0, status.address);
    api.TF_DeleteFunction(made);
    status.check();
  } finally {
    api.TF_DeleteGraph(body);
  }
};
