/**
 * The layer classes that TensorFlow.js has by itself (`@tensorflow/tfjs-layers` 4.22): the options that it heeds, and what it cannot do.
 * It ignores options that it does not know, without a word, and what is left out here would compute something else there.
 */
import type { Config } from '../../../models/config/forms';
import type { Layer } from '../../../layers/internal/target';

/** A layer, and its configuration in Keras's names. */
export interface PlainLayer {
  readonly layer: Layer;
  readonly config: Readonly<Config>;
}

/** A class of TensorFlow.js's. */
export interface PlainClass {
  /** The options that it heeds, in Keras's names. */
  readonly options: readonly string[];
  /** Why TensorFlow.js cannot compute this layer, as a clause; undefined where it can. */
  readonly obstacle?: (layer: PlainLayer) => string | undefined;
  /** The class and options that compute the same in TensorFlow.js, where they are others than Keras's. */
  readonly written?: (
    layer: PlainLayer,
  ) => { readonly className: string; readonly config: Config } | undefined;
  /** Whether it heeds the mask of its input, or passes it on. */
  readonly takesMask?: boolean;
}

const ofKernel = (...names: string[]): string[] =>
  names.flatMap((name) => [`${name}_initializer`, `${name}_regularizer`, `${name}_constraint`]);

const KERNEL = ['activation', 'use_bias', ...ofKernel('kernel', 'bias')];
const WINDOW = ['kernel_size', 'strides', 'padding', 'data_format', 'dilation_rate'];
const POOL = ['pool_size', 'strides', 'padding'];

const isOnes = (value: unknown): boolean => [value].flat().every((one) => one === 1 || one === null);

/** How many axes comes in; 0 if the layer is inside another one, which applies it in a way of its own. */
const rankOf = ({ layer }: PlainLayer): number => layer.inboundNodes[0]?.inputTensors[0]?.shape.length ?? 0;

const noDilation = ({ config }: PlainLayer): string | undefined =>
  isOnes(config['dilation_rate'] ?? 1) ? undefined : 'it has no dilation there';

const channelsLast = ({ config }: PlainLayer): string | undefined =>
  config['data_format'] === 'channels_first' ? 'channels come last there' : undefined;

const conv1d = (layer: PlainLayer): string | undefined =>
  layer.config['padding'] === 'causal' ? 'it has no causal padding there' : channelsLast(layer);

const upSampling = ({ config }: PlainLayer): string | undefined =>
  config['interpolation'] === 'nearest' ? undefined : 'it interpolates between other points there';

const normalization = (layer: PlainLayer): string | undefined =>
  rankOf(layer) > 4 ? 'it takes at most four axes there' : undefined;

const lastAxis = (layer: PlainLayer): string | undefined =>
  [layer.config['axis']].flat().every((axis) => axis === -1 || axis === rankOf(layer) - 1)
    ? undefined
    : 'it computes along the last axis only there';

/** What is cut off around the middle of images, where their size is known. */
const centerOf = ({ layer, config }: PlainLayer): [number, number][] | undefined => {
  const [, ...sizes] = layer.inboundNodes[0]?.inputTensors[0]?.shape ?? [];
  const cuts = [config['height'], config['width']].map((size, axis): [number, number] => {
    const over = (sizes[axis] ?? -1) - Number(size);
    const before = Math.trunc(over / 2);
    return [before, over - before];
  });
  return sizes.length === 3 && cuts.every(([before, after]) => before >= 0 && after >= 0) ? cuts : undefined;
};

const relu = ({ config }: PlainLayer): string | undefined =>
  (config['threshold'] ?? 0) !== 0 || ((config['negative_slope'] ?? 0) !== 0 && config['max_value'] !== null)
    ? 'it has no threshold there, and no slope below a maximum'
    : undefined;

const recurrent = ({ config }: PlainLayer): string | undefined => {
  if (config['reset_after'] === true)
    return 'its GRU resets before the matrix product only (resetAfter: false), and neither can be turned into the other';
  return config['time_major'] === true ? 'the batch comes first there' : undefined;
};

const distributed = ({ config }: PlainLayer): string | undefined =>
  config['backward_layer'] === undefined || config['backward_layer'] === null
    ? undefined
    : 'it has no backward layer of its own there';

const CELL = [
  ...[
    'units',
    'activation',
    'recurrent_activation',
    'use_bias',
    'dropout',
    'recurrent_dropout',
    'implementation',
  ],
  ...ofKernel('kernel', 'recurrent', 'bias'),
];
const SEQUENCE = ['return_sequences', 'return_state', 'go_backwards', 'stateful'];

/** Steps are run one by one there, in either case; and it would warn. */
const UNUSED = ['unroll', 'time_major', 'reset_after'];

const pass: PlainClass = { options: [], takesMask: true };

