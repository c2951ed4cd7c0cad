/** A layer, a loss, a metric and a schedule of one's own, trained together: as Keras trains them (test/reference/custom.py). */
import {
  compile,
  evaluate,
  fit,
  getWeights,
  kerasModelSequential,
  layerDense,
  newLayerClass,
  newLearningRateScheduleClass,
  newLossClass,
  newMetricClass,
  optimizerSgd,
  pipe,
  setWeights,
  tf,
  type Tensor,
} from '../../src/index';
import { expectNumbers, grid, kerasOwnParts } from '../support/own-parts';

const layerDamped = newLayerClass({
  classname: 'Damped',
  build(inputShape) {
    const features = inputShape.at(-1) ?? null;
    return {
      kernel: this.addWeight({ name: 'kernel', shape: [features, 2], initializer: 'zeros' }),
      mean: this.addWeight({ name: 'mean', shape: [features], initializer: 'zeros', trainable: false }),
    };
  },
  call(x: Tensor, { training }) {
    if (training) this.mean.assign(tf.add(tf.mul(this.mean, 0.9), tf.mul(tf.mean(x, 0), 0.1)));
    const output = tf.matMul(tf.sub(x, this.mean), this.kernel);
    this.addLoss(tf.mul(tf.mean(tf.square(output)), 0.1));
    return output;
  },
});

const lossPower = newLossClass({
  classname: 'Power',
  initialize: ({ exponent }: { exponent: number }) => ({ exponent }),
  call(yTrue, yPred) {
    return tf.mean(tf.pow(tf.abs(tf.sub(yTrue, yPred)), this.exponent), -1);
  },
});

const scheduleInverse = newLearningRateScheduleClass({
  classname: 'Inverse',
  initialize: ({ first }: { first: number }) => ({ first }),
  call(step) {
    return this.first / (1 + step);
  },
});

const metricOwn = newMetricClass({
  classname: 'OwnTruePositives',
  initialize: () => ({ hits: 0, count: 0 }),
  updateState: (yTrue, yPred) => ({
    hits: tf.sum(tf.mul(tf.cast(tf.greater(yPred, 0.5), 'float32'), yTrue)),
    count: tf.scalar(yPred.size),
  }),
  result: ({ hits, count }) => hits / count,
});

test.each(['eager', 'compiled'] as const)('%s', async (engine) => {
  const model = pipe(
    kerasModelSequential({ inputShape: [3] }),
    layerDamped(),
    layerDense({ units: 1 }),
    setWeights([grid([3, 2]), tf.zeros([3]), grid([2, 1], 1), grid([1])]),
    compile({
      optimizer: optimizerSgd({ learningRate: scheduleInverse({ first: 0.1 }) }),
      loss: lossPower({ exponent: 3 }),
      metrics: [metricOwn()],
    }),
  );
  const [x, y] = [grid([8, 3]), grid([8, 1], 2)];
  const { metrics } = await fit(model, x, y, { batchSize: 3, epochs: 4, shuffle: false, verbose: 0, engine });
  const { history, evaluated, weights } = kerasOwnParts.layer;
  expectNumbers(metrics.loss, history.loss);
  expectNumbers(metrics['own_true_positives'], history.own_true_positives);
  expectNumbers(Object.values(await evaluate(model, x, y, { verbose: 0, engine })), evaluated);
  expectNumbers(
    getWeights(model).map((weight) => weight.arraySync()),
    weights,
  );
});
