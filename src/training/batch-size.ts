import { KerasArgumentError, KerasShapeError } from '../base/errors';
import type { KerasModel } from '../models/model';

/** Rows in a batch where neither the caller nor the model says. */
const DEFAULT_BATCH_SIZE = 32;

/** The batch size that a model was built for, if it takes no other one: a stateful layer needs it. */
const fixedBatchSize = (model: KerasModel): number | undefined =>
  model.tf.inputs.map(({ shape }) => shape[0]).find((size) => typeof size === 'number');

const title = (model: KerasModel, size: number): string =>
  `the model '${model.name}' was built for batches of ${size} rows`;

/** The batch size of a call: what the caller says, else what the model was built for, else 32. Needs the model built. */
export const batchSizeFor = (model: KerasModel, batchSize: number | undefined): number => {
  const fixed = fixedBatchSize(model);
  if (fixed === undefined || batchSize === undefined || batchSize === fixed) {
    return batchSize ?? fixed ?? DEFAULT_BATCH_SIZE;
  }
  throw new KerasArgumentError({
    argument: 'batchSize',
    expected: title(model, fixed),
    received: `batchSize: ${batchSize}`,
    advice: `Leave \`batchSize\` out, or build the model with another batch size`,
  });
};

/** Throws if rows would be left over that fill no batch of a model that takes whole batches only. */
export const checkWholeBatches = (model: KerasModel, rows: number, what = '`x`'): void => {
  const fixed = fixedBatchSize(model);
  if (fixed === undefined || rows % fixed === 0) return;
  throw new KerasShapeError({
    expected: `${title(model, fixed)}, so the rows of ${what} must be a multiple of ${fixed}`,
    received: `${rows} rows, of which ${rows % fixed} would be left over`,
    advice:
      'Leave those out or fill the batch up; or build a second model for batches of other rows, and give it the ' +
      'weights: setWeights(second, getWeights(model))',
  });
};

/** Throws if one batch does not have the rows that a model was built for. */
export const checkOneBatch = (model: KerasModel, rows: number): void => {
  const fixed = fixedBatchSize(model);
  if (fixed === undefined || rows === fixed) return;
  throw new KerasShapeError({
    argument: 'x',
    expected: title(model, fixed),
    received: `a batch of ${rows}`,
    advice: `Give ${fixed} rows, or build the model with another batch size`,
  });
};
