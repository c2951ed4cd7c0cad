import { binding } from '../tfjs/binding';
import { areSmall } from './graph/nodes';
import type { RecordedOp } from './trace/recording';
import type { TracedProgram } from './traced-program';
import {
  MIN_XLA_GAIN,
  XLA_BUILD_MILLISECONDS,
  XLA_BUILD_MILLISECONDS_PER_OPERATION,
  XLA_SAVED_MILLISECONDS_PER_OPERATION,
} from './tuning';

/**
 * The operations of a step that XLA computes as TensorFlow does, and that cannot fail. Not among them are those that look whether their
 * input is right, such as gatherings by ids, which do not look under XLA, and random numbers, which are others there.
 */
const SAME: ReadonlySet<string> = new Set([
  ...['Abs', 'Add', 'AddN', 'AddV2', 'ArgMax', 'BatchMatMulV2', 'BiasAdd', 'BiasAddGrad', 'Cast', 'Ceil'],
  ...['ConcatV2', 'Cos', 'Elu', 'EluGrad', 'Equal', 'Exp', 'ExpandDims', 'Expm1', 'Fill', 'Floor', 'Greater'],
  ...[
    'GreaterEqual',
    'Identity',
    'IsFinite',
    'IsInf',
    'IsNan',
    'Less',
    'LessEqual',
    'Log',
    'Log1p',
    'LogSoftmax',
  ],
  ...[
    'LogicalAnd',
    'LogicalNot',
    'LogicalOr',
    'MatMul',
    'Max',
    'Maximum',
    'Mean',
    'Min',
    'Minimum',
    'Mul',
    'Neg',
  ],
  ...[
    'NotEqual',
    'OnesLike',
    'Pack',
    'Pow',
    'Prod',
    'RealDiv',
    'Reciprocal',
    'Relu',
    'ReluGrad',
    'Relu6',
    'Reshape',
  ],
  ...[
    'Rsqrt',
    'Select',
    'SelectV2',
    'Selu',
    'SeluGrad',
    'Sigmoid',
    'SigmoidGrad',
    'Sign',
    'Sin',
    'Softmax',
    'SoftmaxCrossEntropyWithLogits',
    'Softplus',
  ],
  ...['Split', 'SplitV', 'Sqrt', 'Square', 'SquaredDifference', 'Squeeze', 'StatelessRandomNormal'],
  ...['Sub', 'Sum', 'Tan', 'Tanh', 'TanhGrad', 'Tile', 'Transpose', 'Unpack', 'ZerosLike'],
]);

/** The loop that XLA may compile: that of training over whole batches. */
export const XLA_LOOP = 'train';

const areKnown = (ops: readonly RecordedOp[]): boolean =>
  ops.every(({ name, scan }) => scan === undefined && SAME.has(name));

/** Whether there is an XLA that keeps what is not a number: TensorFlow 1's assumes that all are. */
export const hasXla = (): boolean => {
  const native = binding();
  return !native.TF_Version.startsWith('1.') && native.hasKernel('XlaLaunch') && !native.isUsingGpuDevice();
};

/** What may be compiled of a program: the loop over its whole batches, where all of it is small and the same under XLA. */
const loopFor = ({ traced, update }: TracedProgram): readonly RecordedOp[] | undefined => {
  const [first] = traced;
  if (first?.loop.name !== XLA_LOOP || update === undefined || !hasXla()) return undefined;
  const { step, arrays } = first;
  const { recording, tables } = step;
  const updates = [update.clipScale, ...update.stages.flat()].flatMap((stage) =>
    stage === undefined || 'kernel' in stage ? [] : stage.recording.ops,
  );
  const isWhole = (tables?.sliced.size ?? 0) === 0 && !arrays.some(({ whole }) => whole);
  const ops = [...recording.ops, ...updates];
  return isWhole && areSmall(ops) && areKnown(ops) ? ops : undefined;
};

/** From how many steps on it pays to have XLA compile a program's loop; infinity if it cannot. */
export const stepsForXla = (program: TracedProgram): number => {
  const ops = loopFor(program);
  if (ops === undefined) return Infinity;
  const count = ops.length + program.trainable.length;
  const building = XLA_BUILD_MILLISECONDS + XLA_BUILD_MILLISECONDS_PER_OPERATION * count;
  return Math.ceil((MIN_XLA_GAIN * building) / (XLA_SAVED_MILLISECONDS_PER_OPERATION * count));
};