/** The classes of layers that TensorFlow.js has. */
export const PLAIN_CLASSES: Readonly<Record<string, PlainClass>> = {
  InputLayer: { options: ['sparse', 'ragged'], takesMask: true },
  Dense: { options: ['units', ...KERNEL], takesMask: true },
  Activation: { options: ['activation'], takesMask: true },
  Dropout: { options: ['rate', 'noise_shape', 'seed'], takesMask: true },
  SpatialDropout1D: { options: ['rate', 'noise_shape', 'seed'], takesMask: true },
  GaussianNoise: { options: ['stddev', 'seed'], takesMask: true },
  GaussianDropout: { options: ['rate', 'seed'], takesMask: true },
  AlphaDropout: { options: ['rate', 'noise_shape', 'seed'], takesMask: true },
  Flatten: {
    options: ['data_format'],
    // It takes no flat input there.
    written: (layer) =>
      rankOf(layer) === 2 ? { className: 'Reshape', config: { target_shape: [-1] } } : undefined,
  },
  Reshape: { options: ['target_shape'] },
  RepeatVector: { options: ['n'] },
  Permute: { options: ['dims'] },
  Masking: { options: ['mask_value'], takesMask: true },
  Embedding: {
    options: ['input_dim', 'output_dim', 'mask_zero', 'input_length', ...ofKernel('embeddings')],
  },
  Conv1D: { options: ['filters', ...WINDOW, ...KERNEL], obstacle: conv1d },
  Conv2D: { options: ['filters', ...WINDOW, ...KERNEL] },
  Conv3D: { options: ['filters', ...WINDOW, ...KERNEL] },
  Conv2DTranspose: { options: ['filters', ...WINDOW, ...KERNEL], obstacle: noDilation },
  Conv3DTranspose: { options: ['filters', ...WINDOW, ...KERNEL], obstacle: noDilation },
  SeparableConv2D: {
    options: [
      ...['filters', 'depth_multiplier', 'activation', 'use_bias', ...WINDOW],
      ...ofKernel('depthwise', 'pointwise', 'bias'),
    ],
  },
  DepthwiseConv2D: {
    options: ['depth_multiplier', 'activation', 'use_bias', ...WINDOW, ...ofKernel('depthwise', 'bias')],
    obstacle: noDilation,
  },
  MaxPooling1D: { options: [...POOL, 'data_format'], obstacle: channelsLast },
  MaxPooling2D: { options: [...POOL, 'data_format'] },
  MaxPooling3D: { options: [...POOL, 'data_format'] },
  AveragePooling1D: { options: [...POOL, 'data_format'], obstacle: channelsLast },
  AveragePooling2D: { options: [...POOL, 'data_format'] },
  AveragePooling3D: { options: [...POOL, 'data_format'] },
  GlobalMaxPooling1D: { options: ['data_format'], obstacle: channelsLast },
  GlobalMaxPooling2D: { options: ['data_format'] },
  GlobalAveragePooling1D: { options: ['data_format'], obstacle: channelsLast },
  GlobalAveragePooling2D: { options: ['data_format'] },
  UpSampling2D: { options: ['size', 'data_format', 'interpolation'], obstacle: upSampling },
  ZeroPadding2D: { options: ['padding', 'data_format'] },
  Cropping2D: { options: ['cropping', 'data_format'] },
  BatchNormalization: {
    options: [
      ...['axis', 'momentum', 'epsilon', 'center', 'scale', 'moving_mean_initializer'],
      ...['moving_variance_initializer', ...ofKernel('beta', 'gamma')],
    ],
    obstacle: (layer) => normalization(layer) ?? lastAxis(layer),
    takesMask: true,
    written: ({ config }) => ({
      className: 'BatchNormalization',
      config: { ...config, axis: [config['axis']].flat()[0] },
    }),
  },
  LayerNormalization: {
    options: ['axis', 'epsilon', 'center', 'scale', ...ofKernel('beta', 'gamma')],
    obstacle: normalization,
    takesMask: true,
  },
  Add: pass,
  Multiply: pass,
  Average: pass,
  Maximum: pass,
  Minimum: pass,
  Concatenate: {
    options: ['axis'],
    takesMask: true,
    // It mistakes axes that are counted from the end.
    written: (layer) => {
      const axis = Number(layer.config['axis']);
      return { className: 'Concatenate', config: { axis: axis < 0 ? axis + rankOf(layer) : axis } };
    },
  },
  Dot: {
    options: ['axes', 'normalize'],
    obstacle: (layer) => (rankOf(layer) > 3 ? 'it takes at most three axes there' : undefined),
    takesMask: true,
  },
  ReLU: {
    options: ['max_value', 'threshold', 'negative_slope'],
    obstacle: relu,
    takesMask: true,
    written: ({ config }) =>
      (config['negative_slope'] ?? 0) === 0
        ? { className: 'ReLU', config: { max_value: config['max_value'] ?? null } }
        : { className: 'LeakyReLU', config: { alpha: config['negative_slope'] } },
  },
  LeakyReLU: { options: ['alpha'] },
  PReLU: { options: ['shared_axes', ...ofKernel('alpha')], takesMask: true },
  ELU: {
    options: ['alpha'],
    obstacle: ({ config }) => (config['alpha'] === 1 ? undefined : '`alpha` is always 1 there'),
  },
  ThresholdedReLU: { options: ['theta'] },
  Softmax: {
    options: ['axis'],
    obstacle: lastAxis,
  },
  SimpleRNN: { options: [...CELL, ...SEQUENCE, ...UNUSED], obstacle: recurrent, takesMask: true },
  GRU: { options: [...CELL, ...SEQUENCE, ...UNUSED], obstacle: recurrent, takesMask: true },
  LSTM: {
    options: [...CELL, ...SEQUENCE, ...UNUSED, 'unit_forget_bias'],
    obstacle: recurrent,
    takesMask: true,
  },
  RNN: { options: ['cell', ...SEQUENCE, ...UNUSED], obstacle: recurrent, takesMask: true },
  SimpleRNNCell: { options: CELL },
  GRUCell: { options: [...CELL, 'reset_after'], obstacle: recurrent },
  LSTMCell: { options: [...CELL, 'unit_forget_bias'] },
  StackedRNNCells: { options: ['cells'] },
  ConvLSTM2D: {
    options: [
      ...[
        'filters',
        ...WINDOW,
        ...CELL.filter((option) => option !== 'units'),
        ...SEQUENCE,
        'unit_forget_bias',
      ],
      ...UNUSED,
    ],
    obstacle: recurrent,
    takesMask: true,
  },
  Rescaling: {
    options: ['scale', 'offset'],
    obstacle: ({ config }) =>
      typeof config['scale'] === 'number' && typeof config['offset'] === 'number'
        ? undefined
        : 'it has one number for all channels there',
  },
  CenterCrop: {
    options: ['height', 'width'],
    obstacle: (layer) =>
      centerOf(layer) === undefined
        ? 'it crops images of a size that is known, and as large, only'
        : undefined,
    // Its own gives the shape of its input the size of its output.
    written: (layer) => ({ className: 'Cropping2D', config: { cropping: centerOf(layer) ?? 0 } }),
  },
  Bidirectional: {
    options: ['layer', 'merge_mode', 'backward_layer'],
    obstacle: distributed,
    takesMask: true,
  },
  TimeDistributed: { options: ['layer'] },
};

