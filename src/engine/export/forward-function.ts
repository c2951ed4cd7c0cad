/** A model's prediction as a function of TensorFlow's, which a graph in a file may call. */
import { binding, TYPES, typeNumber } from '../../tfjs/binding';
import { variableOf } from '../../tfjs/private';
import { attr } from '../graph/attributes';
import { GraphBuilder } from '../graph/builder';
import { fieldsOf, MessageWriter, type MessageField } from '../../files/protocol-buffers';
import { addForward } from './forward-graph';
import type { OpenForward } from './open-forward';
import { TextGraph } from './text-graph';

/** A function, and in which order it takes and gives what. */
export interface ForwardFunction {
  readonly name: string;
  /** The bytes of a `FunctionDef`. */
  readonly definition: Uint8Array;
  /** The inputs in the order of its arguments, by their places in the model, and then its variables. */
  readonly inputs: readonly number[];
  /** The outputs in the order of its results, by their places in the model. */
  readonly outputs: readonly number[];
}

/** Python's order of names, in which TensorFlow lays out what has names. */
const sorted = (named: readonly { readonly name: string }[]): number[] =>
  named
    .map(({ name }, index) => ({ name, index }))
    .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
    .map(({ index }) => index);

/** Numbers of the fields, as `function.proto` and `node_def.proto` have them. */
const FIELDS = { function: { node: 3 }, node: { name: 1, op: 2, input: 3, attribute: 5 } } as const;

type AttributesOf = GraphBuilder['attributesOf'];

/** A node without the attributes that TensorFlow has added. */
const plainNode = (node: MessageField, attributesOf: AttributesOf): Uint8Array => {
  const message = new MessageWriter();
  const fields = [...node.fields()];
  const op = fields.find(({ number }) => number === FIELDS.node.op)?.text ?? '';
  const { name, input, attribute } = FIELDS.node;
  for (const field of fields) {
    if (([name, FIELDS.node.op, input] as number[]).includes(field.number))
      message.bytes(field.number, field.bytes);
    else if (field.number === attribute && attributesOf.get(op)?.has(field.entry().key) === true)
      message.bytes(attribute, field.bytes);
  }
  return message.finish();
};

/**
 * A function without the attributes that TensorFlow has given its nodes: they have their defaults, and an older version, which
 * does not know them all, would refuse the function for them.
 */
const withoutDefaults = (definition: Uint8Array, attributesOf: AttributesOf): Uint8Array => {
  const message = new MessageWriter();
  for (const field of fieldsOf(definition, 'the function'))
    message.bytes(
      field.number,
      field.number === FIELDS.function.node ? plainNode(field, attributesOf) : field.bytes,
    );
  return message.finish();
};

/** The nodes of the numbers with which a prediction begins: its inputs, or what is made of texts among them. */
const numbersIn = (
  graph: GraphBuilder,
  { reading, variables: all }: OpenForward,
  inputs: readonly string[],
  variables: readonly string[],
): readonly string[] => {
  if (reading === undefined) return inputs;
  const given = new Map(reading.inputs.map((tensor, index) => [tensor, inputs[index] as string])); // one for each
  const texts = new TextGraph(graph, given, ({ weights: [weight] }) => {
    const place =
      weight === undefined ? -1 : all.findIndex(({ variable }) => variable === variableOf(weight));
    return variables[place];
  });
  return reading.numbers.map((tensor) => texts.nodeOf(tensor));
};

/** A model's prediction as a function of its inputs and variables, or, frozen, of its inputs alone. */
export const forwardFunction = (name: string, forward: OpenForward, isFrozen: boolean): ForwardFunction => {
  const graph = new GraphBuilder(false);
  const order = sorted(forward.inputs);
  const inputs: string[] = [];
  for (const index of order) {
    const { dtype, shape } = forward.inputs[index] as OpenForward['inputs'][number]; // one of them
    inputs[index] = graph.placeholder(`x${index}`, typeNumber(dtype), shape);
  }
  const handles: string[] = [];
  const variables = forward.variables.map(({ variable }, index) => {
    const dtype = typeNumber(variable.dtype);
    if (isFrozen) return graph.constant({ dtype, shape: variable.shape, values: variable.dataSync() });
    const handle = graph.node(`variable${index}`, 'Placeholder', [], {
      dtype: attr.type(TYPES.resource),
      shape: attr.shape([]),
    });
    handles.push(handle);
    return graph.node(`variable${index}/read`, 'ReadVariableOp', [handle], { dtype: attr.type(dtype) });
  });
  const made = addForward(graph, forward, {
    inputs: numbersIn(graph, forward, inputs, variables),
    variables,
    ...(isFrozen ? {} : { handles }),
  });
  const outputs = sorted(forward.outputs);
  const definition = binding().functionDefinition({
    name,
    definition: graph.serialize().definition,
    inputs: [...order.map((index) => inputs[index] as string), ...handles], // one for each
    outputs: outputs.map((index) => made[index] as string), // one for each
  });
  return { name, definition: withoutDefaults(definition, graph.attributesOf), inputs: order, outputs };
};
