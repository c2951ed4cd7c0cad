import { argumentError, boolean, checkOptions, optional } from '../base/checks';
import { refuseSurplus } from '../base/function-name';
import type { SymbolicTensor } from '@tensorflow/tfjs';
import { describe, KerasArgumentError } from '../base/errors';
import { ancestors, applyNew, connectAll, notATarget } from './internal/apply';
import { initialState, type InitialState, type ManyOutputsStep } from './internal/define-recurrent';
import { isSymbolicTensor, type Layer, type LayerStep, type NewLayer } from './internal/target';

/** What a shared layer is called with, besides its input. */
export interface SharedCallOptions {
  /** The states before a recurrent layer's first step: outputs of layers, one for each state. */
  initialState?: InitialState | undefined;
  /**
   * Whether the layer trains here, whatever the model does: false for batch normalization that is to stay as it is, true for dropout
   * that drops in predictions, too. As the model does by default.
   */
  training?: boolean | undefined;
}

/** One layer for several places, applied to one. */
export interface SharedLayer<Output> {
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- `tensors.map(layer)` hands on a number as the second argument
  (tensor: SymbolicTensor, options: SharedCallOptions): Output;
  (tensor: SymbolicTensor): Output;
}

/** {@link shared}: of a layer that puts out one tensor, or several. */
export interface SharedFunction {
  (step: LayerStep): SharedLayer<SymbolicTensor>;
  <Outputs extends readonly SymbolicTensor[]>(step: ManyOutputsStep<Outputs>): SharedLayer<Outputs>;
}

const withoutStates = ({ functionName }: NewLayer, states: readonly SymbolicTensor[]): KerasArgumentError =>
  argumentError(
    { function: 'shared', argument: 'initialState' },
    `left out, since the layer of ${functionName} has no states`,
    states,
    'Give it to a recurrent layer',
  );

const callChecks = { initialState: optional(initialState), training: optional(boolean) };

/**
 * One layer for several places: each application uses the same layer, and so the same weights.
 *
 * For the functional API. Without `shared`, each application of a step builds a layer of its own. A recurrent layer takes other initial
 * states in each place: `decoder(tensor, { initialState: [h, c] })`. With `training` a layer trains, or does not, whatever the model does:
 * dropout of `{ training: true }` drops in predictions, too.
 *
 * @throws KerasArgumentError if `step` is no layer step, or if what it is applied to is no symbolic tensor.
 * @example
 * const encoder = shared(layerDense({ units: 4 }))
 * const left = layerInput({ shape: [3] })
 * const right = layerInput({ shape: [3] })
 * const model = kerasModel([left, right], layerConcatenate([encoder(left), encoder(right)]))
 * assert.strictEqual(countParams(model), 3 * 4 + 4)
 * @see R keras: an instance of a layer, called on two tensors
 */
export const shared: SharedFunction = ((step: LayerStep, ...surplus: []) => {
  refuseSurplus('shared', ['step'], surplus);
  if (typeof step !== 'function' || typeof step.newLayer !== 'function') {
    throw new KerasArgumentError({
      function: 'shared',
      argument: 'step',
      expected: '`step` must be a layer step',
      received: describe(step),
      advice: 'Write shared(layerLstm({ units: 32 }))',
    });
  }
  const newLayer = step.newLayer();
  let layer: Layer | undefined;
  return (tensor: SymbolicTensor, second?: SharedCallOptions | number) => {
    // `tensors.map(encoder)` hands on a position, too.
    const options = typeof second === 'number' ? undefined : second;
    if (!isSymbolicTensor(tensor)) throw notATarget('shared', tensor);
    const { initialState: given, ...training } = checkOptions('shared', options, callChecks);
    if (given !== undefined && newLayer.takesStates !== true) throw withoutStates(newLayer, given);
    const states = given ?? newLayer.states ?? [];
    const inputs = [tensor, ...states];
    const called = { ...newLayer, callArguments: { ...newLayer.callArguments, ...training } };
    let outputs: SymbolicTensor[];
    if (layer === undefined) {
      const taken = new Set([...ancestors(inputs)].map(({ name }) => name));
      const first = applyNew(called, taken, inputs);
      layer = first.tfjsLayer;
      ({ outputs } = first);
    } else {
      outputs = connectAll(called, layer, inputs);
    }
    return outputs.length === 1 ? outputs[0] : outputs;
  };
}) as SharedFunction; // one output or several, as the step says
