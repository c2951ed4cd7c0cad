/** Configurations that Keras wrote, of all its versions, and what is none. */
import {
  fromConfig,
  KerasArgumentError,
  outputShape,
  type AnyModel,
  type KerasConfig,
} from '../../../src/index';

type Config = Record<string, unknown>;

describe('Keras’s own configurations are read', () => {
  const dense = (config: Config, inbound: unknown): Config => ({
    class_name: 'Dense',
    config: { name: 'dense', units: 2, ...config },
    name: 'dense',
    inbound_nodes: inbound,
  });
  const graph = (layers: Config[], ends: Config = {}): KerasConfig<AnyModel> =>
    ({
      class_name: 'Functional',
      config: {
        name: 'model',
        layers: [
          {
            class_name: 'InputLayer',
            config: { batch_input_shape: [null, 3], dtype: 'float32', sparse: false, name: 'x' },
            name: 'x',
            inbound_nodes: [],
          },
          ...layers,
        ],
        input_layers: [['x', 0, 0]],
        output_layers: [['dense', 0, 0]],
        ...ends,
      },
    }) as unknown as KerasConfig<AnyModel>;

  test('of Keras 2.2: types within initializers', () => {
    const old = dense({ kernel_initializer: { class_name: 'GlorotUniform', config: { seed: null, dtype: 'float32' } }, dtype: 'float32' }, [[['x', 0, 0, {}]]]); // prettier-ignore
    expect(outputShape(fromConfig(graph([old])))).toEqual([null, 2]);
  });

  test('of Keras 1.x: a bare list of layers', () => {
    const model = fromConfig({
      class_name: 'Sequential',
      config: [{ class_name: 'Dense', config: { name: 'dense_1', units: 2, batch_input_shape: [null, 3] } }],
    } as unknown as KerasConfig<AnyModel>);
    expect(outputShape(model)).toEqual([null, 2]);
  });

  test('of Keras 3.13 and later: batch normalization with options of renormalization, which is not there', () => {
    const norm = (renorm: boolean): Config => ({
      class_name: 'BatchNormalization',
      config: { name: 'norm', renorm, renorm_clipping: null, renorm_momentum: 0.99 },
      name: 'norm',
      inbound_nodes: [[['x', 0, 0, {}]]],
    });
    const after = dense({}, [[['norm', 0, 0, {}]]]);
    expect(outputShape(fromConfig(graph([norm(false), after])))).toEqual([null, 2]);
    expect(() => fromConfig(graph([norm(true), after]))).toThrow(/BatchNormalization has no option `renorm`/);
  });

  test('of Keras 3.15: how lookups hash what they do not know', () => {
    const lookup = (method: string): Config => ({
      class_name: 'IntegerLookup',
      config: { name: 'lookup', vocabulary: [5, 7], oov_method: method, salt: null },
      name: 'lookup',
      inbound_nodes: [[['x', 0, 0, {}]]],
    });
    const ends = { output_layers: [['lookup', 0, 0]] };
    expect(outputShape(fromConfig(graph([lookup('floormod')], ends)))).toEqual([null, 3]);
    expect(() => fromConfig(graph([lookup('farmhash')], ends))).toThrow(/no option `oov_method`/);
  });

  test('of Keras 3: policies of types, shapes under another name, tensors as objects', () => {
    const policy = {
      module: 'keras',
      class_name: 'DTypePolicy',
      config: { name: 'float32' },
      registered_name: null,
    };
    const tensor = {
      class_name: '__keras_tensor__',
      config: { shape: [null, 3], dtype: 'float32', keras_history: ['x', 0, 0] },
    };
    const model = fromConfig({
      class_name: 'Functional',
      config: {
        name: 'functional',
        layers: [
          { class_name: 'InputLayer', config: { batch_shape: [null, 3], dtype: 'float32', sparse: false, name: 'x' }, name: 'x', inbound_nodes: [] },
          dense({ dtype: policy }, [{ args: [tensor], kwargs: {} }]),
        ],
        input_layers: [['x', 0, 0]],
        output_layers: ['dense', 0, 0],
      },
    } as unknown as KerasConfig<AnyModel>); // prettier-ignore
    expect(outputShape(model)).toEqual([null, 2]);
  });

  const wrong: [string, () => unknown, RegExp][] = [
    ['an unknown class', () => graph([{ ...dense({}, [[['x', 0, 0, {}]]]), class_name: 'Densy' }]), /the class 'Densy'.*customObjects/], // prettier-ignore
    [
      'an unknown option',
      () => graph([dense({ unitz: 3 }, [[['x', 0, 0, {}]]])]),
      /Dense has no option `unitz`/,
    ],
    [
      'a wrong value',
      () => graph([dense({ units: -1 }, [[['x', 0, 0, {}]]])]),
      /`units` must be a positive integer/,
    ],
    ['an unknown initializer', () => graph([dense({ kernel_initializer: { class_name: 'Glorot', config: {} } }, [[['x', 0, 0, {}]]])]), /initializer.*'Glorot'/], // prettier-ignore
    ['an input that is not there', () => graph([dense({}, [[['y', 0, 0, {}]]])]), /'y'/],
    ['an application that is not there', () => graph([dense({}, [[['x', 3, 0, {}]]])]), /application 3 of/],
    ['an output that is not there', () => graph([dense({}, [[['x', 0, 1, {}]]])]), /output 1/],
    ['a circle', () => graph([dense({}, [[['dense', 0, 0, {}]]])]), /circle of the layers 'dense'/],
    ['layers that are no list', () => graph([], { layers: {} }), /`layers` must be a list/],
    ['bytecode', () => graph([{ ...dense({ function: ['4wEAAA==', null, null], function_type: 'lambda' }, [[['x', 0, 0, {}]]]), class_name: 'Lambda' }]), /lambda of Python.*never run/], // prettier-ignore
    ['bytecode of Keras 3', () => graph([{ ...dense({ function: { class_name: '__lambda__', config: { code: '4wEAAA==' } } }, [[['x', 0, 0, {}]]]), class_name: 'Lambda' }]), /lambda of Python.*never run/], // prettier-ignore
    ['an operation of TensorFlow', () => graph([{ ...dense({ function: 'math.add' }, [[['x', 0, 0, {}]]]), class_name: 'TFOpLambda' }]), /TFOpLambda.*use the layer instead/], // prettier-ignore
    ['two layers of a name', () => graph([dense({}, [[['x', 0, 0, {}]]]), dense({}, [[['x', 0, 0, {}]]])]), /two layers named 'dense'/], // prettier-ignore
    ['no configuration', () => ({ class_name: 'Sequential' }), /must have a configuration/],
    ['no class', () => ({ units: 3 }), /of what class.*getConfig/],
    ['no object', () => 3, /`config` must be a configuration/],
  ];
  test.each(wrong)('%s is an error', (_title, config, message) => {
    let error: unknown;
    try {
      fromConfig(config() as KerasConfig<AnyModel>);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(KerasArgumentError);
    expect(String(error)).toMatch(message);
  });
});
