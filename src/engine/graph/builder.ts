import type { GraphDefinition, GraphFunction } from '../../native/index';
import { TYPES } from '../../tfjs/binding';
import type { RecordedConstant } from '../trace/recording';
import { MAX_SHARED_CONSTANT_BYTES } from '../tuning';
import { attr, bytesOf, tensorAttribute, type AttrValue } from './attributes';
import { MessageWriter } from '../../files/protocol-buffers';

/**
 * Says of a node that XLA has been through its graph. For each run that is new to it, TensorFlow else looks for what XLA could
 * compile, though it compiles nothing then: half of the time that a run takes to prepare, and more than in proportion to the graph.
 */
const ALREADY_CLUSTERED = '_XlaAlreadyClustered';

/** Numbers of the fields of TensorFlow's messages, as `graph.proto`, `node_def.proto` and `versions.proto` have them. */
const FIELDS = {
  graph: { node: 1, versions: 4 },
  node: { name: 1, op: 2, input: 3, attribute: 5 },
  versions: { producer: 1 },
} as const;

/** The version of graphs that this one is of: TensorFlow 1.15's. */
const PRODUCER = 134;

/** Builds a graph of TensorFlow, node by node. Names of nodes are their handles; `name:1` is a second output. */
export class GraphBuilder {
  private readonly graph = new MessageWriter();
  private readonly nodeWriter = new MessageWriter();
  private readonly isClustered = attr.bool(true);
  private readonly names = new Set<string>();
  private readonly constants = new Map<string, string>();
  private readonly functions: GraphFunction[] = [];
  private sizeOfFunctions = 0;

  /** Graphs that are run here are marked so that XLA does not look at them again; those for files are not. */
  constructor(private readonly isMarked = true) {}

  /** The names of the attributes that nodes of each operation were given. */
  readonly attributesOf = new Map<string, Set<string>>();

  node(
    name: string,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttrValue>> = {},
  ): string {
    if (this.names.has(name)) throw new Error(`a second node named ${name}`);
    this.names.add(name);
    const node = this.nodeWriter.clear().text(FIELDS.node.name, name).text(FIELDS.node.op, op);
    for (const input of inputs) node.text(FIELDS.node.input, input);
    for (const [key, value] of Object.entries(attributes)) node.entry(FIELDS.node.attribute, key, value);
    if (!this.isMarked) this.noteAttributes(op, attributes);
    else node.entry(FIELDS.node.attribute, ALREADY_CLUSTERED, this.isClustered);
    this.graph.bytes(FIELDS.graph.node, node.view());
    return name;
  }

  private noteAttributes(op: string, attributes: Readonly<Record<string, AttrValue>>): void {
    const known = this.attributesOf.get(op) ?? new Set();
    for (const name of Object.keys(attributes)) known.add(name);
    this.attributesOf.set(op, known);
  }

  /** A constant; small ones of the same values become one node. */
  constant(constant: RecordedConstant): string {
    const { dtype, shape, values } = constant;
    const bytes = bytesOf(dtype, values);
    const key = `${dtype} ${shape.join()} ${bytes.length > MAX_SHARED_CONSTANT_BYTES ? this.names.size : Buffer.from(bytes.buffer).toString('latin1')}`;
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const name = this.node(`constant${this.constants.size}`, 'Const', [], {
      dtype: attr.type(dtype),
      value: tensorAttribute(constant, bytes),
    });
    this.constants.set(key, name);
    return name;
  }

  /**
   * A constant that enters a loop. TensorFlow, when it loads a graph, tries to evaluate what enters a loop for each operation whose shape
   * depends on it, in vain: three fifths of the time that loading takes. Behind this node it does not look.
   */
  loopConstant(constant: RecordedConstant): string {
    const { dtype, shape } = constant;
    const source = this.constant(constant);
    const name = `${source}/entering`;
    if (this.names.has(name)) return name;
    return this.node(name, 'PlaceholderWithDefault', [source], {
      dtype: attr.type(dtype),
      shape: attr.shape(shape),
    });
  }

  /** A 32-bit integer constant: a scalar, or a vector of what is given as an array. */
  ints(values: number | readonly number[]): string {
    const flat = typeof values === 'number' ? [values] : values;
    return this.constant({
      dtype: TYPES.int32,
      shape: typeof values === 'number' ? [] : [flat.length],
      values: flat,
    });
  }

  placeholder(name: string, dtype: number, shape: readonly number[]): string {
    return this.node(name, 'Placeholder', [], { dtype: attr.type(dtype), shape: attr.shape(shape) });
  }

  /** Adds a function, which is a graph of its own: nodes may name it. */
  function(name: string, body: GraphBuilder, inputs: readonly string[], outputs: readonly string[]): void {
    this.sizeOfFunctions += body.size;
    this.functions.push(...body.functions, { name, definition: body.bytes(), inputs, outputs });
  }

  /** How many nodes it has, with those of its functions. */
  get size(): number {
    return this.names.size + this.sizeOfFunctions;
  }

  /** Whether there is a function of a name. */
  hasFunction(name: string): boolean {
    return this.functions.some((one) => one.name === name);
  }

  /** The graph with its functions, which ends its building. */
  serialize(): GraphDefinition {
    return { definition: this.bytes(), functions: this.functions };
  }

  /** The graph as the bytes of a `GraphDef`. */
  private bytes(): Uint8Array {
    const versions = new MessageWriter().integer(FIELDS.versions.producer, PRODUCER);
    return this.graph.bytes(FIELDS.graph.versions, versions.view()).view();
  }
}
