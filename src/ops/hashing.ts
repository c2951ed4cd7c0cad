/** Hashes of texts into so many buckets, by TensorFlow's kernels. */
import { binding, idOf, wrap, type OpAttribute } from '../tfjs/binding';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { attribute, run } from './native';

/** Runs an operation that gives 64-bit integers, which tfjs has not, and gives them as those of 32 bits. */
const withInt64Result = (
  name: string,
  attributes: readonly OpAttribute[],
  inputs: readonly Tensor[],
): Tensor => {
  const [wide] = binding().executeOp(name, attributes, inputs.map(idOf), 1);
  const { id } = wide as { readonly id: number }; // one output was asked for
  try {
    const cast = [
      attribute.type('SrcT', 'int64'),
      attribute.type('DstT', 'int32'),
      attribute.bool('Truncate', false),
    ];
    const [narrow] = binding().executeOp('Cast', cast, [id], 1);
    return wrap(narrow as Parameters<typeof wrap>[0]); // the same
  } finally {
    binding().deleteTensor(id);
  }
};

/** Whole numbers as texts. */
export const asTexts = (x: Tensor): Tensor =>
  run(
    'AsString',
    [
      attribute.type('T', 'int32'),
      attribute.int('precision', -1),
      attribute.bool('scientific', false),
      attribute.bool('shortest', false),
      attribute.int('width', -1),
      attribute.text('fill', ''),
    ],
    [x],
    1,
  )[0] as Tensor; // one output was asked for

/**
 * The bucket of each text: FarmHash's fingerprint modulo their number; or, with a key of two numbers, SipHash's.
 *
 * In `[...]`, texts or whole numbers, out the same shape, int32.
 */
export const hashBuckets = (x: Tensor, buckets: number, key?: readonly [number, number]): Tensor =>
  tf.tidy(() => {
    const texts = x.dtype === 'string' ? x : asTexts(tf.cast(x, 'int32'));
    const count = attribute.int('num_buckets', buckets);
    return key === undefined
      ? withInt64Result('StringToHashBucketFast', [count], [texts])
      : withInt64Result('StringToHashBucketStrong', [count, attribute.ints('key', key)], [texts]);
  });
