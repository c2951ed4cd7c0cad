/**
 * Forms of call that must compile, and what their types say. Nothing here runs: `tsc` checks it. `test/calls.test.ts` runs the same
 * lines.
 */
import type { layers, LayersModel, Sequential } from '@tensorflow/tfjs';
import {
  arrayReshape,
  callLayer,
  compile,
  compiledStep,
  countParams,
  evaluate,
  fit,
  getLayer,
  getWeights,
  inputShape,
  kerasModel,
  layerAttention,
  layerConcatenate,
  layerDense,
  layerGru,
  layerGruCell,
  layerInput,
  layerLstmCell,
  layerRnn,
  layerTf,
  normalize,
  outputShape,
  padSequences,
  pipe,
  popLayer,
  predict,
  predictClasses,
  predictOnBatch,
  regularizerL2,
  scale,
  setWeights,
  summary,
  tf,
  toCategorical,
  vectorizeSequences,
  type BatchShape,
  type FunctionalModel,
  type History,
  type KerasModel,
  type NestedRnnCell,
  type NestedRnnOutputs,
  type Prediction,
  type RnnOutputs,
  type SequentialModel,
  type SparseMatrix,
  type SymbolicTensor,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '../../src/index';

/** Compiles if the two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const exactly = <A>(_value: A) => ({ is: <B>(_same: Same<A, B>): void => undefined });

declare const model: SequentialModel;
declare const x: number[][];
declare const y: number[];
declare const rows: number[][];
declare const text: string;

// Data first or piped; the only option bare or by its name.
exactly(pipe(y, toCategorical({ numClasses: 10 }))).is<Tensor>(true);
exactly(toCategorical(y, 10)).is<Tensor>(true);
exactly(pipe(y, toCategorical(10), arrayReshape([-1, 5]), normalize())).is<Tensor>(true);
exactly(pipe(x, arrayReshape([-1, 784]))).is<Tensor>(true);
exactly(pipe(rows, padSequences({ maxlen: 5 }))).is<Tensor2D>(true);
exactly(padSequences(rows)).is<Tensor2D>(true);
exactly(padSequences([[[1, 2]], [[3, 4], [5, 6]]])).is<Tensor>(true); // prettier-ignore
exactly(padSequences([tf.ones([2, 3]), tf.ones([1, 3])], { padding: 'post' })).is<Tensor>(true);
exactly(pipe([[[1, 2]], []], padSequences())).is<Tensor>(true);
exactly(pipe(rows, vectorizeSequences({ sparse: true }))).is<SparseMatrix>(true);
exactly(vectorizeSequences(rows)).is<Tensor2D>(true);
exactly(pipe(x, scale({ center: false })).x).is<Tensor2D>(true);
regularizerL2({ l: 0.01 });
regularizerL2(0.01);

// Functions of a model keep the model's type, also where they stand in a pipe as they are.
exactly(pipe(model, summary({ lineLength: 50 }))).is<SequentialModel>(true);
exactly(pipe(model, summary)).is<SequentialModel>(true);
exactly(pipe(model, summary())).is<SequentialModel>(true);
exactly(summary(model, { lineLength: 50 })).is<SequentialModel>(true);
exactly(pipe(model, popLayer())).is<SequentialModel>(true);
exactly(pipe(model, popLayer, summary, compile({ loss: 'mse' }), setWeights([]))).is<SequentialModel>(true);
exactly(pipe(model, countParams)).is<number>(true);
exactly(pipe(model, countParams())).is<number>(true);
exactly(pipe(model, getLayer({ index: 0 })).output).is<SymbolicTensor>(true);
getLayer(model, { name: 'dense' });
exactly(pipe(getLayer(model, 'dense').output, layerDense({ units: 1 }))).is<SymbolicTensor>(true);
const ofSome = <M extends KerasModel>(some: M): M => {
  summary(some);
  return compile(some, { loss: 'mse' });
};
exactly(ofSome(model)).is<SequentialModel>(true);
export const ofEither = (some: SequentialModel | FunctionalModel): BatchShape => outputShape(summary(some));

// A prediction is a tensor, or as many as the model has outputs.
export const predictions = async (): Promise<void> => {
  tf.argMax(await predict(model, x), -1);
  tf.sub(await pipe(model, predict(x)), 1);
  tf.mean(predictOnBatch(model, x));
  exactly(await pipe(model, predictClasses(x))).is<Tensor1D>(true);
  const input = layerInput({ shape: [2] });
  const one = kerasModel(input, layerDense(input, { units: 1 }));
  exactly(one).is<FunctionalModel<Tensor, Tensor>>(true);
  tf.argMax(await predict(one, x), -1);
  exactly(await predict(kerasModel([input], [layerDense(input, { units: 1 })]), x)).is<Tensor>(true);
  const two = kerasModel([input, input], [layerDense(input, { units: 1 }), layerDense(input, { units: 2 })]);
  exactly(await pipe(two, predict([x, x]))).is<[Tensor, Tensor]>(true);
  exactly(outputShape(two)).is<[BatchShape, BatchShape]>(true);
  exactly(pipe(two, inputShape)).is<[BatchShape, BatchShape]>(true);
  // How many there are in a list is not known.
  const some: SymbolicTensor[] = [layerDense(input, { units: 1 })];
  exactly(await predict(kerasModel(input, some), x)).is<Prediction>(true);
  // A model of which nothing more is said predicts one tensor.
  const general = async (any: KerasModel): Promise<Tensor> => tf.softmax(await predict(any, x));
  await general(model);
  await general(one);
  // @ts-expect-error -- it predicts two
  await general(two);
};

// Data of type any, piped and plain.
export const untyped = async (): Promise<void> => {
  const { x: anyX, y: anyY, w } = JSON.parse(text);
  /* eslint-disable @typescript-eslint/no-unsafe-argument -- what this is about */
  exactly(await pipe(model, fit(anyX, anyY, { epochs: 5 }))).is<History>(true);
  exactly(await pipe(model, fit(anyX, anyY, { sampleWeight: w }))).is<History>(true);
  exactly(await fit(model, anyX, anyY, { sampleWeight: w })).is<History>(true);
  exactly(await fit(model, anyX, anyY)).is<History>(true);
  await pipe(model, evaluate(anyX, anyY));
  await evaluate(model, anyX, anyY);
  exactly(await pipe(model, predict(anyX))).is<Tensor>(true);
  exactly(predictOnBatch(model, anyX)).is<Tensor>(true);
  exactly(toCategorical(anyY)).is<Tensor>(true);
  exactly(toCategorical(anyY, 10)).is<Tensor>(true);
  exactly(pipe(anyY, toCategorical(10))).is<Tensor>(true);
  exactly(arrayReshape(anyX, [-1, 784])).is<Tensor>(true);
  exactly(padSequences(anyX, { maxlen: 3 })).is<Tensor2D>(true);
  exactly(scale(anyX).x).is<Tensor2D>(true);
  /* eslint-enable @typescript-eslint/no-unsafe-argument */
};

