import { isChain } from '../../../src/engine/graph/chain';
import type { RecordedOp } from '../../../src/engine/trace/recording';
import { hasOneDnn } from '../../../src/engine/trace/rewrites/onednn';
import { MIN_CHAIN_FLOPS } from '../../../src/engine/tuning';
import { TYPES } from '../../../src/tfjs/binding';

const op = (name: string, inputs: number[], id: number, shape: number[]): RecordedOp => ({
  name,
  attributes: [],
  inputs,
  outputs: [{ id, dtype: TYPES.float, shape }],
});

/** Training of dense layers: the products forward, back to the layer before, and for the weights. Ids: data 0, weights 1 to n. */
const training = (batch: number, sizes: readonly number[]) => {
  const count = sizes.length - 1;
  const size = (index: number): number => sizes[index] ?? 0;
  const values = (index: number): number => (index === 0 ? 0 : 100 + index);
  const shapes = new Map([[0, [batch, size(0)]]]);
  const ops: RecordedOp[] = [];
  const targets: number[] = [];
  for (let layer = 1; layer <= count; layer++) {
    shapes.set(layer, [size(layer - 1), size(layer)]);
    ops.push(op('MatMul', [values(layer - 1), layer], values(layer), [batch, size(layer)]));
  }
  const gradient = (index: number): number => (index === count ? values(count) : 200 + index);
  for (let layer = count; layer >= 1; layer--) {
    // tfjs makes the data's gradient, too, which nobody needs.
    ops.push(op('MatMul', [gradient(layer), layer], 200 + layer - 1, [batch, size(layer - 1)]));
    ops.push(op('MatMul', [values(layer - 1), gradient(layer)], 300 + layer, [size(layer - 1), size(layer)]));
    targets.push(300 + layer);
  }
  return { ops, targets, shapes };
};

const isOf = ({ ops, targets, shapes }: ReturnType<typeof training>): boolean =>
  isChain(ops, targets, shapes);

const hasProducts = hasOneDnn('FusedMatMul');

test.each([
  ['a first layer that is nearly all', 128, [784, 512, 10], true],
  ['layers whose gradients do not wait for each other', 128, [784, 512, 512, 512, 10], false],
  ['a first layer that is small', 128, [784, 64, 10], false],
])('%s', (_, batch, sizes, expected) => {
  expect(isOf(training(batch, sizes))).toBe(expected && hasProducts);
});

test('from so many floating-point operations on', () => {
  // 2 × 2 × 1000 × n for the forward product and the weights' gradient of one layer.
  const rows = MIN_CHAIN_FLOPS / 4000;
  const flops = (batch: number) => training(batch, [1000, 1]);
  expect(isOf(flops(rows))).toBe(hasProducts);
  expect(isOf(flops(rows - 100))).toBe(false);
});

test.each(['Conv2D', 'SparseTensorDenseMatMul', 'StatelessRandomUniform', 'GatherV2'])(
  'with %s it is not known how long a step takes',
  (name) => {
    const { ops, targets, shapes } = training(128, [784, 512, 10]);
    expect(isChain([...ops, op(name, [0], 400, [1])], targets, shapes)).toBe(false);
  },
);

test('what elementwise operations take counts, too', () => {
  const { ops, targets, shapes } = training(128, [784, 512, 10]);
  const beside = (count: number) =>
    Array.from({ length: count }, (_, index) => op('Tanh', [0], 400 + index, [128, 784]));
  const isStill = (count: number): boolean =>
    isChain(
      [...ops, ...beside(count)],
      [...targets, ...beside(count).map((_, index) => 400 + index)],
      shapes,
    );
  expect(isStill(1)).toBe(hasProducts);
  expect(isStill(10)).toBe(false);
});
