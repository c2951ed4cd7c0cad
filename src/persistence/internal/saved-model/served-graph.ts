/**
 * The part of a SavedModel's graph that its signatures need: what restores the variables, and what the outputs depend on. What only
 * saves the variables again may be of operations that an older TensorFlow has not.
 */
import path from 'node:path';
import { sizeOf } from '../../../base/shapes';
import { excerpt, MalformedError } from '../../../files/malformed';
import { fieldsOf, MessageWriter, type MessageField } from '../../../files/protocol-buffers';
import { isNumberType, numberType } from '../../../files/tensor-bundle';
import { shapeIn } from '../../../files/tensor-shape';
import { checkGraph, type GraphFunction, type Operation } from './graph-safety';
import { metaGraphs, signatureIn, tensorIn, type Signature } from './signatures';

/** Numbers of the fields, as `meta_graph.proto`, `graph.proto`, `function.proto` and `attr_value.proto` have them. */
const FIELDS = {
  meta: { info: 1, graph: 2, saver: 3, collection: 4, signature: 5, asset: 6 },
  info: { tag: 4 },
  saver: { file: 1, restore: 3 },
  collection: { nodes: 1, value: 1 },
  asset: { tensor: 1, file: 2 },
  graph: { node: 1, library: 2, versions: 4 },
  library: { function: 1 },
  function: { signature: 1, node: 3, name: 1, parameter: 2 },
  node: { name: 1, op: 2, input: 3, attribute: 5 },
  attribute: { list: 1, text: 2, tensor: 8, function: 10, functions: 9, name: 1 },
  tensor: { type: 1, shape: 2 },
} as const;

const FILE = 'saved_model.pb';

/** Where TensorFlow 1 says which operation initializes what there is, and TensorFlow 2. */
const INITIALIZERS = ['saved_model_main_op', 'legacy_init_op'];
const INITIALIZER = '__saved_model_init_op';

/** A graph for serving. */
export interface ServedGraph {
  /** The bytes of a `GraphDef`. */
  readonly definition: Uint8Array;
  readonly signatures: ReadonlyMap<string, Signature>;
  /** The tensor that the place of the variables is fed to, and the operation that restores them. */
  readonly restore: { readonly file: string; readonly target: string } | undefined;
  /** The operation that initializes what else there is. */
  readonly initialize: string | undefined;
  /** Tensors that the places of files are fed to, and the files' names in the folder `assets`. */
  readonly assets: readonly { readonly tensor: string; readonly file: string }[];
}

interface NodePart {
  readonly bytes: Uint8Array;
  readonly operation: Operation;
}

interface FunctionPart extends GraphFunction {
  readonly bytes: Uint8Array;
  readonly name: string;
}

/** What an operation may call: operations and functions have names alike. */
const callsOf = ({ op, functions }: Operation): readonly string[] => [op, ...functions];

/** The node of a tensor: `a` of `a:1` and `^a`. */
export const nodeOf = (tensor: string): string => tensor.replace(/^\^/, '').replace(/:\d+$/, '');

function* namesIn(message: MessageField): Generator<string, void, undefined> {
  for (const part of message.fields()) if (part.number === FIELDS.attribute.name) yield part.text;
}

function* functionNames(attribute: Uint8Array): Generator<string, void, undefined> {
  for (const value of fieldsOf(attribute, FILE)) {
    if (value.number === FIELDS.attribute.function) yield* namesIn(value);
    else if (value.number === FIELDS.attribute.list)
      for (const one of value.fields()) if (one.number === FIELDS.attribute.functions) yield* namesIn(one);
  }
}

/** Bytes that constants may have whatever the size of the file: many of one value take little room in it. */
const FREE_BYTES = 2 ** 28;

/** How many times as many bytes as the file the constants may have. */
const MAX_PACKING = 4;

/** What a text takes in memory besides its letters, and a number of the other types at the most. */
const OTHER_BYTES = 24;

/** Counts what constants say that they hold, before memory is taken for them. */
class ConstantCheck {
  private bytes = 0;

  constructor(private readonly fileBytes: number) {}

