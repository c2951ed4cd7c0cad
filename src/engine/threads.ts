import { TYPES } from '../binding';
import { tf } from '../tensorflow';
import { attr, GraphBuilder } from './graph-def';
import { Session } from './session';

/** What runs of graphs can have in this process. */
interface Threads {
  /** Whether a run of a graph of one device stays in the thread that asks for it. */
  readonly staysInThread: boolean;
  /** A second device, on which an operation makes a run use TensorFlow's pool of threads; if it else would not. */
  readonly poolDevice: string | undefined;
}

/** One operation, on a device. */
const identity = (device?: string): Session => {
  const graph = new GraphBuilder();
  const one = graph.constant({ dtype: TYPES.float, shape: [], values: [1] });
  graph.node('same', 'Identity', [one], { T: attr.type(TYPES.float) }, device);
  return new Session(graph);
};

const RUNS = 32;
const ATTEMPTS = 3;

/** A run that another thread does waits for it at least once; what V8's threads do meanwhile counts too, but rarely. */
const staysInThread = (): boolean => {
  if (process.platform === 'win32') return false; // waits are not counted there
  const session = identity();
  const run = (): void => {
    tf.dispose(session.run({}, ['same']));
  };
  const waits = (): number => {
    run();
    const before = process.resourceUsage().voluntaryContextSwitches;
    for (let runs = 0; runs < RUNS; runs++) run();
    return process.resourceUsage().voluntaryContextSwitches - before;
  };
  const stays = Array.from({ length: ATTEMPTS }, waits).some((count) => count < RUNS / 2);
  session.dispose();
  return stays;
};

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

let known: Threads | undefined;

const tried = (): Threads => {
  const stays = staysInThread();
  return { staysInThread: stays, poolDevice: stays && hasXla() ? XLA : undefined };
};

/** Tries what runs of graphs can have, once. */
export const threads = (): Threads => (known ??= tried());
