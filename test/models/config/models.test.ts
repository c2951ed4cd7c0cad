/** Models out of configurations, and configurations of models. */
import {
  cloneModel,
  compile,
  constraintMaxnorm,
  countParams,
  fit,
  fromConfig,
  getConfig,
  getInputAt,
  getInputShapeAt,
  getLayer,
  getOutputAt,
  getOutputShapeAt,
  getWeights,
  initializerGlorotUniform,
  initializerHeNormal,
  kerasModel,
  kerasModelSequential,
  layerAdd,
  layerConcatenate,
  layerConv2d,
  layerDense,
  layerDropout,
  layerEmbedding,
  layerFlatten,
  layerGru,
  layerInput,
  layerLambda,
  layerModel,
  layerMultiHeadAttention,
  layerTf,
  outputShape,
  pipe,
  predict,
  regularizerL2,
  setWeights,
  shared,
  tf,
  withCustomObjectScope,
  KerasArgumentError,
  KerasShapeError,
  type AnyModel,
  type KerasConfig,
} from '../../../src/index';

type Config = Record<string, unknown>;

const json = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** The model of a configuration that went through JSON. */
const back = (model: AnyModel, className: string): AnyModel =>
  fromConfig({ class_name: className, config: json(getConfig(model)) } as unknown as KerasConfig<AnyModel>);

const values = async (model: AnyModel, x: tf.Tensor | tf.Tensor[]): Promise<number[][]> =>
  [await predict(model, x)].flat().map((output) => [...output.dataSync()]);

/** Checks that a model comes back: the same configuration, and with the same weights the same numbers. */
const expectBack = async (
  model: AnyModel,
  className: string,
  x: tf.Tensor | tf.Tensor[],
): Promise<AnyModel> => {
  const again = back(model, className);
  expect(json(getConfig(again))).toEqual(json(getConfig(model)));
  setWeights(again, getWeights(model));
  expect(await values(again, x)).toEqual(await values(model, x));
  return again;
};

describe('models come back', () => {
  test('a stack of layers', async () => {
    const model = pipe(
      kerasModelSequential({ name: 'stack' }),
      layerConv2d({ filters: 2, kernelSize: 3, activation: 'relu', inputShape: [6, 6, 1], kernelInitializer: initializerHeNormal({ seed: 7 }) }),
      layerFlatten(),
      layerDropout({ rate: 0.5, seed: 3 }),
      layerDense({ units: 3, activation: 'softmax', kernelRegularizer: regularizerL2(0.1), biasConstraint: constraintMaxnorm({ maxValue: 3 }), trainable: false }),
    ); // prettier-ignore
    const again = await expectBack(model, 'Sequential', tf.randomUniform([2, 6, 6, 1]));
    expect(getLayer(again, 'dense').trainable).toBe(false);
    expect((getConfig(getLayer(again, 'conv2d'))['kernel_initializer'] as Config)['config']).toEqual({
      seed: 7,
    });
    expect(getConfig(model)['name']).toBe('stack');
  });

  test('ids', async () => {
    const model = pipe(
      kerasModelSequential(),
      layerEmbedding({ inputDim: 10, outputDim: 3, maskZero: true, inputShape: [4] }),
      layerGru({ units: 2, resetAfter: false }),
    );
    await expectBack(model, 'Sequential', tf.tensor2d([[1, 2, 0, 0]], undefined, 'int32'));
  });

  test('a graph of several inputs and outputs, with a shared layer used twice', async () => {
    const [left, right] = [
      layerInput({ shape: [3], name: 'left' }),
      layerInput({ shape: [3], name: 'right' }),
    ];
    const encoder = shared(layerDense({ units: 4, activation: 'tanh' }));
    const [a, b] = [encoder(left), encoder(right)];
    const model = kerasModel([left, right], [layerDense(layerConcatenate([b, a]), { units: 2 }), a]);
    const x = [tf.randomUniform([2, 3]), tf.randomUniform([2, 3])];
    const again = await expectBack(model, 'Functional', x as tf.Tensor[]);
    expect(countParams(again)).toBe(16 + 18);
    const { layers } = getConfig(model) as unknown as { layers: { name: string; inbound_nodes: unknown }[] };
    expect(layers.find(({ name }) => name === 'dense')?.inbound_nodes).toEqual([
      [['left', 0, 0, {}]],
      [['right', 0, 0, {}]],
    ]);
    expect(layers.find(({ name }) => name === 'concatenate')?.inbound_nodes).toEqual([
      [
        ['dense', 1, 0, {}],
        ['dense', 0, 0, {}],
      ],
    ]);
  });

  test('models within models, used twice', async () => {
    const inner = pipe(kerasModelSequential({ name: 'inner' }), layerDense({ units: 3, inputShape: [3] }));
    const deep = pipe(kerasModelSequential({ name: 'deep' }), layerModel(inner), layerDense({ units: 3 }));
    const input = layerInput({ shape: [3] });
    const once = layerModel(input, deep);
    const model = kerasModel(input, layerAdd([once, layerModel(once, deep)]));
    const again = await expectBack(model, 'Functional', tf.randomUniform([2, 3]));
    expect(countParams(again)).toBe(24);
    await expectBack(deep, 'Sequential', tf.randomUniform([2, 3]));
  });

  test('attention, whose inputs Keras has by name', async () => {
    const [x, y] = [layerInput({ shape: [5, 4], name: 'x' }), layerInput({ shape: [6, 4], name: 'y' })];
    const [output, scores] = layerMultiHeadAttention([x, y], {
      numHeads: 2,
      keyDim: 3,
      useCausalMask: true,
      returnAttentionScores: true,
    });
    const model = kerasModel([x, y], [output, scores]);
    const { layers } = getConfig(model) as unknown as {
      layers: { class_name: string; inbound_nodes: unknown }[];
    };
    expect(layers.find(({ class_name }) => class_name === 'MultiHeadAttention')?.inbound_nodes).toEqual([
      [['x', 0, 0, { value: ['y', 0, 0], use_causal_mask: true, return_attention_scores: true }]],
    ]);
    await expectBack(model, 'Functional', [tf.randomUniform([2, 5, 4]), tf.randomUniform([2, 6, 4])]);
  });

  test('and can be added to and trained', async () => {
    const model = pipe(kerasModelSequential(), layerDense({ units: 3, inputShape: [2] }));
    const again = fromConfig(getConfig(model));
    const longer = pipe(again, layerDense({ units: 1 }), compile({ loss: 'mse', optimizer: 'sgd' }));
    expect(outputShape(longer)).toEqual([null, 1]);
    const history = await fit(longer, tf.ones([4, 2]), tf.ones([4, 1]), { epochs: 2, verbose: 0 });
    expect(history.metrics.loss).toHaveLength(2);
  });
});

