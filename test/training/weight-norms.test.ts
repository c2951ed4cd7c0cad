import {
  freezeWeights,
  kerasModelSequential,
  layerBatchNormalization,
  layerDense,
  pipe,
  tf,
  type KerasModel,
} from '../../src/index';
import { WeightNorms } from '../../src/training/weight-norms';

describe('the norms of weights', () => {
  const model = (): KerasModel =>
    pipe(
      kerasModelSequential(),
      layerDense({ units: 2, inputShape: [2], kernelInitializer: 'ones', useBias: false }),
      layerBatchNormalization(),
      layerDense({ units: 1, kernelInitializer: 'zeros' }),
    );
  const set = (one: KerasModel, index: number, values: number[][]): void => {
    const layer = one.layers[index];
    if (layer === undefined) throw new Error(`there is no layer ${index}`);
    tf.tidy(() => layer.setWeights([tf.tensor2d(values), ...layer.getWeights().slice(1)]));
  };

  test('are those of what is learned, worked by hand, and of what an epoch has changed', async () => {
    const one = model();
    const norms = new WeightNorms(one, () => 0);
    const first = await norms.look(0);
    // Four ones; gamma's two ones, without the moving statistics; zeros.
    expect(first?.rows.map(({ norm }) => norm)).toEqual([2, expect.closeTo(Math.SQRT2, 6), 0]);
    expect(first?.rows.map(({ change }) => change)).toEqual([null, null, null]);
    set(one, 0, [
      [1, 4],
      [5, 1],
    ]);
    const second = await norms.look(1);
    expect(second?.rows.map(({ norm }) => norm)).toEqual([
      expect.closeTo(Math.sqrt(43), 5),
      expect.closeTo(Math.SQRT2, 6),
      0,
    ]);
    expect(second?.rows.map(({ change }) => change)).toEqual([5, 0, 0]);
    norms.dispose();
  });

  test('are looked at now and then where epochs are short, each time over one epoch', async () => {
    const one = model();
    let time = 0;
    const norms = new WeightNorms(one, () => time);
    const looks: (number | undefined)[] = [];
    for (let epoch = 0; epoch <= 40; epoch++) {
      const look = await norms.look(epoch);
      if (look !== undefined && look.rows[0]?.change !== null) {
        looks.push(epoch);
        // What one epoch adds to each of the four, and not what all since the last look did.
        expect(look.rows[0]?.change).toBeCloseTo(2, 5);
      }
      set(one, 0, [
        [epoch + 2, epoch + 2],
        [epoch + 2, epoch + 2],
      ]);
      time += 100;
    }
    // A second between them, and one epoch more for what comes before.
    expect(looks).toEqual([1, 12, 23, 34]);
    norms.dispose();
  });

  test('of a layer that is frozen are those of all its weights, and do not change', async () => {
    const one = model();
    freezeWeights(one);
    const norms = new WeightNorms(one, () => 0);
    const first = await norms.look(0);
    // gamma and the moving variance are ones, two each.
    expect(first?.rows.map(({ norm }) => norm)).toEqual([2, 2, 0]);
    expect((await norms.look(1))?.rows.map(({ change }) => change)).toEqual([0, 0, 0]);
    norms.dispose();
  });
});
