import { makeDataset, type Dataset } from '../../src/datasets/dataset';
import { tf, type Tensor1D } from '../../src/tfjs/tensorflow';
import { tensorCount } from '../support/tensors';

const make = (): Dataset<number[][], Tensor1D> =>
  makeDataset([[[1, 2]], tf.tensor1d([1])], [[[3]], tf.tensor1d([0])], {
    source: 'cache',
    path: '/data.npz',
  });

test('has its parts by name and by position', () => {
  const data = make();
  const [[xTrain, yTrain], [xTest, yTest]] = data;
  // The types of the parts are kept: these lines compile.
  const ids: number[][] = xTrain;
  const labels: Tensor1D = yTest;
  expect(ids).toBe(data.train.x);
  expect(labels).toBe(data.test.y);
  expect(yTrain).toBe(data.train.y);
  expect(xTest).toEqual([[3]]);
  expect([...data]).toEqual([data.train, data.test]);
  const { train, test: held } = data;
  expect([train.x, held.x]).toEqual([[[1, 2]], [[3]]]);
  expect([data.source, data.path]).toEqual(['cache', '/data.npz']);
  data.dispose();
});

test('disposes its tensors, also twice, and those that the user has disposed', () => {
  const before = tensorCount();
  const data = make();
  expect(tensorCount()).toBe(before + 2);
  data.train.y.dispose();
  data.dispose();
  data.dispose();
  expect(tensorCount()).toBe(before);
});
