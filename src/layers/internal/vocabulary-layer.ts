/** What layers with a vocabulary have in common: what they learn, and the weights of its tokens. */
import type { LayerVariable } from '@tensorflow/tfjs';
import { KerasStateError } from '../../base/errors';
import { KerasLayer } from '../../tfjs/keras-layer';
import type { LayerConfig, Shape } from '../../tfjs/layer-classes';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { learnedOf, type Learner } from './learned';
import { givenOptions } from './lookup-options';
import type { Vocabulary } from './vocabulary';

/** What is said where rows of categories would come out whose number is not known. */
export const depthOf = (layer: string, vocabulary: Vocabulary): number => {
  const { depth } = vocabulary;
  if (depth !== undefined) return depth;
  throw new KerasStateError({
    layer,
    expected: `layer '${layer}' with outputMode: '${vocabulary.rules.outputMode}' must have a vocabulary before it is used`,
    received: `a layer of ${vocabulary.functionName} that has not learned one`,
    advice:
      'Write await adapt(layer, data) first, give it a vocabulary, or maxTokens with padToMaxTokens: true',
  });
};

/** What is in the configuration of a layer that has learned a vocabulary, besides its options: so it comes back with it. */
const learnedConfig = (vocabulary: Vocabulary, weights: IdfWeights): LayerConfig => {
  if (vocabulary.isGiven || vocabulary.tokens === undefined) return {};
  // A layer out of a file has them as its weight only.
  const idf = weights.value?.dataSync<'float32'>() ?? vocabulary.idf;
  // With the special tokens, each of which has a weight, too.
  const tokens = vocabulary.list(idf !== undefined).map((token) => vocabulary.shown(token));
  return {
    vocabulary: tokens,
    hasInputVocabulary: false,
    ...(idf === undefined ? {} : { idfWeights: [...idf.slice(0, tokens.length)] }),
  };
};

/** The weights of the columns by `tf_idf`: one of the layer's, as in Keras, which training does not change. */
class IdfWeights {
  #weight: LayerVariable | undefined;

  constructor(private readonly vocabulary: Vocabulary) {}

  /** Makes the weight with what makes weights of the layer. */
  build(add: (size: number) => LayerVariable): void {
    const { depth, rules } = this.vocabulary;
    if (rules.outputMode !== 'tf_idf' || depth === undefined) return;
    this.#weight = add(depth);
    this.follow();
  }

  /** Takes what was learned. */
  follow(): void {
    const { idf } = this.vocabulary;
    if (this.#weight === undefined || idf === undefined) return;
    const values = tf.tensor1d(idf);
    this.#weight.write(values);
    values.dispose();
  }

  get value(): Tensor | undefined {
    return this.#weight?.read();
  }
}

/** A layer with a vocabulary. */
export abstract class VocabularyLayer<Fields extends object, Learned extends Vocabulary = Vocabulary>
  extends KerasLayer<Fields>
  implements Learner
{
  readonly [learnedOf]: Learned;
  protected readonly idf: IdfWeights;

  /** `make` is for a layer that no layer function makes, which would have made the vocabulary for all layers of its step. */
  constructor(args: object, defaults: Fields, make: () => Learned) {
    super(givenOptions(args), defaults);
    this.supportsMasking = false;
    const { learned } = args as { readonly learned?: Learned }; // there if a layer function makes it
    this[learnedOf] = learned ?? make();
    this.idf = new IdfWeights(this.vocabulary);
    this.vocabulary.attach(this);
  }

  get vocabulary(): Learned {
    return this[learnedOf];
  }

  override build(inputShape: Shape | Shape[]): void {
    this.idf.build((size) =>
      this.addWeight('idf_weights', [size], 'float32', tf.initializers.zeros(), undefined, false),
    );
    super.build(inputShape);
  }

  learned(): void {
    this.idf.follow();
  }

  /** What a file has besides the configuration. */
  learnedConfig(): LayerConfig {
    return learnedConfig(this.vocabulary, this.idf);
  }
}
