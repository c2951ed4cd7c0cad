/** Models that take texts, and their like of numbers. */
import {
  asTensor,
  compile,
  createLayerWrapper,
  kerasModel,
  KerasLayer,
  layerDense,
  layerEmbedding,
  layerFlatten,
  layerInput,
  pipe,
  setWeights,
  tf,
  type KerasModel,
  type Tensor,
} from '../../src/index';

export const VOCABULARY = ['sun', 'rain', 'Ä long word that lies outside of a small string', 'snow'];

/** The place of each word in the vocabulary, counted from 1; 0 for others. */
export class Lookup extends KerasLayer<{ vocabulary: string[] }> {
  override call(x: Tensor) {
    const places = new Map(this.options.vocabulary.map((word, index) => [word, index + 1]));
    return tf.tensor(
      Array.from(x.dataSync<'string'>(), (word) => places.get(word) ?? 0),
      x.shape,
      'int32',
    );
  }
}
export const layerLookup = createLayerWrapper(Lookup);

export const [SUN, RAIN, LONG, SNOW] = VOCABULARY as [string, string, string, string];
export const words = [
  [SUN, RAIN, LONG],
  [SNOW, SNOW, ''],
  [LONG, SUN, 'hail'],
  [RAIN, RAIN, RAIN],
  [SNOW, LONG, SUN],
  [SUN, '', RAIN],
  ['hail', 'Straße', SNOW],
];
export const ids = words.map((row) => row.map((word) => VOCABULARY.indexOf(word) + 1));
export const labels = [1, 0, 1, 1, 0, 1, 0];

export const start = [
  asTensor([0.1, -0.2, 0.3, 0.4, -0.5, 0.6, 0.7, 0.8, -0.9, 1], { shape: [5, 2] }),
  asTensor([0.5, -0.4, 0.3, 0.2, -0.1, 0.6], { shape: [6, 1] }),
  asTensor([0.1], { shape: [1] }),
];

/** Numbers from words, or from their places. */
export const modelOf = (kind: 'words' | 'places'): KerasModel => {
  const input = layerInput({ shape: [3], dtype: kind === 'words' ? 'string' : 'int32' });
  const places = kind === 'words' ? layerLookup(input, { vocabulary: VOCABULARY }) : input;
  const output = pipe(
    places,
    layerEmbedding({ inputDim: 5, outputDim: 2 }),
    layerFlatten(),
    layerDense({ units: 1, activation: 'sigmoid' }),
  );
  const model = kerasModel(input, output);
  setWeights(model, start);
  return pipe(model, compile({ optimizer: 'adam', loss: 'binary_crossentropy', metrics: ['accuracy'] }));
};

export const options = { epochs: 4, batchSize: 2, verbose: 0, shuffle: false } as const;
