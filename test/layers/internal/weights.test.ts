/** Weights that a layer cannot have. */
import '../../../src/matchers/jest';
import {
  kerasModelSequential,
  KerasShapeError,
  layerActivationParametricRelu,
  layerBatchNormalization,
  layerConv2d,
  layerDense,
  layerEmbedding,
  layerGru,
  layerLstm,
  pipe,
  type LayerStep,
} from '../../../src/index';

describe('weights that do not fit into memory', () => {
  const sizes: readonly [string, () => unknown, string][] = [
    [
      'layerDense',
      () => layerDense({ units: 2 ** 32, inputShape: [4] }),
      "'kernel' of shape [4, 4294967296], which takes 68.7 GB",
    ],
    [
      'layerConv2d',
      () => layerConv2d({ filters: 1, kernelSize: 2 ** 31, padding: 'same', inputShape: [2, 2, 1] }),
      "'kernel' of shape [2147483648, 2147483648, 1, 1]",
    ],
    [
      'layerLstm',
      () => layerLstm({ units: 2 ** 31, inputShape: [2, 4] }),
      "'kernel' of shape [4, 8589934592], which takes 137.4 GB",
    ],
    [
      'layerGru',
      () => layerGru({ units: 2 ** 31, inputShape: [2, 4] }),
      "'kernel' of shape [4, 6442450944], which takes 103.1 GB",
    ],
    [
      'layerEmbedding',
      () => layerEmbedding({ inputDim: 2 ** 31, outputDim: 8 }),
      "'embeddings' of shape [2147483648, 8], which takes 68.7 GB",
    ],
    [
      'layerActivationParametricRelu',
      () => layerActivationParametricRelu({ inputShape: [2 ** 35] }),
      "'alpha' of shape [34359738368], which takes 137.4 GB",
    ],
    [
      'layerBatchNormalization',
      () => layerBatchNormalization({ inputShape: [2 ** 35] }),
      "'gamma' of shape [34359738368], which takes 137.4 GB",
    ],
  ];

  test.each(sizes)('%s says so, and leaves the model as it was', (name, step, says) => {
    const model = kerasModelSequential();
    const add = (): unknown => (step() as LayerStep)(model);
    expect(() => {
      expect(add).toThrow(KerasShapeError);
      expect(add).toThrow(
        new RegExp(
          `^${name}: the weights of layer '.*' \\(added at .*\\) must fit into memory twice\\. Received: `,
        ),
      );
      expect(add).toThrow(says);
    }).toLeaveNoTensors();
    expect(model.depth).toBe(0);
    pipe(model, layerDense({ units: 1, inputShape: [2] }));
    expect(model.depth).toBe(1);
  });
});

test('slopes cannot be shared along an axis that there is not', () => {
  const share = (sharedAxes: number): unknown =>
    layerActivationParametricRelu({ sharedAxes, inputShape: [3] })(kerasModelSequential());
  share(1);
  for (const axis of [2, 2 ** 31]) {
    expect(() => share(axis)).toThrow(
      `needs input with an axis ${axis}, along which its slopes are to be the same. Received: [null, 3] from the input. Give \`sharedAxes\` from 1 to 1.`,
    );
  }
});
