import {
  getLayer,
  getWeights,
  kerasModelSequential,
  layerConv1d,
  layerConv2d,
  layerConv2dTranspose,
  layerConv3d,
  layerConv3dTranspose,
  layerConvLstm1d,
  layerConvLstm2d,
  layerCropping1d,
  layerCropping3d,
  layerDepthwiseConv2d,
  layerReshape,
  layerSeparableConv2d,
  layerUpsampling1d,
  layerUpsampling2d,
  layerZeroPadding2d,
  outputShape,
  pipe,
  predictOnBatch,
  setWeights,
  tf,
  type DataFormatName,
  type LayerStep,
  type Tensor,
} from '../../src/index';
import { distance, outcome, waves } from './support';

// Output, and gradients of input, kernel and bias, by PyTorch:
//
// import numpy as np, torch, torch.nn.functional as F
// def wave(*shape, shift=0.0):
//     return torch.tensor(0.5 * np.sin(np.arange(int(np.prod(shape))) * 1.7 + shift).reshape(shape))
// def run(x, kernel, bias, stride, padding, dilation):
//     n = x.dim() - 2
//     x, kernel, bias = (t.requires_grad_() for t in (x, kernel, bias))
//     channels_first = x.permute(0, n + 1, *range(1, n + 1))
//     # Padding per axis, the last axis first, as F.pad wants it.
//     channels_first = F.pad(channels_first, [p for pair in reversed(padding) for p in pair])
//     conv = F.conv1d if n == 1 else F.conv2d
//     y = conv(channels_first, kernel.permute(n + 1, n, *range(n)), bias, stride, 0, dilation)
//     y = y.permute(0, *range(2, n + 2), 1)
//     (y * wave(*y.shape, shift=0.7)).sum().backward()
//     print(tuple(y.shape))
//     for t in (y, x.grad, kernel.grad, bias.grad): print([round(float(v), 6) for v in t.detach().flatten()], end=',\n')
// k1, b = wave(3, 2, 2, shift=1.0), wave(2, shift=2.0)
// run(wave(1, 6, 2, shift=0.3), k1, b, 1, [(4, 0)], 2)           # causal, dilation 2
// run(wave(1, 6, 2, shift=0.3), wave(3, 2, 2, shift=1.0), wave(2, shift=2.0), 2, [(2, 0)], 1)           # causal, stride 2
// run(wave(1, 7, 2, shift=0.3), wave(3, 2, 2, shift=1.0), wave(2, shift=2.0), 1, [(0, 0)], 3)           # valid, dilation 3
// run(wave(1, 4, 5, 1, shift=0.3), wave(3, 2, 1, 2, shift=1.0), wave(2, shift=2.0), 1, [(2, 2), (1, 2)], (2, 3))   # same
// run(wave(1, 5, 6, 1, shift=0.3), wave(2, 2, 1, 2, shift=1.0), wave(2, shift=2.0), 1, [(0, 0), (0, 0)], (3, 2))   # valid
const cases: [string, { step: LayerStep; input: number[]; kernel: number[]; expected: number[][] }][] = [
  [
    'causal, with a dilation of 2',
    {
      step: layerConv1d({ filters: 2, kernelSize: 3, padding: 'causal', dilationRate: 2 }),
      input: [1, 6, 2],
      kernel: [3, 2, 2],
      expected: [
        [
          0.350038, -0.135296, 0.48121, -0.336196, 0.359083, -0.187826, 0.382021, -0.262809, 0.536492,
          -0.355924, 0.143332, -0.131494,
        ],
        [
          0.456669, -0.427047, -0.503448, 0.506046, 0.430475, -0.399353, -0.465008, 0.459425, 0.260905,
          -0.239358, -0.277117, 0.269615,
        ],
        [
          0.193783, -0.090555, 0.40062, -0.166499, 0.581684, -0.155489, 0.631563, -0.044772, 1.013728,
          -0.056029, 0.52323, 0.284731,
        ],
        [-0.078653, 0.351268],
      ],
    },
  ],
  [
    'causal, with strides of 2',
    {
      step: layerConv1d({ filters: 2, kernelSize: 3, padding: 'causal', strides: 2 }),
      input: [1, 6, 2],
      kernel: [3, 2, 2],
      expected: [
        [0.350038, -0.135296, 0.410649, -0.319863, 0.534143, -0.341831],
        [
          -0.171905, 0.221792, -0.195542, 0.162273, 0.102911, -0.166968, 0.229971, -0.211369, 0.178732,
          -0.134227, 0.0, 0.0,
        ],
        [
          0.110489, 0.006295, -0.048851, -0.073022, -0.0979, 0.012522, 0.074079, 0.069796, 0.126406, 0.019396,
          0.052059, 0.091615,
        ],
        [0.38197, 0.216875],
      ],
    },
  ],
  [
    'with a dilation of 3',
    {
      step: layerConv1d({ filters: 2, kernelSize: 3, dilationRate: 3 }),
      input: [1, 7, 2],
      kernel: [3, 2, 2],
      expected: [
        [0.458231, -0.496345],
        [
          0.207692, -0.184021, 0.0, 0.0, 0.0, 0.0, 0.148129, -0.102402, 0.0, 0.0, 0.0, 0.0, 0.049874,
          0.005965,
        ],
        [
          0.047595, 0.049903, 0.146446, 0.153549, -0.141679, -0.148551, -0.057694, -0.060493, 0.154798,
          0.162306, -0.064028, -0.067134,
        ],
        [0.322109, 0.337732],
      ],
    },
  ],
  [
    'of images, padded, with a dilation of 2 and 3',
    {
      step: layerConv2d({ filters: 2, kernelSize: [3, 2], padding: 'same', dilationRate: [2, 3] }),
      input: [1, 4, 5, 1],
      kernel: [3, 2, 1, 2],
      expected: [
        [
          0.403896, -0.127701, 0.568582, -0.268952, 0.697941, -0.404577, 0.53739, -0.389057, 0.172807,
          -0.194935, 0.692355, -0.444377, 0.593778, -0.375362, 0.191204, -0.163105, 0.186483, -0.146714,
          0.586937, -0.214352, 0.345412, -0.162101, 0.548398, -0.211915, 0.720135, -0.274079, 0.583126,
          -0.339586, 0.19284, -0.340015, 0.735468, -0.314019, 0.621706, -0.298704, 0.191793, -0.301131,
          0.179824, -0.288181, 0.535972, -0.151795,
        ],
        [
          -0.021268, 0.025792, -0.053353, 0.05966, -0.033539, 0.025529, -0.020896, 0.045075, -0.032694,
          0.017807, -0.037021, 0.039059, -0.076643, 0.07683, -0.041986, 0.022479, -0.013536, 0.031364,
          -0.012245, 0.008367,
        ],
        [
          -0.163167, -0.238516, -0.473123, -0.120887, 0.531203, -0.076923, 0.696583, -0.469115, -0.139415,
          0.272811, -0.015799, 0.348179,
        ],
        [0.266741, -0.03788],
      ],
    },
  ],
  [
    'of images, with a dilation of 3 and 2',
    {
      step: layerConv2d({ filters: 2, kernelSize: 2, dilationRate: [3, 2] }),
      input: [1, 5, 6, 1],
      kernel: [2, 2, 1, 2],
      expected: [
        [
          0.457365, -0.179095, 1.303759, -0.231168, 0.233127, -0.359438, -0.337378, -0.274311, -0.146804,
          -0.357842, -0.072713, -0.225385, 1.191996, -0.182181, 0.792004, -0.325771,
        ],
        [
          0.207692, -0.22178, 0.037119, 0.010012, -0.233301, 0.235284, 0.176824, -0.136091, -0.135321,
          0.162464, -0.152089, 0.100796, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.148129, -0.195542, 0.127569,
          -0.086855, -0.211369, 0.24643, 0.251743, -0.237641, -0.057368, 0.102138, -0.249631, 0.216468,
        ],
        [-0.032568, -0.227475, 0.096774, 0.203604, 0.163772, -0.202377, -0.107538, 0.226815],
        [0.014565, 0.427461],
      ],
    },
  ],
];

