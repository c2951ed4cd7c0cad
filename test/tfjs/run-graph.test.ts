import { tf, type SymbolicTensor, type Tensor } from '../../src/tfjs/tensorflow';
import { tensorCount } from '../support/tensors';

describe('the changes that this library makes to the running of tfjs models', () => {
  describe('call of a model', () => {
    /** Puts down the masks that it is given, and hands them on. */
    class Seer extends tf.layers.Layer {
      static className = 'MaskSeer';
      static seen: unknown[] = [];
      override supportsMasking = true;
      override call(inputs: Tensor | Tensor[], { mask }: { mask?: Tensor | (Tensor | null)[] | null }) {
        const list = Array.isArray(mask) ? mask : [mask ?? null];
        Seer.seen.push(list.map((one) => one?.arraySync() ?? null));
        return Array.isArray(inputs) ? (inputs[0] as Tensor) : inputs;
      }
      override computeOutputShape(shape: never): never {
        return (Array.isArray(shape[0]) ? shape[0] : shape) as never;
      }
    }
    const ids = tf.tensor2d([[1, 2, 0]]);
    const embedded = (input: SymbolicTensor, maskZero: boolean): SymbolicTensor =>
      tf.layers.embedding({ inputDim: 4, outputDim: 2, maskZero }).apply(input) as SymbolicTensor;

    beforeEach(() => {
      Seer.seen = [];
    });

    it('lets a mask out of an inner model, also one in an inner model', () => {
      const input = tf.input({ shape: [3] });
      const inner = tf.model({ inputs: input, outputs: embedded(input, true) });
      const outer = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [3] }), inner] });
      const other = tf.input({ shape: [3] });
      const model = tf.model({
        inputs: other,
        outputs: new Seer({}).apply(outer.apply(other)) as SymbolicTensor,
      });
      const before = tensorCount();
      tf.dispose(model.apply(ids) as Tensor);
      expect(Seer.seen).toEqual([[[[1, 1, 0]]]]);
      expect(tensorCount()).toBe(before);
    });

    it('gives a layer of several inputs the mask of each', () => {
      const [a, b] = [tf.input({ shape: [3] }), tf.input({ shape: [3] })];
      const model = tf.model({
        inputs: [a, b],
        outputs: new Seer({}).apply([embedded(a, false), embedded(b, true)]) as SymbolicTensor,
      });
      tf.dispose(model.apply([ids, ids]) as Tensor);
      expect(Seer.seen).toEqual([[null, [[1, 1, 0]]]]);
    });

    it('puts the mask at the tensor for the time of the call, as attention looks for it there', () => {
      const seen: unknown[] = [];
      let kept: Tensor | undefined;
      class Looker extends tf.layers.Layer {
        static className = 'MaskLooker';
        override call(inputs: Tensor | Tensor[]) {
          kept = [inputs].flat()[0] as Tensor;
          seen.push((kept as { kerasMask?: Tensor }).kerasMask?.arraySync());
          return tf.add(kept, 1);
        }
      }
      const input = tf.input({ shape: [3] });
      const output = new Looker({}).apply(embedded(input, true)) as SymbolicTensor;
      tf.dispose(tf.model({ inputs: input, outputs: output }).apply(ids, { training: true }) as Tensor);
      expect(seen).toEqual([[[1, 1, 0]]]);
      expect((kept as { kerasMask?: Tensor }).kerasMask).toBeUndefined();
    });

    it('gives one tensor as two outputs twice', () => {
      const input = tf.input({ shape: [3] });
      const output = tf.layers.dropout({ rate: 0.5 }).apply(input) as SymbolicTensor;
      const warn = jest.spyOn(console, 'warn').mockReturnValue();
      const [first, second] = tf.model({ inputs: input, outputs: [output, output] }).apply(ids) as [
        Tensor,
        Tensor,
      ];
      warn.mockRestore();
      first.dispose();
      expect(second.arraySync()).toEqual([[1, 2, 0]]);
    });

    it('frees what no later layer needs, unless it trains', () => {
      const alive: number[] = [];
      class Count extends tf.layers.Layer {
        static className = 'TensorCount';
        override call(inputs: Tensor | Tensor[]) {
          alive.push(tensorCount());
          return tf.add([inputs].flat()[0] as Tensor, 1);
        }
      }
      const input = tf.input({ shape: [3] });
      const output = [1, 2, 3, 4].reduce<SymbolicTensor>(
        (tensor) => new Count({}).apply(tensor) as SymbolicTensor,
        input,
      );
      const model = tf.model({ inputs: input, outputs: output });
      for (const training of [false, true]) tf.tidy(() => void model.apply(ids, { training }));
      const growth = alive.map((count) => count - (alive[0] ?? 0));
      // The output of the layer before at most, or those of all layers before.
      expect(growth).toEqual([0, 1, 1, 1, 0, 1, 2, 3]);
    });
  });

  it('setMaskMetadata: a mask is computed once', () => {
    const layer = tf.layers.embedding({ inputDim: 4, outputDim: 2, maskZero: true });
    const compute = jest.spyOn(layer, 'computeMask');
    const input = tf.input({ shape: [3] });
    const model = tf.model({ inputs: input, outputs: layer.apply(input) as SymbolicTensor });
    tf.dispose(model.apply(tf.tensor2d([[1, 2, 0]])) as Tensor);
    expect(compute).toHaveBeenCalledTimes(1);
  });

  it('trainable of a model is that of all layers inside it, and of their weights', () => {
    const inner = tf.sequential({ layers: [tf.layers.batchNormalization({ inputShape: [2] })] });
    const model = tf.sequential({ layers: [inner, tf.layers.dense({ units: 1 })] });
    const flags = () => [inner.trainable, inner.layers[0]?.trainable, model.layers[1]?.trainable];
    model.trainable = false;
    expect(flags()).toEqual([false, false, false]);
    expect(model.trainableWeights).toHaveLength(0);
    model.trainable = true;
    expect(flags()).toEqual([true, true, true]);
    expect(model.trainableWeights).toHaveLength(4);
    // Building the inner model, which tfjs does after each change, says nothing of the layers.
    const frozen = tf.sequential({
      layers: [tf.layers.dense({ units: 1, inputShape: [2], trainable: false })],
    });
    frozen.build();
    expect(frozen.layers[0]?.trainable).toBe(false);
  });
});
