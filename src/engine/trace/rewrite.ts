import { ATTRIBUTE_KINDS, binding, TYPES, type NativeTensor } from '../../tfjs/binding';
import { attribute } from '../../ops/native';
import { filterGradient, type Output, type RewriteContext } from './filter-gradient';
import { attributeOf, type RecordedConstant, type RecordedOp, type Recording } from './record';

type Shape = readonly number[];

/** A recording that computes the same in fewer operations. */
export interface Rewritten {
  readonly recording: Recording;
  /** The tensor that stands for one of the original recording. */
  readonly resolve: (id: number) => number;
}

/** What may be computed once, from constants. */
const PURE: ReadonlySet<string> = new Set([
  'Add',
  'Cast',
  'ExpandDims',
  'Fill',
  'Mul',
  'Neg',
  'Pack',
  'RealDiv',
  'Reshape',
  'Sub',
  'Tile',
  'ZerosLike',
]);

/** What is done to each element by itself. */
const UNARY: ReadonlySet<string> = new Set([
  'Elu',
  'Neg',
  'Relu',
  'Selu',
  'Sigmoid',
  'Softplus',
  'Square',
  'Tanh',
]);

/** Constants of more elements are made anew in each step, instead of lying in the graph. */
const MOST = 4096;

const sizeOf = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);
const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((length, axis) => length === b[axis]);

/** What an operation becomes: another tensor, a constant, or another operation. */
type Rewriting =
  { readonly alias: number } | { readonly constant: RecordedConstant } | readonly RecordedOp[] | RecordedOp;

/** Rewrites the operations of a recording one after the other. */
class GraphRewriter {
  readonly constants: Map<number, RecordedConstant>;
  private readonly aliases = new Map<number, number>();
  private readonly producers = new Map<number, RecordedOp>();
  /** The output of the `Relu` of a tensor. */
  private relus = new Map<number, number>();
  /** Ids of tensors that the original recording has not. */
  private fresh = -1;

  constructor(
    constants: Recording['constants'],
    private readonly shapes: Map<number, Shape>,
  ) {
    this.constants = new Map(constants);
    for (const [id, { shape }] of constants) shapes.set(id, shape);
  }

  readonly resolve = (id: number): number => this.aliases.get(id) ?? id;

  all(ops: readonly RecordedOp[]): RecordedOp[] {
    return ops.flatMap((original) => {
      const op = { ...original, inputs: original.inputs.map(this.resolve) };
      for (const { id, shape } of op.outputs) this.shapes.set(id, shape);
      if (op.scan !== undefined) return [this.kept(this.inScan(op))];
      const rewriting = this.rewrite(op);
      const id = op.outputs[0]?.id ?? 0;
      if ('alias' in rewriting) this.aliases.set(id, rewriting.alias);
      else if ('constant' in rewriting) this.constants.set(id, rewriting.constant);
      else return [rewriting].flat().map((made) => this.kept({ ...made, layer: op.layer })); // one or several
      return [];
    });
  }

  private kept(op: RecordedOp): RecordedOp {
    for (const { id } of op.outputs) this.producers.set(id, op);
    const [output] = op.outputs;
    if (op.name === 'Relu' && output !== undefined) this.relus.set(op.inputs[0] ?? 0, output.id);
    return op;
  }

  /** A recurrence: its step is rewritten in the same way. */
  private inScan(op: RecordedOp): RecordedOp {
    const { scan, inputs } = op;
    if (scan === undefined) return op;
    const { feeds, stateShape } = scan;
    feeds.sequences.forEach((id, index) =>
      this.shapes.set(id, this.shapes.get(inputs[index] ?? 0)?.slice(1) ?? []),
    );
    this.shapes.set(feeds.state, stateShape);
    if (feeds.gradient !== undefined) this.shapes.set(feeds.gradient, stateShape);
    // What a step makes is not there outside of it.
    const outside = this.relus;
    this.relus = new Map(outside);
    const body = this.all(scan.body);
    this.relus = outside;
    return { ...op, scan: { ...scan, body, results: scan.results.map(this.resolve) } };
  }

  private rewrite(op: RecordedOp): Rewriting {
    const folded = this.fold(op);
    if (folded !== undefined) return folded;
    switch (op.name) {
      case 'Cast':
        return attributeOf(op, 'SrcT') === attributeOf(op, 'DstT') ? { alias: inputOf(op, 0) } : op;
      case 'Reshape':
        return this.reshapeTo(inputOf(op, 0), outputOf(op));
      case 'Sum':
      case 'Mean':
      case 'Max':
      case 'Min':
        // Over axes of length 1 there is nothing to do but to drop them.
        return sizeOf(this.shape(inputOf(op, 0))) === sizeOf(shapeOf(op))
          ? this.reshapeTo(inputOf(op, 0), outputOf(op))
          : op;
      case 'Mul':
        return this.unit(op, [1, 0]) ?? this.reluGradient(op) ?? op;
      case 'RealDiv':
        return this.unit(op, [1]) ?? op;
      case 'BatchMatMulV2':
        return this.matMul(op);
      case 'Add':
        return this.biasAdd(op);
      case 'Conv2DBackpropFilter':
        return filterGradient(op, this.context) ?? op;
      default:
        return UNARY.has(op.name) ? this.beforeReshape(op, () => true) : op;
    }
  }

