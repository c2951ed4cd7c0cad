import { idOf, TYPES } from '../../../src/tfjs/binding';
import { GraphBuilder } from '../../../src/engine/graph/builder';
import { addLoop, type LoopSpecification } from '../../../src/engine/graph/loop';
import { FINISHED, VariableGroup } from '../../../src/engine/graph/variables';
import { Session } from '../../../src/engine/graph/session';
import { TensorflowError } from '../../../src/native/index';
import { FEED_NAMES, type TracedStep } from '../../../src/engine/trace/traced-step';
import { MIN_ELEMENTS_AHEAD } from '../../../src/engine/tuning';
import { record } from '../../../src/engine/trace/record';
import { tf, type Tensor } from '../../../src/tfjs/tensorflow';

const BATCH = 2;
const ROWS = 6;

/** Numbers in a row: of so many, the next batch is taken during a step. */
const WIDE = MIN_ELEMENTS_AHEAD / BATCH;

/** A step on rows x and a weight w: the sum of x · w, and x's sum as the gradient. */
const traced = (check: boolean, width: number): TracedStep => {
  let step: TracedStep | undefined;
  tf.tidy(() => {
    const x: Tensor = tf.fill([BATCH, width], 1 / width);
    const w = tf.tensor1d([1]);
    const feedNames = new Map([
      [idOf(x), FEED_NAMES.x(0)],
      [idOf(w), FEED_NAMES.variable(0)],
    ]);
    const { result, recording } = record(() => {
      const sums = tf.reshape(tf.sum(tf.mul(x, w)), [1]);
      // A row of 0 has no place in [0], which stands for any error of TensorFlow's.
      const gradient = tf.sum(
        check ? tf.mul(x, tf.gather(tf.ones([1]), tf.cast(tf.less(x, 1 / width), 'int32'))) : x,
      );
      return { sums, gradient: tf.reshape(gradient, [1]) };
    });
    step = {
      recording,
      feeds: feedNames,
      shapes: new Map([[idOf(x), x.shape]]),
      sums: idOf(result.sums),
      gradients: [idOf(result.gradient)],
      updates: new Map(),
    };
  });
  return step as unknown as TracedStep; // the tidy ran its function, or threw
};

interface Parts {
  readonly session: Session;
  /** The names of the graph's nodes. */
  readonly names: readonly string[];
  readonly run: (feeds: Record<string, Tensor>) => number;
  readonly read: (name: string) => number | undefined;
}

const loopOf = (
  width: number,
  options: Partial<LoopSpecification> & { readonly check?: boolean } = {},
): Parts => {
  const { check = false, ...others } = options;
  const graph = new GraphBuilder();
  const node = jest.spyOn(graph, 'node');
  const variables = [{ name: 'w', shape: [1] }];
  const group = new VariableGroup(graph, variables, 'weights', [FINISHED]);
  const step = traced(check, width);
  addLoop(graph, {
    name: 'train',
    step,
    batch: BATCH,
    arrays: [{ feed: FEED_NAMES.x(0), dtype: TYPES.float, shape: [ROWS, width] }],
    ordered: true,
    variables,
    training: {
      trainable: [0],
      update: {
        clipScale: undefined,
        ofRows: [],
        stages: [
          [
            {
              kernel: {
                op: 'ResourceApplyGradientDescent',
                flags: {},
                inputs: [{ number: 'rate' }, 'gradient'],
              },
            },
          ],
        ],
      },
    },
    byRows: new Set(),
    lagging: new Map(),
    numbers: [{ name: 'rate', perStep: false }],
    sums: 1,
    ...others,
  });
  const session = new Session(graph);
  tf.tidy(() => void group.upload(session, [tf.tensor1d([1])], () => true));
  return {
    session,
    names: node.mock.calls.map(([name]) => name),
    run: (feeds) =>
      tf.tidy(() => {
        const parts = session.run(feeds, ['train/total'])[0]?.dataSync() ?? [];
        return (parts[0] ?? NaN) + (parts[1] ?? NaN);
      }),
    read: (name) => tf.tidy(() => session.run({}, [`${name}/read`])[0]?.dataSync()[0]),
  };
};

