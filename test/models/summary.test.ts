import { inspect } from 'node:util';
import {
  kerasModel,
  kerasModelSequential,
  layerAdd,
  layerBatchNormalization,
  layerConcatenate,
  layerConv2d,
  layerDense,
  layerDropout,
  layerFlatten,
  layerInput,
  layerLstm,
  layerMaxPooling2d,
  layerModel,
  pipe,
  shared,
  summary,
  type KerasModel,
  type SummaryOptions,
} from '../../src/index';

/** What is printed, with the blank lines and the spaces at the ends of lines left out, as R does. */
const printed = (model: KerasModel, options: SummaryOptions = {}): string => {
  const texts: string[] = [];
  expect(summary(model, { ...options, print: (text) => texts.push(text) })).toBe(model);
  expect(texts).toHaveLength(1);
  return texts[0] ?? '';
};

// The expected tables are what `print_summary` of tf_keras's utils/layer_utils.py prints for objects with these layers'
// names, classes, shapes and weights, without blank lines.

test('a stack: names that are too long for their column go on below', () => {
  const model = pipe(
    kerasModelSequential({ name: 'sequential' }),
    layerConv2d({ filters: 32, kernelSize: 3, inputShape: [28, 28, 1] }),
    layerMaxPooling2d(),
    layerBatchNormalization(),
    layerFlatten(),
    layerDense({ units: 1000, name: 'a_very_long_name_that_does_not_fit_its_column' }),
    layerDropout({ rate: 0.5 }),
  );
  expect(printed(model)).toBe(`Model: "sequential"
_________________________________________________________________
 Layer (type)                Output Shape              Param #
=================================================================
 conv2d (Conv2D)             (None, 26, 26, 32)        320
 max_pooling2d (MaxPooling2  (None, 13, 13, 32)        0
 D)
 batch_normalization (Batch  (None, 13, 13, 32)        128
 Normalization)
 flatten (Flatten)           (None, 5408)              0
 a_very_long_name_that_does  (None, 1000)              5409000
 _not_fit_its_column (Dense
 )
 dropout (Dropout)           (None, 1000)              0
=================================================================
Total params: 5409448 (20.64 MB)
Trainable params: 5409384 (20.64 MB)
Non-trainable params: 64 (256.00 Byte)
_________________________________________________________________`);
});

test('a stack with a frozen layer', () => {
  const model = pipe(
    kerasModelSequential({ name: 'sequential' }),
    layerDense({ units: 4, inputShape: [3], trainable: false }),
    layerDense({ units: 1 }),
  );
  expect(printed(model)).toBe(`Model: "sequential"
____________________________________________________________________________
 Layer (type)                Output Shape              Param #   Trainable
============================================================================
 dense (Dense)               (None, 4)                 16        N
 dense_1 (Dense)             (None, 1)                 5         Y
============================================================================
Total params: 21 (84.00 Byte)
Trainable params: 5 (20.00 Byte)
Non-trainable params: 16 (64.00 Byte)
____________________________________________________________________________`);
});

test('a graph says what each layer is connected to', () => {
  const input = layerInput({ shape: [8] });
  const branches = [layerDense(input, { units: 4 }), layerDense(input, { units: 4 })];
  const output = pipe(branches, layerAdd(), layerDense({ units: 1, name: 'output_of_the_whole_graph' }));
  expect(printed(kerasModel(input, output, { name: 'graph' }))).toBe(`Model: "graph"
__________________________________________________________________________________________________
 Layer (type)                Output Shape                 Param #   Connected to
==================================================================================================
 input_1 (InputLayer)        [(None, 8)]                  0         []
 dense (Dense)               (None, 4)                    36        ['input_1[0][0]']
 dense_1 (Dense)             (None, 4)                    36        ['input_1[0][0]']
 add (Add)                   (None, 4)                    0         ['dense[0][0]',
                                                                     'dense_1[0][0]']
 output_of_the_whole_graph   (None, 1)                    5         ['add[0][0]']
 (Dense)
==================================================================================================
Total params: 77 (308.00 Byte)
Trainable params: 77 (308.00 Byte)
Non-trainable params: 0 (0.00 Byte)
__________________________________________________________________________________________________`);
});

