import { sameShape, sizeOf } from '../../../base/shapes';
import { MAX_FOLDED_ELEMENTS } from '../../tuning';
import { isAll } from '../recording';
import { inputOf, shapeOf, type Rewrite } from './context';

/** A product with ones, or a quotient by ones, is what it was before. `positions` are those where the ones may stand. */
export const unitFactor =
  (positions: readonly number[]): Rewrite =>
  (op, context) => {
    for (const position of positions) {
      const constant = context.constants.get(inputOf(op, position));
      const other = inputOf(op, 1 - position);
      if (constant === undefined || sizeOf(constant.shape) > MAX_FOLDED_ELEMENTS) continue;
      if (!sameShape(context.shape(other), shapeOf(op))) continue;
      if (isAll(constant.values, 1)) return { alias: other };
    }
    return undefined;
  };