/** What every run is fed: `steps` steps from row `first` on; `x` are the sums of the rows. */
const feeds = (
  width: number,
  x: readonly number[],
  steps: number,
  first: number,
): Record<string, Tensor> => ({
  'train/x0': tf.tile(tf.div(tf.tensor2d([...x], [ROWS, 1]), width), [1, width]),
  'train/order': tf.tensor1d([5, 4, 3, 2, 1, 0], 'int32'),
  'train/steps': tf.scalar(steps, 'int32'),
  'train/first': tf.scalar(first, 'int32'),
  'train/seed': tf.tensor1d([0, 0], 'int32'),
});

const x = [1, 2, 3, 4, 5, 6];

describe.each([1, WIDE])('of rows of %i numbers', (width) => {
  test('rows come in their order, from the first on; each step sees the update of the one before', () => {
    tf.tidy(() => {
      const { session, run, read } = loopOf(width);
      // Rows 3 and 2, which are 4 and 3: 7 · 1, then w = 1 − 0.1 · 7. Rows 1 and 0: 3 · 0.3, then w = 0.3 − 0.1 · 3.
      expect(run({ ...feeds(width, x, 2, 2), 'train/rate': tf.scalar(0.1) })).toBeCloseTo(7.9, 5);
      expect(read('w')).toBeCloseTo(0, 5);
      expect(read('finished')).toBe(2);
      session.dispose();
    });
  });

  test('a number may be another one in each step', () => {
    tf.tidy(() => {
      const { session, run, read } = loopOf(width, { numbers: [{ name: 'rate', perStep: true }] });
      expect(run({ ...feeds(width, x, 2, 2), 'train/rate': tf.tensor1d([0.1, 0.2]) })).toBeCloseTo(7.9, 5);
      expect(read('w')).toBeCloseTo(0.3 - 0.2 * 3, 5);
      session.dispose();
    });
  });

  test('rows come one after the other where there is no order', () => {
    tf.tidy(() => {
      const { session, run, read } = loopOf(width, { ordered: false });
      const { 'train/order': _order, ...others } = feeds(width, x, 1, 4);
      expect(run({ ...others, 'train/rate': tf.scalar(0.1) })).toBeCloseTo(11, 5);
      expect(read('w')).toBeCloseTo(1 - 1.1, 5);
      session.dispose();
    });
  });

  test('no steps change nothing', () => {
    tf.tidy(() => {
      const { session, run, read } = loopOf(width);
      expect(run({ ...feeds(width, x, 0, 0), 'train/rate': tf.scalar(0.1) })).toBe(0);
      expect([read('w'), read('finished')]).toEqual([1, 0]);
      session.dispose();
    });
  });

  test('sums are in double precision', () => {
    tf.tidy(() => {
      const { session, run } = loopOf(width, { training: undefined, numbers: [] });
      // In float32, 2^24 + 1 is 2^24.
      const values = [1, 0, 1, 0, 2 ** 24, 0];
      expect(run(feeds(width, values, 3, 0))).toBe(2 ** 24 + 2);
      session.dispose();
    });
  });

  test('an error leaves the variable as the step before made it, and the count of steps', () => {
    tf.tidy(() => {
      const { session, run, read } = loopOf(width, { check: true });
      const bad = [0, 1, 1, 1, 1, 1];
      expect(() => run({ ...feeds(width, bad, 3, 0), 'train/rate': tf.scalar(0.1) })).toThrow(
        TensorflowError,
      );
      // Two steps with sums of 2; the third has the row of 0.
      expect(read('w')).toBeCloseTo(1 - 0.4, 5);
      expect(read('finished')).toBe(2);
      session.dispose();
    });
  });
});

test.each([
  [1, 0],
  [WIDE, 1],
])('of rows of %i numbers, the next batch is %i times taken during a step', (width, expected) => {
  tf.tidy(() => {
    const { session, names } = loopOf(width);
    expect(names.filter((name) => name === 'train/next-batch/batch/x0')).toHaveLength(expected);
    session.dispose();
  });
});