// tf is a namespace of types.
export const square = (t: tf.Tensor): tf.Tensor => tf.square(t);
export const ofLayer = (layer: tf.layers.Layer): tf.Shape => [layer.output].flat()[0]?.shape ?? [];
export const handler: tf.io.IOHandler = {};

// An option that may be undefined, an output's width, weights.
const maybeUndefined = undefined as 'relu' | undefined;
layerDense({ units: 3, activation: maybeUndefined });
export const width: number | null | undefined = outputShape(model)[1];
tf.add(getWeights(model)[0] as Tensor, 1);

// Models and layers of tfjs.
declare const own: Sequential;
declare const graph: LayersModel;
declare const layer: layers.Layer;
exactly(kerasModel(own)).is<SequentialModel>(true);
exactly(kerasModel(graph)).is<FunctionalModel<Prediction>>(true);
exactly(pipe(own, compile({ loss: 'mse' }))).is<Sequential>(true);
exactly(pipe(model, layerTf(layer), layerDense({ units: 1 }))).is<SequentialModel>(true);
exactly(layerTf([layerInput({ shape: [1] }), layerInput({ shape: [1] })], layer)).is<SymbolicTensor>(true);
export const ofTfjs = async (): Promise<void> => {
  exactly(await predict(own, x)).is<Tensor>(true);
  exactly(await pipe(graph, predict(x))).is<Prediction>(true);
  exactly(await fit(own, x, y, { epochs: 5 })).is<History>(true);
};

