/**
 * Writes models of this library for Keras to read: one for each class of layers, with all of its cases, and some that are trained.
 *
 *     tsx test/keras/write.ts FOLDER [trained]
 */
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as all from '../../src/index';
import {
  compile,
  exportSavedmodel,
  fit,
  kerasModel,
  kerasModelSequential,
  layerAdd,
  layerBatchNormalization,
  layerConcatenate,
  layerConv2d,
  layerDense,
  layerEmbedding,
  layerFlatten,
  layerGlobalAveragePooling1d,
  layerGru,
  layerInput,
  layerLstm,
  layerMaxPooling2d,
  layerModel,
  layerMultiHeadAttention,
  modelToJson,
  optimizerAdam,
  optimizerRmsprop,
  optimizerSgd,
  pipe,
  predict,
  saveModel,
  saveModelHdf5,
  saveModelTf,
  saveModelWeightsTf,
  setRandomSeed,
  shared,
  tf,
  type AnyModel,
  type SymbolicTensor,
  type Tensor,
} from '../../src/index';
import { applyCase } from '../layers/reference/apply';
import { casesOf, inputsOf, weightsOf, type Case } from '../layers/reference/cases';

const folder = process.argv[2] ?? '.';

interface Expected {
  readonly file: string;
  readonly classes: readonly string[];
  /** Whether there is a SavedModel. */
  readonly isServed: boolean;
  /** The names of inputs and outputs. */
  readonly keys: { readonly inputs: readonly string[]; readonly outputs: readonly string[] };
  readonly inputs: readonly Values[];
  readonly outputs: readonly Values[];
  /** Labels, and the losses of the next steps on them. */
  readonly labels?: readonly Values[];
  readonly losses?: readonly number[];
}

interface Values {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: readonly number[];
}

const expected: Expected[] = [];

const plain = (tensor: Tensor): Values => ({
  shape: tensor.shape,
  dtype: tensor.dtype,
  values: [...tensor.dataSync()],
});

const listed = (value: Tensor | Tensor[]): Tensor[] => [value].flat();

/** The layer of a case on inputs of its own. */
const applied = (one: Case): { inputs: SymbolicTensor[]; outputs: SymbolicTensor[] } => {
  const types = one.inputs.map((_, index) =>
    one.bools?.includes(index) === true ? 'bool' : one.ids === undefined ? 'float32' : 'int32',
  );
  const inputs = one.inputs.map((shape, index) => layerInput({ shape, dtype: types[index] as 'float32' }));
  const outputs = applyCase(one, inputs);
  const layer = (outputs[0] as SymbolicTensor).sourceLayer; // there is one
  layer.setWeights(weightsOf(layer.weights));
  return { inputs, outputs };
};

/** As Keras names several outputs of one layer: `dense`, `dense_1`, … */
const nthName = (name: string, index: number, names: readonly string[]): string => {
  const before = names.slice(0, index).filter((one) => one === name).length;
  return before === 0 ? name : `${name}_${before}`;
};

const write = async (
  name: string,
  classes: readonly string[],
  model: AnyModel,
  x: Tensor[],
  trained?: Partial<Expected>,
  isServed = true,
): Promise<void> => {
  const file = `${name}.h5`;
  const outputs = listed(await predict(model, x.length === 1 ? (x[0] as Tensor) : x, { batchSize: 64 }));
  await saveModelHdf5(model, path.join(folder, file));
  if (isServed) {
    await saveModelTf(model, path.join(folder, `${name}.tf`));
    await exportSavedmodel(model, path.join(folder, `${name}.frozen`), { frozen: true });
  }
  await saveModelWeightsTf(model, path.join(folder, `${name}.weights`, 'weights'));
  await saveModel(model, path.join(folder, `${name}.keras`));
  writeFileSync(path.join(folder, `${name}.json`), modelToJson(model));
  const { inputNames, outputNames } = 'tf' in model ? model.tf : model;
  const keys = { inputs: inputNames, outputs: outputNames.map(nthName) };
  expected.push({
    file,
    isServed,
    classes,
    keys,
    inputs: x.map(plain),
    outputs: outputs.map(plain),
    ...trained,
  });
};

