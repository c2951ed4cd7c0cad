import type * as Tfjs from '@tensorflow/tfjs';

type Gradient = (dys: Tfjs.Tensor | readonly Tfjs.Tensor[], saved: unknown, attrs: unknown) => unknown;

interface TapeNode {
  readonly inputs: object;
}

/** The part of tfjs's engine that notes operations for a gradient; tfjs's types do not have it. */
interface TapeEngine {
  readonly state: { nextTapeNodeId: number; readonly activeTape: TapeNode[] };
  addTapeNode(
    kernelName: string,
    inputs: object,
    outputs: readonly Tfjs.Tensor[],
    gradient: Gradient | null | undefined,
    saved: unknown,
    attrs: unknown,
  ): void;
  customGrad(formula: Formula): Operation;
  runKernelFunc(parameters: {
    readonly forwardFunc: (backend: unknown, save: Save) => Tfjs.Tensor;
    readonly backwardsFunc: (dy: Tfjs.Tensor, saved: Tfjs.Tensor[]) => object;
    readonly inputs: object;
  }): Tfjs.Tensor;
}

type Save = (tensors: Tfjs.Tensor[]) => void;
type Operation = (...inputs: Tfjs.Tensor[]) => Tfjs.Tensor;
type Formula = (...inputs: (Tfjs.Tensor | Save)[]) => {
  readonly value: Tfjs.Tensor;
  readonly gradFunc: (dy: Tfjs.Tensor, saved: Tfjs.Tensor[]) => Tfjs.Tensor | Tfjs.Tensor[];
};

/** Operations whose gradient is given with them, as tfjs makes them; their gradients in one go. */
const customGrad =
  (engine: TapeEngine, { Tensor }: typeof Tfjs) =>
  (formula: Formula): Operation => {
    if (typeof formula !== 'function') throw new Error('The f passed in customGrad(f) must be a function.');
    return (...inputs) => {
      let result: ReturnType<Formula> | undefined;
      return engine.runKernelFunc({
        inputs: Object.fromEntries(inputs.entries()),
        forwardFunc: (_, save) => {
          result = formula(...inputs, save);
          return result.value;
        },
        backwardsFunc: (dy, saved) => {
          const gradients = [result?.gradFunc(dy, saved)].flat();
          if (
            gradients.length !== inputs.length ||
            !gradients.every((gradient) => gradient instanceof Tensor)
          ) {
            throw new Error(
              'The function f passed in customGrad(f) must return an object where `obj.gradFunc` is a function that returns the ' +
                'same number of tensors as inputs passed to f(...).',
            );
          }
          return Object.fromEntries(gradients.map((gradient, index) => [index, () => gradient]));
        },
      });
    };
  };

/**
 * Where an operation is noted: before the copies of its outputs that were saved for its gradient, which tfjs notes first. A gradient of that gradient
 * goes through the tape from its beginning, and would not find where they come from: exp, tanh, sigmoid and softmax had none.
 */
const placeOf = (
  tape: readonly TapeNode[],
  outputs: readonly Tfjs.Tensor[],
  saved: readonly unknown[],
): number => {
  const first = Math.max(0, tape.length - saved.length);
  const copy = tape
    .slice(first)
    .findIndex(({ inputs }) => Object.values(inputs).some((input) => outputs.includes(input as Tfjs.Tensor)));
  return copy === -1 ? tape.length : first + copy;
};

/**
 * Notes operations for a gradient as tfjs does, in one go: a function that is set as a property of an object that is there already is
 * kept by V8, with all that it refers to, until it collects all objects. So were the tensors of each step.
 */
export const noteAtOnce = (tf: typeof Tfjs): void => {
  const engine = tf.engine() as unknown as TapeEngine; // its own methods, which are private
  engine.customGrad = customGrad(engine, tf);
  engine.addTapeNode = (kernelName, inputs, outputs, own, saved, attrs) => {
    const { state } = engine;
    const gradientOf =
      ((tf.getGradient(kernelName) as Tfjs.GradConfig | undefined)?.gradFunc as Gradient | undefined) ?? own;
    const gradient = (dys: readonly (Tfjs.Tensor | null | undefined)[]): unknown => {
      const all = dys.map((dy, index) => {
        const { shape, dtype } = outputs[index] as Tfjs.Tensor; // one for each
        return dy ?? tf.zeros(shape, dtype);
      });
      return gradientOf?.(all.length > 1 ? all : (all[0] as Tfjs.Tensor), saved, attrs); // it has an output
    };
    const id = state.nextTapeNodeId++;
    const node = {
      ...{ id, kernelName, inputs, outputs, saved },
      gradient: gradientOf === null || gradientOf === undefined ? undefined : gradient,
    };
    const copies = Array.isArray(saved) ? saved : [];
    state.activeTape.splice(placeOf(state.activeTape, outputs, copies), 0, node);
  };
};
