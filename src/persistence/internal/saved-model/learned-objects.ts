/** What layers have learned, as Keras 2 has it in SavedModels: tables are made of constants of the graph, summaries are variables. */
import { excerpt, MalformedError } from '../../../files/malformed';
import { fieldsOf, type MessageField } from '../../../files/protocol-buffers';
import { objectConfigOf, type Config } from '../../../models/config/forms';
import { TYPES } from '../../../tfjs/binding';
import { isIncomplete, withLearned, type LearnedPlace } from '../learned-state';
import type { Checkpoint, StoredObject } from './checkpoint';
import { metaGraphs } from './signatures';
import { FIELDS as OBJECTS } from './trackable';

/** Numbers of the fields, as `meta_graph.proto`, `graph.proto`, `tensor.proto` and `saved_object_graph.proto` have them. */
const FIELDS = {
  meta: { graph: 2, objects: 7 },
  graph: { node: 1 },
  node: { name: 1, attribute: 5 },
  attribute: { tensor: 8 },
  tensor: { type: 1, content: 4, integers: 7, texts: 8, longs: 10 },
  object: { function: 6, constant: 9 },
  function: { concrete: 1 },
  concrete: { bound: 2 },
  constant: { operation: 1 },
} as const;

const FILE = 'saved_model.pb';

/** An object of the graph. */
interface SavedObject {
  readonly children: ReadonlyMap<string, number>;
  /** The functions that it stands for. */
  readonly functions: readonly string[];
  /** The node whose value it is. */
  readonly constant: string | undefined;
}

type Tokens = readonly (string | number)[];

const childIn = (field: MessageField): [string, number] => {
  let [name, node] = ['', 0];
  for (const part of field.fields()) {
    if (part.number === OBJECTS.child.node) node = part.integer;
    else if (part.number === OBJECTS.child.name) name = part.text;
  }
  return [name, node];
};

const objectIn = (message: MessageField): SavedObject => {
  const children = new Map<string, number>();
  const functions: string[] = [];
  let constant: string | undefined;
  for (const field of message.fields()) {
    if (field.number === OBJECTS.object.child) children.set(...childIn(field));
    else if (field.number === FIELDS.object.function) {
      for (const part of field.fields())
        if (part.number === FIELDS.function.concrete) functions.push(part.text);
    } else if (field.number === FIELDS.object.constant) {
      for (const part of field.fields()) if (part.number === FIELDS.constant.operation) constant = part.text;
    }
  }
  return { children, functions, constant };
};

/** The values of a list of texts or of whole numbers. */
const tokensIn = (tensor: MessageField, name: string): Tokens => {
  let [type, content] = [0, new Uint8Array()];
  const texts: string[] = [];
  const numbers: number[] = [];
  for (const field of tensor.fields()) {
    if (field.number === FIELDS.tensor.type) type = field.integer;
    else if (field.number === FIELDS.tensor.content) content = field.bytes as typeof content;
    else if (field.number === FIELDS.tensor.texts) texts.push(field.text);
    else if (field.number === FIELDS.tensor.longs || field.number === FIELDS.tensor.integers)
      numbers.push(...field.integers);
  }
  if (type === TYPES.string) return texts;
  if (type !== TYPES.int64 && type !== TYPES.int32)
    throw new MalformedError(
      `${FILE} has a table of which '${excerpt(name)}' are neither texts nor whole numbers`,
    );
  if (content.length === 0) return numbers;
  // Aligned, as typed arrays want it.
  const { buffer } = Uint8Array.from(content);
  if (content.length % (type === TYPES.int64 ? 8 : 4) !== 0)
    throw new MalformedError(`${FILE} has a constant '${excerpt(name)}' that is cut off`);
  return type === TYPES.int64 ? Array.from(new BigInt64Array(buffer), Number) : [...new Int32Array(buffer)];
};

/** The objects of a graph, and the constants that tables are made of. */
class SavedObjects {
  readonly objects: SavedObject[] = [];
  private readonly bound = new Map<string, readonly number[]>();
  private readonly graphs: MessageField[] = [];

  constructor(content: Uint8Array) {
    for (const graph of metaGraphs(content)) {
      for (const field of graph.fields()) {
        if (field.number === FIELDS.meta.graph) this.graphs.push(field);
        else if (field.number === FIELDS.meta.objects) this.read(field);
      }
      // Others have no objects.
      break;
    }
  }

