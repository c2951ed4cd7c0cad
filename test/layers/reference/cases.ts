/** What test/reference/layers.py computes with Keras, and the same numbers made here. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { tf, type Tensor } from '../../../src/index';
import { gridOf } from '../../support/grid';

/** One case: a layer with its options, what goes in, and what Keras makes of it. */
export interface Case {
  /** The name of the export. */
  readonly layer: string;
  /** Keras's class. */
  readonly class: string;
  readonly about?: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Shapes without the batch axis. */
  readonly inputs: readonly (readonly number[])[];
  /** The number of different ids, for a layer that takes ids. */
  readonly ids?: number;
  /** The mask of each input. */
  readonly masks?: readonly (boolean[][] | null)[];
  /** The numbers of the inputs that are truth values. */
  readonly bools?: readonly number[];
  /** Given where the two modes differ. */
  readonly training?: boolean;
  /** Whether the layer takes a list. */
  readonly many?: boolean;
  /** Whether the inputs after the first are initial states. */
  readonly states?: boolean;
  readonly outputs: readonly number[][];
  readonly shapes: readonly number[][];
  readonly inputGradients: readonly number[][];
  readonly weightGradients: readonly number[][];
  /** The weights that the layer itself has changed. */
  readonly state?: readonly number[][];
  readonly params: number;
  readonly config: Readonly<Record<string, unknown>>;
}

export const BATCH = 2;
const INPUT = 0;
const WEIGHT = 100;
const UPSTREAM = 500;

/** All cases of a group, of Keras 2.13, or of Keras 3. */
export const casesOf = (group: string, folder: 'layers' | 'keras3/layers' = 'layers'): Case[] =>
  JSON.parse(
    readFileSync(path.join(__dirname, '../../reference', folder, `${group}.json`), 'utf8'),
  ) as Case[]; // as its program prints it

export const titleOf = ({ layer, about }: Case): string =>
  about === undefined ? layer : `${layer} ${about}`;

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

const grid = (shape: readonly number[], seed: number): Tensor =>
  tf.tensor(gridOf(sizeOf(shape), seed), [...shape]);

/** The inputs of a case. */
export const inputsOf = ({ inputs, ids, bools = [] }: Case): Tensor[] =>
  inputs.map((shape, index) => {
    const whole = [BATCH, ...shape];
    if (bools.includes(index)) return tf.greater(grid(whole, INPUT + index), -0.3);
    if (ids === undefined) return grid(whole, INPUT + index);
    const numbers = gridOf(sizeOf(whole), INPUT + index).map((value) => Math.floor(((value + 1) / 2) * ids));
    return tf.tensor(numbers, whole, 'int32');
  });

/** The weights that the layer of a case gets, from their names and shapes. */
export const weightsOf = (
  weights: readonly { readonly originalName: string; readonly shape: readonly (number | null)[] }[],
): Tensor[] =>
  weights.map(({ originalName, shape }, index) => {
    const value = grid(shape as number[], WEIGHT + index); // weights have no open sizes
    return originalName.includes('variance') ? tf.add(tf.abs(value), 0.5) : value;
  });

/** What each output is multiplied by for the loss. */
export const upstreamOf = ({ shapes }: Case): Tensor[] =>
  shapes.map((shape, index) => grid([BATCH, ...shape], UPSTREAM + index));

/** The masks of the inputs. */
export const masksOf = ({ masks }: Case): (Tensor | null)[] | undefined =>
  masks?.map((mask) => (mask === null ? null : tf.tensor2d(mask, undefined, 'bool')));
