/**
 * What must compile and what must not. Nothing here runs: `tsc` checks it, and an `@ts-expect-error` above a line that
 * compiles is an error itself.
 */
import type { SymbolicTensor } from '@tensorflow/tfjs';
import {
  flow,
  getLayer,
  kerasModel,
  kerasModelSequential,
  layerAdd,
  layerConcatenate,
  layerConv2d,
  layerDense,
  layerDropout,
  layerEmbedding,
  layerFlatten,
  layerGru,
  layerInput,
  layerLstm,
  layerMaxPooling2d,
  layerModel,
  layerReshape,
  pipe,
  popLayer,
  sequence,
  setWeights,
  shared,
  summary,
  type FunctionalModel,
  type Layer,
  type LayerStep,
  type SequentialModel,
  type Tensor,
} from '../../src/index';

/** Compiles if the two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const exactly = <A>(_value: A) => ({ is: <B>(_same: Same<A, B>): void => undefined });

// Sequential models come back as what they are, piped and plain.
const model = pipe(kerasModelSequential(), layerDense({ units: 512, activation: 'relu', inputShape: [784] }));
exactly(model).is<SequentialModel>(true);
const plain = layerDense(model, { units: 10, activation: 'softmax' });
exactly(plain).is<SequentialModel>(true);
const longer = pipe(
  model,
  layerReshape({ targetShape: [2, -1] }),
  layerFlatten(),
  layerDropout({ rate: 0.5 }),
);
exactly(longer).is<SequentialModel>(true);
const shown = pipe(model, summary, setWeights([]), popLayer);
exactly(shown).is<SequentialModel>(true);
const found = pipe(model, getLayer('dense'));
exactly(found).is<Layer>(true);

// Symbolic tensors, too; the graph is a model of its own type.
const input = layerInput({ shape: [28, 28, 1] });
exactly(input).is<SymbolicTensor>(true);
const output = pipe(
  input,
  layerConv2d({ filters: 8, kernelSize: [3, 3] }),
  layerMaxPooling2d(),
  layerFlatten(),
);
exactly(output).is<SymbolicTensor>(true);
const merged = pipe([output, output], layerConcatenate({ axis: 1 }), layerDense({ units: 1 }));
exactly(merged).is<SymbolicTensor>(true);
const graph = kerasModel(input, [merged, layerAdd([output, output])]);
exactly(graph).is<FunctionalModel<[Tensor, Tensor], Tensor>>(true);
const inner = pipe(output, layerModel(model));
exactly(inner).is<SymbolicTensor>(true);
const encode = shared(layerLstm({ units: 32 }));
exactly(encode(output)).is<SymbolicTensor>(true);

// Blocks fit models and tensors alike.
const block = flow(layerConv2d({ filters: 8, kernelSize: 3 }), layerMaxPooling2d({ poolSize: 2 }));
exactly(block(model)).is<SequentialModel>(true);
const blocks = pipe(kerasModelSequential({ inputShape: [28, 28, 1] }), block, block, layerFlatten());
exactly(blocks).is<SequentialModel>(true);
const ofTensor = pipe(input, block, block);
exactly(ofTensor).is<SymbolicTensor>(true);
const steps: LayerStep[] = [layerDense({ units: 1 }), layerFlatten(), layerDropout({ rate: 0.1 })];
const deep = pipe(kerasModelSequential(), sequence(...steps));
exactly(deep).is<SequentialModel>(true);

// Every spelling of a name; functions and tfjs's objects.
layerDense({ units: 1, activation: 'hard_sigmoid', kernelInitializer: 'heNormal', biasRegularizer: 'l1_l2' });
layerDense({ units: 1, activation: (x) => x.relu(), kernelConstraint: 'maxNorm' });
layerEmbedding({ inputDim: 10, outputDim: 2, weights: [[[1, 2]], new Float32Array(3)] });

// An option that may be undefined counts as left out.
const maybe = (Math.random() < 2 ? undefined : 'relu') as 'relu' | undefined;
layerDense({ units: 3, activation: maybe, name: undefined, inputShape: undefined, weights: undefined });

// A typo in an option's name.
// @ts-expect-error -- `unit` is no option
layerDense({ unit: 512 });
// @ts-expect-error -- `unit` is no option
layerDense(model, { unit: 512 });
// @ts-expect-error -- `dropOut` is no option
layerGru({ units: 3, dropOut: 0.2 });
// @ts-expect-error -- `axes` is no option
layerConcatenate({ axes: 1 });

// A typo in a name.
// @ts-expect-error -- no such activation
layerDense({ units: 1, activation: 'rellu' });
// @ts-expect-error -- no such initializer
layerDense({ units: 1, kernelInitializer: 'glorot' });
// @ts-expect-error -- no such regularizer
layerDense({ units: 1, kernelRegularizer: 'l3' });
// @ts-expect-error -- no such padding
layerConv2d({ filters: 1, kernelSize: 3, padding: 'causal' });
// @ts-expect-error -- no such order of axes
layerConv2d({ filters: 1, kernelSize: 3, dataFormat: 'NCHW' });

// A required option that is missing.
// @ts-expect-error -- `units` is required
layerDense({ activation: 'relu' });
// @ts-expect-error -- the options are required
layerDense();
// @ts-expect-error -- the options are required
layerLstm(model);
// @ts-expect-error -- `kernelSize` is required
layerConv2d({ filters: 3 });

// Options of a wrong type.
// @ts-expect-error -- a number
layerDense({ units: '512' });
// @ts-expect-error -- options by name, not by position
layerDense(512);
// @ts-expect-error -- two sizes, or one for both
layerConv2d({ filters: 1, kernelSize: [3] });

// A wrong target.
// @ts-expect-error -- a number is no model
layerDense(3, { units: 1 });
// @ts-expect-error -- a graph is finished: layers go onto its tensors
layerDense(graph, { units: 1 });
// @ts-expect-error -- a merging layer takes several tensors
layerAdd(output);
// @ts-expect-error -- a merging layer takes no model
layerConcatenate(model);
// @ts-expect-error -- a shared layer is for tensors
encode(model);
// @ts-expect-error -- only a Sequential model has a last layer
popLayer(graph);
// @ts-expect-error -- models are no symbolic tensors
kerasModel(model, output);
// @ts-expect-error -- layers are added by the pipe
kerasModelSequential([layerDense({ units: 1 })]);
// @ts-expect-error -- a position comes in an object
getLayer(model, 0);
