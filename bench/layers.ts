/** The layers of the models that are timed, in the terms of all contenders, and what each must at least do. */
import type * as Tfjs from '@tensorflow/tfjs';
import {
  layerActivation,
  layerAdd,
  layerBatchNormalization,
  layerConv2d,
  layerDense,
  layerDropout,
  layerEmbedding,
  layerFlatten,
  layerGlobalAveragePooling1d,
  layerGru,
  layerLayerNormalization,
  layerLstm,
  layerMaxPooling2d,
  layerMultiHeadAttention,
  layerSimpleRnn,
  pipe,
  tf,
  type LayerStep,
  type SymbolicTensor,
} from '../src/index';
import { ONES } from './data';

/** What a layer must at least do in a training step. */
export interface Work {
  /** The shape of a row that comes out. */
  readonly output: readonly number[];
  /** Floating-point operations of products and convolutions, for a row. */
  readonly flops: number;
  /** Floats read and written for a row. */
  readonly floats: number;
  /** How many weights there are, and how often a step reads them before their update. */
  readonly weights?: { readonly count: number; readonly reads: number };
  /** Where a row of the batch names rows of a table: how many of its weights it has a gradient for. */
  readonly touched?: number;
}

/** Several layers, of which not each follows on the one before. */
export interface Block {
  readonly block: (x: SymbolicTensor) => SymbolicTensor;
}

/** One layer, in all contenders' terms. */
export interface Layer {
  readonly ours: ((input: Input) => LayerStep) | Block;
  /** None where tfjs has no such layer. */
  readonly theirs?: (input: Input) => Tfjs.layers.Layer;
  /** What the programs of the peers in Python make it of. */
  readonly python: { readonly type: string } & Readonly<Record<string, unknown>>;
  /** For rows of a shape; the first layer of a model has no gradient of its input. */
  readonly work: (shape: readonly number[], isFirst: boolean) => Work;
}
export type Input = { inputShape?: number[] };

const kernelInitializer = 'glorotUniform';

export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** A multiplication and an addition for each: forward, for the gradient of weights and for that of the input. */
const productFlops = (multiplications: number, isFirst: boolean): number =>
  2 * multiplications * (isFirst ? 2 : 3);

/** Input read forward and for the gradient of weights, its gradient written; output written, its gradient read. */
const rowTraffic = (input: number, output: number, isFirst: boolean): number =>
  input * (isFirst ? 2 : 3) + output * 2;

type Activation = 'linear' | 'relu' | 'softmax' | 'sigmoid';
export const dense = (units: number, activation: Activation = 'relu'): Layer => ({
  ours: (input) => layerDense({ units, activation, ...input }),
  theirs: (input) => tf.layers.dense({ units, activation, kernelInitializer, ...input }),
  python: { type: 'dense', units, activation },
  work: (shape, isFirst) => {
    const inputs = sizeOf(shape);
    return {
      output: [units],
      flops: productFlops(inputs * units, isFirst),
      floats: rowTraffic(inputs, units, isFirst),
      weights: { count: (inputs + 1) * units, reads: isFirst ? 1 : 2 },
    };
  },
});

/** A first dense layer on rows of zeros and ones, which need not be multiplied. */
export const denseOfOnes = (units: number): Layer => ({
  ...dense(units),
  python: { type: 'dense of ones', units, activation: 'relu' },
  // For each of the ones: an addition forward and one backward, a row of weights read, and one of their gradient
  // added to; its id is read in both.
  work: ([inputs = 0]) => ({
    output: [units],
    flops: 2 * ONES * units,
    floats: 2 * ONES * (units + 1) + 2 * units,
    weights: { count: (inputs + 1) * units, reads: 0 },
  }),
});

export const conv = (filters: number, activation: Activation = 'relu', isPadded = false): Layer => {
  const options = { filters, kernelSize: 3, activation, padding: isPadded ? 'same' : 'valid' } as const;
  return {
    ours: (input) => layerConv2d({ ...options, ...input }),
    theirs: (input) => tf.layers.conv2d({ ...options, kernelInitializer, ...input }),
    python: { type: 'conv', ...options },
    // The rows of the input are not unfolded.
    work: ([height = 0, width = 0, channels = 0], isFirst) => {
      const margin = isPadded ? 0 : 2;
      const output = [height - margin, width - margin, filters];
      const patch = 3 * 3 * channels;
      return {
        output,
        flops: productFlops(sizeOf(output) * patch, isFirst),
        floats: rowTraffic(height * width * channels, sizeOf(output), isFirst),
        weights: { count: (patch + 1) * filters, reads: isFirst ? 1 : 2 },
      };
    },
  };
};

export const pool: Layer = {
  ours: () => layerMaxPooling2d({ poolSize: 2 }),
  theirs: () => tf.layers.maxPooling2d({ poolSize: 2 }),
  python: { type: 'pool' },
  // The input is read again for where the largest were.
  work: ([height = 0, width = 0, channels = 0], isFirst) => {
    const output = [Math.floor(height / 2), Math.floor(width / 2), channels];
    return { output, flops: 0, floats: rowTraffic(height * width * channels, sizeOf(output), isFirst) };
  },
};

export const flatten: Layer = {
  ours: () => layerFlatten(),
  theirs: () => tf.layers.flatten(),
  python: { type: 'flatten' },
  // Nothing moves.
  work: (shape) => ({ output: [sizeOf(shape)], flops: 0, floats: 0 }),
};

