/** Checkpoints of TensorFlow 2: tensors, and the graph of the objects that they belong to. */
import { describeShape } from '../../../base/errors';
import { sameShape } from '../../../base/shapes';
import { excerpt, MalformedError } from '../../../files/malformed';
import { MismatchError } from '../errors';
import { fieldsOf, type MessageField } from '../../../files/protocol-buffers';
import { TensorBundle, TensorBundleWriter } from '../../../files/tensor-bundle';
import { checkpointGraph, FIELDS, keyOf, VALUE, type NumberedObjects, type Trackable } from './trackable';

/** The key of the graph of objects. */
const GRAPH = '_CHECKPOINTABLE_OBJECT_GRAPH';

/** Writes a checkpoint under a prefix. */
export const writeCheckpoint = async (
  prefix: string,
  objects: NumberedObjects,
  shards = 1,
): Promise<void> => {
  const writer = await TensorBundleWriter.create(prefix, shards);
  try {
    for (const [{ content }, path] of objects.paths) {
      if (content.kind !== 'variable') continue;
      const { dtype, shape, values } = content.numbers;
      await writer.numbers(keyOf(path), dtype, shape, await values());
    }
    await writer.text(GRAPH, checkpointGraph(objects));
    await writer.close();
  } catch (error) {
    await writer.discard();
    throw error;
  }
};

/** An object of a checkpoint. */
export interface StoredObject {
  readonly children: ReadonlyMap<string, number>;
  /** Where its value is, if it is a variable. */
  readonly key: string | undefined;
  /** What the variable was called. */
  readonly name: string;
  /** What an optimizer of Keras before 2.11 remembers of variables. */
  readonly slots: readonly StoredSlot[];
}

/** The objects of a variable and of what is remembered of it, by their numbers. */
export interface StoredSlot {
  readonly variable: number;
  readonly name: string;
  readonly node: number;
}

const childIn = (field: MessageField): [string, number] => {
  let [name, node] = ['', 0];
  for (const part of field.fields()) {
    if (part.number === FIELDS.child.node) node = part.integer;
    else if (part.number === FIELDS.child.name) name = part.text;
  }
  return [name, node];
};

const attributeIn = (field: MessageField): { key: string; name: string } | undefined => {
  let [kind, key, name] = ['', '', ''];
  for (const part of field.fields()) {
    if (part.number === FIELDS.attribute.name) kind = part.text;
    else if (part.number === FIELDS.attribute.key) key = part.text;
    else if (part.number === FIELDS.attribute.fullName) name = part.text;
  }
  return kind === VALUE ? { key, name } : undefined;
};

const slotIn = (field: MessageField): StoredSlot => {
  const slot = { variable: -1, name: '', node: -1 };
  for (const part of field.fields()) {
    if (part.number === FIELDS.slot.variable) slot.variable = part.integer;
    else if (part.number === FIELDS.slot.name) slot.name = part.text;
    else if (part.number === FIELDS.slot.node) slot.node = part.integer;
  }
  return slot;
};

const objectsIn = (graph: Uint8Array): StoredObject[] => {
  const what = 'the graph of objects';
  const objects: StoredObject[] = [];
  for (const node of fieldsOf(graph, what)) {
    if (node.number !== FIELDS.graph.node) continue;
    const children = new Map<string, number>();
    const slots: StoredSlot[] = [];
    let attribute: ReturnType<typeof attributeIn>;
    for (const field of node.fields()) {
      if (field.number === FIELDS.object.child) children.set(...childIn(field));
      else if (field.number === FIELDS.object.attribute) attribute ??= attributeIn(field);
      else if (field.number === FIELDS.object.slot) slots.push(slotIn(field));
    }
    objects.push({ children, slots, key: attribute?.key, name: attribute?.name ?? '' });
  }
  for (const { children } of objects)
    for (const [name, node] of children)
      if (!(node >= 0 && node < objects.length))
        throw new MalformedError(
          `${what} has an edge '${excerpt(name)}' to an object ${node} of ${objects.length}`,
        );
  if (objects.length === 0) throw new MalformedError(`${what} has no objects`);
  return objects;
};

/** A checkpoint that is open, with its objects; the first is the model. */
export class Checkpoint {
  private constructor(
    readonly bundle: TensorBundle,
    readonly objects: readonly StoredObject[],
  ) {}

