import { derivativesOfValues, type ElementwiseFunction } from '../../src/ops/elementwise';
import { scan } from '../../src/ops/scan';
import { simpleStates } from '../../src/ops/simple-recurrence';
import { tf, type Tensor } from '../../src/tfjs/tensorflow';
import { tensorCount } from '../support/tensors';

const BATCH = 3;
const UNITS = 4;
const activations: Readonly<Record<string, ElementwiseFunction>> = {
  tanh: { apply: (x) => tf.tanh(x), derivativeOfValue: derivativesOfValues.tanh },
  relu: { apply: (x) => tf.relu(x) },
  sigmoid: { apply: (x) => tf.sigmoid(x), derivativeOfValue: derivativesOfValues.sigmoid },
  elu: { apply: (x) => tf.elu(x) },
  linear: { apply: (x) => x },
};

/** The states and, of a weighted sum of them, all gradients, as numbers. */
const valuesOf = (
  steps: number,
  states: (projected: Tensor, state: Tensor, kernel: Tensor) => Tensor,
): number[][] =>
  tf.tidy(() => {
    const projected = tf.randomNormal([steps, BATCH, UNITS], 0, 1, 'float32', 1);
    const state = tf.randomNormal([BATCH, UNITS], 0, 1, 'float32', 2);
    const kernel = tf.randomNormal([UNITS, UNITS], 0, 0.5, 'float32', 3);
    const weights = tf.randomNormal([steps, BATCH, UNITS], 0, 1, 'float32', 4);
    const args = [projected, state, kernel] as [Tensor, Tensor, Tensor];
    const gradients = tf.grads((...given: Tensor[]) =>
      tf.sum(tf.mul(weights, states(...(given as typeof args)))),
    )(args);
    return [states(...args), ...gradients].map((tensor) => Array.from(tensor.dataSync()));
  });

describe.each(Object.entries(activations))('%s', (_name, activation) => {
  test.each([1, 2, 7, 8, 19])(
    'states and gradients over %i steps are those of the general recurrence',
    (steps) => {
      const quick = valuesOf(steps, (projected, state, kernel) =>
        simpleStates({ projected, state, present: undefined }, kernel, activation),
      );
      const general = valuesOf(steps, (projected, state, kernel) =>
        scan(
          ([z], before, [weights]) =>
            activation.apply(tf.add(z as Tensor, tf.matMul(before, weights as Tensor))),
          { inputs: [projected], state, weights: [kernel] },
        ),
      );
      expect(quick.map(({ length }) => length)).toEqual(general.map(({ length }) => length));
      quick.forEach((values, index) => {
        values.forEach((value, position) => {
          expect(value).toBeCloseTo(general[index]?.[position] ?? NaN, 4);
        });
      });
    },
  );
});

test('nothing is left behind', () => {
  const before = tensorCount();
  valuesOf(11, (projected, state, kernel) =>
    simpleStates({ projected, state, present: undefined }, kernel, { apply: (x) => tf.tanh(x) }),
  );
  expect(tensorCount()).toBe(before);
});
