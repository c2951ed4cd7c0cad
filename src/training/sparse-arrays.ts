import { nonzeroFraction, sparseInSteps } from '../arrays/dense-nonzeros';
import { entriesOf, SparseInput } from '../arrays/sparse-input';
import { layoutInSteps, type SparseLayout } from '../arrays/sparse-layout';
import { inTurns, type Steps } from '../base/steps';
import {
  DENSE_MILLISECONDS_PER_ELEMENT,
  DENSE_MILLISECONDS_PER_UNIT,
  MAX_NONZERO_FRACTION,
  MIN_SPARSE_BATCH_ELEMENTS,
  MIN_SPARSE_GAIN,
  SPARSE_MILLISECONDS,
  SPARSE_MILLISECONDS_PER_NONZERO,
  SPARSE_MILLISECONDS_PER_UNIT,
  SPARSE_SCAN_MILLISECONDS_PER_ELEMENT,
} from '../engine/tuning';
import { unitsOfDense } from '../layers/internal/dense';
import type { KerasModel } from '../models/model';
import { StateKey, type Disposable } from '../models/state';
import type { InputArray } from '../step/batches';
import { EventLoopYielder } from '../step/event-loop';
import { binding, uploadInSteps } from '../tfjs/binding';
import { tf, type Tensor } from '../tfjs/tensorflow';
import type { Planned, RunnerRequest } from './step-runners';

type DataId = Tensor['dataId'];

/** What was found of a tensor's numbers, which stay as they are; it goes with the tensor. */
interface Found {
  /** Which fraction of a sample are not 0; undefined where there are too many. */
  fraction: number | undefined;
  /** The rows as sparse ones, once that was worth it. */
  layout?: SparseLayout;
}
const foundIn = new WeakMap<DataId, Found>();

/** Milliseconds that sparse rows would have saved a model, by its data. Many short calls add up. */
class Savings implements Disposable {
  private readonly byData = new WeakMap<DataId, number>();

  /** Adds some, and gives all of them. */
  add({ dataId }: Tensor, milliseconds: number): number {
    const all = (this.byData.get(dataId) ?? 0) + milliseconds;
    this.byData.set(dataId, all);
    return all;
  }

  dispose(): void {
    // It goes with the model.
  }
}
const SAVINGS = new StateKey<Savings>('what sparse rows would have saved', ['layers']);

/** The units of the dense layer that an input goes into; undefined where it goes elsewhere, or into several layers. */
const unitsBehind = ({ tf: model }: KerasModel, index: number): number | undefined => {
  const input = model.inputs[index];
  if (input === undefined || model.outputs.includes(input)) return undefined;
  const takers = input.sourceLayer.outboundNodes.map(({ outboundLayer }) => outboundLayer);
  const [taker, ...others] = takers.filter((layer) => layer !== model);
  return taker === undefined || others.length > 0 ? undefined : unitsOfDense(taker);
};

/** Milliseconds that a step saves with sparse rows: it multiplies a batch once, and once more for the gradient. */
const savedMilliseconds = (
  elements: number,
  fraction: number,
  units: number,
  isTraining: boolean,
): number => {
  const products = isTraining ? 2 : 1;
  const each = (perElement: number, perUnit: number): number => perElement + products * perUnit * units;
  const dense = elements * each(DENSE_MILLISECONDS_PER_ELEMENT, DENSE_MILLISECONDS_PER_UNIT);
  const nonzeros = elements * fraction * each(SPARSE_MILLISECONDS_PER_NONZERO, SPARSE_MILLISECONDS_PER_UNIT);
  return dense - nonzeros - products * SPARSE_MILLISECONDS;
};

/** Steps that take rows of an input. */
interface Taken {
  readonly model: KerasModel;
  readonly batchSize: number;
  readonly steps: number;
  readonly isTraining: boolean;
  /** Whether sparse rows are taken whatever they save. */
  readonly isForced: boolean;
}