const writeLayers = async (): Promise<void> => {
  const groups = readdirSync(path.join(__dirname, '../reference/layers'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => path.basename(file, '.json'));
  const cases = groups
    .flatMap((group) => casesOf(group))
    .filter(({ config }) => Object.keys(config).length > 0);
  const writeClass = async (
    file: string,
    name: string,
    ofClass: readonly Case[],
    isServed: boolean,
  ): Promise<void> => {
    if (ofClass.length === 0) return;
    const made = ofClass.map(applied);
    const model = kerasModel(
      made.flatMap(({ inputs }) => inputs),
      made.flatMap(({ outputs }) => outputs),
    );
    await write(file, [name], model, ofClass.flatMap(inputsOf), undefined, isServed);
  };
  // Where the time comes first, the number of steps would be what is open, of which loops are not made.
  const isTimeFirst = ({ config }: Case): boolean => (config as { time_major?: boolean }).time_major === true;
  for (const name of new Set(cases.map((one) => one.class))) {
    const ofClass = cases.filter((one) => one.class === name);
    await writeClass(
      name,
      name,
      ofClass.filter((one) => !isTimeFirst(one)),
      true,
    );
    await writeClass(`${name}TimeMajor`, name, ofClass.filter(isTimeFirst), false);
  }
};

const noise = (shape: number[], seed: number): Tensor => tf.randomUniform(shape, -1, 1, 'float32', seed);

/** Trains three steps, writes the model, and trains five more. */
const writeTrained = async (
  name: string,
  model: AnyModel,
  x: Tensor[],
  y: Tensor[],
  options: all.CompileOptions,
): Promise<void> => {
  compile(model, options);
  const train = async (epochs: number): Promise<number[]> => {
    const [data, labels] = [x, y].map((list) => (list.length === 1 ? (list[0] as Tensor) : list)) as [
      Tensor,
      Tensor,
    ]; // or lists of them
    const history = await fit(model, data, labels, { epochs, batchSize: 64, shuffle: false, verbose: 0 });
    return history.metrics['loss'] as number[];
  };
  await train(3);
  const place = expected.length;
  await write(name, [], model, x, { labels: y.map(plain) });
  const losses = await train(5);
  expected[place] = { ...(expected[place] as Expected), losses };
};

const models: [string, () => AnyModel, Tensor[], Tensor[], () => all.CompileOptions][] = [
  ['dense', () => pipe(kerasModelSequential(), layerDense({ units: 8, activation: 'relu', inputShape: [4] }), layerBatchNormalization(), layerDense({ units: 1 })), [noise([16, 4], 1)], [noise([16, 1], 2)], () => ({ optimizer: optimizerAdam({ learningRate: 0.01, clipnorm: 1 }), loss: 'mse', metrics: ['mae'] })],
  ['conv', () => pipe(kerasModelSequential(), layerConv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1], kernelRegularizer: 'l2' }), layerMaxPooling2d(), layerFlatten(), layerDense({ units: 3, activation: 'softmax' })), [noise([16, 8, 8, 1], 3)], [tf.oneHot(tf.tensor1d(Array.from({ length: 16 }, (_, i) => i % 3), 'int32'), 3).toFloat()], () => ({ optimizer: optimizerSgd({ momentum: 0.9 }), loss: 'categorical_crossentropy', metrics: ['accuracy'] })],
  ['plain', () => pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [4] })), [noise([16, 4], 4)], [noise([16, 2], 5)], () => ({ optimizer: 'sgd', loss: all.lossHuber({ delta: 0.5 }) })],
  ['ids', () => pipe(kerasModelSequential(), layerEmbedding({ inputDim: 10, outputDim: 4, inputShape: [5] }), layerGlobalAveragePooling1d(), layerDense({ units: 1, activation: 'sigmoid' })), [noise([16, 5], 6).add(1).mul(5).floor().toInt()], [noise([16, 1], 7).greater(0).toFloat()], () => ({ optimizer: optimizerRmsprop({ learningRate: 0.01 }), loss: 'binary_crossentropy', metrics: ['accuracy', all.metricAuc()] })],
  ['recurrent', () => pipe(kerasModelSequential(), layerLstm({ units: 4, returnSequences: true, inputShape: [5, 3] }), layerGru({ units: 3 }), layerDense({ units: 1 })), [noise([16, 5, 3], 8)], [noise([16, 1], 9)], () => ({ optimizer: 'adam', loss: 'mse' })],
  ['shared', () => { const [l, r] = [layerInput({ shape: [3], name: 'left' }), layerInput({ shape: [3], name: 'right' })]; const e = shared(layerDense({ units: 4 })); const [a, b] = [e(l), e(r)]; return kerasModel([l, r], [layerDense(layerConcatenate([b, a]), { units: 2, name: 'out' }), layerDense(a, { units: 1, name: 'side' })]); }, [noise([16, 3], 10), noise([16, 3], 11)], [noise([16, 2], 12), noise([16, 1], 13)], () => ({ optimizer: 'adam', loss: ['mse', 'mae'], lossWeights: [1, 0.5] })],
  ['nested', () => { const inner = pipe(kerasModelSequential({ name: 'inner' }), layerDense({ units: 3, inputShape: [3] }), layerBatchNormalization()); const x = layerInput({ shape: [3] }); const y = layerModel(x, inner); return kerasModel(x, layerAdd([layerModel(y, inner), y])); }, [noise([16, 3], 14)], [noise([16, 3], 15)], () => ({ optimizer: 'adam', loss: 'mse' })],
  ['attention', () => { const [x, y] = [layerInput({ shape: [5, 4] }), layerInput({ shape: [6, 4] })]; return kerasModel([x, y], layerMultiHeadAttention([x, y], { numHeads: 2, keyDim: 3, useCausalMask: true })); }, [noise([16, 5, 4], 16), noise([16, 6, 4], 17)], [noise([16, 5, 4], 18)], () => ({ optimizer: 'adam', loss: 'mse' })],
]; // prettier-ignore

const main = async (): Promise<void> => {
  setRandomSeed(1);
  // With `trained`, only those.
  if (process.argv[3] !== 'trained') await writeLayers();
  for (const [name, make, x, y, options] of models) await writeTrained(name, make(), x, y, options());
  writeFileSync(path.join(folder, 'expected.json'), JSON.stringify(expected));
};

void main();