test.each(cases)('a convolution %s: output and gradients', (_about, { step, input, kernel, expected }) => {
  const layer = getLayer(pipe(kerasModelSequential({ inputShape: input.slice(1) }), step), { index: 0 });
  layer.setWeights([waves(kernel, 1), waves([2], 2)]);
  const results = outcome(layer, waves(input, 0.3));
  expect(results).toHaveLength(expected.length);
  results.forEach((result, index) => expect(distance(result, expected[index] ?? [])).toBeLessThan(3e-6));
});

test('sequences of unknown length keep it with causal padding', () => {
  const model = pipe(
    kerasModelSequential({ inputShape: [null, 2] }),
    layerConv1d({ filters: 3, kernelSize: 4, padding: 'causal' }),
  );
  expect(outputShape(model)).toEqual([null, null, 3]);
});

test('strides and dilation do not go together', () => {
  expect(() => layerConv2d({ filters: 1, kernelSize: 3, strides: 2, dilationRate: [1, 2] })).toThrow(
    'layerConv2d: only one of `strides` and `dilationRate` may differ from 1. Received: strides: 2,2, dilationRate: 1,2.',
  );
  expect(() => layerConv1d({ filters: 1, kernelSize: 3, strides: 2, dilationRate: 1 })).not.toThrow();
});

