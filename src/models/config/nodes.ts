import { callable, type Always } from '../../base/call-styles';
import { argumentError, checkOptions, nonNegativeInteger, required } from '../../base/checks';
import type { Layer } from '../../layers/internal/target';
import type { SymbolicTensor } from '../../tfjs/tensorflow';
import type { ModelFunction } from '../call-styles';
import { KerasModel, type BatchShape } from '../model';
import { weighted, type Weighted } from '../weighted';

type Node = Layer['inboundNodes'][number];

/** Which application of a layer is meant: 0 is the first. */
export type NodeIndex = number | { readonly nodeIndex: number };

/** A function of one of a layer's applications. */
export type NodeFunction<Result> = ModelFunction<[nodeIndex: NodeIndex], Always<Result>, Weighted>;

const nodeOf = (functionName: string, layer: Layer, index: number): Node => {
  const nodes = layer.inboundNodes;
  const node = nodes[index];
  if (node !== undefined) return node;
  throw argumentError(
    { function: functionName, argument: 'nodeIndex' },
    `below ${nodes.length}, the number of times that layer '${layer.name}' has been applied`,
    index,
    nodes.length === 0 ? 'Apply the layer first' : 'The first application is 0 (in R: 1)',
  );
};

const nodeFunction = <Result>(
  name: string,
  of: (node: Node) => readonly Result[],
): NodeFunction<Result | Result[]> =>
  callable({
    name,
    subject: weighted,
    optionNames: ['nodeIndex'],
    bare: { name: 'nodeIndex', is: (value) => typeof value === 'number', isRequired: true },
    checkOptions: (options) => checkOptions(name, options, { nodeIndex: required(nonNegativeInteger) }),
    run: (object, _, { nodeIndex }) => {
      const layer: Layer = object instanceof KerasModel ? object.tf : object;
      const found = of(nodeOf(name, layer, nodeIndex));
      return found.length === 1 ? found[0] : [...found];
    },
  }) as unknown as NodeFunction<Result | Result[]>; // the call styles are told apart by the arguments

const shapes = (tensors: readonly SymbolicTensor[]): BatchShape[] => tensors.map(({ shape }) => [...shape]);

/**
 * The input of one of a layer's applications, a symbolic tensor, or a list of those of a layer that takes several. `nodeIndex` counts
 * the applications from 0 (R: from 1).
 *
 * @throws KerasArgumentError if the layer has not been applied as often.
 * @example
 * const encoder = shared(layerDense({ units: 4 }))
 * const [left, right] = [layerInput({ shape: [3] }), layerInput({ shape: [3] })]
 * const output = layerAdd([encoder(left), encoder(right)])
 * const layer = getLayer(kerasModel([left, right], output), 'dense')
 * assert.strictEqual(getInputAt(layer, 1), right)
 * @see R keras `get_input_at`
 */
export const getInputAt = nodeFunction<SymbolicTensor>('getInputAt', ({ inputTensors }) => inputTensors);

/**
 * The shape of the input of one of a layer's applications, batch axis first, or a list of those of a layer that takes several.
 * `nodeIndex` counts the applications from 0 (R: from 1).
 *
 * @throws KerasArgumentError if the layer has not been applied as often.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 4, inputShape: [3] }))
 * assert.deepStrictEqual(getInputShapeAt(getLayer(model, 'dense'), 0), [null, 3])
 * @see R keras `get_input_shape_at`
 */
export const getInputShapeAt = nodeFunction<BatchShape>('getInputShapeAt', ({ inputTensors }) =>
  shapes(inputTensors),
);

/**
 * The output of one of a layer's applications, a symbolic tensor, or a list of those of a layer that gives several. `nodeIndex`
 * counts the applications from 0 (R: from 1).
 *
 * @throws KerasArgumentError if the layer has not been applied as often.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 4, inputShape: [3] }))
 * const layer = getLayer(model, 'dense')
 * assert.strictEqual(getOutputAt(layer, 0), layer.output)
 * @see R keras `get_output_at`
 */
export const getOutputAt = nodeFunction<SymbolicTensor>('getOutputAt', ({ outputTensors }) => outputTensors);

/**
 * The shape of the output of one of a layer's applications, batch axis first, or a list of those of a layer that gives several.
 * `nodeIndex` counts the applications from 0 (R: from 1).
 *
 * @throws KerasArgumentError if the layer has not been applied as often.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 4, inputShape: [3] }))
 * assert.deepStrictEqual(getOutputShapeAt(getLayer(model, 'dense'), { nodeIndex: 0 }), [null, 4])
 * @see R keras `get_output_shape_at`
 */
export const getOutputShapeAt = nodeFunction<BatchShape>('getOutputShapeAt', ({ outputTensors }) =>
  shapes(outputTensors),
);
