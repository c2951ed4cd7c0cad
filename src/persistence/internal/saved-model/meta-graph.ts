/** The file `saved_model.pb`: the graph that a model's signature runs, and the objects that TensorFlow 2 makes of it. */
import { forwardFunction, type ForwardFunction } from '../../../engine/export/forward-function';
import type { OpenForward, OpenTensor } from '../../../engine/export/open-forward';
import { attr, textsAttribute } from '../../../engine/graph/attributes';
import { GraphBuilder } from '../../../engine/graph/builder';
import { MessageWriter } from '../../../files/protocol-buffers';
import { shapeMessage } from '../../../files/tensor-shape';
import { TYPES, typeNumber } from '../../../tfjs/binding';
import { FIELDS as OBJECTS, keyOf, savedGraph, Trackable, type NumberedObjects } from './trackable';

/** The tag of graphs for serving, and the name of the only signature. */
export const SERVE = 'serve';
export const SIGNATURE = 'serving_default';

/** What TensorFlow Serving calls what signatures do. */
const METHOD = 'tensorflow/serving/predict';

/** The function that the signature calls; its name says so in TensorFlow's form. */
const FUNCTION = '__inference_signature_wrapper_1';

/** Numbers of the fields, as `saved_model.proto`, `meta_graph.proto`, `graph.proto`, `saver.proto` and `struct.proto` have them. */
const FIELDS = {
  saved: { version: 1, metaGraph: 2 },
  meta: { info: 1, graph: 2, saver: 3, signature: 5, objects: 7 },
  info: { tag: 4, version: 5 },
  graph: { library: 2 },
  library: { function: 1 },
  saver: { file: 1, save: 2, restore: 3, version: 7 },
  signature: { input: 1, output: 2, method: 3 },
  tensor: { name: 1, type: 2, shape: 3 },
  concrete: { bound: 2, input: 3, output: 4 },
  value: { spec: 33, tuple: 52, dictionary: 53 },
  spec: { name: 1, shape: 2, type: 3 },
  list: { value: 1 },
  dictionary: { field: 1 },
} as const;

/** What goes in and out, by its names, in the order of the names. */
interface Signature {
  readonly inputs: readonly OpenTensor[];
  readonly outputs: readonly OpenTensor[];
}

const ordered = <T>(all: readonly T[], order: readonly number[]): T[] =>
  order.map((index) => all[index] as T); // of all

const nodeOf = (input: OpenTensor): string => `${SIGNATURE}_${input.name.replaceAll(/[^\w.\-/]/g, '_')}`;

/** The handle of each variable, by its object. */
type Handles = ReadonlyMap<Trackable, string>;

/** Nodes that save the variables to a checkpoint, and restore them. */
const addSaver = (graph: GraphBuilder, objects: NumberedObjects, handles: Handles): void => {
  const names = [...handles.keys()].map((variable) => keyOf(objects.paths.get(variable) ?? []));
  const types = [...handles.keys()].map(({ content }) =>
    content.kind === 'variable' ? content.numbers.dtype : TYPES.float,
  );
  const texts = (name: string, values: readonly string[]): string =>
    graph.node(name, 'Const', [], { dtype: attr.type(TYPES.string), value: textsAttribute(values) });
  const file = graph.placeholder('saver_filename', TYPES.string, []);
  const text = { T: attr.type(TYPES.string) };
  if (names.length === 0) {
    graph.node('save', 'Identity', [file], text);
    graph.node('restore', 'NoOp', []);
    return;
  }
  const where = [
    file,
    texts('save/names', names),
    texts(
      'save/slices',
      names.map(() => ''),
    ),
  ];
  const values = [...handles.values()].map(
    (handle, index) =>
      graph.node(`save/read${index}`, 'ReadVariableOp', [handle], {
        dtype: attr.type(types[index] as number),
      }), // one for each
  );
  graph.node('save/values', 'SaveV2', [...where, ...values], { dtypes: attr.types(types) });
  graph.node('save', 'Identity', [file, '^save/values'], text);
  graph.node('restore/values', 'RestoreV2', where, { dtypes: attr.types(types) });
  const assigned = [...handles.values()].map((handle, index) =>
    graph.node(
      `restore/assign${index}`,
      'AssignVariableOp',
      [handle, index === 0 ? 'restore/values' : `restore/values:${index}`],
      {
        dtype: attr.type(types[index] as number),
      },
    ),
  );
  graph.node(
    'restore',
    'NoOp',
    assigned.map((name) => `^${name}`),
  );
};

/** The graph itself: placeholders, the call of the function, variables, and how they are restored. */
const graphDefinition = (
  { inputs, outputs }: Signature,
  made: ForwardFunction,
  objects: NumberedObjects,
  variables: readonly Trackable[],
): Uint8Array => {
  const graph = new GraphBuilder(false);
  const handles = new Map(
    variables.map((variable): [Trackable, string] => {
      const { numbers, name } = variable.content as Extract<Trackable['content'], { kind: 'variable' }>; // variables all
      const node = `variables/${String(objects.numbers.get(variable))}/${name.replaceAll(/[^\w.\-/]/g, '_')}`;
      graph.node(node, 'VarHandleOp', [], {
        dtype: attr.type(numbers.dtype),
        shape: attr.shape(numbers.shape),
        shared_name: attr.text(node),
        container: attr.text(''),
      });
      return [variable, node];
    }),
  );
  const fed = inputs.map((input) => graph.placeholder(nodeOf(input), typeNumber(input.dtype), input.shape));
  graph.node('call', 'StatefulPartitionedCall', [...fed, ...handles.values()], {
    Tin: attr.types([
      ...inputs.map(({ dtype }) => typeNumber(dtype)),
      ...variables.map(() => TYPES.resource),
    ]),
    Tout: attr.types(outputs.map(({ dtype }) => typeNumber(dtype))),
    f: attr.function(made.name),
    config: attr.text(''),
    config_proto: attr.text(''),
    executor_type: attr.text(''),
  });
  outputs.forEach(({ dtype }, index) =>
    graph.node(`result${index}`, 'Identity', [index === 0 ? 'call' : `call:${index}`], {
      T: attr.type(typeNumber(dtype)),
    }),
  );
  addSaver(graph, objects, handles);
  const library = new MessageWriter().bytes(FIELDS.library.function, made.definition);
  const { definition } = graph.serialize();
  // A message's fields may come in any order, so that one more is put behind the others.
  return Buffer.concat([definition, new MessageWriter().bytes(FIELDS.graph.library, library.view()).view()]);
};