describe('channels that come first give what channels that come last give', () => {
  // Another number of channels than of anything else, so that no axis is taken for another.
  const [image, volume] = [
    [4, 5, 3],
    [3, 4, 5, 2],
  ] as const;
  const layers: readonly [string, readonly number[], (dataFormat: DataFormatName) => LayerStep][] = [
    ['layerConv2dTranspose', image, (dataFormat) => layerConv2dTranspose({ filters: 2, kernelSize: 2, strides: 2, dataFormat })], // prettier-ignore
    ['layerConv3dTranspose', volume, (dataFormat) => layerConv3dTranspose({ filters: 3, kernelSize: 2, dataFormat })], // prettier-ignore
    ['layerConv3d', volume, (dataFormat) => layerConv3d({ filters: 3, kernelSize: 2, padding: 'same', dataFormat })], // prettier-ignore
    ['layerDepthwiseConv2d', image, (dataFormat) => layerDepthwiseConv2d({ kernelSize: 2, dataFormat })],
    ['layerSeparableConv2d', image, (dataFormat) => layerSeparableConv2d({ filters: 2, kernelSize: 2, dataFormat })], // prettier-ignore
    ['layerConvLstm2d', volume, (dataFormat) => layerConvLstm2d({ filters: 3, kernelSize: 2, returnSequences: true, dataFormat })], // prettier-ignore
    ['layerConvLstm2d, the last state', volume, (dataFormat) => layerConvLstm2d({ filters: 3, kernelSize: 2, dataFormat })], // prettier-ignore
  ];
  test.each(layers)('%s', (name, shape, step) => {
    const isSequence = name.startsWith('layerConvLstm');
    const last = pipe(kerasModelSequential({ inputShape: shape }), step('channels_last'));
    const between = isSequence ? shape.slice(1, -1) : shape.slice(0, -1);
    const channels = shape.at(-1) ?? 1;
    const firstShape = isSequence ? [shape[0] ?? 1, channels, ...between] : [channels, ...between];
    const first = pipe(kerasModelSequential({ inputShape: firstShape }), step('channels_first'));
    setWeights(first, getWeights(last));
    const x = waves([2, ...shape], 0.3);
    const axes = Array.from({ length: x.rank }, (_, axis) => axis);
    const start = isSequence ? 2 : 1;
    const moved = tf.transpose(x, [...axes.slice(0, start), x.rank - 1, ...axes.slice(start, -1)]);
    const expected = predictOnBatch(last, x);
    const actual = predictOnBatch(first, moved);
    const hasSteps = isSequence && expected.rank === x.rank;
    const outAxes = Array.from({ length: actual.rank }, (_, axis) => axis);
    const channel = hasSteps ? 2 : 1;
    const back = tf.transpose(actual, [...outAxes.filter((axis) => axis !== channel), channel]);
    expect(back.shape).toEqual(expected.shape);
    expect(distance(back, expected)).toBeLessThan(1e-5);
    expect(outputShape(first).slice(1)).toEqual(actual.shape.slice(1));
  });
});

test('a stateful convolutional LSTM goes on where the batch before ended, until its states are reset', () => {
  const make = (steps: number) =>
    pipe(
      kerasModelSequential(),
      layerConvLstm2d({ filters: 2, kernelSize: 2, stateful: true, batchInputShape: [2, steps, 3, 3, 1] }),
    );
  const [whole, halves] = [make(4), make(2)];
  setWeights(halves, getWeights(whole));
  const x = waves([2, 4, 3, 3, 1], 0.4);
  const [first, second] = tf.split(x, 2, 1) as [Tensor, Tensor];
  const expected = predictOnBatch(whole, x);
  const alone = predictOnBatch(halves, second);
  halves.tf.resetStates();
  predictOnBatch(halves, first);
  expect(distance(predictOnBatch(halves, second), expected)).toBeLessThan(1e-5);
  halves.tf.resetStates();
  expect(distance(predictOnBatch(halves, second), alone)).toBeLessThan(1e-6);
  expect(distance(alone, expected)).toBeGreaterThan(1e-3);
});