  private readonly context: RewriteContext = {
    shape: (id) => this.shape(id),
    tensor: (shape) => {
      const output = { id: this.fresh--, dtype: TYPES.float, shape };
      this.shapes.set(output.id, shape);
      return output;
    },
    ints: (values, shape = [values.length]) => {
      const id = this.fresh--;
      this.constants.set(id, { shape, dtype: TYPES.int32, values: Int32Array.from(values) });
      return id;
    },
  };

  private shape(id: number): Shape {
    return this.shapes.get(id) ?? [];
  }

  /** An operation on constants is done here and now. */
  private fold(op: RecordedOp): Rewriting | undefined {
    const [output] = op.outputs;
    if (output === undefined || op.outputs.length !== 1 || !PURE.has(op.name)) return undefined;
    if (output.dtype !== TYPES.float && output.dtype !== TYPES.int32) return undefined;
    if (sizeOf(output.shape) > MOST) return undefined;
    const inputs = op.inputs.map((id) => this.constants.get(id));
    if (inputs.some((input) => input === undefined)) return undefined;
    const native = binding();
    const ids = (inputs as RecordedConstant[]).map(({ shape, dtype, values }) =>
      native.createTensor(shape, dtype, values),
    );
    const [made] = native.executeOp(op.name, op.attributes, ids, 1) as [NativeTensor]; // one was asked for
    const values = native.tensorDataSync(made.id).slice();
    for (const id of [...ids, made.id]) native.deleteTensor(id);
    return { constant: { shape: output.shape, dtype: output.dtype, values } };
  }

  /** A change of shape of `source`; two of them are one, and none is needed where the shape is the same. */
  private reshapeTo(source: number, output: Output): { readonly alias: number } | RecordedOp {
    const before = this.producers.get(source);
    const root = before?.name === 'Reshape' ? inputOf(before, 0) : source;
    const { shape, dtype } = output;
    if (sameShape(this.shape(root), shape)) return { alias: root };
    return {
      name: 'Reshape',
      attributes: [
        { name: 'T', type: ATTRIBUTE_KINDS.type, value: dtype },
        attribute.type('Tshape', 'int32'),
      ],
      inputs: [root, this.context.ints(shape)],
      outputs: [output],
    };
  }

  /**
   * An operation whose first input a change of shape makes is done before that instead, if what it changed fits: then the
   * change may meet another one, or its end.
   */
  private beforeReshape(op: RecordedOp, fits: (shape: Shape) => boolean): Rewriting {
    const [source = 0, ...others] = op.inputs;
    const before = this.producers.get(source);
    if (before?.name !== 'Reshape') return op;
    const root = inputOf(before, 0);
    const shape = this.shape(root);
    if (!fits(shape)) return op;
    const output = { ...outputOf(op), id: this.fresh--, shape };
    this.shapes.set(output.id, shape);
    const moved = this.rewrite({ ...op, inputs: [root, ...others], outputs: [output] });
    const [made] = [moved].flat();
    if (made === undefined || !('name' in made)) return op;
    return [made, this.reshapeTo(output.id, outputOf(op)) as RecordedOp];
  }

  /** A product with ones, or a quotient by ones, is what it was before. */
  private unit(op: RecordedOp, positions: readonly number[]): Rewriting | undefined {
    for (const position of positions) {
      const constant = this.constants.get(inputOf(op, position));
      const other = inputOf(op, 1 - position);
      if (constant === undefined || sizeOf(constant.shape) > MOST) continue;
      if (!sameShape(this.shape(other), shapeOf(op))) continue;
      if ((constant.values as readonly number[]).every((value) => value === 1)) return { alias: other };
    }
    return undefined;
  }