const signatureMessage = ({ inputs, outputs }: Signature): Uint8Array => {
  const message = new MessageWriter();
  const entry = (field: number, { name, dtype, shape }: OpenTensor, node: string): void => {
    const { tensor } = FIELDS;
    const one = new MessageWriter()
      .text(tensor.name, `${node}:0`)
      .integer(tensor.type, typeNumber(dtype))
      .bytes(tensor.shape, shapeMessage(shape));
    message.entry(field, name, one.view());
  };
  inputs.forEach((input) => entry(FIELDS.signature.input, input, nodeOf(input)));
  outputs.forEach((output, index) => entry(FIELDS.signature.output, output, `result${index}`));
  return message.text(FIELDS.signature.method, METHOD).finish();
};

const wrapped = (field: number, value: Uint8Array): Uint8Array =>
  new MessageWriter().bytes(field, value).finish();

/** Tensors under their names, as TensorFlow 2 writes what functions take and give. */
const dictionary = (tensors: readonly OpenTensor[]): Uint8Array => {
  const fields = new MessageWriter();
  for (const { name, dtype, shape } of tensors) {
    const { spec } = FIELDS;
    const one = new MessageWriter();
    one.text(spec.name, name).bytes(spec.shape, shapeMessage(shape)).integer(spec.type, typeNumber(dtype));
    fields.entry(FIELDS.dictionary.field, name, wrapped(FIELDS.value.spec, one.view()));
  }
  return wrapped(FIELDS.value.dictionary, fields.view());
};

const tuple = (...values: readonly Uint8Array[]): Uint8Array => {
  const list = new MessageWriter();
  for (const value of values) list.bytes(FIELDS.list.value, value);
  return wrapped(FIELDS.value.tuple, list.view());
};

/** The objects, and the function with the variables that it uses. */
const objectsMessage = (
  { inputs, outputs }: Signature,
  objects: NumberedObjects,
  variables: readonly Trackable[],
): Uint8Array => {
  const { concrete } = FIELDS;
  const made = new MessageWriter();
  if (variables.length > 0)
    made.integers(
      concrete.bound,
      variables.map((variable) => objects.numbers.get(variable) ?? 0),
    );
  made.bytes(concrete.input, tuple(tuple(), dictionary(inputs)));
  made.bytes(concrete.output, dictionary(outputs));
  return savedGraph(objects).entry(OBJECTS.graph.functions, FUNCTION, made.view()).finish();
};

/** The objects of a signature: below the root as `signatures`. */
export const signatureObject = (forward: OpenForward): Trackable => {
  const inputs = forward.inputs
    .map(({ name }) => name)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return new Trackable({ kind: 'object', identifier: 'signature_map', version: 1 }).add(
    SIGNATURE,
    new Trackable({ kind: 'function', functionName: FUNCTION, inputs }),
  );
};

/** What a SavedModel is made of. */
export interface SavedModelParts {
  readonly forward: OpenForward;
  readonly objects: NumberedObjects;
  /** The objects of the variables that the prediction uses, in its order; none if it is frozen. */
  readonly variables: readonly Trackable[] | undefined;
  /** TensorFlow's version. */
  readonly version: string;
}

/** The most bytes that a message of protocol buffers has. */
const MAX_BYTES = 2 ** 31 - 1;

/** The content of `saved_model.pb`. */
export const savedModel = ({ forward, objects, variables: used, version }: SavedModelParts): Uint8Array => {
  const variables = used ?? [];
  const made = forwardFunction(FUNCTION, forward, used === undefined);
  const signature: Signature = {
    inputs: ordered(forward.inputs, made.inputs),
    outputs: ordered(forward.outputs, made.outputs),
  };
  const { meta, info, saver } = FIELDS;
  const message = new MessageWriter()
    .bytes(meta.info, new MessageWriter().text(info.tag, SERVE).text(info.version, version).view())
    .bytes(meta.graph, graphDefinition(signature, made, objects, variables))
    .bytes(
      meta.saver,
      new MessageWriter()
        .text(saver.file, 'saver_filename:0')
        .text(saver.save, 'save:0')
        .text(saver.restore, 'restore')
        .integer(saver.version, 2)
        .view(),
    )
    .entry(meta.signature, SIGNATURE, signatureMessage(signature))
    .bytes(meta.objects, objectsMessage(signature, objects, variables));
  const bytes = new MessageWriter()
    .integer(FIELDS.saved.version, 1)
    .bytes(FIELDS.saved.metaGraph, message.view())
    .finish();
  if (bytes.length > MAX_BYTES)
    throw new RangeError('a graph with its weights may have 2 GB: save it with its weights as variables');
  return bytes;
};