describe('functions of the program’s own', () => {
  const wave = (x: tf.Tensor): tf.Tensor => tf.sin(x);
  const halves = (shape: number[]): tf.Tensor => tf.fill(shape, 0.5);
  const model = (): ReturnType<typeof kerasModelSequential> =>
    pipe(
      kerasModelSequential(),
      layerDense({ units: 2, inputShape: [3], activation: wave, kernelInitializer: halves }),
      layerLambda({ f: wave }),
    );

  test('are in configurations by their names', () => {
    const config = getConfig(getLayer(model(), 'dense'));
    expect(config['activation']).toBe('wave');
    expect(config['kernel_initializer']).toEqual({ module: 'builtins', class_name: 'function', config: 'halves', registered_name: 'halves' }); // prettier-ignore
    expect(getConfig(getLayer(model(), 'lambda'))).toMatchObject({
      function: 'wave',
      function_type: 'function',
    });
  });

  test('must be given to be read', () => {
    const config = getConfig(model());
    expect(() => fromConfig(config)).toThrow(
      /the function 'wave' as `activation`.*customObjects: \{ wave: … \}/,
    );
    const again = fromConfig(config, { customObjects: { wave, halves } });
    expect(getWeights(again)[0]?.dataSync()).toEqual(new Float32Array(6).fill(0.5));
    const scoped = withCustomObjectScope({ wave }, () =>
      withCustomObjectScope({ halves }, () => fromConfig(config)),
    );
    expect(countParams(scoped)).toBe(8);
    expect(() => withCustomObjectScope({ wave: 3 } as never, () => 1)).toThrow(KerasArgumentError);
  });

  test('are found over an await', async () => {
    const config = getConfig(model());
    const again = await withCustomObjectScope({ wave, halves }, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return fromConfig(config);
    });
    expect(countParams(again)).toBe(8);
  });

  test('without a name cannot be written', () => {
    const unnamed = pipe(
      kerasModelSequential(),
      layerLambda({
        f: (
          () => (x: tf.Tensor) =>
            x
        )(),
        inputShape: [2],
      }),
    );
    expect(() => getConfig(unnamed)).toThrow(/a function without a name/);
  });
});

/** A layer of a program's own. */
class Scale extends tf.layers.Layer {
  static readonly className = 'Scale';
  private readonly myFactor: number;

  constructor(config: { name?: string; myFactor?: number }) {
    super({ ...(config.name === undefined ? {} : { name: config.name }) });
    this.myFactor = config.myFactor ?? 1;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.mul([inputs].flat()[0] as tf.Tensor, this.myFactor);
  }

