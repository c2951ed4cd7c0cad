/**
 * Objects as TensorFlow 2 keeps them in checkpoints and SavedModels: a graph whose edges have names. A variable is known by the
 * names on the way to it, `layer_with_weights-0/kernel`.
 */
import { MessageWriter } from '../../../files/protocol-buffers';
import { shapeMessage } from '../../../files/tensor-shape';

/** Numbers of a variable, as a checkpoint has them. */
export interface StoredNumbers {
  /** TensorFlow's number of their type. */
  readonly dtype: number;
  readonly shape: readonly number[];
  /** The values, when they are written. */
  readonly values: () => Promise<ArrayBufferView>;
}

/** What an object is. */
export type TrackableContent =
  | { readonly kind: 'object'; readonly identifier: string; readonly version?: number }
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly isTrainable: boolean;
      readonly numbers: StoredNumbers;
    }
  /** A function that a signature calls. */
  | { readonly kind: 'function'; readonly functionName: string; readonly inputs: readonly string[] };

/** An object, and those that it has. */
export class Trackable {
  readonly children = new Map<string, Trackable>();

  constructor(readonly content: TrackableContent) {}

  add(name: string, child: Trackable): this {
    this.children.set(name, child);
    return this;
  }
}

/** An object of which nothing is said. */
export const plainObject = (): Trackable =>
  new Trackable({ kind: 'object', identifier: '_generic_user_object', version: 1 });

/** A list of Python's. */
export const listObject = (members: readonly Trackable[]): Trackable => {
  const list = new Trackable({ kind: 'object', identifier: 'trackable_list_wrapper', version: 1 });
  members.forEach((member, index) => list.add(String(index), member));
  return list;
};

/** Objects with their numbers, and the names on the way to each. */
export interface NumberedObjects {
  readonly nodes: readonly Trackable[];
  readonly numbers: ReadonlyMap<Trackable, number>;
  readonly paths: ReadonlyMap<Trackable, readonly string[]>;
}

/** Numbers the objects as TensorFlow does: those that are nearest come first. */
export const numberObjects = (root: Trackable): NumberedObjects => {
  const nodes = [root];
  const paths = new Map<Trackable, readonly string[]>([[root, []]]);
  for (const node of nodes) {
    for (const [name, child] of node.children) {
      if (paths.has(child)) continue;
      paths.set(child, [...(paths.get(node) ?? []), name]);
      nodes.push(child);
    }
  }
  return { nodes, paths, numbers: new Map(nodes.map((node, index) => [node, index])) };
};

/** How slashes and points of names are written in keys. */
export const escapeName = (name: string): string => name.replaceAll('.', '..').replaceAll('/', '.S');

/** What of a variable is kept: its value. */
export const VALUE = 'VARIABLE_VALUE';

/** The key of a variable in a checkpoint. */
export const keyOf = (path: readonly string[]): string =>
  [...path.map(escapeName), '.ATTRIBUTES', VALUE].join('/');

/** Numbers of the fields, as `trackable_object_graph.proto` and `saved_object_graph.proto` have them. */
export const FIELDS = {
  graph: { node: 1, functions: 2 },
  object: { child: 1, attribute: 2, slot: 3, user: 4, variable: 7, function: 8 },
  child: { node: 1, name: 2 },
  attribute: { name: 1, fullName: 2, key: 3 },
  slot: { variable: 1, name: 2, node: 3 },
  user: { identifier: 1, version: 2 },
  version: { producer: 1, minConsumer: 2 },
  variable: { type: 1, shape: 2, trainable: 3, name: 6 },
  function: { name: 1, keywords: 2, positional: 3 },
} as const;

const children = (writer: MessageWriter, node: Trackable, { numbers }: NumberedObjects): void => {
  for (const [name, child] of node.children) {
    const reference = new MessageWriter()
      .integer(FIELDS.child.node, numbers.get(child) ?? 0)
      .text(FIELDS.child.name, name);
    writer.bytes(FIELDS.object.child, reference.view());
  }
};

/** The graph of objects that a checkpoint has: a `TrackableObjectGraph`. */
export const checkpointGraph = (objects: NumberedObjects): Uint8Array => {
  const graph = new MessageWriter();
  for (const node of objects.nodes) {
    const object = new MessageWriter();
    children(object, node, objects);
    if (node.content.kind === 'variable') {
      const attribute = new MessageWriter()
        .text(FIELDS.attribute.name, VALUE)
        .text(FIELDS.attribute.fullName, node.content.name)
        .text(FIELDS.attribute.key, keyOf(objects.paths.get(node) ?? []));
      object.bytes(FIELDS.object.attribute, attribute.view());
    }
    graph.bytes(FIELDS.graph.node, object.view());
  }
  return graph.finish();
};

const contentMessage = (
  content: TrackableContent,
): { readonly field: number; readonly message: MessageWriter } => {
  const { object, user, version, variable, function: fields } = FIELDS;
  if (content.kind === 'variable') {
    const message = new MessageWriter()
      .integer(variable.type, content.numbers.dtype)
      .bytes(variable.shape, shapeMessage(content.numbers.shape))
      .integer(variable.trainable, Number(content.isTrainable))
      .text(variable.name, content.name);
    return { field: object.variable, message };
  }
  if (content.kind === 'function') {
    const message = new MessageWriter().text(fields.name, content.functionName);
    for (const input of content.inputs) message.text(fields.keywords, input);
    // One input needs no name, which Keras 3 counts on.
    if (content.inputs.length === 1) message.integer(fields.positional, 1);
    return { field: object.function, message };
  }
  const versions = new MessageWriter()
    .integer(version.producer, content.version ?? 1)
    .integer(version.minConsumer, 1);
  return {
    field: object.user,
    message: new MessageWriter()
      .text(user.identifier, content.identifier)
      .bytes(user.version, versions.view()),
  };
};

/** The graph of objects that a SavedModel has, without its functions: the nodes of a `SavedObjectGraph`. */
export const savedGraph = (objects: NumberedObjects): MessageWriter => {
  const graph = new MessageWriter();
  for (const node of objects.nodes) {
    const object = new MessageWriter();
    children(object, node, objects);
    const { field, message } = contentMessage(node.content);
    graph.bytes(FIELDS.graph.node, object.bytes(field, message.view()).view());
  }
  return graph;
};