  /**
   * A product of two matrices has a kernel of its own, which TensorFlow fuses with a bias and an activation. tfjs writes
   * some as products of two batches of one matrix.
   */
  private matMul(op: RecordedOp): Rewriting {
    const [a, b] = [inputOf(op, 0), inputOf(op, 1)];
    const isMatrix = (id: number): boolean => {
      const shape = this.shape(id);
      return shape.length === 2 || (shape.length === 3 && shape[0] === 1);
    };
    if (!isFloat(op) || !isMatrix(a) || !isMatrix(b)) return op;
    const before: RecordedOp[] = [];
    const matrix = (id: number): number => {
      const shape = this.shape(id);
      if (shape.length === 2) return id;
      const output = this.context.tensor(shape.slice(1));
      const reshaped = this.reshapeTo(id, output);
      if ('alias' in reshaped) return reshaped.alias;
      before.push(reshaped);
      return output.id;
    };
    const inputs = [matrix(a), matrix(b)];
    const [output] = op.outputs as [Output]; // a product has one
    const isBatch = output.shape.length === 3;
    const product = isBatch ? this.context.tensor(output.shape.slice(1)) : output;
    const multiplied: RecordedOp = {
      name: 'MatMul',
      attributes: [
        attribute.type('T', 'float'),
        attribute.bool('transpose_a', attributeOf(op, 'adj_x') === true),
        attribute.bool('transpose_b', attributeOf(op, 'adj_y') === true),
      ],
      inputs,
      outputs: [product],
    };
    if (!isBatch) return [...before, multiplied];
    return [...before, multiplied, this.reshapeTo(product.id, output) as RecordedOp]; // of another rank
  }

  /** The same for the bias: a vector that is added to a product or a convolution. */
  private biasAdd(op: RecordedOp): Rewriting {
    const [x, bias] = [inputOf(op, 0), inputOf(op, 1)];
    const [shape, biasShape] = [this.shape(x), this.shape(bias)];
    const source = this.producers.get(x);
    const fits = biasShape.length === 1 && biasShape[0] === shape.at(-1);
    if (fits && source?.name === 'Reshape') {
      return this.beforeReshape(op, (root) => root.length > 1 && root.at(-1) === biasShape[0]);
    }
    if (!isFloat(op) || !fits || (source?.name !== 'MatMul' && source?.name !== 'Conv2D')) return op;
    if ((attributeOf(source, 'data_format') ?? 'NHWC') !== 'NHWC') return op;
    return { ...op, name: 'BiasAdd', attributes: [attribute.type('T', 'float')] };
  }

  /**
   * tfjs multiplies a gradient with the step function of relu's input, which takes six operations. TensorFlow has one for
   * all, which takes relu's output as well as its input.
   */
  private reluGradient(op: RecordedOp): RecordedOp | undefined {
    const produced = (id: number, name: string): RecordedOp | undefined => {
      const producer = this.producers.get(id);
      return producer?.name === name ? producer : undefined;
    };
    const isAll = (id: number, value: number): boolean => {
      const constant = this.constants.get(id);
      if (constant !== undefined) {
        return (constant.values as readonly number[]).every((found) => found === value);
      }
      // One of many elements, which is filled in the step.
      const fill = produced(id, 'Fill');
      return fill !== undefined && isAll(inputOf(fill, 1), value);
    };
    for (const position of [1, 0]) {
      const select = produced(inputOf(op, position), 'Select');
      const gradient = inputOf(op, 1 - position);
      if (select === undefined || !isFloat(op) || !sameShape(this.shape(gradient), shapeOf(op))) continue;
      const isNan = produced(inputOf(select, 0), 'IsNan');
      const inner = produced(inputOf(select, 2), 'Select');
      const x = inputOf(select, 1);
      if (isNan === undefined || inner === undefined || inputOf(isNan, 0) !== x) continue;
      const greater = produced(inputOf(inner, 0), 'Greater');
      if (greater === undefined || inputOf(greater, 0) !== x || !isAll(inputOf(greater, 1), 0)) continue;
      if (!isAll(inputOf(inner, 1), 1) || !isAll(inputOf(inner, 2), 0)) continue;
      return {
        name: 'ReluGrad',
        attributes: [attribute.type('T', 'float')],
        inputs: [gradient, this.relus.get(x) ?? x],
        outputs: op.outputs,
      };
    }
    return undefined;
  }
}

const outputOf = ({ outputs }: RecordedOp): Output => outputs[0] as Output; // what is rewritten has one
const inputOf = ({ inputs }: RecordedOp, position: number): number => inputs[position] ?? 0;
const shapeOf = ({ outputs }: RecordedOp): Shape => outputs[0]?.shape ?? [];
const isFloat = ({ outputs }: RecordedOp): boolean => outputs[0]?.dtype === TYPES.float;

/**
 * Simplifies a recording: what depends on constants only is computed, what changes nothing goes, and where TensorFlow has
 * one kernel for several operations it takes their place. `shapes` are those of the tensors that the recording is fed.
 */
export const rewrite = (recording: Recording, shapes: ReadonlyMap<number, Shape>): Rewritten => {
  const rewriter = new GraphRewriter(recording.constants, new Map(shapes));
  const ops = rewriter.all(recording.ops);
  return { recording: { ...recording, ops, constants: rewriter.constants }, resolve: rewriter.resolve };
};
