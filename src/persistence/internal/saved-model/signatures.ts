/** What a `saved_model.pb` says: its signatures, and what Keras wrote into it until TensorFlow 2.4. */
import { fieldsOf, type MessageField } from '../../../files/protocol-buffers';
import { shapeIn } from '../../../files/tensor-shape';
import { FIELDS as OBJECTS } from './trackable';

/** Numbers of the fields, as `saved_model.proto`, `meta_graph.proto` and `saved_object_graph.proto` have them. */
const FIELDS = {
  saved: { metaGraph: 2 },
  meta: { objects: 7 },
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

const FILE = 'saved_model.pb';

/** A tensor of a signature, as a `TensorInfo` has it. */
export const tensorIn = (bytes: Uint8Array): SignatureTensor => {
  let [node, dtype] = ['', 0];
  let shape: number[] | undefined;
  for (const field of fieldsOf(bytes, FILE)) {
    if (field.number === FIELDS.tensor.name) node = field.text;
    else if (field.number === FIELDS.tensor.type) dtype = field.integer;
    else if (field.number === FIELDS.tensor.shape) shape = shapeIn(field, FILE);
  }
  return { node, dtype, shape };
};

/** The message of a signature. */
export const signatureIn = (bytes: Uint8Array): Signature => {
  const [inputs, outputs] = [new Map<string, SignatureTensor>(), new Map<string, SignatureTensor>()];
  for (const field of fieldsOf(bytes, FILE)) {
    if (field.number !== FIELDS.signature.input && field.number !== FIELDS.signature.output) continue;
    const { key, value } = field.entry();
    (field.number === FIELDS.signature.input ? inputs : outputs).set(key, tensorIn(value));
  }
  return { inputs, outputs };
};

/** The graphs of a file. */
export function* metaGraphs(content: Uint8Array): Generator<MessageField, void, undefined> {
  for (const field of fieldsOf(content, FILE)) if (field.number === FIELDS.saved.metaGraph) yield field;
}

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
