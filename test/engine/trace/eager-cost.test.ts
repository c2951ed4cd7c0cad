/** What operations are taken to cost one after the other: worked by hand from the thresholds. */
import { eagerCost } from '../../../src/engine/trace/eager-cost';
import { record } from '../../../src/engine/trace/record';
import type { RecordedOp } from '../../../src/engine/trace/recording';
import {
  EAGER_FLOPS_PER_MILLISECOND,
  EAGER_MILLISECONDS_PER_OPERATION,
  OVERHEAD_MILLISECONDS_PER_OPERATION,
} from '../../../src/engine/tuning';
import { tf, type Tensor } from '../../../src/index';
import { idOf, TYPES } from '../../../src/tfjs/binding';

const each = OVERHEAD_MILLISECONDS_PER_OPERATION + EAGER_MILLISECONDS_PER_OPERATION;
/** An element moves through memory while 50 floating-point operations are done. */
const costOf = (operations: number, flops: number) => ({
  operations,
  milliseconds: expect.closeTo(operations * each + flops / EAGER_FLOPS_PER_MILLISECOND, 9) as number,
});

const normal = (...shape: number[]): Tensor => tf.randomNormal(shape);

test('a product has twice its rows times columns times what is summed; another operation what its output has', () => {
  tf.tidy(() => {
    const [a, b] = [normal(3, 50), normal(50, 7)];
    const shapes = new Map([a, b].map((tensor) => [idOf(tensor), tensor.shape]));
    const run = (): Tensor => tf.relu(tf.matMul(a, b));
    const expected = costOf(2, 2 * 3 * 50 * 7 + 50 * 3 * 7);
    // Whether it was computed or not.
    expect(eagerCost(record(run).recording, shapes)).toEqual(expected);
    expect(eagerCost(record(run, shapes).recording, shapes)).toEqual(expected);
  });
});

test('an operation without a rule is counted by what it gives', () => {
  tf.tidy(() => {
    const x = normal(20, 30);
    const { recording } = record(() => tf.topk(x, 4));
    const sizes = recording.ops.map(({ outputs }) =>
      outputs.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    );
    expect(sizes).toContain(2 * 20 * 4);
    const flops = 50 * sizes.reduce((a, b) => a + b, 0);
    expect(eagerCost(recording, new Map([[idOf(x), x.shape]]))).toEqual(costOf(sizes.length, flops));
  });
});

test('a recurrence runs its operations in each of its time steps', () => {
  const output = (id: number, shape: readonly number[]) => ({ id, shape, dtype: TYPES.float });
  const product: RecordedOp = {
    name: 'MatMul',
    attributes: [],
    inputs: [11, 12],
    outputs: [output(13, [2, 5])],
  };
  const scan: RecordedOp = {
    name: 'Scan',
    attributes: [],
    inputs: [1, 2],
    outputs: [output(3, [9, 2, 5])],
    scan: {
      body: [product, { ...product, name: 'AddV2', inputs: [13, 14], outputs: [output(15, [2, 5])] }],
      steps: 9,
      sequences: 1,
      stateShape: [2, 5],
      outputShapes: [[9, 2, 5]],
      feeds: { sequences: [11], state: 14 },
      results: [15],
    },
  };
  const shapes = new Map([
    [1, [9, 2, 4]],
    [2, [2, 5]],
    [12, [4, 5]],
  ]);
  expect(eagerCost({ ops: [scan], constants: new Map() }, shapes)).toEqual(
    costOf(18, 9 * (2 * 2 * 4 * 5 + 50 * 2 * 5)),
  );
});