  static async open(prefix: string): Promise<Checkpoint> {
    const bundle = await TensorBundle.open(prefix);
    try {
      if (!bundle.entries.has(GRAPH))
        throw new MalformedError(
          'the checkpoint has no graph of objects: it is of TensorFlow 1, or of something else than a model',
        );
      return new Checkpoint(bundle, objectsIn(await bundle.text(GRAPH)));
    } catch (error) {
      await bundle.close();
      throw error;
    }
  }

  get root(): StoredObject {
    return this.objects[0] as StoredObject; // there is one, as is checked
  }

  /** What a name leads to from an object. */
  child(object: StoredObject, name: string): StoredObject | undefined {
    const node = object.children.get(name);
    return node === undefined ? undefined : this.objects[node];
  }

  /** The shape of a variable's value; undefined if it has none. */
  shapeOf({ key }: StoredObject): readonly number[] | undefined {
    return key === undefined ? undefined : this.bundle.entries.get(key)?.shape;
  }

  async close(): Promise<void> {
    await this.bundle.close();
  }
}

/** A variable of a model, and its value in a checkpoint. */
export interface Match {
  readonly variable: Trackable;
  readonly stored: StoredObject & { readonly key: string };
}

/** Matches a model's objects with those of a checkpoint, by the names that lead to them. */
export class Matching {
  private readonly seen = new Set<Trackable>();
  readonly matches: Match[] = [];

  constructor(private readonly checkpoint: Checkpoint) {}

  /** Matches an object, and all that it has. */
  object(ours: Trackable, theirs: StoredObject, place: string): void {
    if (this.seen.has(ours)) return;
    this.seen.add(ours);
    this.checkLayers(ours, theirs, place);
    for (const [name, child] of ours.children) {
      if (this.seen.has(child)) continue;
      const where = place === '' ? name : `${place}/${name}`;
      if (child.content.kind === 'variable') this.variable(child, theirs, name, where);
      else if (hasVariables(child)) {
        const stored = this.checkpoint.child(theirs, name);
        if (stored === undefined) throw new MismatchError(`the checkpoint has nothing for '${where}'`);
        this.object(child, stored, where);
      }
    }
  }

  /** What a model has less than the checkpoint would be left out without a word. */
  private checkLayers(ours: Trackable, theirs: StoredObject, place: string): void {
    const count = (names: Iterable<string>): number =>
      [...names].filter((name) => name.startsWith('layer_with_weights-')).length;
    const [own, stored] = [count(ours.children.keys()), count(theirs.children.keys())];
    if (own === stored) return;
    const what = place === '' ? 'the model' : `'${place}'`;
    throw new MismatchError(`${what} has ${own} layers with weights, and the checkpoint ${stored}`);
  }

  private variable(ours: Trackable, theirs: StoredObject, name: string, place: string): void {
    this.seen.add(ours);
    const { content } = ours;
    if (content.kind !== 'variable') return;
    const stored = this.checkpoint.child(theirs, name) ?? this.named(theirs, name);
    const shape = stored === undefined ? undefined : this.checkpoint.shapeOf(stored);
    if (stored?.key === undefined || shape === undefined)
      throw new MismatchError(`the checkpoint has no value for '${place}', the weight '${content.name}'`);
    if (!sameShape(shape, content.numbers.shape))
      throw new MismatchError(
        `'${place}', the weight '${content.name}', has the shape ${describeShape(content.numbers.shape)}, and in the checkpoint ${describeShape(shape)}`,
      );
    this.matches.push({ variable: ours, stored: { ...stored, key: stored.key } });
  }

  /** A class of somebody's own may keep a weight in a field of another name: then the weight's name counts. */
  private named(theirs: StoredObject, name: string): StoredObject | undefined {
    const all = [...theirs.children.keys()].map((child) => this.checkpoint.child(theirs, child));
    const found = all.filter((one) => one?.name.split('/').at(-1)?.replace(/:\d+$/, '') === name);
    return found.length === 1 ? found[0] : undefined;
  }
}

const hasVariables = ({ content, children }: Trackable): boolean =>
  content.kind === 'variable' || [...children.values()].some(hasVariables);