/** Layers that need no mask though they get one: they neither heed it nor, in Keras, pass it on to what would. */
export const INDIFFERENT_TO_MASKS: ReadonlySet<string> = new Set(['Flatten', 'GlobalMaxPooling1D']);

/** TensorFlow.js's activations, by Keras's names. */
const ACTIVATIONS: ReadonlySet<string> = new Set([
  ...['elu', 'selu', 'relu', 'relu6', 'linear', 'sigmoid', 'hard_sigmoid', 'softplus', 'softsign', 'tanh'],
  ...['softmax', 'log_softmax', 'gelu', 'mish', 'swish'],
]);

/** The name of an activation in TensorFlow.js, if it has it. */
export const plainActivation = (name: string): string | undefined =>
  name === 'silu' ? 'swish' : ACTIVATIONS.has(name) ? name : undefined;

/** TensorFlow.js's initializers, by Keras's names, which are its own but for two. */
const INITIALIZERS: Readonly<Record<string, string>> = {
  Zeros: 'Zeros',
  Ones: 'Ones',
  Constant: 'Constant',
  RandomUniform: 'RandomUniform',
  RandomNormal: 'RandomNormal',
  TruncatedNormal: 'TruncatedNormal',
  Identity: 'Identity',
  GlorotUniform: 'GlorotUniform',
  GlorotNormal: 'GlorotNormal',
  HeUniform: 'HeUniform',
  HeNormal: 'HeNormal',
  LecunUniform: 'LeCunUniform',
  LecunNormal: 'LeCunNormal',
  Orthogonal: 'Orthogonal',
};

interface PlainObject {
  readonly className: string;
  readonly config: Readonly<Config>;
}

const CONSTRAINTS: ReadonlySet<string> = new Set(['MaxNorm', 'UnitNorm', 'NonNeg', 'MinMaxNorm']);

/** What stands for an initializer, regularizer or constraint in TensorFlow.js; undefined where it has none. */
export const plainObject = (
  kind: 'initializer' | 'regularizer' | 'constraint',
  { className, config }: PlainObject,
): PlainObject | undefined => {
  if (kind === 'initializer') {
    const name = Object.hasOwn(INITIALIZERS, className) ? INITIALIZERS[className] : undefined;
    return name === undefined ? undefined : { className: name, config };
  }
  if (kind === 'constraint') return CONSTRAINTS.has(className) ? { className, config } : undefined;
  if (!/^L1(?:L2)?$|^L2$/.test(className)) return undefined;
  return { className: 'L1L2', config: { l1: config['l1'] ?? 0, l2: config['l2'] ?? 0 } };
};