  /** Counts a node's attribute, if it is a tensor. */
  add(attribute: Uint8Array, name: string): void {
    for (const value of fieldsOf(attribute, FILE)) {
      if (value.number !== FIELDS.attribute.tensor) continue;
      let [elements, type] = [1, 0];
      for (const field of value.fields()) {
        if (field.number === FIELDS.tensor.type) type = field.integer;
        if (field.number !== FIELDS.tensor.shape) continue;
        const shape = shapeIn(field, FILE) ?? [];
        if (shape.some((size) => size < 0))
          throw new MalformedError(`${FILE} has a constant '${excerpt(name)}' of a negative size`);
        elements = sizeOf(shape);
      }
      this.bytes += elements * (isNumberType(type) ? numberType(type, FILE).bytes : OTHER_BYTES);
      if (this.bytes > MAX_PACKING * this.fileBytes + FREE_BYTES)
        throw new MalformedError(
          `${FILE} has a constant '${excerpt(name)}' that is said to be larger than the whole file`,
        );
    }
  }
}

/** The attribute by which an operation that prints says where. */
const STREAM = 'output_stream';

const textOf = (attribute: Uint8Array): string => {
  for (const value of fieldsOf(attribute, FILE))
    if (value.number === FIELDS.attribute.text) return value.text;
  return '';
};

const operationIn = (node: MessageField, constants: ConstantCheck): Operation => {
  let [name, op, stream] = ['', '', ''];
  const inputs: string[] = [];
  const functions = new Set<string>();
  for (const field of node.fields()) {
    if (field.number === FIELDS.node.name) name = field.text;
    else if (field.number === FIELDS.node.op) op = field.text;
    else if (field.number === FIELDS.node.input) inputs.push(field.text);
    else if (field.number === FIELDS.node.attribute) {
      const { key, value } = field.entry();
      constants.add(value, name);
      if (key === STREAM) stream = textOf(value);
      for (const called of functionNames(value)) functions.add(called);
    }
  }
  return { name, op, inputs, functions: [...functions], stream };
};

const functionIn = (field: MessageField, constants: ConstantCheck): FunctionPart => {
  let name = '';
  const parameters: string[] = [];
  const operations: Operation[] = [];
  for (const part of field.fields()) {
    if (part.number === FIELDS.function.node) operations.push(operationIn(part, constants));
    if (part.number !== FIELDS.function.signature) continue;
    for (const one of part.fields()) {
      if (one.number === FIELDS.function.name) name = one.text;
      if (one.number !== FIELDS.function.parameter) continue;
      for (const detail of one.fields())
        if (detail.number === FIELDS.function.name) parameters.push(detail.text);
    }
  }
  return { name, bytes: field.bytes, parameters, operations };
};

/** The nodes and functions of a graph. */
class Graph {
  private readonly nodes = new Map<string, NodePart>();
  private readonly functions = new Map<string, FunctionPart>();
  private versions: Uint8Array | undefined;

  constructor(definition: MessageField) {
    const constants = new ConstantCheck(definition.bytes.length);
    for (const field of definition.fields()) {
      if (field.number === FIELDS.graph.node) {
        const operation = operationIn(field, constants);
        this.nodes.set(operation.name, { bytes: field.bytes, operation });
      } else if (field.number === FIELDS.graph.versions) this.versions = field.bytes;
      else if (field.number === FIELDS.graph.library) {
        for (const part of field.fields()) {
          if (part.number !== FIELDS.library.function) continue;
          const one = functionIn(part, constants);
          this.functions.set(one.name, one);
        }
      }
    }
  }

  /** The graph of what some nodes need, of which some are `fed`. What it may not do is an error. */
  prunedTo(targets: readonly string[], fed: readonly string[]): Uint8Array {
    const nodes = new Map<string, Operation>();
    const waiting = targets.map(nodeOf);
    const called: string[] = [];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (nodes.has(name)) continue;
      const node = this.nodes.get(name);
      if (node === undefined)
        throw new MalformedError(`${FILE} has no node '${excerpt(name)}', which is used`);
      nodes.set(name, node.operation);
      waiting.push(...node.operation.inputs.map(nodeOf));
      called.push(...callsOf(node.operation));
    }
    const functions = new Map<string, FunctionPart>();
    for (let name = called.pop(); name !== undefined; name = called.pop()) {
      const one = this.functions.get(name);
      if (one === undefined || functions.has(name)) continue;
      functions.set(name, one);
      called.push(...one.operations.flatMap(callsOf));
    }
    checkGraph([...nodes.values()], functions, new Set(fed.map(nodeOf)));
    return this.written(nodes, functions);
  }

  private written(nodes: ReadonlyMap<string, unknown>, functions: ReadonlyMap<string, unknown>): Uint8Array {
    const graph = new MessageWriter();
    // In their order: others depend on it.
    for (const [name, { bytes }] of this.nodes) if (nodes.has(name)) graph.bytes(FIELDS.graph.node, bytes);
    const library = new MessageWriter();
    for (const [name, { bytes }] of this.functions)
      if (functions.has(name)) library.bytes(FIELDS.library.function, bytes);
    graph.bytes(FIELDS.graph.library, library.view());
    if (this.versions !== undefined) graph.bytes(FIELDS.graph.versions, this.versions);
    return graph.view();
  }
}