  private read(field: MessageField): void {
    for (const part of field.fields()) {
      if (part.number === OBJECTS.graph.node) this.objects.push(objectIn(part));
      else if (part.number === OBJECTS.graph.functions) {
        const { key, value } = part.entry();
        const bound: number[] = [];
        for (const one of fieldsOf(value, FILE))
          if (one.number === FIELDS.concrete.bound) bound.push(...one.integers);
        this.bound.set(key, bound);
      }
    }
  }

  child(object: SavedObject | undefined, name: string): SavedObject | undefined {
    const node = object?.children.get(name);
    return node === undefined ? undefined : this.objects[node];
  }

  /** The lists of which a table is made: its keys and its values, in this order. */
  listsOf(table: SavedObject): readonly Tokens[] {
    const [initialize] = this.child(table, '_initialize')?.functions ?? [];
    const names = (this.bound.get(initialize ?? '') ?? []).flatMap(
      (node) => this.objects[node]?.constant ?? [],
    );
    return names.map((name) => this.constant(name));
  }

  private constant(wanted: string): Tokens {
    for (const graph of this.graphs) {
      for (const node of graph.fields()) {
        if (node.number !== FIELDS.graph.node) continue;
        let [name, value] = ['', new Uint8Array()];
        for (const field of node.fields()) {
          if (field.number === FIELDS.node.name) name = field.text;
          else if (field.number === FIELDS.node.attribute) {
            const entry = field.entry();
            if (entry.key === 'value') value = entry.value as typeof value;
          }
        }
        if (name !== wanted) continue;
        for (const field of fieldsOf(value, FILE))
          if (field.number === FIELDS.attribute.tensor) return tokensIn(field, name);
      }
    }
    throw new MalformedError(`${FILE} has no constant '${excerpt(wanted)}', of which a table is made`);
  }
}

/** The tokens of a table, by their numbers. */
const tokensOf = ([keys = [], values = []]: readonly Tokens[], isInverted: boolean): Tokens => {
  const [tokens, numbers] = isInverted ? [values, keys] : [keys, values];
  if (tokens.length !== numbers.length)
    throw new MalformedError(`${FILE} has a table of ${tokens.length} tokens for ${numbers.length} numbers`);
  return tokens
    .map((token, index) => ({ token, number: Number(numbers[index]) }))
    .sort((one, other) => one.number - other.number)
    .map(({ token }) => token);
};

class Place implements LearnedPlace {
  constructor(
    private readonly saved: SavedObjects,
    private readonly checkpoint: Checkpoint,
    private readonly object: SavedObject | undefined,
    private readonly stored: StoredObject | undefined,
    private readonly isInverted = false,
  ) {}

  /** Keras counts the layers, but for a stack's input. */
  async layers(objects: readonly Readonly<Config>[]): Promise<readonly (LearnedPlace | undefined)[]> {
    const { saved, checkpoint, object, stored } = this;
    const count = [...(object?.children.keys() ?? [])].filter((name) => /^layer-\d+$/.test(name)).length;
    const inputs = Math.max(0, objects.length - count);
    return Promise.resolve(
      objects.map((layer, index) => {
        if (!isIncomplete(layer)) return undefined;
        const name = `layer-${index - inputs}`;
        const inner = stored === undefined ? undefined : checkpoint.child(stored, name);
        const isInverted = objectConfigOf(layer)?.config['invert'] === true;
        return new Place(saved, checkpoint, saved.child(object, name), inner, isInverted);
      }),
    );
  }

  async vocabulary(): Promise<Tokens | undefined> {
    const { saved, object } = this;
    const table = saved.child(saved.child(object, '_lookup_layer') ?? object, 'lookup_table');
    const lists = table === undefined ? [] : saved.listsOf(table);
    return Promise.resolve(lists.length < 2 ? undefined : tokensOf(lists, this.isInverted));
  }

  async summary(): Promise<ArrayLike<number> | undefined> {
    const { checkpoint, stored } = this;
    const key = stored === undefined ? undefined : checkpoint.child(stored, 'summary')?.key;
    return key === undefined ? undefined : Float32Array.from(await checkpoint.bundle.numbers(key), Number);
  }
}

/** The object of a model whose configuration says what its layers have learned. */
export const withLearnedObjects = async (
  object: Readonly<Config>,
  content: Uint8Array,
  checkpoint: Checkpoint,
): Promise<Readonly<Config>> => {
  if (!isIncomplete(object)) return object;
  const saved = new SavedObjects(content);
  return withLearned(object, new Place(saved, checkpoint, saved.objects[0], checkpoint.root));
};
