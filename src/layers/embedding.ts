import { tf, type Tensor } from '../tfjs/tensorflow';
import { boolean, optional, positiveInteger, required, shape } from '../base/checks';
import { constraint, type ConstraintLike } from '../constraints/registry';
import { KerasArgumentError } from '../base/errors';
import { initializer, type InitializerLike } from '../initializers/registry';
import { regularizer, type RegularizerLike } from '../regularizers/registry';
import { isInStep } from '../ops/logits';
import { classOf, singleInput, register, type CallOptions } from '../tfjs/layer-classes';
import { isRunningModel } from '../tfjs/run-graph';
import { areVariablesNoted } from '../tfjs/weights-in-use';
import { defineLayer } from './internal/define-layer';
import type { Layer } from './internal/target';
import { activityOptionCheck, type ActivityOption } from './internal/kernel-options';
import type { LayerOptions } from './internal/options';

/** Options of {@link layerEmbedding}. */
export interface EmbeddingOptions extends LayerOptions, ActivityOption {
  /** The number of different ids: the largest id plus one. */
  inputDim: number;
  /** The length of the vector that stands for an id. */
  outputDim: number;
  /** 'uniform', between −0.05 and 0.05, by default. */
  embeddingsInitializer?: InitializerLike | undefined;
  /** A penalty on the vectors, added to the loss. */
  embeddingsRegularizer?: RegularizerLike | undefined;
  /** What the vectors must satisfy after each update. */
  embeddingsConstraint?: ConstraintLike | undefined;
  /** Whether id 0 is padding that later layers skip; false by default. */
  maskZero?: boolean | undefined;
  /** The length of the input sequences, where it is fixed. */
  inputLength?: number | readonly number[] | undefined;
}

const TfjsEmbedding = classOf(tf.layers.embedding({ inputDim: 1, outputDim: 1 }));

/** What TensorFlow makes of a number that int32 does not hold. */
const SMALLEST_INT32 = String(-(2 ** 31));

/** The first id that int32 does not hold, as it came. */
const idBeyondInt32 = (ids: Tensor): string =>
  String(ids.dataSync().find((id) => id >= 2 ** 31 || id < -(2 ** 31)) ?? SMALLEST_INT32);

/** The first number that is no whole one, and where it is; values are read, which a step must not do. */
const fractionIn = (ids: Tensor): string | undefined => {
  const values = ids.dataSync();
  const first = values.findIndex((value) => !Number.isInteger(value));
  if (first === -1) return undefined;
  let rest = first;
  const position = ids.shape.toReversed().map((size) => {
    const index = rest % size;
    rest = Math.floor(rest / size);
    return `[${index}]`;
  });
  return `${String(values[first])} at ${position.toReversed().join('')}`;
};

/**
 * TensorFlow's own message for an id out of range names no layer, and tfjs cuts off fractions. What a model is given is checked
 * before it runs; here are those who apply the layer by itself.
 */
class Embedding extends TfjsEmbedding {
  static readonly className: string = 'Embedding';

  /** tfjs gives the vectors the layer's type, which in the first place of a model is that of the ids. */
  override addWeight(
    ...[name, shape, , ...others]: Parameters<Layer['addWeight']>
  ): ReturnType<Layer['addWeight']> {
    return super.addWeight(name, shape, 'float32', ...others);
  }

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor | Tensor[] {
    const ids = singleInput(inputs);
    const isTraced = isRunningModel() || isInStep() || areVariablesNoted();
    const fraction = ids.dtype === 'int32' || isTraced ? undefined : fractionIn(ids);
    if (fraction !== undefined) {
      throw new KerasArgumentError({
        function: 'layerEmbedding',
        layer: this.name,
        argument: 'x',
        expected: `the ids that come to layer '${this.name}' must be whole numbers`,
        received: fraction,
        advice: 'Ids count from 0: 0, 1, 2, …; round the numbers if they are meant so',
      });
    }
    try {
      return super.call(inputs, options);
    } catch (cause) {
      const [, id, end] = /= (-?\d+) is not in \[0, (\d+)\)/.exec(String(cause)) ?? [];
      if (id === undefined || end === undefined) throw cause;
      throw new KerasArgumentError({
        layer: this.name,
        argument: 'inputDim',
        expected: `the ids that come to layer '${this.name}' must be from 0 to ${Number(end) - 1}, its \`inputDim\` less one`,
        received: `the id ${id === SMALLEST_INT32 ? idBeyondInt32(singleInput(inputs)) : id}`,
        advice: 'Give `inputDim` as the largest id plus one, or load the data with fewer words',
        cause,
      });
    }
  }
}
register(Embedding);

const embeddingChecks = {
  inputDim: required(positiveInteger),
  outputDim: required(positiveInteger),
  embeddingsInitializer: optional(initializer, 'uniform'),
  embeddingsRegularizer: optional(regularizer),
  ...activityOptionCheck,
  embeddingsConstraint: optional(constraint),
  maskZero: optional(boolean, false),
  inputLength: optional(shape),
};

/**
 * Turns ids into vectors: `output[i] = embeddings[input[i]]`.
 *
 * In `[batch, steps]` of whole numbers from 0 to `inputDim − 1`, out `[batch, steps, outputDim]`.
 * Weights: embeddings `[inputDim, outputDim]`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an unknown option or name, or sizes that are no positive integers; when the model is
 * used, for an id that is a fraction or out of range.
 * @example
 * const model = pipe(kerasModelSequential(), layerEmbedding({ inputDim: 100, outputDim: 8, inputLength: 5 }))
 * assert.deepStrictEqual(outputShape(model), [null, 5, 8])
 * @see R keras `layer_embedding`
 */
export const layerEmbedding = defineLayer<EmbeddingOptions, typeof embeddingChecks>(
  'layerEmbedding',
  (args: never) => new Embedding(args),
  {
    baseName: 'embedding',
    options: embeddingChecks,
    keepsTypes: true,
    shapeRequirement: ([shape = []], { inputLength: length }) => {
      const sampleShape = shape.slice(1);
      const fits =
        length === undefined ||
        (length.length === sampleShape.length &&
          length.every(
            (size, axis) => size === null || sampleShape[axis] === null || size === sampleShape[axis],
          ));
      if (fits) return undefined;
      return {
        needs: `sequences of the length ${length.join(' × ')} that \`inputLength\` says`,
        advice: 'Correct `inputLength`, or cut the sequences with padSequences(sequences, { maxlen })',
      };
    },
    inputShape: ({ inputLength = [null], batchSize = null }) => [batchSize, ...inputLength],
  },
);