const restoreIn = (saver: MessageField): ServedGraph['restore'] => {
  let [file, target] = ['', ''];
  for (const field of saver.fields()) {
    if (field.number === FIELDS.saver.file) file = field.text;
    else if (field.number === FIELDS.saver.restore) target = field.text;
  }
  return file === '' || target === '' ? undefined : { file, target };
};

const assetIn = (asset: MessageField): ServedGraph['assets'][number] => {
  let [tensor, file] = ['', ''];
  for (const field of asset.fields()) {
    if (field.number === FIELDS.asset.tensor) tensor = tensorIn(field.bytes).node;
    else if (field.number === FIELDS.asset.file) file = field.text;
  }
  if (file !== path.basename(file) || file === '' || file === '..' || file.includes('\\'))
    throw new MalformedError(
      `${FILE} names the file '${excerpt(file)}', which must be one of the folder assets`,
    );
  return { tensor, file };
};

const initializerIn = (collection: MessageField): string | undefined => {
  const { key, value } = collection.entry();
  if (!INITIALIZERS.includes(key)) return undefined;
  for (const list of fieldsOf(value, FILE))
    if (list.number === FIELDS.collection.nodes)
      for (const name of list.fields()) if (name.number === FIELDS.collection.value) return name.text;
  return undefined;
};

const tagsIn = (graph: MessageField): string[] => {
  const tags: string[] = [];
  for (const field of graph.fields())
    if (field.number === FIELDS.meta.info)
      for (const part of field.fields()) if (part.number === FIELDS.info.tag) tags.push(part.text);
  return tags;
};

const servedIn = (meta: MessageField): ServedGraph => {
  const signatures = new Map<string, Signature>();
  const assets: ServedGraph['assets'][number][] = [];
  let graph: Graph | undefined;
  let restore: ServedGraph['restore'];
  let initialize: string | undefined;
  for (const field of meta.fields()) {
    if (field.number === FIELDS.meta.graph) graph = new Graph(field);
    else if (field.number === FIELDS.meta.saver) restore = restoreIn(field);
    else if (field.number === FIELDS.meta.asset) assets.push(assetIn(field));
    else if (field.number === FIELDS.meta.collection) initialize ??= initializerIn(field);
    else if (field.number === FIELDS.meta.signature) {
      const { key, value } = field.entry();
      const signature = signatureIn(value);
      if (key === INITIALIZER) initialize = signature.outputs.get(INITIALIZER)?.node ?? initialize;
      // Others of TensorFlow's own say nothing of the model.
      else if (!key.startsWith('__saved_model_')) signatures.set(key, signature);
    }
  }
  if (graph === undefined) throw new MalformedError(`${FILE} has no graph`);
  if (signatures.size === 0)
    throw new MalformedError(`${FILE} has no signature, which says what the graph takes and gives`);
  const tensors = [...signatures.values()].flatMap(({ inputs, outputs }) => [
    ...inputs.values(),
    ...outputs.values(),
  ]);
  const targets = [
    ...tensors.map(({ node }) => node),
    ...assets.map(({ tensor }) => tensor),
    ...(restore === undefined ? [] : [restore.file, restore.target]),
    ...(initialize === undefined ? [] : [initialize]),
  ];
  const fed = [...assets.map(({ tensor }) => tensor), ...(restore === undefined ? [] : [restore.file])];
  return { definition: graph.prunedTo(targets, fed), signatures, restore, initialize, assets };
};

/** The graph for serving of a file: that with the tag `serve`, or the first. */
export const servedGraph = (content: Uint8Array): ServedGraph => {
  const graphs = [...metaGraphs(content)];
  const graph = graphs.find((one) => tagsIn(one).includes('serve')) ?? graphs[0];
  if (graph === undefined) throw new MalformedError(`${FILE} has no graph`);
  return servedIn(graph);
};
