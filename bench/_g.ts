import { benchmarks, kerasPipe } from './_models';
import { GraphBuilder } from '../src/engine/graph-def';
const ops: Record<string, number> = {}; const lines: string[] = [];
const original = GraphBuilder.prototype.node;
GraphBuilder.prototype.node = function (name, op, inputs, a) { if (name.startsWith('train')) lines.push(`${name} ${op} ${inputs.join(' , ')}`); ops[op] = (ops[op] ?? 0) + 1; return original.call(this, name, op, inputs, a); };
void (async () => { await kerasPipe(benchmarks[process.argv[2] as 'boston'], 'compiled')(); console.log(lines.join('\n')); console.log(lines.length); })();
