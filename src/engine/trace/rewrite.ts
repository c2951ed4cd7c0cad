import { atOnce, type Steps } from '../../base/steps';
import type { RecordedConstant, RecordedOp, Recording } from './recording';
import { argMax } from './rewrites/arg-max';
import { biasAdd } from './rewrites/bias-add';
import { biasGradient } from './rewrites/bias-gradient';
import { RewriteContext, type Rewrite, type Rewriting, type Shape } from './rewrites/context';
import { earlyQuotient } from './rewrites/early-quotient';
import { filterGradient } from './rewrites/filter-gradient';
import { foldConstants } from './rewrites/fold-constants';
import { matMul } from './rewrites/mat-mul';
import { quickerPooling } from './rewrites/pooling';
import { reluGradient } from './rewrites/relu-gradient';
import { castToSame, elementwise, reduceNothing, reshape, transposeToSame } from './rewrites/reshape';
import { unitFactor } from './rewrites/unit-factor';

/** The rules for operations, by their names; the first that applies counts. Constants are folded before. */
const REWRITES: ReadonlyMap<string, readonly Rewrite[]> = new Map([
  ['Add', [biasAdd]],
  ['ArgMax', [argMax]],
  ['BatchMatMulV2', [matMul]],
  ['Cast', [castToSame]],
  ['Conv2DBackpropFilter', [filterGradient]],
  ['Mul', [unitFactor([1, 0]), reluGradient]],
  ['RealDiv', [unitFactor([1]), earlyQuotient]],
  ['Reshape', [reshape]],
  ['Transpose', [transposeToSame]],
  ...['Max', 'Mean', 'Min', 'Sum'].map((name): [string, Rewrite[]] => [name, [reduceNothing]]),
  ...['Elu', 'Neg', 'Relu', 'Selu', 'Sigmoid', 'Softplus', 'Square', 'Tanh'].map(
    (name): [string, Rewrite[]] => [name, [elementwise]],
  ),
]);

/** A recording that computes the same in fewer operations. */
export interface Rewritten {
  readonly recording: Recording;
  /** The tensor that stands for one of the original recording. */
  readonly resolve: (id: number) => number;
}

/** Operations that are rewritten before others may run. */
const OPERATIONS_AT_ONCE = 64;

/** Rewrites the operations of a recording one after the other. */
class GraphRewriter {
  private readonly context: RewriteContext;
  private readonly aliases = new Map<number, number>();

  constructor(constants: Recording['constants'], shapes: Map<number, Shape>) {
    this.context = new RewriteContext(constants, shapes, (op) => this.rewrite(op));
  }

  get constants(): ReadonlyMap<number, RecordedConstant> {
    return this.context.constants;
  }

  readonly resolve = (id: number): number => this.aliases.get(id) ?? id;

  *inSteps(ops: readonly RecordedOp[]): Steps<readonly RecordedOp[]> {
    const made: RecordedOp[] = [];
    for (const [index, op] of ops.entries()) {
      if ((index + 1) % OPERATIONS_AT_ONCE === 0 || op.scan !== undefined) yield;
      made.push(...this.rewritten(op));
    }
    return quickerPooling(made, this.context).map(
      // Poolings are known by their sums, which so come last.
      (op) => (op.name === 'Sum' ? biasGradient(op, this.context) : undefined) ?? op,
    );
  }

  /** What takes an operation's place: one, several or none. */
  private rewritten(original: RecordedOp): RecordedOp[] {
    const op = { ...original, inputs: original.inputs.map(this.resolve) };
    for (const { id, shape } of op.outputs) this.context.setShape(id, shape);
    if (op.scan !== undefined) return [this.context.keep(this.inScan(op))];
    const rewriting = this.rewrite(op);
    const id = op.outputs[0]?.id ?? 0;
    if ('alias' in rewriting) this.aliases.set(id, rewriting.alias);
    else if ('constant' in rewriting) this.context.constants.set(id, rewriting.constant);
    else return [rewriting].flat().map((made) => this.context.keep({ ...made, layer: op.layer })); // one or several
    return [];
  }

  /** A recurrence: its step is rewritten in the same way. */
  private inScan(op: RecordedOp): RecordedOp {
    const { scan, inputs } = op;
    if (scan === undefined) return op;
    const { feeds, stateShape } = scan;
    const { context } = this;
    feeds.sequences.forEach((id, index) => {
      context.setShape(id, context.shape(inputs[index] ?? 0).slice(1));
    });
    context.setShape(feeds.state, stateShape);
    for (const id of Object.values(feeds.backward ?? {})) context.setShape(id, stateShape);
    const body = context.inStep(() => atOnce(this.inSteps(scan.body)));
    return { ...op, scan: { ...scan, body, results: scan.results.map(this.resolve) } };
  }

  private rewrite(op: RecordedOp): Rewriting {
    for (const rule of [foldConstants, ...(REWRITES.get(op.name) ?? [])]) {
      const rewriting = rule(op, this.context);
      if (rewriting !== undefined) return rewriting;
    }
    return op;
  }
}

/**
 * Simplifies a recording: what depends on constants only is computed, what changes nothing goes, and where TensorFlow has
 * one kernel for several operations it takes their place. `shapes` are those of the tensors that the recording is fed.
 */
export const rewrite = (recording: Recording, shapes: ReadonlyMap<number, Shape>): Rewritten =>
  atOnce(rewriteInSteps(recording, shapes));

/** The same step by step: between them others may run. */
export function* rewriteInSteps(recording: Recording, shapes: ReadonlyMap<number, Shape>): Steps<Rewritten> {
  const rewriter = new GraphRewriter(recording.constants, new Map(shapes));
  const ops = yield* rewriter.inSteps(recording.ops);
  return { recording: { ...recording, ops, constants: rewriter.constants }, resolve: rewriter.resolve };
}
