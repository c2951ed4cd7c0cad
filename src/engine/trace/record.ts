import { asStep, atOnce, withinInSteps, type Steps } from '../../base/steps';
import { enterScanRecorder } from '../../ops/scan';
import { binding, enterBinding } from '../../tfjs/binding';
import { Recorder } from './recorder';
import type { Recording } from './recording';
import { scanRecorder } from './scan-recorder';
import { StandInRead, StandIns } from './stand-ins';

/** What a function gave, and its operations. */
export interface Recorded<T> {
  readonly result: T;
  readonly recording: Recording;
}

/**
 * Runs a function once, and records every op that it executes.
 *
 * With the `shapes` of the tensors that it is given, products and convolutions are not computed: zeros of the right shapes stand for
 * them.
 *
 * @throws StandInRead if JavaScript reads values meanwhile that may depend on such zeros.
 */
export const record = <T>(run: () => T, shapes?: ReadonlyMap<number, readonly number[]>): Recorded<T> =>
  atOnce(recordInSteps(asStep(run), shapes));

/** The same of a function that runs step by step. */
export function* recordInSteps<T>(
  steps: () => Steps<T>,
  shapes?: ReadonlyMap<number, readonly number[]>,
): Steps<Recorded<T>> {
  const standIns = shapes === undefined ? undefined : new StandIns(binding());
  for (const [id, shape] of shapes ?? []) standIns?.know(id, shape);
  const recorder = new Recorder(binding(), standIns);
  try {
    const result = yield* withinInSteps(
      () => enterBinding(recorder.binding),
      () => withinInSteps(() => enterScanRecorder(scanRecorder(recorder)), steps),
    );
    const { ops = [], constants, readValues } = recorder;
    return { result, recording: { ops, constants, readValues } };
  } finally {
    standIns?.dispose();
  }
}

/** Traces something with stand-ins; or for real, where JavaScript reads values. */
export function* withoutComputing<T>(trace: (standIns: boolean) => Steps<T>): Steps<T> {
  try {
    return yield* trace(true);
  } catch (error) {
    if (!(error instanceof StandInRead)) throw error;
  }
  return yield* trace(false);
}