test('a graph that is a line needs no connections', () => {
  const input = layerInput({ shape: [8] });
  expect(printed(kerasModel(input, layerDense(input, { units: 4 }), { name: 'linear' })))
    .toBe(`Model: "linear"
_________________________________________________________________
 Layer (type)                Output Shape              Param #
=================================================================
 input_1 (InputLayer)        [(None, 8)]               0
 dense (Dense)               (None, 4)                 36
=================================================================
Total params: 36 (144.00 Byte)
Trainable params: 36 (144.00 Byte)
Non-trainable params: 0 (0.00 Byte)
_________________________________________________________________`);
});

test('a layer used twice, frozen, on sequences of unknown length', () => {
  const encoder = shared(layerLstm({ units: 2, trainable: false }));
  const inputs = [layerInput({ shape: [null, 3] }), layerInput({ shape: [5, 3] })];
  const model = kerasModel(inputs, layerConcatenate(inputs.map(encoder)), { name: 'siamese' });
  expect(printed(model)).toBe(`Model: "siamese"
_____________________________________________________________________________________________________________
 Layer (type)                Output Shape                 Param #   Connected to                  Trainable
=============================================================================================================
 input_1 (InputLayer)        [(None, None, 3)]            0         []                            Y
 input_2 (InputLayer)        [(None, 5, 3)]               0         []                            Y
 lstm (LSTM)                 (None, 2)                    48        ['input_1[0][0]',             N
                                                                     'input_2[0][0]']
 concatenate (Concatenate)   (None, 4)                    0         ['lstm[0][0]',                Y
                                                                     'lstm[1][0]']
=============================================================================================================
Total params: 48 (192.00 Byte)
Trainable params: 0 (0.00 Byte)
Non-trainable params: 48 (192.00 Byte)
_____________________________________________________________________________________________________________`);
});

test('a width of the user’s', () => {
  const model = pipe(kerasModelSequential({ name: 'narrow' }), layerDense({ units: 4, inputShape: [3] }));
  expect(printed(model, { lineLength: 40 })).toBe(`Model: "narrow"
________________________________________
 Layer (type)     Output Shape    Param
                                  #
========================================
 dense (Dense)    (None, 4)       16
========================================
Total params: 16 (64.00 Byte)
Trainable params: 16 (64.00 Byte)
Non-trainable params: 0 (0.00 Byte)
________________________________________`);
});

test('a model within a model is one row, of class Functional or Sequential', () => {
  const input = layerInput({ shape: [3] });
  const inner = kerasModel(input, layerDense(input, { units: 2 }), { name: 'inner' });
  const stack = pipe(kerasModelSequential({ name: 'stack' }), layerDense({ units: 3, inputShape: [2] }));
  const model = pipe(kerasModelSequential(), layerModel(inner), layerModel(stack));
  const rows = printed(model).split('\n').slice(4, 6);
  expect(rows).toEqual([
    ' inner (Functional)          (None, 2)                 8',
    ' stack (Sequential)          (None, 3)                 9',
  ]);
});

test('a model prints as its summary, also before it has weights and after it is disposed', () => {
  const model = pipe(kerasModelSequential({ name: 'later' }), layerDense({ units: 1 }));
  expect(String(model)).toBe('Model: <no summary available, model was not built>');
  const built = pipe(kerasModelSequential({ name: 'built' }), layerDense({ units: 1, inputShape: [2] }));
  expect(inspect(built)).toBe(printed(built));
  built.dispose();
  expect(inspect(built)).toBe('Model: "built" (disposed)');
});

test.each([
  [{ line: 3 }, "the unknown option `line`. Did you mean 'lineLength'?"],
  [{ lineLength: 0 }, 'summary: `lineLength` must be a positive integer. Received: 0.'],
  [{ print: 'stdout' }, "summary: `print` must be a function of a text. Received: 'stdout'."],
])('options that are none: %p', (options, message) => {
  expect(() => summary(kerasModelSequential(), options as never)).toThrow(message);
});

test.each([1, 2, 7, 20])('a table of %d characters ends', (lineLength) => {
  const lines: string[] = [];
  const input = layerInput({ shape: [2] });
  const model = kerasModel(
    input,
    layerDense(layerAdd([input, layerDense(input, { units: 2 })]), { units: 1 }),
  );
  for (const each of [model, pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [2] }))]) {
    summary(each, { lineLength, print: (text) => lines.push(text) });
  }
  expect(lines).toHaveLength(2);
  expect(lines[0]?.replaceAll(/\s/g, '')).toContain('Totalparams:9');
});
