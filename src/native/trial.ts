/**
 * Has the C library of a folder negate two numbers, and prints its version. A program, for a process of its own: a library that does
 * not fit can end the process that loads it.
 */
import { ATTRIBUTES } from './attributes';
import { DTYPES } from './dtypes';
import { openRuntime } from './index';

const { binding, library } = openRuntime(process.argv[2] ?? '');
const input = binding.createTensor([2], DTYPES.float, Float32Array.of(1, -2));
const type = { name: 'T', type: ATTRIBUTES.type, value: DTYPES.float };
const [output] = binding.executeOp('Neg', [type], [input], 1);
const values = String(binding.tensorDataSync(output?.id ?? -1));
if (values !== '-1,2') throw new Error(`TensorFlow computed ${values} for the negatives of 1 and -2`);
process.stdout.write(`${library.version}\n`);
