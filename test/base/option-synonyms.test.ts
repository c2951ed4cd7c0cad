import {
  compile,
  fit,
  layerConv2d,
  layerDense,
  layerDropout,
  layerEmbedding,
  layerLstm,
  optimizerRmsprop,
  optimizerSgd,
  toCategorical,
} from '../../src/index';
import { adviceForOption } from '../../src/base/option-synonyms';

/** A function of this library as it is called without types. */
const untyped = (call: unknown) => call as (...args: unknown[]) => unknown;

test.each([
  ['optimizerRmsprop({ lr })', () => untyped(optimizerRmsprop)({ lr: 0.1 }), 'lr', 'learningRate'],
  [
    'optimizerSgd({ learning_rate })',
    () => untyped(optimizerSgd)({ learning_rate: 1 }),
    'learning_rate',
    'learningRate',
  ],
  ['fit with nb_epoch', () => untyped(fit)([[1]], [1], { nb_epoch: 3 }), 'nb_epoch', 'epochs'],
  ['fit with batch_size', () => untyped(fit)([[1]], [1], { batch_size: 3 }), 'batch_size', 'batchSize'],
  ['compile with objective', () => untyped(compile)({ loss: 'mse', optim: 'sgd' }), 'optim', 'optimizer'],
  [
    'a dense layer of output_dim',
    () => untyped(layerDense)({ units: 1, output_dim: 3 }),
    'output_dim',
    'units',
  ],
  [
    'a dense layer of input_dim',
    () => untyped(layerDense)({ units: 1, input_dim: 3 }),
    'input_dim',
    'inputShape',
  ],
  [
    'an embedding of input_dim',
    () => untyped(layerEmbedding)({ input_dim: 3, outputDim: 1 }),
    'input_dim',
    'inputDim',
  ],
  [
    'an embedding of output_dim',
    () => untyped(layerEmbedding)({ output_dim: 3, inputDim: 1 }),
    'output_dim',
    'outputDim',
  ],
  [
    'a convolution with border_mode',
    () => untyped(layerConv2d)({ border_mode: 'same' }),
    'border_mode',
    'padding',
  ],
  ['a convolution with stride', () => untyped(layerConv2d)({ stride: 2 }), 'stride', 'strides'],
  ['W_regularizer', () => untyped(layerDense)({ W_regularizer: 'l2' }), 'W_regularizer', 'kernelRegularizer'],
  ['dropout of p', () => untyped(layerDropout)({ p: 0.5 }), 'p', 'rate'],
  ['dropout_U', () => untyped(layerLstm)({ units: 1, dropout_U: 0.5 }), 'dropout_U', 'recurrentDropout'],
  ['nb_classes', () => untyped(toCategorical)([0], { nb_classes: 2 }), 'nb_classes', 'numClasses'],
])('%s says what the option is called', (_what, call, written, meant) => {
  const advice =
    written.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase()) === meant
      ? `Did you mean '${meant}'?`
      : `It is \`${meant}\` here.`;
  expect(call).toThrow(
    `the options must be known ones. Received: the unknown option \`${written}\`. ${advice}`,
  );
});

test('an option that is no other, but may be written otherwise, says how', () => {
  // Keras 2's `decay`: the rate after step t is learningRate / (1 + decay · t).
  expect(() => untyped(optimizerSgd)({ learningRate: 0.01, decay: 1e-6 })).toThrow(
    'the unknown option `decay`. Write learningRate: learningRateScheduleInverseTimeDecay({ initialLearningRate: 0.01, decaySteps: 1, decayRate: … }).',
  );
  expect(adviceForOption('decay', ['units'])).toBeUndefined();
});

test('a name that the function has nothing for is not explained away', () => {
  expect(adviceForOption('lr', ['units', 'activation'])).toBeUndefined();
  expect(adviceForOption('constructor', ['units'])).toBeUndefined();
  expect(adviceForOption('__proto__', ['units'])).toBeUndefined();
  expect(adviceForOption('zebra', ['units'])).toBeUndefined();
  expect(adviceForOption('alpha', ['learningRate'])).toBe('It is `learningRate` here');
  expect(() => untyped(layerDense)({ units: 1, lr: 0.1 })).toThrow(/the unknown option `lr`\. Use one of: /);
});
