import { TYPES } from '../../tfjs/binding';
import { tf } from '../../tfjs/tensorflow';
import { attr } from './attributes';
import { GraphBuilder } from './builder';
import { Session } from './session';
import { THREAD_TRIAL_ATTEMPTS, THREAD_TRIAL_RUNS } from '../tuning';

/** One operation, on a device. */
const identity = (device?: string): Session => {
  const graph = new GraphBuilder();
  const one = graph.constant({ dtype: TYPES.float, shape: [], values: [1] });
  graph.node('same', 'Identity', [one], { T: attr.type(TYPES.float) }, device);
  return new Session(graph);
};

const tryStaying = (): boolean => {
  if (process.platform === 'win32') return false; // waits are not counted there
  const session = identity();
  const run = (): void => {
    tf.dispose(session.run({}, ['same']));
  };
  let stays = false;
  for (let attempt = 0; attempt < THREAD_TRIAL_ATTEMPTS && !stays; attempt++) {
    run();
    const before = process.resourceUsage().voluntaryContextSwitches;
    for (let runs = 0; runs < THREAD_TRIAL_RUNS; runs++) run();
    // A run that another thread does waits for it at least once; what V8's threads do meanwhile counts too, but rarely.
    stays = process.resourceUsage().voluntaryContextSwitches - before < THREAD_TRIAL_RUNS / 2;
  }
  session.dispose();
  return stays;
};

let stays: boolean | undefined;

/** Whether in this process a run of a graph of one device stays in the thread that asks for it. Tried once. */
export const staysInThread = (): boolean => (stays ??= tryStaying());

const XLA = '/device:XLA_CPU:0';

const hasXla = (): boolean => {
  const session = identity(XLA);
  try {
    tf.dispose(session.run({}, ['same']));
    return true;
  } catch {
    return false;
  } finally {
    session.dispose();
  }
};

let isThere: boolean | undefined;

/** A second device, on which an operation makes a run use TensorFlow's pool of threads; if it else would not. Tried once. */
export const poolDevice = (): string | undefined =>
  (isThere ??= staysInThread() && hasXla()) ? XLA : undefined;
