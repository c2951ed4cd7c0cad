import { isPlainObject } from '../../base/checks';
import { describe, KerasArgumentError, KerasStateError } from '../../base/errors';
import type { LayerArguments, LayerConfig, Shape } from '../../tfjs/layer-classes';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { emptyTexts, type Types } from '../../tfjs/text-types';
import { layerOptionChecks } from './options';

/** What a layer of tfjs takes besides what {@link layerOptionChecks} lists. */
const OF_TFJS = ['inputDType'];

/** Options that all layers have, and the others. */
export const separated = (
  options: object | null | undefined,
): { readonly common: LayerArguments; readonly own: Readonly<Record<string, unknown>> } => {
  const isCommon = ([name]: [string, unknown]): boolean =>
    Object.hasOwn(layerOptionChecks, name) || OF_TFJS.includes(name);
  const entries: [string, unknown][] = Object.entries(options ?? {}); // callers without types leave them out
  return {
    common: Object.fromEntries(entries.filter((entry) => isCommon(entry))),
    own: Object.fromEntries(entries.filter((entry) => !isCommon(entry))),
  };
};

const isShapes = (shape: Shape | Shape[]): shape is Shape[] => Array.isArray(shape[0]);

/** One shape as a list of one. */
export const shapeList = (shape: Shape | Shape[]): Shape[] => (isShapes(shape) ? shape : [shape]);

/** Whether two shapes, or lists of them, may be of the same tensors: unknown sizes fit any. */
export const sameSizes = (one: Shape | Shape[], other: Shape | Shape[]): boolean => {
  const [a, b] = [shapeList(one), shapeList(other)];
  return (
    a.length === b.length &&
    a.every((shape, index) => {
      const others = b[index] ?? [];
      return (
        shape.length === others.length &&
        shape.every((size, axis) => size === null || (others[axis] ?? null) === null || size === others[axis])
      );
    })
  );
};

/** Sizes that stand for those that are not known: what differs between the two depends on them. */
const PROBES = [2, 3] as const;

/** What is known of a tensor that some computation gives. */
interface Kind {
  readonly shape: Shape;
  readonly type: string;
}

/** The shapes and types of what some computation makes of zeros. */
const kindsOf = (run: () => Tensor | Tensor[]): Kind[] =>
  tf.tidy(() => {
    const kinds = [run()].flat().map(({ shape, dtype }) => ({ shape: [...shape], type: dtype }));
    return kinds as unknown as Tensor; // objects without tensors, which a tidy passes
  }) as unknown as Kind[];

/** Runs something on zeros, or empty texts; on integers, where it does not take floats, as what looks up rows. */
const onZeros = (
  shapes: readonly number[][],
  types: Types,
  run: (inputs: Tensor | Tensor[]) => Tensor | Tensor[],
): Kind[] => {
  const as = (dtype: 'float32' | 'int32') => (): Tensor | Tensor[] => {
    const zeros = shapes.map((shape, index) =>
      types[index] === 'string' ? emptyTexts(tf, shape) : tf.zeros(shape, dtype),
    );
    return run(zeros.length === 1 ? (zeros[0] as Tensor) : zeros); // of one
  };
  try {
    return kindsOf(as('float32'));
  } catch (error) {
    try {
      return kindsOf(as('int32'));
    } catch {
      throw error;
    }
  }
};

/** What a trial has shown: the shape, or shapes, of what comes out, and its types. */
export interface Trial {
  readonly shape: Shape | Shape[];
  readonly types: Types;
}

/** What some computation makes of inputs of a shape, open sizes included, and of types. */
export const trialOf = (
  inputShape: Shape | Shape[],
  types: Types,
  run: (inputs: Tensor | Tensor[]) => Tensor | Tensor[],
): Trial => {
  const shapes = shapeList(inputShape);
  const [first, second] = PROBES.map((open) => shapes.map((shape) => shape.map((size) => size ?? open)));
  const once = onZeros(first as number[][], types, run); // one for each probe
  const isOpen = shapes.some((shape) => shape.includes(null));
  const twice = isOpen ? onZeros(second as number[][], types, run) : once; // the same
  const outputs = once.map(({ shape }, index) =>
    shape.map((size, axis) => (size === twice[index]?.shape[axis] ? size : null)),
  );
  return {
    shape: outputs.length === 1 ? (outputs[0] as Shape) : outputs, // of one
    types: once.map(({ type }) => type),
  };
};

const isTensor = (value: unknown): value is Tensor => value instanceof tf.Tensor;

/** What `call` gave, if it is tensors. A weight that is given as it is becomes a tensor of its own. */
export const outputsIn = (layer: string, output: unknown): Tensor | Tensor[] => {
  const own = (tensor: Tensor): Tensor =>
    tensor instanceof tf.Variable ? tf.clone(tensor as Tensor) : tensor;
  if (isTensor(output)) return own(output);
  if (Array.isArray(output) && output.length > 0 && output.every(isTensor)) return output.map(own);
  throw new KerasArgumentError({
    argument: 'call',
    layer,
    expected: `\`call\` of layer '${layer}' must return a tensor, or a list of them`,
    received: describe(output),
    advice:
      output === undefined
        ? 'Write return before what it computes'
        : 'Let it return what tfjs operations on its inputs give',
  });
};

const isPlain = (value: unknown): boolean =>
  value === null ||
  ['number', 'string', 'boolean'].includes(typeof value) ||
  (Array.isArray(value) && value.every(isPlain)) ||
  (isPlainObject(value) && Object.values(value).every(isPlain));

/** Something that tells its class and its configuration: an initializer, for example. */
const isConfigured = (
  value: unknown,
): value is { readonly getClassName: () => string; readonly getConfig: () => object } =>
  typeof value === 'object' && value !== null && 'getClassName' in value && 'getConfig' in value;

/** The options of a layer, or a model, in its configuration. */
export const savedOptions = (owner: string, options: object): LayerConfig =>
  Object.fromEntries(
    (Object.entries(options) as [string, unknown][])
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => {
        if (isPlain(value)) return [name, value];
        if (isConfigured(value)) {
          return [name, { className: value.getClassName(), config: value.getConfig() }];
        }
        throw new KerasStateError({
          function: 'getConfig',
          expected: `the options of ${owner} must be numbers, texts, truth values, or lists and objects of them`,
          received: `\`${name}\`: ${describe(value)}`,
          advice: 'Give the class a getConfig() that says how such a layer is made again',
        });
      }),
  ) as LayerConfig; // plain values, as just seen
