import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as schedules from '../../src/schedules/index';
import * as optimizers from '../../src/optimizers/index';
import type { OptimizerOptions } from '../../src/optimizers/options';
import type { Optimizer } from '../../src/optimizers/optimizer';

/** An array of numbers of a shape. */
export interface Shaped {
  readonly shape: number[];
  readonly values: number[];
}

export type Options = Readonly<Record<string, unknown>>;

/** What test/reference/optimizers.py wrote. */
export interface Reference {
  readonly start: Shaped[];
  readonly gradients: number[][][];
  readonly steps: number[];
  readonly updates: { name: string; options: Options; snapshots: number[][][]; final?: number[][] }[];
  readonly schedules: { kind: string; options: Options; rates: number[] }[];
  readonly fit: {
    readonly x: number[];
    readonly y: number[];
    readonly weights: Shaped[];
    readonly runs: { name: string; options: Options; losses: number[]; weights: number[][] }[];
  };
}

export const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/optimizers.json'), 'utf8'),
) as Reference;

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** The schedule that a kind of Keras's names. */
export const scheduleOf = (kind: string, options: Options): ((step: number) => number) => {
  const made = (schedules as Readonly<Record<string, unknown>>)[`learningRateSchedule${capital(kind)}`];
  return (made as (options: Options) => (step: number) => number)(options); // options of that kind
};

/** The function that makes an optimizer of a name. */
export const factoryNamed = (name: string): ((options?: OptimizerOptions) => Optimizer) => {
  const found = Object.values(optimizers).find(
    (member) => 'names' in member && (member.names as readonly string[]).includes(name),
  );
  if (found === undefined) throw new Error(`no optimizer is named ${name}`);
  return found as (options?: OptimizerOptions) => Optimizer; // of any optimizer's options
};

/** An optimizer by Keras's name; a schedule among its options is an object of its kind. */
export const optimizerNamed = (name: string, options: Options): Optimizer => {
  const { learningRate } = options;
  if (typeof learningRate !== 'object' || learningRate === null) return factoryNamed(name)(options);
  const [[kind, given] = ['', {}]] = Object.entries(learningRate as Record<string, Options>);
  return factoryNamed(name)({ ...options, learningRate: scheduleOf(kind, given) });
};

/** The largest difference between numbers, relative to the largest of them and to 1. */
export const distance = (actual: readonly number[], expected: readonly number[]): number => {
  if (actual.length !== expected.length) return Infinity;
  const scale = Math.max(1, ...expected.map(Math.abs));
  return Math.max(0, ...actual.map((value, index) => Math.abs(value - (expected[index] ?? NaN)) / scale));
};
