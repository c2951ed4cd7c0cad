import { withScanRecorder } from '../../ops/scan';
import { binding, withBinding } from '../../tfjs/binding';
import { Recorder } from './recorder';
import type { Recording } from './recording';
import { scanRecorder } from './scan-recorder';

/** Runs a function once, for real, and records every op that it executes. */
export const record = <T>(run: () => T): { result: T; recording: Recording } => {
  const recorder = new Recorder(binding());
  const result = withBinding(recorder.binding, () => withScanRecorder(scanRecorder(recorder), run));
  const { ops = [], constants, readValues } = recorder;
  return { result, recording: { ops, constants, readValues } };
};