describe('options and inputs that do not fit', () => {
  const on = (...shape: number[]) => kerasModelSequential({ inputShape: shape });
  const errors: readonly [string, () => unknown, string][] = [
    [
      'an order of axes that there is not',
      () => layerConv2d({ filters: 1, kernelSize: 3, dataFormat: 'NCHW' as never }),
      "layerConv2d: `dataFormat` must be one of 'channels_last', 'channels_first'. Received: 'NCHW'.",
    ],
    [
      'groups that do not divide the filters',
      () => layerConv3d({ filters: 4, kernelSize: 1, groups: 3 }),
      'layerConv3d: `groups` must be a divisor of `filters`, which is 4. Received: 3.',
    ],
    [
      'groups that do not divide the channels',
      () => layerConv2d(on(4, 4, 3), { filters: 4, kernelSize: 1, groups: 2 }),
      'needs a number of channels that its 2 groups divide, and has 3',
    ],
    [
      'padding of the output as long as the strides',
      () => layerConv2dTranspose({ filters: 1, kernelSize: 3, strides: 2, outputPadding: [1, 2] }),
      'layerConv2dTranspose: `outputPadding` must be below `strides`, which are 2,2.',
    ],
    [
      'strides that differ',
      () => layerDepthwiseConv2d({ kernelSize: 2, strides: [1, 2] }),
      'layerDepthwiseConv2d: `strides` must be the same along both axes. Received: ',
    ],
    [
      'strides and gaps',
      () => layerSeparableConv2d({ filters: 1, kernelSize: 2, strides: 2, dilationRate: 2 }),
      'layerSeparableConv2d: only one of `strides` and `dilationRate` may differ from 1',
    ],
    [
      'causal images',
      () => layerConv2d({ filters: 1, kernelSize: 2, padding: 'causal' as never }),
      "layerConv2d: `padding` must be one of 'valid', 'same'. Received: 'causal'.",
    ],
    [
      'images for volumes',
      () => layerConv3d(on(4, 4, 1), { filters: 1, kernelSize: 1 }),
      'needs input of 5 dimensions',
    ],
    [
      'sequences for images of time',
      () => layerConvLstm2d(on(4, 4), { filters: 1, kernelSize: 1 }),
      'needs input of 5 dimensions',
    ],
    [
      'all cut off',
      () => layerCropping1d(on(3, 2), { cropping: 2 }),
      'would put out [null, -1, 2], which has no elements',
    ],
    [
      'three borders of images',
      () => layerZeroPadding2d({ padding: [1, 2, 3] as never }),
      'layerZeroPadding2d: `padding` must be an integer, 2 of them, or 2 pairs for begin and end. Received: ',
    ],
    [
      'a negative border',
      () => layerCropping3d({ cropping: [1, [0, -1], 0] }),
      'layerCropping3d: `cropping` must be an integer of 0 or more. Received: -1.',
    ],
    [
      'an interpolation that there is not',
      () => layerUpsampling2d({ interpolation: 'bilinaer' as never }),
      "layerUpsampling2d: `interpolation` must be one of 'nearest', 'bilinear', ",
    ],
    [
      'no size',
      () => layerUpsampling1d({ size: 0 }),
      'layerUpsampling1d: `size` must be a positive integer. Received: 0.',
    ],
    [
      'an open axis of a state',
      () =>
        layerConvLstm1d(kerasModelSequential({ inputShape: [3, null, 2] }), { filters: 1, kernelSize: 1 }),
      'needs to know the sizes of its state',
    ],
  ];
  test.each(errors)('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});

test('what does not fit is named with both layers, their lines, and what to do', () => {
  const small = (): unknown =>
    pipe(
      kerasModelSequential({ inputShape: [16] }),
      layerReshape({ targetShape: [4, 4, 1], name: 'images' }),
      layerConv2d({ filters: 1, kernelSize: 5 }),
    );
  expect(small).toThrow(
    /^layerConv2d: layer 'conv2d' \(added at .*convolutional\.test\.ts:\d+\) would put out \[null, 0, 0, 1\], which has no elements\. Received: \[null, 4, 4, 1\] from layer 'images' \(added at .*convolutional\.test\.ts:\d+\)\. Use a smaller kernel/,
  );
  const flat = (): unknown =>
    pipe(kerasModelSequential({ inputShape: [16] }), layerConv2d({ filters: 1, kernelSize: 5 }));
  expect(flat).toThrow(
    /layer 'conv2d' \(added at .*\) needs input of 4 dimensions, the batch axis included\. Received: \[null, 16\] from the input\. Give it images/,
  );
});
