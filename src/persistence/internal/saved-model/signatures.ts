/** What a `saved_model.pb` says: its signatures, and what Keras wrote into it until TensorFlow 2.4. */
import { excerpt, MalformedError } from '../../../files/malformed';
import { fieldsOf, type MessageField } from '../../../files/protocol-buffers';
import { shapeIn } from '../../../files/tensor-shape';
import { FIELDS as OBJECTS } from './trackable';

/** Numbers of the fields, as `saved_model.proto`, `meta_graph.proto` and `saved_object_graph.proto` have them. */
const FIELDS = {
  saved: { metaGraph: 2 },
  meta: { info: 1, signature: 5, objects: 7 },
  info: { tag: 4 },
  signature: { input: 1, output: 2 },
  tensor: { name: 1, type: 2, shape: 3 },
  object: { user: 4 },
  user: { metadata: 3 },
} as const;

/** A tensor of a signature. */
export interface SignatureTensor {
  /** What it is called in the graph: `serving_default_x:0`. */
  readonly node: string;
  readonly dtype: number;
  /** Its shape, in which −1 is open; undefined if not even its rank is known. */
  readonly shape: readonly number[] | undefined;
}

/** What a signature takes and gives, by names. */
export interface Signature {
  readonly inputs: ReadonlyMap<string, SignatureTensor>;
  readonly outputs: ReadonlyMap<string, SignatureTensor>;
}

/** A graph of a file. */
export interface MetaGraph {
  readonly tags: readonly string[];
  readonly signatures: ReadonlyMap<string, Signature>;
}

const FILE = 'saved_model.pb';

const tensorIn = (bytes: Uint8Array): SignatureTensor => {
  let [node, dtype] = ['', 0];
  let shape: number[] | undefined;
  for (const field of fieldsOf(bytes, FILE)) {
    if (field.number === FIELDS.tensor.name) node = field.text;
    else if (field.number === FIELDS.tensor.type) dtype = field.integer;
    else if (field.number === FIELDS.tensor.shape) shape = shapeIn(field, FILE);
  }
  return { node, dtype, shape };
};

const signatureIn = (bytes: Uint8Array): Signature => {
  const [inputs, outputs] = [new Map<string, SignatureTensor>(), new Map<string, SignatureTensor>()];
  for (const field of fieldsOf(bytes, FILE)) {
    if (field.number !== FIELDS.signature.input && field.number !== FIELDS.signature.output) continue;
    const { key, value } = field.entry();
    (field.number === FIELDS.signature.input ? inputs : outputs).set(key, tensorIn(value));
  }
  return { inputs, outputs };
};

function* metaGraphs(content: Uint8Array): Generator<MessageField, void, undefined> {
  for (const field of fieldsOf(content, FILE)) if (field.number === FIELDS.saved.metaGraph) yield field;
}

/** The graphs of a file. */
export const graphsIn = (content: Uint8Array): MetaGraph[] =>
  [...metaGraphs(content)].map((graph) => {
    const tags: string[] = [];
    const signatures = new Map<string, Signature>();
    for (const field of graph.fields()) {
      if (field.number === FIELDS.meta.signature) {
        const { key, value } = field.entry();
        const signature = signatureIn(value);
        // TensorFlow's own, which initializes what there is.
        if (!key.startsWith('__saved_model_')) signatures.set(key, signature);
      } else if (field.number === FIELDS.meta.info)
        for (const part of field.fields()) if (part.number === FIELDS.info.tag) tags.push(part.text);
    }
    return { tags, signatures };
  });

/** The graph for serving of a file. */
export const servedGraph = (content: Uint8Array): MetaGraph => {
  const graphs = graphsIn(content);
  const graph = graphs.find(({ tags }) => tags.includes('serve')) ?? graphs[0];
  if (graph === undefined) throw new MalformedError(`${FILE} has no graph`);
  if (graph.signatures.size > 0) return graph;
  throw new MalformedError(
    `${FILE} has no signature, which says what the graph takes and gives: its tags are ${excerpt(graph.tags.join(', '))}`,
  );
};

/** The metadata of the whole model that Keras wrote into the graph's objects until TensorFlow 2.4, as JSON. */
export const metadataInGraph = (content: Uint8Array): string | undefined => {
  for (const graph of metaGraphs(content)) {
    for (const objects of graph.fields()) {
      if (objects.number !== FIELDS.meta.objects) continue;
      for (const object of objects.fields()) {
        if (object.number !== OBJECTS.graph.node) continue;
        // The first is the model.
        for (const user of object.fields()) {
          if (user.number !== FIELDS.object.user) continue;
          for (const field of user.fields())
            if (field.number === FIELDS.user.metadata && field.text !== '') return field.text;
        }
        return undefined;
      }
    }
  }
  return undefined;
};