  override getConfig(): ReturnType<InstanceType<typeof tf.layers.Layer>['getConfig']> {
    return { ...super.getConfig(), myFactor: this.myFactor };
  }
}

describe('layers of classes of the program’s own', () => {
  const model = (): ReturnType<typeof kerasModelSequential> =>
    pipe(
      kerasModelSequential({ inputShape: [2] }),
      layerTf(() => new Scale({ myFactor: 3 })),
    );

  test('keep their own spelling, and come back by their class', async () => {
    const config = getConfig(model());
    const [, layer] = config['layers'] as Config[];
    expect(layer).toMatchObject({ class_name: 'Scale', config: { myFactor: 3 } });
    expect(() => fromConfig(config)).toThrow(/the class 'Scale'/);
    const again = fromConfig(config, { customObjects: { Scale } });
    expect(await values(again, tf.tensor2d([[1, 2]]))).toEqual([[3, 6]]);
  });
});

describe('cloneModel', () => {
  test('gives weights of their own, drawn anew, and functions without names', async () => {
    const model = pipe(
      kerasModelSequential(),
      layerDense({
        units: 4,
        inputShape: [3],
        activation: (
          () => (x: tf.Tensor) =>
            tf.sin(x)
        )(),
      }),
      layerLambda({
        f: (
          () => (x: tf.Tensor) =>
            tf.mul(x, 2)
        )(),
      }),
      layerTf(() => new Scale({ myFactor: 3 })),
    );
    const copy = cloneModel(model);
    const [a, b] = [getWeights(model)[0], getWeights(copy)[0]].map((weight) => [
      ...(weight?.dataSync() ?? []),
    ]);
    expect(b).not.toEqual(a);
    setWeights(copy, getWeights(model));
    const x = tf.randomUniform([2, 3]);
    expect(await values(copy, x)).toEqual(await values(model, x));
  });

  test('draws the same weights where seeds are given', () => {
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: 4, inputShape: [3], kernelInitializer: initializerGlorotUniform({ seed: 5 }) }),
    );
    expect(getWeights(cloneModel(model))[0]?.dataSync()).toEqual(getWeights(model)[0]?.dataSync());
  });

  test('on other inputs, and with other layers', () => {
    const input = layerInput({ shape: [3] });
    const hidden = layerDense(input, { units: 4, name: 'hidden' });
    const model = kerasModel(input, layerDense(hidden, { units: 2, name: 'out' }));
    const other = layerInput({ batchShape: [7, 3] });
    expect(outputShape(cloneModel(model, { inputTensors: other }))).toEqual([7, 2]);
    expect(() => cloneModel(model, { inputTensors: [other, other] })).toThrow(KerasShapeError);
    const wide = cloneModel(model, {
      cloneFunction: (layer) =>
        layer.name === 'hidden' ? layerDense({ units: 9 }) : fromConfig(getConfig(layer)),
    });
    expect(getLayer(wide, 'hidden').outputShape).toEqual([null, 9]);
    expect(() => cloneModel(model, { cloneFunction: () => 3 as never })).toThrow(
      /gives a layer or a layer step/,
    );
    const stack = pipe(
      kerasModelSequential(),
      layerDense({ units: 4, inputShape: [3] }),
      layerDense({ units: 1 }),
    );
    const deep = pipe(stack, cloneModel({ cloneFunction: () => layerDense({ units: 6 }) }));
    expect(outputShape(deep)).toEqual([null, 6]);
  });
});

describe('a layer’s applications', () => {
  const encoder = shared(layerDense({ units: 4 }));
  const [left, right] = [layerInput({ shape: [3] }), layerInput({ shape: [3] })];
  const [a, b] = [encoder(left), encoder(right)];
  const sum = layerAdd([a, b]);
  const model = kerasModel([left, right], sum);
  const layer = getLayer(model, 'dense');

  test('have inputs, outputs and shapes', () => {
    expect(getInputAt(layer, 1)).toBe(right);
    expect(getOutputAt(layer, 0)).toBe(a);
    expect(pipe(layer, getOutputAt(1))).toBe(b);
    expect(getInputShapeAt(layer, { nodeIndex: 1 })).toEqual([null, 3]);
    expect(getOutputShapeAt(layer, 1)).toEqual([null, 4]);
    expect(getInputAt(getLayer(model, 'add'), 0)).toEqual([a, b]);
    expect(getInputShapeAt(getLayer(model, 'add'), 0)).toEqual([[null, 4], [null, 4]]); // prettier-ignore
  });

  test('must be there', () => {
    expect(() => getInputAt(layer, 2)).toThrow(
      /below 2, the number of times that layer 'dense' has been applied/,
    );
    expect(() => getOutputShapeAt(layer, -1)).toThrow(KerasArgumentError);
  });
});
