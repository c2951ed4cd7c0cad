/** Praise or blame, by a transformer: all words look at all others, in several ways at once; the mean of what they see is judged. */
import {
  compile,
  createLayerWrapper,
  evaluate,
  fit,
  kerasModel,
  KerasLayer,
  layerAdd,
  layerDense,
  layerDropout,
  layerEmbedding,
  layerGlobalAveragePooling1d,
  layerInput,
  layerLayerNormalization,
  layerMultiHeadAttention,
  pipe,
  tf,
} from 'keras-pipe';
import { example, reviews } from './support';

const WORDS = 20_000;

/** Adds a vector for each place, learned with the rest: attention alone knows no order. */
class Places extends KerasLayer {
  declare places: tf.Variable;
  override build([, steps, size]: (number | null)[]): void {
    this.places = this.addWeight({ name: 'places', shape: [steps ?? 0, size ?? 0], initializer: 'uniform' });
  }
  override call(x: tf.Tensor): tf.Tensor {
    return tf.add(x, this.places);
  }
}
const layerPlaces = createLayerWrapper(Places);

type Symbol = ReturnType<typeof layerInput>;

/** A block: attention, then two dense layers, each added to what went in. */
const block = (x: Symbol, size: number): Symbol => {
  const seen = pipe(
    [x, x],
    layerMultiHeadAttention({ numHeads: 2, keyDim: size / 2 }),
    layerDropout({ rate: 0.1 }),
  );
  const attended = pipe([x, seen], layerAdd(), layerLayerNormalization({ epsilon: 1e-6 }));
  const thought = pipe(
    attended,
    layerDense({ units: size, activation: 'relu' }),
    layerDense({ units: size }),
  );
  return pipe(
    [attended, layerDropout(thought, { rate: 0.1 })],
    layerAdd(),
    layerLayerNormalization({ epsilon: 1e-6 }),
  );
};

export const main = example(module, { epochs: 2, quick: 3 }, async (settings) => {
  const [length, size] = settings.quick ? [60, 16] : [200, 32];
  const { train, test } = await reviews(settings, WORDS, length);
  const words = layerInput({ shape: [length] });
  const output = pipe(
    block(layerPlaces(layerEmbedding(words, { inputDim: WORDS, outputDim: size })), size),
    layerGlobalAveragePooling1d(),
    layerDropout({ rate: 0.1 }),
    layerDense({ units: 20, activation: 'relu' }),
    layerDropout({ rate: 0.1 }),
    layerDense({ units: 1, activation: 'sigmoid' }),
  );
  const model = pipe(
    kerasModel(words, output),
    compile({ optimizer: 'adam', loss: 'binary_crossentropy', metrics: ['accuracy'] }),
  );
  const { epochs, verbose } = settings;
  const history = await fit(model, ...train, { epochs, batchSize: 32, validationData: test, verbose });
  const { accuracy = NaN } = await evaluate(model, ...test, { verbose: 0 });
  console.log(`On the test reviews: accuracy ${accuracy.toFixed(4)}, by ${history.params.engine} steps`);
  return { accuracy, engine: history.params.engine };
});