/** Whether an input's rows are such that they may be sparse ones, and are worth it. */
const areWorthIt = (x: InputArray, index: number, taken: Taken): x is Tensor => {
  const { model, batchSize, steps, isTraining, isForced } = taken;
  if (x instanceof SparseInput || x instanceof tf.Variable || x.dtype !== 'float32' || x.rank !== 2)
    return false;
  const units = unitsBehind(model, index);
  const [rows = 0, columns = 0] = x.shape;
  const elements = Math.min(batchSize, rows) * columns;
  if (units === undefined || elements < MIN_SPARSE_BATCH_ELEMENTS) return false;
  const found: Found = foundIn.get(x.dataId) ?? { fraction: nonzeroFraction(x, MAX_NONZERO_FRACTION) };
  foundIn.set(x.dataId, found);
  const { fraction } = found;
  if (fraction === undefined || isForced) return fraction !== undefined;
  const perStep = savedMilliseconds(elements, fraction, units, isTraining);
  if (perStep <= 0) return false;
  const { state } = model;
  const savings = state.kept(SAVINGS) ?? state.keep(SAVINGS, new Savings());
  // Not whether somebody else has made them already: the same calls are to give the same numbers.
  return savings.add(x, perStep * steps) > MIN_SPARSE_GAIN * SPARSE_SCAN_MILLISECONDS_PER_ELEMENT * x.size;
};

const free = ({ parts }: SparseInput): void => tf.dispose(entriesOf(parts).map(([, part]) => part));

/** A tensor as a sparse input, of rows that are made once. A part at a time: in between others may run. */
function* sparseInputOf(x: Tensor): Steps<SparseInput | undefined> {
  const found = foundIn.get(x.dataId) ?? { fraction: 0 };
  if (found.layout === undefined) {
    const rows = yield* sparseInSteps(x, MAX_NONZERO_FRACTION);
    if (rows === undefined) {
      found.fraction = undefined;
      return undefined;
    }
    found.layout = yield* layoutInSteps(rows);
  }
  const input = new SparseInput(x.shape as [number, number], found.layout); // of two dimensions
  let isDone = false;
  try {
    for (const [, part] of entriesOf(input.parts)) yield* uploadInSteps(part);
    isDone = true;
    return input;
  } finally {
    if (!isDone) free(input);
  }
}

/** A call's data, of which some rows are sparse now; and what frees those. */
interface SparseArrays {
  readonly request: RunnerRequest;
  /** The inputs whose rows to train on, or to test on where there are no such, are sparse. */
  readonly names: readonly string[];
  readonly free: () => void;
}

/**
 * The same data with sparse rows for those that are nearly all zeros, where that is worth it for a call of `steps` steps: only for
 * an input that goes into a dense layer and nowhere else, which multiplies them by what is not zero. Looking at all numbers takes a while,
 * in which `pause` lets others run now and then.
 */
export const withSparseRows = async (
  request: RunnerRequest,
  steps: number,
  pause: () => Promise<void>,
): Promise<SparseArrays | undefined> => {
  const { model, training, test, batchSize, sparseRows: isForced = false } = request;
  if (binding().isUsingGpuDevice()) return undefined;
  const yielder = new EventLoopYielder();
  const pauseIfDue = async (): Promise<void> => {
    if (yielder.isDue()) await pause();
  };
  const stepsOf = ({ arrays }: Planned): number => Math.ceil(arrays.rows / batchSize);
  const passes = steps / stepsOf((training ?? test) as Planned); // there is one of the two
  const made: SparseInput[] = [];
  const sparse = async <P extends Planned | undefined>(planned: P, isTraining: boolean): Promise<P> => {
    if (planned === undefined) return planned;
    const taken = { model, batchSize, steps: passes * stepsOf(planned), isTraining, isForced };
    const x: InputArray[] = [];
    for (const [index, input] of planned.arrays.x.entries()) {
      const rows = areWorthIt(input, index, taken)
        ? await inTurns(sparseInputOf(input), pauseIfDue)
        : undefined;
      if (rows !== undefined) made.push(rows);
      x.push(rows ?? input);
    }
    return { ...planned, arrays: { ...planned.arrays, x } };
  };
  try {
    const ofTraining = await sparse(training, true);
    const ofTest = await sparse(test, false);
    if (made.length === 0) return undefined;
    const { x } = ((ofTraining ?? ofTest) as Planned).arrays; // there is one of the two
    const names = model.tf.inputNames.filter((_, index) => made.includes(x[index] as SparseInput));
    return {
      request: { ...request, training: ofTraining, test: ofTest, sparseRows: true },
      names,
      free: () => made.forEach(free),
    };
  } catch (error) {
    made.forEach(free);
    throw error;
  }
};
