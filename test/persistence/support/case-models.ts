/** Models of the layers whose numbers Keras has computed (test/reference/layers.py), to be written for others to read. */
import {
  kerasModel,
  layerInput,
  predict,
  tf,
  type KerasModel,
  type SymbolicTensor,
  type Tensor,
} from '../../../src/index';
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
  readonly values: readonly number[];
}

export const plain = (tensor: Tensor): Plain => ({
  shape: tensor.shape,
  dtype: tensor.dtype,
  values: [...tensor.dataSync()],
});

export const tensorOf = ({ shape, dtype, values }: Plain): Tensor =>
  tf.tensor([...values], [...shape], dtype as 'float32');

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
