/** Ends in the middle of a run that never does: one that waits for a queue to be filled. */
import { openRuntime } from '../../src/native/index';
import { DTYPES } from '../../src/native/dtypes';
import { attr, graphOf, libraryFolder } from './support';

const graph = graphOf([
  { name: 'queue', op: 'FIFOQueueV2', attributes: { component_types: attr.types([DTYPES.float]) } },
  {
    name: 'next',
    op: 'QueueDequeueV2',
    inputs: ['queue'],
    attributes: { component_types: attr.types([DTYPES.float]) },
  },
]);
const session = openRuntime(libraryFolder()).createSession(graph);
const pending = session.prepare({ feeds: [], fetches: ['next'] }).startReading([]);
void pending.promise.then(() => process.stdout.write('it ended\n'));
// Registered after the run began, and heard all the same.
process.on('exit', (code) => process.stdout.write(`exit ${code}\n`));
setTimeout(() => process.exit(7), 100);
