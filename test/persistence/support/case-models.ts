/** Models of the layers whose numbers Keras has computed (test/reference/layers.py), to be written for others to read. */
import {
  kerasModel,
  layerInput,
  layerStringLookup,
  predict,
  tf,
  type KerasModel,
  type StringLookupOptions,
  type SymbolicTensor,
  type Tensor,
} from '../../../src/index';
import { mergeRows, rows } from '../../layers/table';
import { applyCase } from '../../layers/reference/apply';
import { casesOf, inputsOf, titleOf, weightsOf, type Case } from '../../layers/reference/cases';

const GROUPS = [
  ...[
    'activation',
    'attention',
    'borders',
    'conv_lstm',
    'convolutional',
    'core',
    'einsum',
    'images',
    'merge',
  ],
  ...['normalization', 'pooling', 'recurrent', 'wrappers'],
] as const;

/** A layer's case, and where it stands. */
export interface NamedCase {
  readonly title: string;
  readonly one: Case;
}

/** The cases of all layers; those of masks that come from outside of a model are left out. */
export const layerCases = (): NamedCase[] =>
  GROUPS.flatMap((group) =>
    casesOf(group)
      .filter(({ masks }) => masks === undefined)
      .map((one, index) => ({ title: `${group} ${index}: ${titleOf(one)}`, one })),
  );

const typeOf = ({ ids, bools = [] }: Case, index: number): 'float32' | 'int32' | 'bool' =>
  bools.includes(index) ? 'bool' : ids === undefined ? 'float32' : 'int32';

/** A model of a layer, and what goes into it. */
export interface LayerModel {
  readonly title: string;
  /** Keras's class. */
  readonly className: string;
  readonly model: () => KerasModel;
  readonly inputs: () => Tensor[];
}

/** Numbers in waves, or ids. */
export const wave = (shape: readonly number[], ids: number | undefined): Tensor => {
  const size = shape.reduce((product, one) => product * one, 1);
  const values = Array.from({ length: size }, (_, index) =>
    ids === undefined ? Math.sin(1.3 * index + 0.4) : (index * 7) % ids,
  );
  return tf.tensor(values, [...shape], ids === undefined ? 'float32' : 'int32');
};

/** Other weights than zeros and ones. */
const shaken = (model: KerasModel): KerasModel => {
  model.tf.setWeights(
    model.tf
      .getWeights()
      .map((weight, index) =>
        tf.add(weight, tf.abs(tf.mul(wave(weight.shape, undefined), 0.1 + 0.05 * index))),
      ),
  );
  return model;
};

/** The rows of the layers' table, as models: every layer function has one. */
export const rowModels = (): LayerModel[] => [
  ...rows.map((row): LayerModel => {
    const ids = row.ids;
    const input = (): SymbolicTensor =>
      layerInput({ shape: [...row.input], dtype: ids === undefined ? 'float32' : 'int32' });
    const model = (): KerasModel => {
      const x = input();
      return shaken(kerasModel(x, row.plain(x)));
    };
    return {
      title: `${row.functionName} ${row.about ?? ''}`,
      className: row.plain(input()).sourceLayer.getClassName(),
      model,
      inputs: () => [wave([2, ...row.input], ids)],
    };
  }),
  ...mergeRows.map((row): LayerModel => {
    const inputs = (): SymbolicTensor[] => row.inputs.map((shape) => layerInput({ shape: [...shape] }));
    return {
      title: row.functionName,
      className: row.plain(inputs()).sourceLayer.getClassName(),
      model: () => {
        const all = inputs();
        return shaken(kerasModel(all, row.plain(all)));
      },
      inputs: () => row.inputs.map((shape) => wave([2, ...shape], undefined)),
    };
  }),
];

/** Models of layers that take texts. */
export const textModels = (): LayerModel[] =>
  [{}, { maskToken: '', outputMode: 'multi_hot' }].map((options): LayerModel => ({
    title: `layerStringLookup ${JSON.stringify(options)}`,
    className: 'StringLookup',
    model: () => {
      const words = layerInput({ shape: [3], dtype: 'string' });
      return kerasModel(
        words,
        layerStringLookup(words, { vocabulary: ['red', 'grün', '黄'], ...options } as StringLookupOptions),
      );
    },
    inputs: () => [tf.tensor2d(['red', '黄', 'blue', '', 'grün', 'red'], [2, 3], 'string')],
  }));

/** The cases of layers that Keras has computed, as models. */
export const caseModels = (): LayerModel[] =>
  layerCases().map(({ title, one }) => ({
    title,
    className: one.class,
    model: () => caseModel(one),
    inputs: () => inputsOf(one),
  }));

/** The model of a case, with its weights. */
export const caseModel = (one: Case): KerasModel => {
  const inputs = one.inputs.map((shape, index) => layerInput({ shape, dtype: typeOf(one, index) }));
  const outputs = applyCase(one, inputs);
  const layer = (outputs[0] as SymbolicTensor).sourceLayer; // there is one
  layer.setWeights(weightsOf(layer.weights));
  return kerasModel(inputs, outputs) as KerasModel; // of whatever output
};

/** A tensor as JSON has it. */
export interface Plain {
  readonly shape: readonly number[];
  readonly dtype: string;
  /** None of texts. */
  readonly values: readonly number[];
  readonly texts?: readonly string[];
}

export const plain = (tensor: Tensor): Plain => {
  const { shape, dtype } = tensor;
  return dtype === 'string'
    ? { shape, dtype, values: [], texts: [...tensor.dataSync<'string'>()] }
    : { shape, dtype, values: [...tensor.dataSync()] };
};

export const tensorOf = ({ shape, dtype, values, texts }: Plain): Tensor =>
  tf.tensor([...(texts ?? values)], [...shape], dtype as 'float32');

/** What a model predicts of the inputs of its case, or others. */
export const predicted = async (model: KerasModel, inputs: readonly Tensor[]): Promise<Tensor[]> =>
  [await predict(model, inputs.length === 1 ? (inputs[0] as Tensor) : [...inputs])].flat();

export { inputsOf };

/** How far numbers are from others, of 1 or the largest of these. */
export const distance = (actual: readonly number[], expected: readonly number[]): number => {
  if (actual.length !== expected.length) return Infinity;
  const largest = Math.max(1, ...expected.filter(Number.isFinite).map(Math.abs));
  return Math.max(
    0,
    ...actual
      .map((value, index) => {
        const other = expected[index] ?? NaN;
        return Object.is(value, other) || value === other ? 0 : Math.abs(value - other) / largest;
      })
      .map((value) => (Number.isNaN(value) ? Infinity : value)),
  );
};