// What does not compile.
// @ts-expect-error -- y is missing
void pipe(model, fit(x, { epochs: 5 }));
// @ts-expect-error -- y is missing
void fit(model, x, { epochs: 5 });
// @ts-expect-error -- x is missing
predict({ batchSize: 5 });
// @ts-expect-error -- a misspelt option
summary({ lineLenth: 50 });
// @ts-expect-error -- a misspelt option beside a right one
summary({ lineLength: 50, prnt: ofSome });
// @ts-expect-error -- options by name
layerDense(3, 'relu');
// @ts-expect-error -- one list
layerConcatenate(layerInput({ shape: [1] }), layerInput({ shape: [1] }));
// @ts-expect-error -- a number of classes
toCategorical(y, [10]);
// @ts-expect-error -- a graph has no last layer
popLayer(kerasModel(graph));
// @ts-expect-error -- a model, and no tensor
summary(layerInput({ shape: [1] }));

// Cells in a list, and cells of several arrays, in all forms.
declare const nestedCell: NestedRnnCell;
const cellList = [layerLstmCell({ units: 3 }), layerGruCell({ units: 2 })];
const sequence = layerInput({ shape: [5, 3] });
exactly(layerRnn(sequence, { cell: cellList })).is<SymbolicTensor>(true);
exactly(pipe(sequence, layerRnn({ cell: cellList }))).is<SymbolicTensor>(true);
exactly(pipe(model, layerRnn({ cell: cellList, returnSequences: true }))).is<SequentialModel>(true);
exactly(layerRnn(model, { cell: cellList })).is<SequentialModel>(true);
exactly(layerRnn(sequence, { cell: cellList, returnState: true })).is<RnnOutputs>(true);
exactly(pipe(sequence, layerRnn({ cell: cellList, returnState: true }))).is<RnnOutputs>(true);
exactly(layerRnn([sequence, sequence], { cell: nestedCell })).is<NestedRnnOutputs>(true);
exactly(layerRnn([sequence], { cell: [nestedCell, layerLstmCell({ units: 3 })], returnState: true })).is<NestedRnnOutputs>(true); // prettier-ignore
exactly(layerRnn([sequence], { cell: cellList })).is<NestedRnnOutputs>(true);
exactly(pipe([sequence, sequence], layerRnn({ cell: nestedCell }))).is<NestedRnnOutputs>(true);
exactly(pipe([sequence, sequence], layerRnn({ cell: [nestedCell, ...cellList], returnState: true }))).is<NestedRnnOutputs>(true); // prettier-ignore

// Layers called on tensors: steps of all kinds, one output or several.
declare const ones: Tensor;
exactly(callLayer(layerDense({ units: 2 }), ones, { mask: ones })).is<Tensor>(true);
exactly(callLayer(layerAttention(), [ones, ones], { mask: [ones, null] })).is<Tensor>(true);
exactly(callLayer(layerConcatenate(), [ones, ones])).is<Tensor>(true);
exactly(callLayer<[Tensor, Tensor]>(layerGru({ units: 2, returnState: true }), ones)).is<[Tensor, Tensor]>(
  true,
);
exactly(pipe(layerDense({ units: 2 }), callLayer(ones, { training: true }))).is<Tensor>(true);

// Many steps in one call: tensors with one more axis among other values.
const ownStep = compiledStep((batch: { x: Tensor2D; y: Tensor1D }, factor: number) => ({
  loss: tf.mul(tf.sum(batch.x), factor),
  list: [batch.y, factor] as const,
}));
exactly(ownStep.each({ x: ones, y: ones }, 2)).is<{ loss: Tensor; list: [Tensor, number] }>(true);
exactly(ownStep.each.async({ x: ones, y: ones }, 2)).is<Promise<{ loss: Tensor; list: [Tensor, number] }>>(
  true,
);
