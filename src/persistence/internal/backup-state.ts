/** What a fit keeps besides the model, as JSON: with numbers that JSON has not, and tensors beside it. */
import { MalformedError } from '../../files/malformed';
import { describe, KerasArgumentError } from '../../base/errors';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import type { CallbackState } from '../../training/callback-list';
import type { FitState } from '../../training/fit-state';

/** The one field of what stands for something that JSON has not. */
const NUMBER = '$number';
const TENSOR = '$tensor';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A state as JSON; its tensors are left with `keep`, which gives the name of each. */
export const writeState = (value: CallbackState, keep: (tensor: Tensor) => string): unknown => {
  if (value instanceof tf.Tensor) return { [TENSOR]: keep(value) };
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { [NUMBER]: Object.is(value, -0) ? '-0' : String(value) };
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly CallbackState[]).map((one) => writeState(one, keep));
  if (isRecord(value))
    return Object.fromEntries(
      Object.entries(value as Readonly<Record<string, CallbackState>>).map(([name, one]) => [
        name,
        writeState(one, keep),
      ]),
    );
  throw new KerasArgumentError({
    argument: 'saveState',
    expected:
      'what a callback keeps must be numbers, texts, truth values, null, tensors, or lists and objects of them',
    received: describe(value),
    advice: 'Let its saveState() return plain values, or leave it out',
  });
};

/** The state of a JSON; `take` gives the tensor of a name. */
export const readState = (value: unknown, take: (name: string) => Tensor): CallbackState => {
  if (Array.isArray(value)) return value.map((one: unknown) => readState(one, take));
  if (!isRecord(value)) return value as CallbackState; // what JSON has besides
  const { [NUMBER]: number, [TENSOR]: tensor } = value;
  if (typeof number === 'string') return Number(number);
  if (typeof tensor === 'string') return take(tensor);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, readState(one, take)]));
};

const noTensor = (): never => {
  throw new MalformedError('there is a tensor among the numbers of the fit');
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'number');

const isNumbersByName = (value: unknown): value is Readonly<Record<string, readonly number[]>> =>
  isRecord(value) && Object.values(value).every(isNumbers);

const isSeeds = (value: unknown): value is FitState['seeds'] =>
  isNumbersByName(value) && Object.values(value).every((place) => place.length === 2 && place.every(isCount));

/** Where a fit was, checked. */
export const fitStateFrom = (value: unknown): Omit<FitState, 'callbacks'> => {
  const state = readState(value, noTensor);
  if (!isRecord(state)) throw new MalformedError('it does not say where the fit was');
  const { epoch, step, isOver, random, shuffling, seeds, sums, history, engine, steps, batchSize } = state;
  const { sparseRows = false } = state;
  const wrong = [
    ...Object.entries({ epoch, step, random, shuffling, steps, batchSize }).filter(
      ([, one]) => !isCount(one),
    ),
    ...Object.entries({ sums, history }).filter(([, one]) => !isNumbersByName(one)),
    ...(typeof isOver === 'boolean' ? [] : [['isOver']]),
    ...(isSeeds(seeds) ? [] : [['seeds']]),
    ...(engine === 'eager' || engine === 'compiled' ? [] : [['engine']]),
    ...(typeof sparseRows === 'boolean' ? [] : [['sparseRows']]),
  ].map(([name]) => name);
  if (wrong.length > 0) throw new MalformedError(`it does not say where the fit was: ${wrong.join(', ')}`);
  return {
    epoch,
    step,
    isOver,
    random,
    shuffling,
    seeds,
    sums,
    history,
    engine,
    sparseRows,
    steps,
    batchSize,
  } as FitState; // as just seen
};
