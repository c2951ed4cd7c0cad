/** What is wrong with layers of the user's own, and what is said of it. */
import {
  createLayer,
  createLayerWrapper,
  kerasModelSequential,
  KerasArgumentError,
  KerasLayer,
  KerasShapeError,
  KerasStateError,
  layerDense,
  newLayerClass,
  pipe,
  tf,
  type SequentialModel,
  type SubLayer,
  type Tensor,
} from '../../src/index';

class Linear extends KerasLayer<{ units: number }> {
  declare kernel: tf.Variable;
  override build(inputShape: (number | null)[]) {
    this.kernel = this.addWeight({ name: 'kernel', shape: [inputShape.at(-1) ?? null, this.options.units] });
  }
  override call(x: Tensor) {
    return tf.matMul(x, this.kernel);
  }
}
const layerLinear = createLayerWrapper(Linear);

const on = (layer: (model: SequentialModel) => unknown) => () =>
  layer(kerasModelSequential({ inputShape: [3] }));

test('nothing returned', () => {
  const layerForgot = newLayerClass({
    classname: 'Forgot',
    call: (() => undefined) as unknown as (inputs: Tensor) => Tensor,
  });
  expect(on(layerForgot())).toThrow(KerasArgumentError);
  expect(on(layerForgot())).toThrow(
    "layerForgot: `call` of layer 'forgot' must return a tensor, or a list of them. Received: undefined. Write return before what it computes.",
  );
});

test('without types, options may be left out', () => {
  class Same extends KerasLayer {
    override call(x: Tensor) {
      return x;
    }
  }
  const Untyped = Same as unknown as new (options?: null) => Same;
  expect([new Untyped().options, new Untyped(null).options]).toEqual([{}, {}]);
});

test('another shape than was said', () => {
  const layerWrong = newLayerClass({
    classname: 'Wrong',
    call: (inputs: Tensor) => tf.sum(inputs, -1, true),
    computeOutputShape: (inputShape) => inputShape,
  });
  expect(on(layerWrong())).toThrow(KerasShapeError);
  expect(on(layerWrong())).toThrow(
    /`call` of layer 'wrong' must give what `computeOutputShape` says, \[null, 3\]. Received: shape \[null, 1\]/,
  );
});

test('two weights of one name, weights made in call, in a shape that is not known', () => {
  const layerTwice = newLayerClass({
    classname: 'Twice',
    build() {
      this.addWeight({ name: 'kernel' });
      this.addWeight({ name: 'kernel' });
    },
    call: (inputs: Tensor) => inputs,
  });
  expect(on(layerTwice())).toThrow(
    /addWeight: the weights of layer 'twice' must have names of their own. Received: a second weight 'kernel'/,
  );
  const layerEach = newLayerClass({
    classname: 'Each',
    call(inputs: Tensor) {
      return tf.mul(inputs, this.addWeight({ name: 'factor' }));
    },
  });
  expect(on(layerEach())).toThrow(KerasStateError);
  expect(on(layerEach())).toThrow(
    /addWeight: what layer 'each' consists of must be made once, before it computes. Received: the weight 'factor' made in `call`/,
  );
  const layerInside = newLayerClass({
    classname: 'Inside',
    call(inputs: Tensor) {
      return this.addLayer(layerDense({ units: 1 }))(inputs);
    },
  });
  expect(on(layerInside())).toThrow(/addLayer: what layer 'inside' consists of/);
  expect(() => layerLinear({ units: 2 })(kerasModelSequential({ inputShape: [null] }))).toThrow(
    KerasShapeError,
  );
});

test('names, classes and definitions', () => {
  expect(() => newLayerClass({ classname: 'Dense', call: (inputs: Tensor) => inputs })).toThrow(
    /newLayerClass: `classname` must be a name that no class of Keras has. Received: 'Dense'. Call it MyDense/,
  );
  expect(() => newLayerClass({ classname: 'Some layer', call: (inputs: Tensor) => inputs })).toThrow(
    /the name of a class/,
  );
  expect(() => newLayerClass({ classname: 'None' } as never)).toThrow(/the option `call` is required/);
  expect(() => createLayerWrapper(5 as never)).toThrow(/`Layer` must be a class that extends KerasLayer/);
  expect(() => createLayer({ layerClass: Date as never })).toThrow(
    /`layerClass` must be a class that extends KerasLayer/,
  );
  expect(() => layerLinear({ units: 2, name: '' })).toThrow(/layerLinear: `name` must be a name/);
  const layerCovers = newLayerClass({
    classname: 'Covers',
    initialize: () => ({ weights: [] as Tensor[] }) as object,
    call: (inputs: Tensor) => inputs,
  });
  expect(on(layerCovers())).toThrow(
    /what `initialize` returns must have names that layers have not. Received: `weights`/,
  );
  class Bad extends KerasLayer {
    inner: SubLayer = this.addLayer(5 as never);
    override call(inputs: Tensor) {
      return inputs;
    }
  }
  expect(on(createLayerWrapper(Bad)())).toThrow(/`layer` must be a layer step, a layer or a model/);
  class Loss extends KerasLayer {
    override call(inputs: Tensor) {
      this.addLoss(inputs);
      return inputs;
    }
  }
  expect(on(createLayerWrapper(Loss)())).toThrow(/addLoss: a loss must be one number/);
});

test('an option that cannot be written down', () => {
  const layerWith = newLayerClass({
    classname: 'With',
    initialize: ({ f }: { f: (t: Tensor) => Tensor }) => ({ f }),
    call(inputs: Tensor) {
      return this.f(inputs);
    },
  });
  const model = pipe(kerasModelSequential({ inputShape: [2] }), layerWith({ f: tf.relu }));
  expect(() => model.layers[0]?.getConfig()).toThrow(
    /getConfig: the options of layer 'with' must be numbers/,
  );
  const layerTold = newLayerClass({
    classname: 'Told',
    initialize: ({ f }: { f: 'relu' | 'elu' }) => ({ f: tf[f] as (t: Tensor) => Tensor, by: f }),
    call(inputs: Tensor) {
      return this.f(inputs);
    },
    getConfig() {
      return { f: this.by };
    },
  });
  const told = pipe(kerasModelSequential({ inputShape: [2] }), layerTold({ f: 'elu' }));
  expect(told.layers[0]?.getConfig()).toMatchObject({ f: 'elu', name: 'told' });
});
