import { benchmarks, kerasPipe } from './_models';
import { Session } from '../src/engine/session';
import { performance } from 'node:perf_hooks';
const name = process.argv[2] as keyof typeof benchmarks;
let native = 0, calls = 0;
const original = Session.prototype.run;
Session.prototype.run = function (f, g) { const b = performance.now(); const r = original.call(this, f, g); native += performance.now() - b; calls++; return r; };
(async () => {
  const train = kerasPipe(benchmarks[name], 'compiled');
  const { rows, batchSize, epochs } = benchmarks[name];
  const steps = Math.ceil(rows / batchSize) * epochs;
  await train(); await train();
  for (let i = 0; i < 6; i++) { native = 0; calls = 0; const b = performance.now(); await train(); const all = performance.now() - b; console.log('per step', (all / steps).toFixed(3), 'native', (native / steps).toFixed(3), 'calls', calls, 'steps', steps); }
})();
