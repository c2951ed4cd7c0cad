import { attribute } from '../../../ops/native';
import { TYPES, type OpAttribute } from '../../../tfjs/binding';
import { attributeOf, type RecordedOp } from '../recording';
import { usesOf } from '../tables';
import { inputOf, isFloat, outputOf, type RewriteContext } from './context';
import { hasOneDnn, oneDnnName } from './onednn';

/** What is known of a whole recording's operations. */
interface Whole {
  readonly producers: ReadonlyMap<number, RecordedOp>;
  readonly uses: ReadonlyMap<number, readonly RecordedOp[]>;
  readonly context: RewriteContext;
}

/** Other operations in some operations' places. */
type Replacements = Map<RecordedOp, readonly RecordedOp[]>;

const isPool = (op: RecordedOp | undefined): op is RecordedOp =>
  op?.name === 'MaxPool' && isFloat(op) && (attributeOf(op, 'data_format') ?? 'NHWC') === 'NHWC';

/** The pooling whose gradient an operation is. */
const poolOf = (gradient: RecordedOp, { producers }: Whole): RecordedOp | undefined => {
  const pool = producers.get(inputOf(gradient, 1));
  return isPool(pool) && inputOf(pool, 0) === inputOf(gradient, 0) ? pool : undefined;
};

/**
 * Relu's gradient is 0 where its output is. Of the outputs that are pooled it is taken before the pooling's gradient instead of after it: of
 * the largest only, a quarter of all for windows of 2 × 2. What is 0 anyway then goes nowhere.
 */
const reluGradientFirst = (gradient: RecordedOp, whole: Whole): Replacements | undefined => {
  const { producers, uses, context } = whole;
  const pool = poolOf(gradient, whole);
  const relu = producers.get(inputOf(gradient, 0));
  const [ofRelu, ...others] = uses.get(outputOf(gradient).id) ?? [];
  if (pool === undefined || relu?.name !== 'Relu') return undefined;
  if (ofRelu?.name !== 'ReluGrad' || others.length > 0) return undefined;
  if (inputOf(ofRelu, 0) !== outputOf(gradient).id || inputOf(ofRelu, 1) !== outputOf(relu).id)
    return undefined;
  const masked = context.tensor(outputOf(pool).shape);
  const [rectified, largest, ofLargest] = gradient.inputs as [number, number, number]; // MaxPoolGrad's
  return new Map([
    [gradient, []],
    [
      ofRelu,
      [
        { ...ofRelu, inputs: [ofLargest, largest], outputs: [masked] },
        { ...gradient, inputs: [rectified, largest, masked.id], outputs: ofRelu.outputs },
      ],
    ],
  ]);
};

const HEIGHT_AND_WIDTH = [1, 2];

/** A pooling gives each gradient to one element: their sum over height and width is that of what it was given. */
const sumBeforePool = (sum: RecordedOp, { producers, context }: Whole): Replacements | undefined => {
  const gradient = producers.get(inputOf(sum, 0));
  const axes = context.constants.get(inputOf(sum, 1))?.values as readonly number[] | undefined; // integers
  if (gradient?.name !== 'MaxPoolGrad' || axes === undefined) return undefined;
  if ((attributeOf(gradient, 'data_format') ?? 'NHWC') !== 'NHWC') return undefined;
  if (!HEIGHT_AND_WIDTH.every((axis) => axes.includes(axis))) return undefined;
  return new Map([[sum, [{ ...sum, inputs: [inputOf(gradient, 2), inputOf(sum, 1)] }]]]);
};

/** What TensorFlow gives oneDNN's operations when it puts them in place of its own. */
const ONEDNN_ATTRIBUTES: readonly OpAttribute[] = [
  attribute.text('_kernel', 'MklNameChangeOp'),
  attribute.bool('workspace_enabled', true),
];

const isOfImages = (pool: RecordedOp): boolean => {
  const size = attributeOf(pool, 'ksize');
  return Array.isArray(size) && size[0] === 1 && size[3] === 1;
};

/**
 * oneDNN's pooling remembers where the largest were. TensorFlow's own gradient looks for them again, which takes ten times as long.
 * Builds that have oneDNN put it in by themselves, but in a loop miss many gradients.
 */
const withWorkspace = (gradient: RecordedOp, whole: Whole): Replacements | undefined => {
  const pool = poolOf(gradient, whole);
  if (pool === undefined || !isOfImages(pool) || !hasOneDnn(gradient.name)) return undefined;
  const places = whole.context.tensor([], TYPES.uint8);
  return new Map([
    [
      pool,
      [
        {
          ...pool,
          name: oneDnnName(pool.name),
          attributes: [...pool.attributes, ...ONEDNN_ATTRIBUTES],
          outputs: [outputOf(pool), places],
        },
      ],
    ],
    [
      gradient,
      [
        {
          ...gradient,
          name: oneDnnName(gradient.name),
          attributes: [...gradient.attributes, ...ONEDNN_ATTRIBUTES],
          inputs: [...gradient.inputs, places.id],
        },
      ],
    ],
  ]);
};

/** Applies a rule to all operations of a name, and puts what it gives in their place. */
const replaced = (
  ops: readonly RecordedOp[],
  name: string,
  rule: (op: RecordedOp, whole: Whole) => Replacements | undefined,
  context: RewriteContext,
): readonly RecordedOp[] => {
  const chosen = ops.filter((op) => op.name === name);
  if (chosen.length === 0) return ops;
  const producers = new Map(ops.flatMap((op) => op.outputs.map(({ id }) => [id, op] as const)));
  const whole: Whole = { producers, uses: usesOf(ops), context };
  const all: Replacements = new Map();
  for (const op of chosen) {
    const its = rule(op, whole);
    // What one has taken is no longer there for another.
    if (its !== undefined && ![...its.keys()].some((one) => all.has(one)))
      for (const [from, to] of its) all.set(from, to);
  }
  return all.size === 0 ? ops : ops.flatMap((op) => all.get(op) ?? [op]);
};

/** Makes poolings by their largest elements quicker, where they are trained. */
export const quickerPooling = (
  ops: readonly RecordedOp[],
  context: RewriteContext,
): readonly RecordedOp[] => {
  const first = replaced(ops, 'MaxPoolGrad', reluGradientFirst, context);
  const summed = replaced(first, 'Sum', sumBeforePool, context);
  return replaced(summed, 'MaxPoolGrad', withWorkspace, context);
};
