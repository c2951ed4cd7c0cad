/** Shapes in TensorFlow's messages. */
import { MalformedError } from './malformed';
import { MessageWriter, type MessageField } from './protocol-buffers';

/** Numbers of the fields, as `tensor_shape.proto` has them. */
const FIELDS = { dimension: 2, size: 1, unknownRank: 3 } as const;

/** TensorFlow's own limit. */
const MAX_AXES = 254;

/** The message of a shape; sizes that are not known are −1. */
export const shapeMessage = (shape: readonly number[]): Uint8Array => {
  const writer = new MessageWriter();
  for (const size of shape)
    writer.bytes(FIELDS.dimension, new MessageWriter().integer(FIELDS.size, size).view());
  return writer.finish();
};

/** The shape of a message; undefined if it does not say how many axes there are. */
export const shapeIn = (field: MessageField, what: string): number[] | undefined => {
  const sizes: number[] = [];
  for (const dimension of field.fields(what)) {
    if (dimension.number === FIELDS.unknownRank && dimension.integer !== 0) return undefined;
    if (dimension.number !== FIELDS.dimension) continue;
    let size = 0;
    for (const part of dimension.fields(what)) if (part.number === FIELDS.size) size = part.integer;
    sizes.push(size);
    if (sizes.length > MAX_AXES) throw new MalformedError(`${what} has more than ${MAX_AXES} axes`);
  }
  return sizes;
};
