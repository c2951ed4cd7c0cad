import type * as Tfjs from '@tensorflow/tfjs';
import { withinInSteps, type Leave, type Steps } from '../base/steps';

type Tensor = Tfjs.Tensor;
type Engine = ReturnType<typeof Tfjs.engine>;
type TapeNode = Engine['state']['activeTape'][number];

/** Does steps as a `tidy` runs a function: frees what they have made, but for what of the result is to be `kept`. */
export function* tidyInSteps<T>(
  tf: typeof Tfjs,
  steps: () => Steps<T>,
  kept: (result: T) => readonly Tensor[],
): Steps<T> {
  const engine = tf.engine();
  engine.startScope();
  let wanted: Tensor[] = [];
  try {
    const result = yield* steps();
    wanted = [...kept(result)];
    return result;
  } finally {
    engine.endScope(wanted);
  }
}

/** Has operations noted on the tape, as tfjs does for a gradient. */
const enterTape = ({ state }: Engine): Leave => {
  if (state.gradientDepth === 0) state.activeTape = [];
  state.gradientDepth++;
  return () => state.gradientDepth--;
};

/** The inputs through which an operation leads from some tensors to another. */
interface PathNode {
  readonly node: TapeNode;
  readonly inputs: readonly (readonly [name: string, tensor: Tensor])[];
}

/** The operations that lead from some tensors to another one. */
const pathBetween = (tape: readonly TapeNode[], from: readonly Tensor[], to: Tensor): PathNode[] => {
  const reached = new Set(from.map(({ id }) => id));
  const nodes = tape.flatMap((node): PathNode[] => {
    const inputs = Object.entries(node.inputs).filter(([, { id }]) => reached.has(id));
    if (inputs.length === 0) return [];
    for (const { id } of node.outputs) reached.add(id);
    return [{ node, inputs }];
  });
  const needed = new Set([to.id]);
  const path = nodes.toReversed().filter(({ node }) => {
    const isNeeded = node.outputs.some(({ id }) => needed.has(id));
    if (isNeeded) for (const { id } of Object.values(node.inputs)) needed.add(id);
    return isNeeded;
  });
  return path.toReversed();
};

/** Goes back through an operation: adds what comes of the gradients of its outputs to those of its inputs. */
const goBack = (tf: typeof Tfjs, { node, inputs }: PathNode, gradients: Map<number, Tensor>): void => {
  if (node.gradient === undefined) {
    throw new Error(`Cannot compute gradient: gradient function not found for ${node.kernelName}.`);
  }
  // tfjs takes nothing for an output of which there is no gradient, though its type denies it.
  const ofInputs = node.gradient(node.outputs.map(({ id }) => gradients.get(id) as Tensor));
  for (const [name, input] of inputs) {
    const compute = ofInputs[name];
    if (compute === undefined) {
      const found = Object.keys(ofInputs).join();
      throw new Error(`Cannot backprop through input ${name}. Available gradients found: ${found}.`);
    }
    const gradient = tf.tidy(compute);
    const place = `Error in gradient for op ${node.kernelName}. The gradient of input '${name}'`;
    if (gradient.dtype !== 'float32')
      throw new Error(`${place} must have 'float32' dtype, but has '${gradient.dtype}'`);
    if (gradient.shape.join() !== input.shape.join()) {
      throw new Error(
        `${place} has shape '${gradient.shape.join()}', which does not match the shape of the input '${input.shape.join()}'`,
      );
    }
    const before = gradients.get(input.id);
    gradients.set(input.id, before === undefined ? gradient : tf.add(before, gradient));
    before?.dispose();
  }
};

/** The gradients of a value by some tensors, from which operations lead to it. Frees the tape. */
function* gradientsOnPath(
  tf: typeof Tfjs,
  path: readonly PathNode[],
  value: Tensor,
  tensors: readonly Tensor[],
): Steps<(Tensor | undefined)[]> {
  const { state } = tf.engine();
  const gradients = new Map<number, Tensor>([[value.id, tf.ones(value.shape)]]);
  for (const node of path.toReversed()) {
    yield;
    goBack(tf, node, gradients);
  }
  // Of a gradient within another one, the tape is that one's.
  if (state.gradientDepth === 0) {
    for (const { saved = [] } of state.activeTape) for (const tensor of saved) tensor.dispose();
    state.activeTape = [];
  }
  return tensors.map(({ id }) => gradients.get(id));
}

/** A value, and its gradients by some tensors; undefined for those on which it does not depend. */
export interface ValueAndGradients<V extends Tensor> {
  readonly value: V;
  readonly gradients: readonly (Tensor | undefined)[];
}

/** What tfjs's engine computes as the gradients of a function, step by step: before each operation on the way back others may run. */
export function* gradientsInSteps<V extends Tensor>(
  tf: typeof Tfjs,
  steps: () => Steps<V>,
  tensors: readonly Tensor[],
): Steps<ValueAndGradients<V>> {
  const engine = tf.engine();
  const { state } = engine;
  const value = yield* withinInSteps(
    () => enterTape(engine),
    () => tidyInSteps(tf, steps, (made) => [made]),
  );
  const path = pathBetween(state.activeTape, tensors, value);
  const isThere = (tensor: Tensor | undefined): tensor is Tensor => tensor !== undefined;
  const gradients = yield* tidyInSteps(
    tf,
    () => gradientsOnPath(tf, path, value, tensors),
    (made) => made.filter(isThere),
  );
  return { value, gradients };
}
