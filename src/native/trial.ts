/**
 * Has the C library of a folder negate two numbers, and prints its version; without a folder, loads koffi and prints the version of that.
 * A program, for a process of its own: a library that does not fit can end the process that loads it.
 */
import { KerasError } from '../base/errors';
import { ATTRIBUTES } from './attributes';
import { DTYPES } from './dtypes';
import { openRuntime } from './index';
import { loadKoffi } from './koffi';
import { SETUP_ADVICE } from './library';

/** The version of the library in a folder, once it has computed. */
const tryLibrary = (folder: string): string => {
  const { binding, library } = openRuntime(folder);
  const input = binding.createTensor([2], DTYPES.float, Float32Array.of(1, -2));
  const type = { name: 'T', type: ATTRIBUTES.type, value: DTYPES.float };
  const [output] = binding.executeOp('Neg', [type], [input], 1);
  const values = String(binding.tensorDataSync(output?.id ?? -1));
  if (values !== '-1,2') throw new Error(`TensorFlow computed ${values} for the negatives of 1 and -2`);
  return library.version;
};

/** An error without what to do, where that is to run setup: setup reads it, and has advice of its own. */
const forSetup = (error: unknown): unknown =>
  error instanceof KerasError && error.advice.includes(SETUP_ADVICE)
    ? new Error(error.message.replace(` ${error.advice}`, ''))
    : error;

const [folder] = process.argv.slice(2);
try {
  process.stdout.write(`${folder === undefined ? loadKoffi().version : tryLibrary(folder)}\n`);
} catch (error) {
  throw forSetup(error);
}
