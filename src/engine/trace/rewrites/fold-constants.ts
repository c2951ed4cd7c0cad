import { sizeOf } from '../../../base/shapes';
import { binding, TYPES, type NativeTensor } from '../../../tfjs/binding';
import { MAX_FOLDED_ELEMENTS } from '../../tuning';
import type { RecordedConstant } from '../recording';
import type { Rewrite } from './context';

/** What may be computed once, from constants. */
const PURE: ReadonlySet<string> = new Set([
  'Add',
  'Cast',
  'ExpandDims',
  'Fill',
  'Mul',
  'Neg',
  'Pack',
  'RealDiv',
  'Reshape',
  'Sub',
  'Tile',
  'ZerosLike',
]);

/** An operation on constants is done here and now. */
export const foldConstants: Rewrite = (op, { constants }) => {
  const [output] = op.outputs;
  if (output === undefined || op.outputs.length !== 1 || !PURE.has(op.name)) return undefined;
  if (output.dtype !== TYPES.float && output.dtype !== TYPES.int32) return undefined;
  if (sizeOf(output.shape) > MAX_FOLDED_ELEMENTS) return undefined;
  const inputs = op.inputs.map((id) => constants.get(id));
  if (inputs.some((input) => input === undefined)) return undefined;
  const native = binding();
  const ids = (inputs as RecordedConstant[]).map(({ shape, dtype, values }) =>
    native.createTensor(shape, dtype, values),
  );
  const [result] = native.executeOp(op.name, op.attributes, ids, 1) as [NativeTensor]; // one was asked for
  const values = native.tensorDataSync(result.id).slice();
  for (const id of [...ids, result.id]) native.deleteTensor(id);
  return { constant: { shape: output.shape, dtype: output.dtype, values } };
};
