/** Models that take texts whose steps run one by one, and what they refuse. */
import {
  callModel,
  compile,
  compiledStep,
  createLayerWrapper,
  fit,
  getWeights,
  kerasModel,
  kerasModelSequential,
  KerasLayer,
  layerDense,
  layerInput,
  layerLambda,
  layerModel,
  pipe,
  predict,
  predictOnBatch,
  tf,
  type KerasModel,
  type Tensor,
} from '../../src/index';
import { VOCABULARY, Lookup, words, ids, labels, modelOf, options } from './texts-support';

const warn = jest.spyOn(console, 'warn').mockImplementation();
beforeEach(() => warn.mockClear());
afterAll(() => warn.mockRestore());
describe('where the numbers cannot come before the steps, the steps run one by one and say why', () => {
  /** The places of words, and a weight for each. */
  class Weighing extends Lookup {
    declare kernel: tf.Variable;
    override build() {
      this.kernel = this.addWeight({ shape: [5], initializer: 'ones' });
    }
    override call(x: Tensor) {
      return tf.gather(this.kernel, super.call(x));
    }
  }
  class Drawing extends Lookup {
    override call(x: Tensor) {
      return tf.add(super.call(x), tf.randomUniform(x.shape));
    }
  }
  /** As many columns as the longest text in the batch has letters. */
  class Letters extends KerasLayer {
    override call(x: Tensor) {
      const texts = Array.from(x.dataSync<'string'>());
      const longest = Math.max(1, ...texts.map(({ length }) => length));
      return tf.tensor2d(
        texts.flatMap((text) => Array.from({ length: longest }, (_, index) => text.charCodeAt(index) || 0)),
        [x.shape[0] as number, longest],
      );
    }
    override computeOutputShape() {
      return [null, null];
    }
  }
  class Ranked extends KerasLayer {
    override call(x: Tensor) {
      const texts = Array.from(x.dataSync<'string'>());
      return tf.tensor(texts.map((text) => texts.indexOf(text) / texts.length), x.shape); // prettier-ignore
    }
  }
  class MaskedLookup extends Lookup {
    override computeMask(x: Tensor | Tensor[]) {
      return tf.notEqual(super.call([x].flat()[0] as Tensor), 0);
    }
  }
  class Punishing extends Lookup {
    override call(x: Tensor) {
      this.addLoss(tf.scalar(1));
      return super.call(x);
    }
  }
  const simple = (Reader: new (options: { vocabulary: string[] }) => KerasLayer): KerasModel => {
    const input = layerInput({ shape: [3], dtype: 'string' });
    const layer = createLayerWrapper(Reader as typeof Lookup);
    const f = (x: Tensor): Tensor => tf.mean(tf.cast(x, 'float32'), 1, true);
    const output = pipe(
      input,
      layer({ vocabulary: VOCABULARY }),
      layerLambda({ f, outputShape: [1] }),
      layerDense({ units: 1 }),
    );
    return pipe(kerasModel(input, output), compile({ optimizer: 'sgd', loss: 'mse' }));
  };

  it.each([
    [Weighing, /the layer 'weighing', which reads texts, has weights to train/],
    [Drawing, /the layer 'drawing', which reads texts, gives other numbers for the same texts/],
    [Ranked, /the layer 'ranked', which reads texts, gives other numbers for the same texts/],
    [MaskedLookup, /the layer 'masked_lookup', which reads texts, gives a mask/],
    [Punishing, /the layer 'punishing', which reads texts, adds to the loss/],
  ])('%p', async (Reader, reason) => {
    const model = simple(Reader);
    const history = await fit(model, words, labels, { ...options, epochs: 40 });
    expect(history.params.engine).toBe('eager');
    expect(warn).toHaveBeenCalledTimes(1);
    expect(String(warn.mock.calls[0])).toMatch(reason);
    expect(Number.isFinite(history.metrics.loss[39])).toBe(true);
    await expect(fit(model, words, labels, { ...options, engine: 'compiled' })).rejects.toThrow(reason);
    expect((await predict(model, words)).shape).toEqual([7, 1]);
  });

  it('a layer whose output is as long as the longest text of a batch', async () => {
    const input = layerInput({ shape: [1], dtype: 'string' });
    const f = (x: Tensor): Tensor => tf.mean(x, 1, true);
    const output = layerDense(layerLambda(createLayerWrapper(Letters)(input), { f, outputShape: [1] }), {
      units: 1,
    });
    const model = pipe(kerasModel(input, output), compile({ optimizer: 'sgd', loss: 'mse' }));
    const texts = ['a', 'bcd', 'e', 'fg', 'hijkl', 'm', ''];
    const history = await fit(model, texts, labels, { ...options, epochs: 40 });
    expect(history.params.engine).toBe('eager');
    expect(String(warn.mock.calls[0])).toMatch(
      /'letters', which reads texts, gives as much as is in a batch/,
    );
    expect((await predict(model, texts, { batchSize: 2 })).shape).toEqual([7, 1]);
  });

  it('a weight of a layer that reads texts is trained', async () => {
    const model = simple(Weighing);
    await fit(model, words, labels, { ...options, engine: 'eager' });
    expect(getWeights(model)[0]?.arraySync()).not.toEqual([1, 1, 1, 1, 1]);
  });

  it('a step by hand that takes texts', () => {
    const model = modelOf('words');
    const step = compiledStep((x: Tensor) => callModel(model, x) as Tensor);
    expect(step(tf.tensor2d(words)).arraySync()).toEqual(predictOnBatch(modelOf('places'), ids).arraySync());
    expect(step.engine).toBe('eager');
    expect(step.reasonNotTraceable).toMatch(/texts/);
  });
});

