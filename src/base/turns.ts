import { performance } from 'node:perf_hooks';

/** What Node.js tells of its event loop, and Deno does not. */
type Timing = Partial<typeof performance.nodeTiming>;

/** How often this thread's event loop has gone round; where nobody counts, all that happens is taken to be of one turn. */
export const turnsTaken = (): number =>
  (performance.nodeTiming as Timing | undefined)?.uvMetricsInfo?.loopCount ?? 0;
