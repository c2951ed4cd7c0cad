/** Makes the random calls from one number to another, and sends what comes of each to the process that started it. */
import {
  kerasModel,
  KerasError,
  KerasModel,
  predictOnBatch,
  SequentialModel,
  tf,
  type Prediction,
  type SymbolicTensor,
  type Tensor,
} from '../../src/index';
import * as keras from '../../src/index';
import { describe } from '../../src/base/errors';
import { ancestors } from '../../src/layers/internal/apply';
import { tensorCount } from '../support/tensors';
import { takeMade } from './call-values';
import { Chance } from './campaign';
import { caseOf, FUNCTIONS, learnOptions, type Case } from './call-cases';

const [seed = 1, start = 0, end = 0] = process.argv.slice(2).map(Number);

const send = (message: object): void => void process.send?.(message);

/** What is not to be walked through. */
const LIBRARIES = new Set<unknown>([globalThis, keras, tf]);

/** Frees everything in a value. */
const free = (value: unknown, seen = new Set<unknown>()): void => {
  if (
    (typeof value !== 'object' && typeof value !== 'function') ||
    value === null ||
    LIBRARIES.has(value) ||
    seen.has(value) ||
    seen.size > 1000
  )
    return;
  seen.add(value);
  if (value instanceof tf.Tensor) {
    if (!value.isDisposed) value.dispose();
  } else if (value instanceof KerasModel)
    value.dispose(); // weights of tfjs's own models are variables
  else if (Array.isArray(value)) for (const each of value.slice(0, 100)) free(each, seen);
  else if (Object.getPrototypeOf(value) === Object.prototype)
    for (const each of Object.values(value)) free(each, seen);
};

const FORM = /^[\w/.-]+: [^]+[.!?…] [^]+[.!?]$/;

/** What is wrong with an error, if anything. */
const judge = (name: string, error: unknown): string | undefined => {
  if (!(error instanceof KerasError)) {
    const { stack } = error as { stack?: unknown };
    return `raw: ${String(stack ?? error)
      .split('\n')
      .slice(0, 4)
      .join(' | ')}`;
  }
  if (!FORM.test(error.message)) return `form: ${error.message}`;
  if (error.message.includes('\u{E000}')) return `unnamed: ${error.message}`;
  // A loss or a metric that is called within says its own name, and so does what a model was compiled with.
  const isWithin = FUNCTIONS.has(error.function);
  // What makes functions gives them names of their own.
  const isOwnName = /^(new\w+Class|createLayerWrapper)$/.test(name);
  if (error.function !== name && !isWithin && !isOwnName) return `says ${error.function}: ${error.message}`;
  return undefined;
};

interface Outcome {
  readonly functionName: string;
  readonly result?: unknown;
  readonly error?: unknown;
  readonly failed: boolean;
}

const settle = async (functionName: string, run: () => unknown): Promise<Outcome> => {
  try {
    return { functionName, result: await run(), failed: false };
  } catch (error) {
    return { functionName, error, failed: true };
  }
};

/** The model that a layer was added to, or one around what the layer puts out. */
const modelAround = (result: unknown): KerasModel<Prediction> | undefined => {
  if (result instanceof SequentialModel) return result;
  if (!(result instanceof tf.SymbolicTensor)) return undefined;
  const inputs = [...ancestors([result])].filter((layer) => layer.getClassName() === 'InputLayer');
  return kerasModel(
    inputs.map(({ output }) => output as SymbolicTensor), // an input has one output
    result,
  );
};

/** Data that a model may take: of the shape of its input, with some size where it is open, and sometimes with another. */
const dataFor = (model: KerasModel<Prediction>, index: number): unknown => {
  const chance = new Chance(seed + 1, index);
  if (!model.built) return [[1, 2]];
  const data = model.tf.inputs.map(({ shape, dtype }) => {
    const sizes = shape.map((size) => (size === null || chance.below(12) === 0 ? chance.below(5) : size));
    const count = sizes.reduce((product, size) => product * size, 1);
    if (dtype === 'string') return tf.tensor(Array.from({ length: count }, String), sizes, dtype);
    return tf.tidy(() => tf.cast(tf.reshape(tf.range(0, count), sizes), dtype));
  });
  return data.length === 1 ? data[0] : data;
};

/** Makes the call, applies what comes of it where that is a step of a pipe, and runs the model that there is then. */
const perform = async ({ name, args, subject }: Case, index: number): Promise<Outcome> => {
  const call = FUNCTIONS.get(name);
  let outcome = await settle(name, () => call?.(...args));
  if (outcome.failed) return outcome;
  if (typeof outcome.result === 'function') {
    const step = outcome.result as (subject: unknown) => unknown;
    outcome = await settle(name, () => step(subject));
  }
  if (outcome.failed || !name.startsWith('layer')) return outcome;
  let data: unknown;
  try {
    const model = modelAround(outcome.result);
    if (model === undefined) return outcome;
    data = dataFor(model, index);
    const ran = await settle('predictOnBatch', () => predictOnBatch(model, data as Tensor)); // or what is none
    return { ...ran, result: [ran.result, model] };
  } finally {
    free(data);
  }
};

const words = ({ name, args }: Case): string => `${name}(${args.map(describe).join(', ')})`;

const variableNames = (): string[] => Object.keys(tf.engine().registeredVariables);

const runCase = async (index: number): Promise<void> => {
  const before = tensorCount();
  const made = caseOf(seed, index);
  const said = words(made);
  // Layers on symbolic tensors have weights that belong to no model yet.
  const known = new Set(variableNames());
  const outcome = await perform(made, index);
  const wrong = outcome.failed ? judge(outcome.functionName, outcome.error) : undefined;
  const problems = wrong === undefined ? [] : [wrong];
  free(outcome.result);
  for (const each of takeMade()) free(each);
  const fresh = variableNames().filter((name) => !known.has(name));
  if (outcome.failed && fresh.length > 0) problems.push(`an error leaves the variables ${fresh.join(', ')}`);
  tf.disposeVariables();
  const left = tensorCount() - before;
  if (left > 0) problems.push(`leaves ${left} tensors`);
  const kind = outcome.failed ? (outcome.error as Error).constructor.name : 'result';
  send({ done: index, kind, problems: problems.map((problem) => `${said}: ${problem}`) });
};

const main = async (): Promise<void> => {
  await learnOptions();
  for (let index = start; index < end; index++) {
    send({ started: index });
    await runCase(index);
  }
};

// What a call rejects or throws later is the call's, too.
process.on('unhandledRejection', (error) => {
  send({ late: String((error as { stack?: unknown }).stack ?? error).slice(0, 600) });
});
process.on('uncaughtException', (error) => {
  send({ late: String(error.stack).slice(0, 600) });
});
void main().then(() => process.exit());
