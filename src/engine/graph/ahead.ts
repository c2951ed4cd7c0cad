import type { RecordedOp } from '../trace/recording';
import { FEED_NAMES, type TracedStep } from '../trace/traced-step';
import { neededFor } from './emit';

/**
 * Operations that prepare data and cannot fail: an error belongs to its own step, before which nothing of it may run. Of a gather that
 * is so where it takes a batch's rows.
 */
const PREPARING: ReadonlySet<string> = new Set([
  'Add',
  'AddV2',
  'Bitcast',
  'Cast',
  'Complex',
  'ConcatV2',
  'GatherV2',
  'Mul',
  'OnesLike',
  'RaggedGather',
  'RaggedRange',
  'Reshape',
  'RightShift',
  'Size',
  'Slice',
  'Sub',
  'Unique',
]);

const inputsOf = (op: RecordedOp): number[] => [
  ...op.inputs,
  ...(op.scan?.body ?? []).flatMap(({ inputs }) => inputs),
];

/** What a step takes of its data, as it is or prepared, and does not need its weights for. */
class Preparation {
  private readonly ofData: Set<number>;
  private readonly fixed: Set<number>;
  private readonly rows: ReadonlySet<number>;

  constructor(
    { recording, feeds }: TracedStep,
    batch: ReadonlySet<number>,
    private readonly whole: ReadonlySet<number>,
  ) {
    this.ofData = new Set(batch);
    this.fixed = new Set([...recording.constants.keys(), ...whole]);
    this.rows = new Set([...batch].filter((id) => FEED_NAMES.isRows(feeds.get(id) ?? '')));
  }

  isOfData(id: number): boolean {
    return this.ofData.has(id);
  }

  /** Whether an operation, whose predecessors were looked at, is part of it. */
  add(op: RecordedOp): boolean {
    const isKnown = (id: number): boolean => this.ofData.has(id) || this.fixed.has(id);
    if (!PREPARING.has(op.name) || !op.inputs.every(isKnown)) return false;
    const [source = 0, indices = 0] = op.inputs;
    if (op.name === 'GatherV2' && !(this.whole.has(source) && this.rows.has(indices))) return false;
    const made = op.inputs.some((id) => this.ofData.has(id)) ? this.ofData : this.fixed;
    for (const { id } of op.outputs) made.add(id);
    return true;
  }
}

/**
 * The tensors that a step makes of its data alone, or takes of it, for all the rest that it computes: by their ids. `batch` are those
 * that it is fed anew, `whole` are arrays that stay the same from step to step, `targets` what it computes.
 */
export const preparedOf = (
  step: TracedStep,
  batch: ReadonlySet<number>,
  whole: ReadonlySet<number>,
  targets: readonly number[],
): number[] => {
  const { ops } = step.recording;
  const { needed } = neededFor(ops, targets, () => false);
  const preparation = new Preparation(step, batch, whole);
  const prepared = new Set<number>();
  const use = (ids: readonly number[]): void => {
    for (const id of ids) if (preparation.isOfData(id)) prepared.add(id);
  };
  ops.forEach((op, index) => {
    if (needed.has(index) && !preparation.add(op)) use(inputsOf(op));
  });
  use(targets);
  return [...prepared];
};
