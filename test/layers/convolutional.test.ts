import {
  getLayer,
  kerasModelSequential,
  layerConv1d,
  layerConv2d,
  layerReshape,
  outputShape,
  pipe,
  type LayerStep,
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

test('channels that come first are refused with what to do', () => {
  expect(() =>
    layerConv2d({ filters: 1, kernelSize: 3, dataFormat: 'channels_first' as 'channels_last' }),
  ).toThrow(
    "layerConv2d: `dataFormat` must be 'channels_last': TensorFlow's CPU kernels know no other. Received: " +
      "'channels_first'. Put the channels in the last axis, for example with tf.transpose.",
  );
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
