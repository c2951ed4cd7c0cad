import { idOf } from '../../src/tfjs/binding';
import { Replay } from '../../src/engine/replay';
import { record } from '../../src/engine/trace/record';
import { tf, type Tensor } from '../../src/tfjs/tensorflow';

/** A replay of a function of tensors, of at most so many operations. */
const replayOf = (given: readonly Tensor[], run: () => Tensor[], most = 10): Replay | undefined => {
  const ids = given.map(idOf);
  const { result, recording } = record(() => tf.tidy(run));
  const replay = Replay.of(recording, ids, result.map(idOf), most);
  tf.dispose(result);
  return replay;
};

const x = tf.tensor1d([1, 2]);
afterAll(() => x.dispose());

test('the same operations on other values, with the constants there were', () => {
  const replay = replayOf([x], () => [tf.add(tf.square(x), tf.scalar(1)), tf.neg(x)]);
  const other = tf.tensor1d([3, 4]);
  const before = tf.memory().numTensors;
  const [sum, negative] = replay?.run([idOf(other)]) ?? [];
  expect(sum?.arraySync()).toEqual([10, 17]);
  expect(negative?.arraySync()).toEqual([-3, -4]);
  tf.dispose([sum ?? [], negative ?? []]);
  expect(tf.memory().numTensors).toBe(before);
  other.dispose();
  replay?.dispose();
});

test('what the outputs do not need does not count, and does not run', () => {
  const run = (): Tensor[] => {
    tf.exp(x);
    return [tf.square(x)];
  };
  expect(
    replayOf([x], run, 1)
      ?.run([idOf(x)])[0]
      ?.arraySync(),
  ).toEqual([1, 4]);
});

test('none of too many operations, nor of outputs that nothing makes', () => {
  expect(replayOf([x], () => [tf.square(tf.square(x))], 1)).toBeUndefined();
  expect(replayOf([x], () => [tf.clone(x)])).toBeUndefined();
  expect(
    replayOf([x], () => {
      const square = tf.square(x);
      return [square, tf.clone(square)];
    }),
  ).toBeUndefined();
});

test("an operation's error comes through, and leaves nothing behind", () => {
  const index = tf.tensor1d([1], 'int32');
  const replay = replayOf([x, index], () => [tf.neg(tf.gather(tf.square(x), index))]);
  const outside = tf.tensor1d([7], 'int32');
  const before = tf.memory().numTensors;
  expect(() => replay?.run([x, outside].map(idOf))).toThrow('7 is not in [0, 2)');
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose([index, outside]);
});