/** Each value by itself, or with what all rows have in common. */
const elementwise = (layer: Pick<Layer, 'ours' | 'theirs' | 'python'>, weights: number): Layer => ({
  ...layer,
  work: (shape, isFirst) => ({
    output: shape,
    flops: 0,
    floats: rowTraffic(sizeOf(shape), sizeOf(shape), isFirst),
    weights: { count: weights * (shape.at(-1) ?? 0), reads: weights === 0 ? 0 : 2 },
  }),
});
export const relu = elementwise(
  {
    ours: () => layerActivation({ activation: 'relu' }),
    theirs: () => tf.layers.activation({ activation: 'relu' }),
    python: { type: 'relu' },
  },
  0,
);
export const normalization = elementwise(
  {
    ours: () => layerBatchNormalization(),
    theirs: () => tf.layers.batchNormalization(),
    python: { type: 'normalization' },
  },
  2,
);
export const dropout = (rate: number): Layer =>
  elementwise(
    {
      ours: () => layerDropout({ rate }),
      theirs: () => tf.layers.dropout({ rate }),
      python: { type: 'dropout', rate },
    },
    0,
  );

export const embedding = (inputDim: number, outputDim: number, inputLength: number): Layer => ({
  ours: () => layerEmbedding({ inputDim, outputDim, inputLength }),
  theirs: () => tf.layers.embedding({ inputDim, outputDim, inputLength }),
  python: { type: 'embedding', inputDim, outputDim },
  // Vectors read and written forward, their gradients read and added to the table's backward; ids read in both.
  work: ([steps = 0]) => ({
    output: [steps, outputDim],
    flops: 0,
    floats: steps * (4 * outputDim + 2),
    weights: { count: inputDim * outputDim, reads: 0 },
    touched: steps * outputDim,
  }),
});

/** The mean over the steps. */
export const mean: Layer = {
  ours: () => layerGlobalAveragePooling1d(),
  theirs: () => tf.layers.globalAveragePooling1d({}),
  python: { type: 'mean' },
  work: (shape, isFirst) => ({
    output: shape.slice(1),
    flops: 0,
    floats: rowTraffic(sizeOf(shape), shape.at(-1) ?? 0, isFirst),
  }),
};

/**
 * A block of a transformer that reads text: attention of heads that share the features, then two dense layers for each step; what
 * goes in is added to what comes out of either, and normalized. tfjs has no such attention.
 */
export const transformer = (heads: number, features: number, units: number): Layer => ({
  ours: {
    block: (x) => {
      const attended = layerMultiHeadAttention([x, x], { numHeads: heads, keyDim: features / heads });
      const first = pipe(layerAdd([x, attended]), layerLayerNormalization({ epsilon: 1e-6 }));
      const second = pipe(first, layerDense({ units, activation: 'relu' }), layerDense({ units: features }));
      return pipe(layerAdd([first, second]), layerLayerNormalization({ epsilon: 1e-6 }));
    },
  },
  python: { type: 'transformer', heads, features, units },
  work: ([steps = 0]) => ({
    output: [steps, features],
    // Queries, keys, values and output; the two dense layers; scores, and the sums that they weight.
    flops: productFlops(steps * features * (4 * features + 2 * units + 2 * steps), false),
    // Of the scores and their softmax there are as many as pairs of steps, for each head.
    floats: rowTraffic(steps * features, steps * (7 * features + units) + 2 * heads * steps ** 2, false),
    weights: { count: (features + 1) * 4 * features + (features + 1) * units + (units + 1) * features + 4 * features, reads: 2 }, // prettier-ignore
  }),
});

/** What a recurrent layer consists of, in units. */
interface Recurrence {
  readonly type: string;
  /** Products with the input, and as many with the state. */
  readonly products: number;
  /** What a step must keep for the way back: gates, candidate and states. */
  readonly kept: number;
}
/** What both libraries are given for a recurrent layer. */
type Units = Input & { units: number };
const recurrent =
  (
    { type, products, kept }: Recurrence,
    ours: (options: Units) => LayerStep,
    theirs: (options: Units & { recurrentInitializer: 'glorotUniform' }) => Tfjs.layers.Layer,
  ) =>
  (units: number): Layer => ({
    ours: (input) => ours({ units, ...input }),
    // tfjs's own orthogonal initializer takes seconds, and plays no part here.
    theirs: (input) => theirs({ units, recurrentInitializer: kernelInitializer, ...input }),
    python: { type, units },
    // The first state is zero. What is kept is written forward and read backward; weights are read once in each, as
    // they stay in the cache from step to step.
    work: ([steps = 0, features = 0], isFirst) => ({
      output: [units],
      flops:
        productFlops(steps * features * products * units, isFirst) +
        productFlops((steps - 1) * units * products * units, false),
      floats: rowTraffic(steps * features, steps * kept * units, isFirst),
      weights: { count: products * units * (features + units + 1), reads: 2 },
    }),
  });
export const lstm = recurrent({ type: 'lstm', products: 4, kept: 6 }, layerLstm, (options) =>
  tf.layers.lstm({ recurrentActivation: 'sigmoid', ...options }),
);
export const gru = recurrent({ type: 'gru', products: 3, kept: 4 }, layerGru, (options) =>
  tf.layers.gru({ recurrentActivation: 'sigmoid', ...options }),
);
export const simpleRnn = recurrent({ type: 'rnn', products: 1, kept: 1 }, layerSimpleRnn, (options) =>
  tf.layers.simpleRNN(options),
);
