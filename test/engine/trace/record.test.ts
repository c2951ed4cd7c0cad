import { scan } from '../../../src/ops/scan';
import { tf, type Tensor } from '../../../src/tfjs/tensorflow';
import { binding, idOf } from '../../../src/tfjs/binding';
import { difference } from '../../../src/engine/trace/compare';
import { record } from '../../../src/engine/trace/record';

const names = (run: () => unknown): string[] =>
  record(() => tf.tidy(() => void run())).recording.ops.map(({ name }) => name);

test('every operation is recorded, with what went in and what came out', () => {
  const x = tf.tensor1d([1, 2, 3]);
  const id = idOf(x);
  const { result, recording } = record(() => tf.tidy(() => tf.sum(tf.square(x))));
  expect(recording.ops.map(({ name }) => name)).toEqual(['Square', 'Sum']);
  const [square, sum] = recording.ops;
  expect(square?.inputs).toEqual([id]);
  expect(sum?.inputs[0]).toBe(square?.outputs[0]?.id);
  expect(sum?.outputs[0]?.id).toBe(idOf(result));
  // The run was a real one, and the axes that JavaScript made are a constant.
  expect(result.dataSync()[0]).toBe(14);
  expect([...(recording.constants.get(sum?.inputs[1] ?? -1)?.values ?? [])]).toEqual([0]);
  expect(recording.readValues).toBe(false);
  tf.dispose([x, result]);
});

test('reading a value is noticed, and recording ends with the function, even if it throws', () => {
  const x = tf.scalar(2);
  const before = binding();
  const { recording } = record(() => tf.tidy(() => void tf.square(x).dataSync()));
  expect(recording.readValues).toBe(true);
  expect(() =>
    record(() => {
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(binding()).toBe(before);
  x.dispose();
});

test('a recurrence is one operation, whatever the number of its steps', () => {
  const run = (steps: number): string[] => {
    const x = tf.zeros([steps, 2, 3]);
    const weight = tf.ones([3, 3]);
    const state = tf.zeros([2, 3]);
    idOf(x);
    const recorded = names(() =>
      tf.grads((...args: Tensor[]) =>
        tf.sum(
          scan(
            ([input], before, [kernel]) =>
              tf.tanh(tf.add(input as Tensor, tf.matMul(before as never, kernel as never))),
            {
              inputs: [args[0] as Tensor],
              state,
              weights: [args[1] as Tensor],
            },
          ),
        ),
      )([x, weight]),
    );
    tf.dispose([x, weight, state]);
    return recorded;
  };
  expect(run(4)).toEqual(run(400));
  expect(run(4).filter((name) => name.startsWith('Scan'))).toEqual(['Scan', 'ScanGradient']);
});

describe('difference', () => {
  const x = tf.tensor1d([1, 2]);
  afterAll(() => x.dispose());
  const compare = (first: () => Tensor, second: () => Tensor): string | undefined => {
    const known = new Map([[idOf(x), 'x']]);
    const one = record(() => tf.tidy(first));
    const other = record(() => tf.tidy(second));
    tf.dispose([one.result, other.result]);
    return difference(one.recording, other.recording, [known, known]);
  };

  test('none between two runs of the same', () => {
    const run = (): Tensor => tf.mul(tf.add(x, 3), x);
    expect(compare(run, run)).toBeUndefined();
  });
  test.each<[string, () => Tensor, () => Tensor, RegExp]>([
    ['another operation', () => tf.exp(x), () => tf.log(x), /operation 0, Exp, differs/],
    ['another number of them', () => tf.exp(x), () => tf.exp(tf.exp(x)), /number of operations/],
    ['another constant', () => tf.add(x, 3), () => tf.add(x, 4), /constant of Add/],
    ['another attribute', () => tf.sum(x, 0, true), () => tf.sum(x, 0, false), /attribute of Sum/],
    ['another input', () => tf.sub(tf.exp(x), x), () => tf.sub(x, tf.exp(x)), /input of Sub/],
  ])('%s', (_name, first, second, expected) => expect(compare(first, second)).toMatch(expected));
});