describe('errors', () => {
  const model = modelOf('words');
  const numeric = modelOf('places');
  it.each<[string, () => unknown, RegExp]>([
    [
      'numbers for texts',
      () => predictOnBatch(model, ids),
      /^predictOnBatch: `x` must be made of texts, which the model 'model.*' takes\. Received: .*\. Write \[\['one'\], \['two'\]\]/,
    ],
    ['a tensor of numbers for texts', () => predictOnBatch(model, tf.tensor2d(ids)), /must be made of texts/],
    [
      'texts for numbers',
      () => predictOnBatch(numeric, words),
      /^predictOnBatch: `x` must be made of numbers only\. Received: .*layerInput\({ shape: \[1\], dtype: 'string' }\)/,
    ],
    [
      'a tensor of texts for numbers',
      () => predictOnBatch(numeric, tf.tensor2d(words)),
      /must be a tensor of numbers\. Received: a string tensor.*layerInput/,
    ],
    [
      'rows of different lengths',
      () =>
        predictOnBatch(model, [
          ['a', 'b', 'c'],
          ['d', 'e'],
        ]),
      /rows of one length\. Received: x\[1\] is of length 2, while the first has 3/,
    ],
    [
      'a number among texts',
      () =>
        predictOnBatch(model, [
          ['a', 'b', 'c'],
          ['d', 5, 'f'],
        ] as never),
      /made of texts only.* Received: x\[1\]\[1\] is 5/,
    ],
    [
      'nothing among texts',
      () => predictOnBatch(model, [['a', undefined, 'c']] as never),
      /Received: x\[0\]\[1\] is undefined/,
    ],
    [
      'a row for a text',
      () => predictOnBatch(model, [['a', ['b'], 'c']] as never),
      /Received: x\[0\]\[1\] is an array, while the first is a text/,
    ],
    ['no rows', () => predictOnBatch(model, []), /at least one row/],
    ['another shape', () => predictOnBatch(model, [['a', 'b']]), /must have the shape \[null, 3\]/],
    [
      'a disposed tensor',
      () => {
        const gone = tf.tensor2d(words);
        gone.dispose();
        predictOnBatch(model, gone);
      },
      /not disposed/,
    ],
    [
      'callModel with numbers',
      () => callModel(model, tf.tensor2d(ids)),
      /^callModel: `inputs` must be texts for the input/,
    ],
    [
      'callModel with texts',
      () => callModel(numeric, tf.tensor2d(words)),
      /^callModel: `inputs` must be numbers for the input/,
    ],
    [
      'a layer of numbers',
      () => layerDense(layerInput({ shape: [3], dtype: 'string' }), { units: 1 }),
      /^layerDense: layer 'dense' .*takes numbers\. Received: texts from layer 'input.*'.*a layer before it that reads texts/,
    ],
    [
      'a first layer of numbers',
      () => pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [3], dtype: 'string' })),
      /^layerDense: layer 'dense' .*takes numbers\. Received: texts from the input/,
    ],
    [
      'a layer of numbers by the type of the model',
      () => pipe(kerasModelSequential({ inputShape: [3], dtype: 'string' }), layerDense({ units: 1 })),
      /takes numbers/,
    ],
    [
      'a model of numbers that is built by texts',
      () => predictOnBatch(pipe(kerasModelSequential(), layerDense({ units: 1 })), words),
      /takes numbers\. Received: texts/,
    ],
    [
      'numbers for a model of texts',
      () => layerModel(layerInput({ shape: [3] }), model),
      /takes texts\. Received: numbers/,
    ],
    [
      'texts for a model of numbers',
      () => layerModel(layerInput({ shape: [3], dtype: 'string' }), numeric),
      /takes numbers\. Received: texts/,
    ],
    ['an unknown type', () => layerInput({ shape: [3], dtype: 'text' as never }), /'string'/],
  ])('%s', (_, run, message) => {
    // prettier-ignore
    expect(run).toThrow(message);
  });
});
