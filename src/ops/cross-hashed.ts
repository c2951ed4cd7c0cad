/** Columns of categories together, by TensorFlow's kernel. */
import { ATTRIBUTE_KINDS, binding, idOf, TYPES, wrap, type NativeTensor } from '../tfjs/binding';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { attribute } from './native';

/** What TensorFlow hashes with where nobody gives another key. */
const HASH_KEY = 956888297470;

const cast = (id: number, from: 'int32' | 'int64', to: 'int32' | 'int64'): NativeTensor => {
  const attributes = [
    attribute.type('SrcT', from),
    attribute.type('DstT', to),
    attribute.bool('Truncate', false),
  ];
  return binding().executeOp('Cast', attributes, [id], 1)[0] as NativeTensor; // one output was asked for
};

/**
 * The bucket of each row of columns `[rows, 1]` of whole numbers or texts, by a hash of what stands in the row: int32 `[rows, 1]`.
 */
export const crossHashed = (columns: readonly Tensor[], buckets: number): Tensor => {
  const owned: number[] = [];
  try {
    const inputs = columns.map((column) => {
      if (column.dtype === 'string') return idOf(column);
      const { id } = cast(idOf(column), 'int32', 'int64');
      owned.push(id);
      return id;
    });
    const types = columns.map(({ dtype }) => (dtype === 'string' ? TYPES.string : TYPES.int64));
    const hasNumbers = types.includes(TYPES.int64);
    const outputs = binding().executeOp(
      'SparseCross',
      [
        attribute.int('N', 0),
        attribute.bool('hashed_output', true),
        attribute.int('num_buckets', buckets),
        attribute.int('hash_key', HASH_KEY),
        { name: 'sparse_types', type: ATTRIBUTE_KINDS.type, value: [] },
        { name: 'dense_types', type: ATTRIBUTE_KINDS.type, value: types },
        attribute.type('out_type', 'int64'),
        { name: 'internal_type', type: ATTRIBUTE_KINDS.type, value: hasNumbers ? TYPES.int64 : TYPES.string },
      ],
      inputs,
      3,
    );
    owned.push(...outputs.map(({ id }) => id));
    const [, values] = outputs as [NativeTensor, NativeTensor, NativeTensor]; // three were asked for
    const flat = wrap(cast(values.id, 'int64', 'int32'));
    const rows = tf.reshape(flat, [-1, 1]);
    flat.dispose();
    return rows;
  } finally {
    for (const id of owned) binding().deleteTensor(id);
  }
};
