import { SparseMatrix } from '../arrays/sparse-matrix';
import { isArrayLike } from '../arrays/tensors';
import { isPlainObject } from '../base/checks';
import { describe, KerasArgumentError } from '../base/errors';
import { asFunction } from '../base/function-name';
import { KerasModel } from '../models/model';

/** A verb of training: what it takes after the model, and how it runs. */
interface Verb<Result> {
  readonly name: string;
  /** What the arrays after the model are called: x, or x and y. */
  readonly data: readonly string[];
  /** Throws if the options are wrong. */
  readonly checkOptions: (options: unknown) => unknown;
  /** `model` is what the user gave for one. */
  readonly run: (model: KerasModel, ...args: unknown[]) => Result;
}

const isData = (value: unknown): boolean => isArrayLike(value) || value instanceof SparseMatrix;

/**
 * Whether the first of the arguments is meant for a model, though it may be none: the others are then one place further
 * on. Without that, `fit(notAModel, x, y)` would be taken for a step of a pipe, and nothing would be trained.
 */
const isPlain = (args: readonly unknown[], data: number): boolean => {
  const [first] = args;
  if (first instanceof KerasModel || args.length > data + 1 || isData(args[data])) return true;
  return typeof first === 'object' && first !== null && !isData(first) && !isPlainObject(first);
};

/** Makes both call styles of a verb: with the model first, or without it for a pipe. */
export const bothStyles =
  <Result>({ name, data, checkOptions, run }: Verb<Result>) =>
  (...args: unknown[]): unknown => {
    const runNamed = (...all: unknown[]): Result =>
      asFunction(name, () => run(all[0] as KerasModel, ...all.slice(1))); // `run` checks that it is one
    if (isPlain(args, data.length)) return runNamed(...args);
    const missing = data.findIndex((_, index) => args[index] === undefined);
    if (missing !== -1) {
      const list = data.join(', ');
      throw new KerasArgumentError({
        function: name,
        argument: data[missing] ?? 'x',
        expected: `${data.length > 1 ? 'data and labels' : 'data'} must be given`,
        received: data.map((argument, index) => `${argument}: ${describe(args[index])}`).join(', '),
        advice: `Write pipe(model, ${name}(${list})), or ${name}(model, ${list})`,
      });
    }
    // Now, so that a misspelt option is told at the line that has it.
    checkOptions(args[data.length]);
    return (model: KerasModel) => runNamed(model, ...args);
  };
