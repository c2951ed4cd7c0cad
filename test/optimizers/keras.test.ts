/** Twenty steps of each optimizer, with all that optimizers share, as Keras 2.13 makes them: test/reference/optimizers.py. */
import { UpdateOptimizer } from '../../src/optimizers/optimizer';
import { tf, type Tensor, type Variable } from '../../src/tfjs/tensorflow';
import { tensorCount } from '../support/tensors';
import { distance, optimizerNamed, reference, type Shaped } from './reference';

const variablesOf = (shaped: readonly Shaped[]): Variable[] =>
  tf.tidy(() => shaped.map(({ shape, values }) => tf.variable(tf.tensor(values, shape))));

const valuesOf = (tensors: readonly Tensor[]): number[][] => tensors.map((one) => [...one.dataSync()]);

const apart = (variables: readonly Variable[], expected: readonly number[][] = []): number =>
  Math.max(...valuesOf(variables).map((values, index) => distance(values, expected[index] ?? [])));

test.each(reference.updates.map((one) => [one.name, JSON.stringify(one.options), one] as const))(
  '%s %s',
  (name, _options, { options, snapshots, final }) => {
    const before = tensorCount();
    const optimizer = optimizerNamed(name, options);
    const variables = variablesOf(reference.start);
    const held = tensorCount();
    reference.gradients.forEach((gradients, index) => {
      tf.tidy(() => {
        const shaped = gradients.map((values, one) => tf.tensor(values, reference.start[one]?.shape));
        optimizer.apply(shaped, variables);
      });
      const snapshot = reference.steps.indexOf(index + 1);
      if (snapshot >= 0) expect(apart(variables, snapshots[snapshot])).toBeLessThan(1e-5);
    });
    expect(tensorCount()).toBe(held);
    if (final !== undefined) {
      optimizer.finalize(variables);
      expect(apart(variables, final)).toBeLessThan(1e-5);
    }
    optimizer.dispose();
    tf.dispose(variables);
    expect(tensorCount()).toBe(before);
  },
);

const fused = reference.updates.filter(({ name, options }) =>
  (optimizerNamed(name, options) as UpdateOptimizer).update.stages.some((stage) => 'kernel' in stage),
);

test('the kernels are those of these optimizers', () => {
  expect(new Set(fused.map(({ name }) => name))).toEqual(
    new Set(['sgd', 'rmsprop', 'adam', 'adam_w', 'adadelta', 'adamax']),
  );
});

test.each(fused.map((one) => [one.name, JSON.stringify(one.options), one] as const))(
  "%s %s: TensorFlow's kernel computes what the rule says",
  (name, _options, { options }) => {
    const whole = optimizerNamed(name, options) as UpdateOptimizer; // all of this library's are
    const { parts } = whole;
    const ruled = new UpdateOptimizer({ ...parts, own: { ...parts.own, kernel: undefined } });
    const [a, b] = [variablesOf(reference.start), variablesOf(reference.start)];
    for (const gradients of reference.gradients) {
      tf.tidy(() => {
        const shaped = gradients.map((values, one) => tf.tensor(values, reference.start[one]?.shape));
        whole.apply(shaped, a);
        ruled.apply(shaped, b);
      });
    }
    expect(ruled.update.stages.some((stage) => 'kernel' in stage)).toBe(false);
    expect(apart(a, valuesOf(b))).toBeLessThan(1e-5);
    const [slots, others] = [whole.getWeights(), ruled.getWeights()];
    expect(slots.length).toBe(others.length);
    valuesOf(slots).forEach((values, index) =>
      expect(distance(values, valuesOf(others)[index] ?? [])).toBeLessThan(1e-5),
    );
    tf.dispose([a, b, slots, others]);
    whole.dispose();
    ruled.dispose();
  },
);
